"""Whose turn it is: the order in which those who could take a place of an opening are asked."""

from bisect import bisect_right
from collections.abc import Iterator

from matching.draft import Draft


def in_turn(draft: Draft, opening: int) -> Iterator[int]:
    """Give the edges of an opening that fit, those whose turn it is first.

    Edges stand in the order of what comes before fairness, so those that nobody needs to ask for
    are never looked at; then come share, what comes after it, and the lot. Whether one fits is
    asked when it is given, so givers need not ask again.
    """
    before, after, share, worker_of = draft.before, draft.after, draft.share, draft.worker_of
    fits, edges = draft.fits, draft.edges(opening)
    at, end = edges.start, edges.stop
    while at < end:
        alike = bisect_right(before, before[at], at, end)
        turns = [(share[worker_of[edge]], after[edge], edge) for edge in range(at, alike)]
        at = alike
        if len(turns) > 1:
            turns.sort()
        place, last = 0, len(turns)
        while place < last:
            mine, then, edge = turns[place]
            begun, place = place, place + 1
            while place < last and turns[place][1] == then and turns[place][0] == mine:
                place += 1
            if place - begun == 1:
                if fits(edge):
                    yield edge
            else:
                yield from _by_lot(draft, opening, [edge for *_, edge in turns[begun:place]])


def _by_lot(draft: Draft, opening: int, edges: list[int]) -> Iterator[int]:
    """Give those of these edges that fit, by lot."""
    worker_of, fits = draft.worker_of, draft.fits
    tied = list(filter(fits, edges))
    if len(tied) > 1:
        tied.sort(key=lambda edge: (draft.lot(worker_of[edge], opening), edge))
    yield from filter(fits, tied)
