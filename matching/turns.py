"""Whose turn it is: the order in which those who could take a place of an opening are asked."""

from collections.abc import Iterator

from matching.draft import Draft


def in_turn(draft: Draft, opening: int) -> Iterator[int]:
    """Give the edges of an opening that fit, those whose turn it is first.

    Edges stand in the order of what comes before fairness, so those that nobody needs to ask for
    are never looked at; whether one fits is asked when it is given, so givers need not ask again.
    """
    before, edges = draft.before, draft.edges(opening)
    at, end = edges.start, edges.stop
    while at < end:
        alike = at + 1
        while alike < end and before[alike] == before[at]:
            alike += 1
        yield from _by_share(draft, opening, range(at, alike))
        at = alike


def _by_share(draft: Draft, opening: int, edges: range) -> Iterator[int]:
    """Give those of these edges that fit: by share, then what comes after it, then by lot."""
    share, after, worker_of, fits = draft.share, draft.after, draft.worker_of, draft.fits
    turns = sorted([(share[worker_of[edge]], after[edge], edge) for edge in edges])
    at, end = 0, len(turns)
    while at < end:
        mine, then, edge = turns[at]
        begun, at = at, at + 1
        while at < end and turns[at][1] == then and turns[at][0] == mine:
            at += 1
        if at - begun == 1:
            if fits(edge):
                yield edge
            continue
        tied = [edge for *_, edge in turns[begun:at] if fits(edge)]
        if len(tied) > 1:
            tied.sort(key=lambda edge: (draft.lot(worker_of[edge], opening), edge))
        yield from filter(fits, tied)
