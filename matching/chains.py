"""Filling one place more by moving people: the shortest chain of moves that does it."""

from collections import deque
from collections.abc import Container, Iterable

from matching.draft import Draft

LONGEST_CHAIN = 6
"""Moves at most to fill one place; each is a person put elsewhere than was first chosen."""

Chain = list[tuple[int, int | None]]
"""Moves, each the edge taken and the edge left for it; who leaves none was free."""

Moved = tuple[list[int], list[int]]
"""The edges that lost their place, and those that gained one."""


class Chains:
    """Mends a draft; what was pinned stays, and nothing leads into a closed opening."""

    def __init__(self, draft: Draft, pinned: Container[int], closed: Container[int]) -> None:
        self._draft = draft
        self._pinned = pinned
        self._closed = closed

    def mend(self, openings: Iterable[int]) -> list[Moved]:
        """Fill each open place by a chain of moves where there is one; tell what moved."""
        draft, moved = self._draft, []
        hopeless: set[int] = set()
        for opening in openings:
            while draft.missing(opening) > 0 and opening not in self._closed:
                chain = self.shortest(opening, hopeless)
                if not chain or not self.move(chain):
                    break
                lost = [leaves for _, leaves in chain if leaves is not None]
                moved.append((lost, [takes for takes, _ in chain]))
        return moved

    def move(self, chain: Chain) -> bool:
        """Make the moves of a chain, or none: two may want the last hours of one alliance."""
        draft, done = self._draft, list[int]()
        leaving = [leaves for _, leaves in chain if leaves is not None]
        for edge in leaving:
            draft.take_back(edge)
        for edge, _ in chain:
            if not draft.fits(edge):
                for other in done:
                    draft.take_back(other)
                for other in leaving:
                    draft.give(other)
                return False
            draft.give(edge)
            done.append(edge)
        return True

    def shortest(self, opening: int, hopeless: set[int] | None = None) -> Chain:
        """Search breadth first from an open place.

        Each opening is reached by one way only, and nobody moves twice. `hopeless` are openings
        from which an earlier search found nothing; those of this one are added if it finds nothing.
        Empty if there is no chain.
        """
        draft = self._draft
        hopeless = set() if hopeless is None else hopeless
        came: dict[int, tuple[int, int, int]] = {opening: (-1, -1, -1)}
        queue = deque([(opening, 1)])
        while queue:
            wanting, length = queue.popleft()
            moving = self._moving(came, wanting)
            leaving = []
            for edge in draft.edges(wanting):
                if draft.worker_of[edge] in moving or wanting in draft.given[draft.worker_of[edge]]:
                    continue
                if draft.fits(edge):
                    return [(edge, None), *self._back(came, wanting)]
                leaving.append(edge)
            if length == LONGEST_CHAIN:
                continue
            for edge in leaving:
                for left in draft.in_the_way(edge):
                    other = draft.opening_of[left]
                    if other not in came and other not in hopeless and self._may_lose(left):
                        came[other] = (wanting, edge, left)
                        queue.append((other, length + 1))
        hopeless.update(came)
        return []

    def _may_lose(self, edge: int) -> bool:
        return edge not in self._pinned and self._draft.opening_of[edge] not in self._closed

    def _moving(self, came: dict[int, tuple[int, int, int]], opening: int) -> set[int]:
        return {self._draft.worker_of[edge] for edge, _ in self._back(came, opening)}

    def _back(self, came: dict[int, tuple[int, int, int]], opening: int) -> list[tuple[int, int]]:
        """List the moves that led to an opening, the last first."""
        found = []
        before, takes, leaves = came[opening]
        while before >= 0:
            found.append((takes, leaves))
            before, takes, leaves = came[before]
        return found
