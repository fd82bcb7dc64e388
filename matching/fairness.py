"""Whose turn it is: the voted order of priorities, and the seeded lot among equals.

The order looks at what a person has had of the hours she asked for. How often she was asked, and
how often she said no, is not known here and cannot count.
"""

import hashlib
from functools import total_ordering
from typing import Self

import msgspec

from matching.model import Opening, Priority, Problem, Worker


@total_ordering
class Share:
    """The exact share of her asked-for hours that a person has had; the smaller comes first.

    Two shares are compared by multiplying crosswise, so nothing is rounded. Who asked for no hours
    comes after all who did, and among her like by the hours had. Both are minutes.
    """

    __slots__ = ("had", "wanted")

    def __init__(self, had: int, wanted: int) -> None:
        self.had = had
        self.wanted = wanted

    def __lt__(self, other: Self) -> bool:
        if self.wanted and other.wanted:
            return self.had * other.wanted < other.had * self.wanted
        if self.wanted or other.wanted:
            return bool(self.wanted)
        return self.had < other.had

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Share):
            return NotImplemented
        if self.wanted and other.wanted:
            return self.had * other.wanted == other.had * self.wanted
        return self.wanted == other.wanted and self.had == other.had

    __hash__ = None  # type: ignore[assignment]  # equal shares may be written differently


Turn = tuple[bool | Share | bytes, ...]
"""A place in the order, smallest first: what `order_of` names, one by one, the lot last."""

LOT = "lot"


def order_of(problem: Problem) -> tuple[Priority, ...]:
    """List, by the group's vote, the priorities that can tell two people apart.

    "fill" is what the whole plan is for, and "reciprocity" orders allies.
    """
    return tuple(name for name in problem.priorities if name not in {"fill", "reciprocity"})


def lot(seed: str, drawn: str, opening: str) -> bytes:
    """Draw the lot of a worker (or an ally) for an opening: 32 bytes, the smallest goes first.

    It is the SHA-256 of the JSON array [seed, id drawn, opening id] in UTF-8 without spaces, so
    anybody can draw it again. A person's lots for two openings have nothing to do with each other.
    """
    return hashlib.sha256(msgspec.json.encode([seed, drawn, opening])).digest()


def same_district(worker: Worker, opening: Opening) -> bool:
    """Tell whether both districts are known and one."""
    return worker.district is not None and worker.district == opening.district


def decided_by(order: tuple[Priority, ...], one: Turn, other: Turn) -> str:
    """Name the first priority that tells two turns apart, "lot" when none before the lot does."""
    pairs = zip(order, one, other, strict=False)
    return next((name for name, mine, theirs in pairs if mine != theirs), LOT)
