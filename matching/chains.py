"""Filling one place more by moving people: the shortest chain of moves that does it."""

from collections import deque
from collections.abc import Container, Iterable, Iterator

from matching.draft import Draft
from matching.turns import in_turn

LONGEST_CHAIN = 6
"""Moves at most to fill one place; each is a person put elsewhere than was first chosen."""

Moves = tuple[int, ...]
"""Edges taken back (as -1 - edge) and given (as they are), in this order."""


class Chains:
    """Mends a draft; what was pinned stays, and nothing leads into or out of a closed opening.

    Where an alliance's hours or a team's rule stand against somebody, others may come by another
    way or, unless they are `staying`, lose their place to whoever fills it as well.
    """

    def __init__(
        self,
        draft: Draft,
        pinned: Container[int] = (),
        closed: Container[int] = (),
        *,
        staying: bool = False,
    ) -> None:
        self._draft = draft
        self._pinned = pinned
        self._closed = closed
        self._staying = staying

    def mend(self, openings: Iterable[int]) -> list[Moves]:
        """Fill each open place by a chain of moves where there is one; tell what was moved."""
        moved: list[Moves] = []
        hopeless: set[int] = set()
        for opening in openings:
            while self._draft.missing(opening) > 0 and opening not in self._closed:
                chain = self.fill(opening, hopeless)
                if not chain:
                    break
                moved.append(chain)
        return moved

    def fill(self, opening: int, hopeless: set[int] | None = None) -> Moves:
        """Fill one place by the shortest chain that a search breadth first finds; empty if none.

        Each opening is reached by one way only; among those who are free at its end, turns decide.
        `hopeless` are openings from which an earlier search found nothing; what this one has looked
        at is added if it finds nothing.
        """
        draft = self._draft
        hopeless = set() if hopeless is None else hopeless
        came: dict[int, Moves] = {opening: ()}
        seen: set[int] = set()
        queue = deque([opening])
        while queue:
            wanting = queue.popleft()
            moves = came[wanting]
            self._make(moves)
            edge = next(in_turn(draft, wanting), None)
            if edge is not None:
                draft.give(edge)
                return (*moves, edge)
            if len(moves) < 2 * (LONGEST_CHAIN - 1):
                seen.add(wanting)
                for more, freed in self._steps(wanting):
                    if freed is None:
                        self._make(more)
                        return moves + more
                    if freed not in came and not (freed in hopeless and self._plain(more)):
                        came[freed] = moves + more
                        queue.append(freed)
            self._unmake(moves)
        hopeless.update(seen)
        return () if self._staying else self._two_for_one(opening)

    def _two_for_one(self, opening: int) -> Moves:
        """Give up a place elsewhere whose hours fill this one and one more; empty if none do.

        A long shift may keep somebody, or an alliance's last hours, from two short ones.
        """
        draft = self._draft
        for edge in draft.edges(opening):
            hers = draft.in_the_way(edge)
            others = draft.others_in_the_way(edge) if not hers and draft.is_free(edge) else ()
            for moves, freed in self._leaving(edge, [*hers, *others]):
                if freed == opening or not self._possible(moves):
                    continue
                self._make(moves)
                more = self._fits_now(-1 - moves[0], freed)
                if more is not None:
                    draft.give(more)
                    return (*moves, more)
                self._unmake(moves)
        return ()

    def _fits_now(self, left: int, freed: int) -> int | None:
        """Find an edge to an open place that fits since one was given up, besides that place."""
        draft = self._draft
        edges = draft.by_worker.of(draft.worker_of[left])
        if draft.via[left] >= 0:
            edges += draft.by_alliance.of(draft.via[left])
        for edge in edges:
            opening = draft.opening_of[edge]
            if (
                opening != freed
                and opening not in self._closed
                and draft.missing(opening) > 0
                and draft.fits(edge)
            ):
                return edge
        return None

    def switch(self, edge: int) -> Moves:
        """Make room for an edge by letting somebody come by another way; what is done for it."""
        draft = self._draft
        for other in draft.users(draft.via[edge]):
            opening, worker = draft.opening_of[other], draft.worker_of[other]
            for way in draft.edges(opening):
                if draft.worker_of[way] == worker and draft.via[way] != draft.via[other]:
                    moves = (-1 - other, way, edge)
                    if other not in self._pinned and self._possible(moves):
                        return moves
        return ()

    def _steps(self, opening: int) -> Iterator[tuple[Moves, int | None]]:
        """Give moves by which somebody could take a place, and the opening that they leave open."""
        draft = self._draft
        blocked = []
        for edge in draft.edges(opening):
            hers = draft.in_the_way(edge)
            yield from self._leaving(edge, hers)
            if not hers and draft.is_free(edge):
                blocked.append(edge)
        for edge in blocked:
            switched = () if draft.hours_left(edge) else self.switch(edge)
            if switched:
                yield switched, None
        for edge in blocked if not self._staying else ():
            others = draft.others_in_the_way(edge)
            yield from self._leaving(
                edge, (one for one in others if self._possible((-1 - one, edge)))
            )

    def _plain(self, moves: Moves) -> bool:
        """Tell whether who leaves first leaves a place and nothing else that others may lack."""
        left = -1 - moves[0]
        return self._draft.via[left] < 0 and (
            self._draft.opening_of[left] not in self._draft.teams.team_of
        )

    def _leaving(self, edge: int, leave: Iterable[int]) -> Iterator[tuple[Moves, int]]:
        for one in leave:
            if one not in self._pinned and self._draft.opening_of[one] not in self._closed:
                yield (-1 - one, edge), self._draft.opening_of[one]

    def _possible(self, moves: Moves) -> bool:
        """Tell whether each move of these fits once those before it are made."""
        draft, made = self._draft, list[int]()
        for move in moves:
            if move >= 0 and not draft.fits(move):
                break
            self._make((move,))
            made.append(move)
        self._unmake(tuple(made))
        return len(made) == len(moves)

    def _make(self, moves: Moves) -> None:
        for move in moves:
            if move < 0:
                self._draft.take_back(-1 - move)
            else:
                self._draft.give(move)

    def _unmake(self, moves: Moves) -> None:
        for move in reversed(moves):
            if move < 0:
                self._draft.give(-1 - move)
            else:
                self._draft.take_back(move)
