"""Whose turn it is: the order in which those who could take a place of an opening are asked."""

from collections.abc import Iterator

from matching.draft import Draft


def in_turn(draft: Draft, opening: int) -> Iterator[int]:
    """Give the edges of an opening that fit, those whose turn it is first.

    Edges stand in the order of what comes before fairness, so those that nobody needs to ask for
    are never looked at.
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
    share, after, worker_of = draft.share, draft.after, draft.worker_of
    turns = [(share[worker_of[edge]], after[edge], edge) for edge in draft.fitting(opening, edges)]
    turns.sort()
    for at, turn in enumerate(turns):
        if at and turn[:2] == turns[at - 1][:2]:
            continue
        last = at + 1
        while last < len(turns) and turns[last][:2] == turn[:2]:
            last += 1
        tied = [edge for *_, edge in turns[at:last]]
        if len(tied) > 1:
            tied.sort(key=lambda edge: (draft.lot(worker_of[edge], opening), edge))
        yield from tied
