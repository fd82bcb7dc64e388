"""From a problem to a plan: fair, filled as far as a chain of moves can, and the same every time.

Two steps are repeated until neither changes anything. *Choosing*: each opening, the scarcest first,
takes those whose turn it is among all who fit beside the rest of the plan. *Mending*
(`chains.py`): a place still open is filled by the shortest chain of moves.

It ends. A chain fills one more place, and choosing never loses one. When choosing puts x in the
place of a, x stands before a in the order; by the first priority that tells them apart, one of
these sums over the plan falls and none before it changes: how far people come from; what is lent by
those whom we owe; the sum over people of (minutes had x minutes of each place + the product of the
minutes of each two of her places) / minutes asked for, after the number of those who asked for
none; metres; strangers in a shift; the lots read as numbers. And there are finitely many plans.
(Where an alliance's last hours or a team's rule decide who fits, taking turns may lose a place:
then what was chosen before stays.)

So at the end nobody who is free for a place stands before one who is suggested for it, which is
what `explaining.py` says to those passed over.
"""

from collections.abc import Iterable, Iterator

from matching.chains import Chains
from matching.draft import Draft
from matching.turns import in_turn

MOST_LOOKS = 200
"""An opening chooses so many times at most: a bound on the work, met by no problem that we know."""


def settled(draft: Draft, begin: Iterable[int] = (), *, keep: bool = False) -> Draft:
    """Keep what stands, begin with these edges as far as they fit, choose and mend to the end.

    With `keep` turns are not taken anew among those it begins with. No team that comes whole or not
    at all is left in part.
    """
    making = Making(draft)
    making.keep_standing()
    for edge in begin:
        if draft.missing(draft.opening_of[edge]) > 0 and draft.fits(edge):
            draft.give(edge)
            if keep:
                making.kept.add(edge)
    making.settle()
    while making.give_up_a_team():
        making.settle()
    return draft


class Making:
    """A draft with what the steps share: what stands, and which openings to look at again."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.kept: set[int] = set()
        self.pinned: set[int] = set()
        self._order = sorted(self._open_ones(), key=self._scarcity)
        self._place = {opening: place for place, opening in enumerate(self._order)}
        self._stale = set(self._order)
        self._looks = [0] * len(draft.places)
        self._closed: set[int] = set()
        self._longest = max(draft.minutes, default=0)

    def keep_standing(self) -> None:
        """Give what a leader pinned, then what was planned before, as far as it is still legal."""
        problem = self.draft.problem
        workers = {one.id: number for number, one in enumerate(problem.workers)}
        openings = {one.id: number for number, one in enumerate(problem.openings)}
        for kind in ("pinned", "planned"):
            for one in problem.standing:
                if one.kind == kind:
                    self._keep(workers[one.worker], openings[one.opening], pinned=kind == "pinned")

    def settle(self) -> None:
        """Choose, and mend, until neither changes anything."""
        self.choose()
        chains = Chains(self.draft, self.pinned, self._closed)
        while moved := chains.mend(self._order):
            for moves in moved:
                self._note(
                    [-1 - move for move in moves if move < 0],
                    [move for move in moves if move >= 0],
                )
            self.choose()

    def choose(self) -> None:
        """Let each opening take those whose turn it is, until none would choose otherwise."""
        while self._stale:
            for opening in sorted(self._stale, key=self._place.__getitem__):
                if opening in self._stale:
                    self._stale.discard(opening)
                    self._choose_for(opening)

    def give_up_a_team(self) -> bool:
        """Free everybody of the first whole team that is not complete; tell whether one was not.

        The team stays empty from then on, and its people may be needed elsewhere.
        """
        draft = self.draft
        for team in draft.teams.whole():
            inside = draft.teams.openings[team]
            if self._closed.isdisjoint(inside) and any(draft.missing(one) > 0 for one in inside):
                self._closed.update(inside)
                for opening in inside:
                    lost = list(draft.filled[opening].values())
                    for edge in lost:
                        draft.take_back(edge)
                    self._note(lost, ())
                return True
        return False

    def _open_ones(self) -> Iterator[int]:
        draft = self.draft
        return (one for one, places in enumerate(draft.places) if places and draft.edges(one))

    def _scarcity(self, opening: int) -> tuple[float, int, int, int]:
        """Order openings: fewest ways to fill each place first, then the earliest."""
        draft = self.draft
        ways = len(draft.edges(opening)) / draft.places[opening]
        return ways, draft.starts[opening], draft.ends[opening], opening

    def _keep(self, worker: int, opening: int, *, pinned: bool) -> None:
        draft = self.draft
        if opening not in self._place or draft.missing(opening) <= 0:
            return
        edges = [edge for edge in draft.edges(opening) if draft.worker_of[edge] == worker]
        edge = next((edge for edge in edges if draft.fits(edge) or self._made_room(edge)), None)
        if edge is not None:
            draft.give(edge)
            self.kept.add(edge)
            if pinned:
                self.pinned.add(edge)

    def _made_room(self, edge: int) -> bool:
        """Let somebody who was kept come by another way, if that lets this one be kept too."""
        draft = self.draft
        if draft.hours_left(edge) or not draft.is_free(edge):
            return False
        other, way = Chains(draft).switch(edge)[:2] or (None, None)
        if other is None or way is None:
            return False
        draft.take_back(-1 - other)
        draft.give(way)
        for kept in (self.kept, self.pinned):
            if -1 - other in kept:
                kept.remove(-1 - other)
                kept.add(way)
        return True

    def _choose_for(self, opening: int) -> None:
        draft = self.draft
        if opening in self._closed or self._looks[opening] >= MOST_LOOKS:
            return
        self._looks[opening] += 1
        before = [edge for edge in draft.filled[opening].values() if edge not in self.kept]
        for edge in before:
            draft.take_back(edge)
        chosen = self._take_turns(opening)
        if len(chosen) < len(before):
            for edge in chosen:
                draft.take_back(edge)
            for edge in before:
                draft.give(edge)
            return
        if chosen != before:
            old, new = set(before), set(chosen)
            self._note(old - new, new - old)
            self._stale.discard(opening)

    def _take_turns(self, opening: int) -> list[int]:
        draft, chosen = self.draft, list[int]()
        wanted = draft.missing(opening)
        for edge in in_turn(draft, opening):
            if len(chosen) == wanted:
                break
            draft.give(edge)
            chosen.append(edge)
        return chosen

    def _note(self, lost: Iterable[int], gained: Iterable[int]) -> None:
        """Note where another choice has become possible.

        Who lost a place may now stand first, or fit, anywhere; so may all whom her alliance lends,
        or who wait for her team. Who gained one can only have come to stand behind others, which
        matters where she is suggested.
        """
        draft = self.draft
        for edge in lost:
            waiting = draft.by_worker.of(draft.worker_of[edge]) + self._waiting_for_hours(edge)
            self._stale.update(draft.opening_of[one] for one in waiting)
            team = draft.teams.team_of.get(draft.opening_of[edge])
            if team is not None:
                inside = draft.teams.openings[team]
                self._stale.update(one for one in inside if one in self._place)
        for edge in gained:
            given = draft.given[draft.worker_of[edge]]
            self._stale.update(given)

    def _waiting_for_hours(self, edge: int) -> list[int]:
        """List the edges that may have lacked the hours which an alliance has again."""
        draft, via = self.draft, self.draft.via[edge]
        if via < 0:
            return []
        opening = draft.opening_of[edge]
        before = draft.left[via] - draft.minutes[opening]
        return draft.by_alliance.of(via) if before < self._longest else []
