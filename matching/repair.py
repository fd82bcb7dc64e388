"""A plan that stays in memory and is mended where somebody drops out, in a blink.

If anybody is free, nobody is moved; if not, the fewest people are. What stands elsewhere is not
looked at again: taking turns anew would move people for nothing but fairness.
"""

from collections.abc import Iterator

import msgspec

from matching.answers import Plan
from matching.chains import Chains, Moves
from matching.model import Identifier
from matching.planning import Planner, via_of, written
from matching.problem import Problem


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes a place, and leaves another one for it if she had one."""

    worker: Identifier
    takes: Identifier
    via: Identifier | None = None
    leaves: Identifier | None = None


class Mending(msgspec.Struct, frozen=True, kw_only=True):
    """What was done about one opening: whom to ask for what, the one who was free first.

    `missing` places stay open. Whether a team that should come whole still goes is for people.
    """

    opening: Identifier
    moves: tuple[Move, ...]
    missing: int


class Resident:
    """One problem and its plan, ready to be mended."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        """Raise ValueError for a plan that was made from another problem."""
        self.problem = problem
        self._tier = plan.tier
        self._draft = Planner(problem).begun(plan)
        self._workers = {one.id: number for number, one in enumerate(problem.workers)}
        self._openings = {one.id: number for number, one in enumerate(problem.openings)}
        pinned = {(one.worker, one.opening) for one in problem.standing if one.kind == "pinned"}
        self._pinned = {
            edge
            for worker, opening in pinned
            for edge in self._draft.filled[self._openings[opening]].values()
            if self._draft.worker_of[edge] == self._workers[worker]
        }
        self._chains = Chains(self._draft, self._pinned, staying=True)

    def plan(self) -> Plan:
        """Write down the plan as it stands now."""
        return written(self._draft, self._tier)

    def drop_out(self, worker: str, opening: str) -> Mending:
        """Let somebody not come to what the plan gives her, and fill the place; KeyError if none.

        She is not suggested for this opening again.
        """
        self._bar(self._workers[worker], self._openings[opening])
        return self._mend(self._openings[opening])

    def drop_out_of_all(self, worker: str) -> tuple[Mending, ...]:
        """Let somebody not come at all, whatever the plan gives her, and fill her places."""
        number, draft = self._workers[worker], self._draft
        hers = sorted(draft.given[number], key=lambda one: (draft.starts[one], one))
        for opening in hers:
            self._bar(number, opening)
        draft.barred.update(edge for edge, who in enumerate(draft.worker_of) if who == number)
        return tuple(self._mend(opening) for opening in hers)

    def more_places(self, opening: str, places: int = 1) -> Mending:
        """Want so many people more (or fewer, if less than nothing and as many are open)."""
        number = self._openings[opening]
        self._draft.places[number] += places
        return self._mend(number)

    def _bar(self, worker: int, opening: int) -> None:
        draft = self._draft
        edge = draft.filled[opening][worker]
        draft.take_back(edge)
        self._pinned.discard(edge)
        draft.barred.update(one for one in draft.edges(opening) if draft.worker_of[one] == worker)

    def _mend(self, opening: int) -> Mending:
        draft, moves = self._draft, list[Move]()
        while draft.missing(opening) > 0:
            chain = self._chains.fill(opening)
            if not chain:
                break
            moves += self._told(chain)
        return Mending(
            opening=self.problem.openings[opening].id,
            moves=tuple(moves),
            missing=max(0, draft.missing(opening)),
        )

    def _told(self, chain: Moves) -> Iterator[Move]:
        draft, problem = self._draft, self.problem
        left = {draft.worker_of[-1 - move]: -1 - move for move in chain if move < 0}
        for edge in (move for move in reversed(chain) if move >= 0):
            worker = draft.worker_of[edge]
            leaves = left.pop(worker, None)
            yield Move(
                worker=problem.workers[worker].id,
                takes=problem.openings[draft.opening_of[edge]].id,
                via=via_of(draft, edge),
                leaves=None if leaves is None else problem.openings[draft.opening_of[leaves]].id,
            )
