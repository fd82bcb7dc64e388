"""Why this person, and why not that one: codes and values, which pages put into words.

Every worker has exactly one reason for every opening. Reasons for a person tell her own figures
only, and never what she has promised elsewhere.

Codes of those suggested: free_and_qualified. Codes of those who are not: the hard rules' own (see
`eligibility.py`); no_place_left; needed_elsewhere, with the opening that she is suggested for
instead; alliance_used_up, where others are lent in its last hours; team_rule, where the places left
must go to people who meet it; team_incomplete; others_first, with the priority that decided.
"""

from bisect import bisect_left
from collections.abc import Mapping

import numpy as np

from matching.answers import Explanation, Plan, Reason, Told
from matching.changes import Changes
from matching.eligibility import RULES, Circumstances
from matching.fairness import LOT, share_of
from matching.join import Numbers, first_failures
from matching.planning import Planner, via_of
from matching.problem import Problem


class Explainer:
    """Explains one plan of one problem, opening by opening."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Raise ValueError for a plan that was made from another problem."""
        self.problem = problem
        self.planner = Planner(problem)
        self.columns = self.planner.columns
        self.draft = self.planner.begun(plan)
        self._openings = {one.id: number for number, one in enumerate(problem.openings)}
        self._now = Circumstances.of(problem)
        self.changes = Changes(self.planner, self.draft)

    def opening(self, name: str, *, changes: bool = False) -> Explanation:
        """Say why each worker is suggested for an opening, or is not; KeyError for an unknown.

        With `changes` also what would change it, for all whom no rule excludes: many plans more.
        """
        number = self._openings[name]
        failing = first_failures(self.columns, number)
        workers = self.problem.workers
        told = [
            Told(worker=workers[worker].id, suggested=False, reason=self._excluded(worker, number))
            for worker in np.flatnonzero(failing >= 0).tolist()
        ]
        told += self._eligible(number, self.changes.at(number) if changes else {})
        return Explanation(
            opening=name,
            told=tuple(sorted(told, key=lambda one: one.worker)),
            ruled_out=_counted(failing),
        )

    def ruled_out(self, name: str) -> tuple[tuple[str, int], ...]:
        """Count those whom each rule is the first to exclude from an opening."""
        return _counted(first_failures(self.columns, self._openings[name]))

    def suggestions(self) -> tuple[tuple[str, Told], ...]:
        """Say of everybody who is suggested why, beside the opening, and of nobody else."""
        openings, workers = self.problem.openings, self.problem.workers
        found = []
        for number, filled in enumerate(self.draft.filled):
            lots = self._lots(number) if filled else []
            for worker, edge in sorted(filled.items()):
                reason = self._suggested(edge, lots)
                told = Told(worker=workers[worker].id, suggested=True, reason=reason)
                found.append((openings[number].id, told))
        return tuple(found)

    def turns(self) -> dict[str, tuple[str, ...]]:
        """Say for each opening who could come, in the order in which they are due for it.

        Those suggested come first; what they are suggested for elsewhere does not count here.
        """
        return {
            opening.id: tuple(self._in_turn(number))
            for number, opening in enumerate(self.problem.openings)
        }

    def _in_turn(self, opening: int) -> list[str]:
        draft = self.draft
        filled = draft.filled[opening]
        best: dict[int, Turn] = {}
        for edge in draft.edges(opening):
            worker, turn = draft.worker_of[edge], self.turn(edge)
            best[worker] = min(turn, best.get(worker, turn))
        order = sorted(best, key=lambda worker: (worker not in filled, best[worker]))
        return [self.problem.workers[worker].id for worker in order]

    def _lots(self, opening: int) -> list[bytes]:
        """Draw the lots of all who could take a place, in their order."""
        draft = self.draft
        eligible = {draft.worker_of[edge] for edge in draft.edges(opening)}
        return sorted(draft.lot(worker, opening) for worker in eligible)

    def _excluded(self, worker: int, opening: int) -> Reason:
        who, where = self.problem.workers[worker], self.problem.openings[opening]
        for rule in RULES:
            reason = rule(who, where, self._now)
            if reason is not None:
                return reason
        raise AssertionError("columns and rules disagree")

    def _eligible(self, opening: int, changes: Mapping[int, Reason]) -> list[Told]:
        draft = self.draft
        best: dict[int, int] = {}
        for edge in draft.edges(opening):
            best.setdefault(draft.worker_of[edge], edge)
        filled = draft.filled[opening]
        lots = self._lots(opening) if filled else []
        last = max((self.turn(edge) for edge in filled.values()), default=None)
        return [
            Told(
                worker=self.problem.workers[worker].id,
                suggested=worker in filled,
                reason=self._suggested(filled[worker], lots)
                if worker in filled
                else self._passed_over(opening, worker, last),
                change=changes.get(worker),
            )
            for worker in best
        ]

    def _suggested(self, edge: int, lots: list[bytes]) -> Reason:
        draft, opening = self.draft, self.draft.opening_of[edge]
        return Reason.of(
            "free_and_qualified",
            **self._figures(edge),
            lot_position=bisect_left(lots, draft.lot(draft.worker_of[edge], opening)) + 1,
            lot_of=len(lots),
        )

    def _passed_over(self, opening: int, worker: int, last: "Turn | None") -> Reason:
        draft = self.draft
        edges = [edge for edge in draft.edges(opening) if draft.worker_of[edge] == worker]
        if not draft.places[opening]:
            return Reason("no_place_left")
        elsewhere = draft.needed_for(edges[0])
        if elsewhere is not None:
            other, because = elsewhere
            name = self.problem.openings[other].id
            return Reason.of("needed_elsewhere", opening=name, because=because)
        team = draft.teams.team_of.get(opening)
        if team is not None and self.problem.teams[team].whole and not draft.filled[opening]:
            return Reason.of("team_incomplete", team=self.problem.teams[team].id)
        lent = [edge for edge in edges if draft.hours_left(edge)]
        if last is not None and draft.missing(opening) <= 0:
            mine = min(self.turn(edge) for edge in lent or edges)
            if lent or last < mine:
                return Reason.of(
                    "others_first",
                    **self._figures(min(lent or edges, key=self.turn)),
                    decided_by=self._decided_by(mine, last),
                )
        if not lent:
            return Reason.of("alliance_used_up", alliance=via_of(draft, edges[0]) or "")
        return Reason.of("team_rule", team=self.problem.teams[team].id if team is not None else "")

    def turn(self, edge: int) -> "Turn":
        """Put an edge into the order for its opening; what this place gives her does not count."""
        draft = self.draft
        worker, opening = draft.worker_of[edge], draft.opening_of[edge]
        had = draft.had[worker]
        if opening in draft.given[worker]:
            had -= draft.minutes[opening]
        share = share_of(had, draft.wanted[worker])
        return draft.before[edge], share, draft.after[edge], draft.lot(worker, opening), edge

    def _decided_by(self, mine: "Turn", last: "Turn") -> str:
        """Name the first priority that tells two turns apart."""
        for name in self.draft.order:
            if name == "fairness":
                apart = mine[1] != last[1]
            else:
                fact = self.draft.facts[name]
                apart = bool(fact[mine[-1]] != fact[last[-1]])
            if apart:
                return name
        return LOT

    def _figures(self, edge: int) -> dict[str, str | int]:
        draft, worker = self.draft, self.draft.worker_of[edge]
        had = self.problem.workers[worker].minutes_had
        given = [one for one in draft.given[worker] if one != draft.opening_of[edge]]
        return {
            "minutes_had": had,
            "minutes_planned": sum(draft.minutes[one] for one in given),
            "minutes_wanted": draft.wanted[worker],
            "far": ("own", "other", "ally")[draft.far[edge]],
            "metres": draft.metres[edge] if draft.metres[edge] >= 0 else "",
        }


Turn = tuple[int, float, int, bytes, int]


def _counted(failing: Numbers) -> tuple[tuple[str, int], ...]:
    counts = np.bincount(failing[failing >= 0], minlength=len(RULES)).tolist()
    return tuple((rule.__name__, count) for rule, count in zip(RULES, counts, strict=True) if count)
