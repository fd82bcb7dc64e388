"""What would change it: for everybody whom no rule excludes, one thing that was seen to be true.

Each is found by trying: with that one thing other than it is, planning goes on from the plan, in
turns and chains of moves, until nothing changes any more.

Codes for those who are suggested: fewer_places (with so many places less she would not be). For
those who are not: more_places; not_elsewhere (if she were not wanted for that other opening);
nowhere_else (if she were wanted for no other at all, and there were so many places more);
alliance_hours (if it lent so many minutes more); team_rules (if the team asked for nothing
special).
"""

from collections.abc import Callable, Iterable

from matching.answers import Reason
from matching.draft import Draft
from matching.planning import Planner
from matching.solve import settled

PLACES = (1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256, 512, 1_024)
"""How many places more or less are tried: past eight nobody counts them."""


class Changes:
    """Tries out what would change a plan of one problem."""

    def __init__(self, planner: Planner, draft: Draft) -> None:
        self._planner = planner
        self._draft = draft

    def at(self, opening: int) -> dict[int, Reason]:
        """Find for each eligible worker of an opening what would change it, if anything would."""
        draft = self._draft
        inside = set(draft.filled[opening])
        outside = {draft.worker_of[edge] for edge in draft.edges(opening)} - inside
        found = self._fewer(opening, inside)
        for try_one in (self._elsewhere, self._alliance, self._team):
            found |= self._each(try_one, opening, outside - found.keys())
        found |= self._more(opening, outside - found.keys())
        return found | self._each(self._nowhere_else, opening, outside - found.keys())

    def _each(
        self,
        try_one: Callable[[int, int], Reason | None],
        opening: int,
        workers: Iterable[int],
    ) -> dict[int, Reason]:
        reasons = {worker: try_one(opening, worker) for worker in sorted(workers)}
        return {worker: reason for worker, reason in reasons.items() if reason is not None}

    def _inside(self, opening: int, change: Callable[[Draft], None]) -> set[int]:
        """Plan on with a change, and list who is suggested for an opening then."""
        draft = self._planner.empty()
        change(draft)
        begin = sorted(edge for filled in self._draft.filled for edge in filled.values())
        return set(settled(draft, begin).filled[opening])

    def _with_places(self, opening: int, places: int) -> set[int]:
        def change(draft: Draft) -> None:
            draft.places[opening] += places

        return self._inside(opening, change)

    def _more(self, opening: int, workers: Iterable[int]) -> dict[int, Reason]:
        found: dict[int, Reason] = {}
        left = set(workers)
        for places in PLACES:
            if not left:
                break
            for worker in left & self._with_places(opening, places):
                found[worker] = Reason.of("more_places", places=places)
            left -= found.keys()
        return found

    def _fewer(self, opening: int, workers: Iterable[int]) -> dict[int, Reason]:
        found: dict[int, Reason] = {}
        left = set(workers)
        for places in (one for one in PLACES if one <= self._draft.places[opening]):
            if not left:
                break
            for worker in left - self._with_places(opening, -places):
                found[worker] = Reason.of("fewer_places", places=places)
            left -= found.keys()
        return found

    def _elsewhere(self, opening: int, worker: int) -> Reason | None:
        """Try what happens if she is not wanted for the opening that keeps her from this one."""
        draft = self._draft
        edge = next(one for one in draft.edges(opening) if draft.worker_of[one] == worker)
        kept = draft.needed_for(edge)
        if kept is None:
            return None
        other = kept[0]
        if worker not in self._inside(opening, lambda draft: _bar(draft, worker, (other,))):
            return None
        return Reason.of("not_elsewhere", opening=draft.problem.openings[other].id)

    def _nowhere_else(self, opening: int, worker: int) -> Reason | None:
        """Try what happens if she is wanted for no other opening."""
        others = [one for one in self._draft.given[worker] if one != opening]
        if not others:
            return None
        others = [one for one in range(len(self._draft.places)) if one != opening]
        for places in (0, *PLACES):

            def change(draft: Draft, places: int = places) -> None:
                _bar(draft, worker, others)
                draft.places[opening] += places

            if worker in self._inside(opening, change):
                return Reason.of("nowhere_else", places=places)
        return None

    def _alliance(self, opening: int, worker: int) -> Reason | None:
        """Try what happens if an alliance that lends her has the hours of this shift more."""
        draft = self._draft
        minutes = draft.minutes[opening]
        for edge in draft.edges(opening):
            via = draft.via[edge]
            if draft.worker_of[edge] == worker and via >= 0 and not draft.hours_left(edge):

                def change(draft: Draft, via: int = via) -> None:
                    draft.left[via] += minutes

                if worker in self._inside(opening, change):
                    name = draft.problem.alliances[via].id
                    return Reason.of("alliance_hours", alliance=name, minutes=minutes)
        return None

    def _team(self, opening: int, worker: int) -> Reason | None:
        """Try what happens if her team's rules ask for nothing."""
        team = self._draft.teams.team_of.get(opening)
        if team is None:
            return None

        def change(draft: Draft) -> None:
            draft.teams.ask_for_nothing(team)

        if worker not in self._inside(opening, change):
            return None
        return Reason.of("team_rules", team=self._draft.problem.teams[team].id)


def _bar(draft: Draft, worker: int, openings: Iterable[int]) -> None:
    for opening in openings:
        edges = draft.edges(opening)
        draft.barred.update(edge for edge in edges if draft.worker_of[edge] == worker)
