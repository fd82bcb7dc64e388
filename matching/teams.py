"""Teams: rules that several of a shift meet together, and teams that come whole or not at all.

A rule that at least m of n places go to people who meet something says as well: at most n - m go
to people who do not. Said that way, whoever leaves a legal plan leaves a legal plan, and one
person counts for as many rules as she meets.
"""

from matching.eligibility import meets
from matching.problem import Problem


class Teams:
    """How many of each team are given to people who do not meet each of its rules."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        numbers = {one.id: number for number, one in enumerate(problem.openings)}
        self.team_of: dict[int, int] = {}
        self.openings: list[list[int]] = []
        self._room: list[list[int]] = []
        self._meets: dict[tuple[int, int, int], tuple[bool, ...]] = {}
        for number, team in enumerate(problem.teams):
            inside = [numbers[one] for one in team.openings]
            self.openings.append(inside)
            self.team_of.update(dict.fromkeys(inside, number))
            places = sum(problem.openings[one].places for one in inside)
            needs = [max(0, rule.least - rule.met) for rule in team.rules]
            self._room.append([max(0, places - need) for need in needs])

    def room_for(self, worker: int, opening: int) -> bool:
        """Tell whether a worker may join the team of an opening by its rules."""
        team = self.team_of.get(opening)
        if team is None:
            return True
        met = self.met_by(worker, opening, team)
        return all(ok or room > 0 for ok, room in zip(met, self._room[team], strict=True))

    def count(self, worker: int, opening: int, sign: int) -> None:
        """Note that a worker joined (1) or left (-1)."""
        team = self.team_of.get(opening)
        if team is not None:
            for rule, ok in enumerate(self.met_by(worker, opening, team)):
                if not ok:
                    self._room[team][rule] -= sign

    def most_without(self, team: int) -> list[int]:
        """Tell for each rule how many more places of a team may go to people who do not meet it."""
        return self._room[team]

    def ask_for_nothing(self, team: int) -> None:
        """Let everybody join a team by its rules."""
        self._room[team] = [len(self._problem.workers)] * len(self._room[team])

    def met_by(self, worker: int, opening: int, team: int) -> tuple[bool, ...]:
        """Tell for each rule of a team whether a worker at one of its openings meets it."""
        key = (worker, opening, team)
        known = self._meets.get(key)
        if known is None:
            problem = self._problem
            who, where = problem.workers[worker], problem.openings[opening]
            rules = problem.teams[team].rules
            known = tuple(meets(who, rule.requirement, where.interval.end) for rule in rules)
            self._meets[key] = known
        return known

    def whole(self) -> list[int]:
        """Number the teams that come whole or not at all."""
        return [number for number, team in enumerate(self._problem.teams) if team.whole]
