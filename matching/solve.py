"""From a problem to a plan: fair, filled as far as a chain of moves can, and the same every time.

Two steps are repeated until neither changes anything. *Choosing*: each opening, the scarcest first,
takes those whose turn it is among all who fit beside the rest of the plan. *Mending*: a place still
open is filled by the shortest chain of moves.

It ends. A chain fills one more place, and choosing never loses one. When choosing puts x in the
place of a, x stands before a in the order; by the first priority that tells them apart, one of
these sums over the plan falls and none before it changes: assignments outside the own group;
assignments to people who asked for no hours; the sum over people of (minutes had x minutes of each
place + the product of the minutes of each two of her places) / minutes asked for; assignments
outside the district; the lots read as numbers. And there are finitely many plans.

So at the end nobody who is free for a place stands before one who is suggested for it, which is
what `explain.py` says to those passed over.
"""

from collections import defaultdict, deque
from collections.abc import Iterable
from fractions import Fraction
from heapq import nsmallest

import msgspec

from matching.draft import Draft
from matching.eligibility import Pool, pools
from matching.explain import explained
from matching.intervals import Interval
from matching.model import Opening, Plan, Problem, Worker

LONGEST_CHAIN = 6
"""Moves at most to fill one place; each is a person put elsewhere than was first chosen."""


class Move(msgspec.Struct, frozen=True):
    """Put a worker into an opening, out of another one when she leaves one for it."""

    worker: Worker
    leaves: Opening | None
    takes: Opening


def plan(problem: Problem) -> Plan:
    """Suggest people for a problem's openings, with a reason for each one suggested or not.

    Pure: the same problem, however it is written down, gives the same bytes. A large problem takes
    seconds of computing: call it in an executor, never inside a transaction.
    """
    found = pools(problem)
    return explained(drafted(problem, found), found)


def drafted(problem: Problem, found: tuple[Pool, ...]) -> Draft:
    """Choose and mend until nothing changes."""
    making = _Making(problem, found)
    making.choose()
    while making.mend():
        making.choose()
    return making.draft


def scarcity(pool: Pool) -> tuple[Fraction, Interval, str]:
    """Order openings: fewest eligible people for each place first, then the earliest."""
    people = Fraction(len(pool.eligible), max(1, pool.opening.places))
    return people, pool.opening.interval, pool.opening.id


class _Making:
    """A draft with what the two steps share: who could go where, and which openings to look at."""

    def __init__(self, problem: Problem, found: tuple[Pool, ...]) -> None:
        self.draft = Draft(problem)
        self._order = sorted((pool for pool in found if pool.opening.places), key=scarcity)
        self._pools = {pool.opening.id: pool for pool in self._order}
        self._stale = set(self._pools)
        self._reach: dict[str, tuple[Move, ...]] = {}
        self._openings_of: defaultdict[str, list[str]] = defaultdict(list)
        for pool in self._order:
            for worker in pool.eligible:
                self._openings_of[worker.id].append(pool.opening.id)

    def choose(self) -> None:
        """Let each opening take those whose turn it is, until none would choose otherwise."""
        while self._stale:
            for pool in self._order:
                if pool.opening.id in self._stale:
                    self._stale.discard(pool.opening.id)
                    self._choose_for(pool)

    def _choose_for(self, pool: Pool) -> None:
        draft, opening = self.draft, pool.opening
        before = draft.clear(opening)
        fitting = [worker for worker in pool.eligible if draft.fits(worker, opening)]
        turns = {worker.id: draft.turn(worker, opening) for worker in fitting}
        chosen = nsmallest(opening.places, fitting, key=lambda worker: turns[worker.id])
        for worker in chosen:
            draft.give(worker, opening)
        self._note(
            lost=[worker for worker in before if worker not in chosen],
            gained=[worker for worker in chosen if worker not in before],
        )
        self._stale.discard(opening.id)

    def mend(self) -> bool:
        """Fill each open place by a chain of moves where there is one; tell whether any was."""
        mended = False
        for pool in self._order:
            while self.draft.missing(pool.opening) and self._mend_one(pool.opening):
                mended = True
        return mended

    def _mend_one(self, opening: Opening) -> bool:
        moves = self._shortest_chain(opening)
        for move in moves:
            if move.leaves is not None:
                self.draft.take_back(move.worker, move.leaves)
            self.draft.give(move.worker, move.takes)
        self._note(
            lost=[move.worker for move in moves if move.leaves is not None],
            gained=[move.worker for move in moves],
        )
        return bool(moves)

    def _shortest_chain(self, opening: Opening) -> tuple[Move, ...]:
        """Search breadth first from the open place; nobody moves twice, so each move stands alone.

        With one swap everything is looked at; longer chains reach each opening by one way only.
        """
        queue: deque[tuple[Opening, tuple[Move, ...]]] = deque([(opening, ())])
        seen = {opening.id}
        while queue:
            wanting, chain = queue.popleft()
            moving = {move.worker.id for move in chain}
            for move in self._moves_into(wanting):
                if move.worker.id in moving:
                    continue
                if move.leaves is None:
                    return (*chain, move)
                if move.leaves.id not in seen and len(chain) + 1 < LONGEST_CHAIN:
                    seen.add(move.leaves.id)
                    queue.append((move.leaves, (*chain, move)))
        return ()

    def _moves_into(self, opening: Opening) -> tuple[Move, ...]:
        """List who could take a place: first those who leave nothing for it."""
        known = self._reach.get(opening.id)
        if known is None:
            known = self._reach[opening.id] = tuple(self._find_moves_into(opening))
        return known

    def _find_moves_into(self, opening: Opening) -> list[Move]:
        inside = {worker.id for worker in self.draft.filled(opening)}
        free: list[Move] = []
        leaving: list[Move] = []
        for worker in self._pools[opening.id].eligible:
            if worker.id in inside:
                continue
            if self.draft.fits(worker, opening):
                free.append(Move(worker, None, opening))
            else:
                others = self.draft.in_the_way(worker, opening)
                leaving.extend(Move(worker, other, opening) for other in others)
        return free + leaving

    def _note(self, lost: Iterable[Worker], gained: Iterable[Worker]) -> None:
        """Note where another choice has become possible.

        Who lost a place may now stand first, or fit, anywhere. Who gained one can only have come to
        stand behind others, which matters where she is suggested.
        """
        for worker in lost:
            self._stale.update(self._openings_of[worker.id])
        for worker in gained:
            self._stale.update(opening.id for opening in self.draft.given(worker))
        self._reach.clear()
