"""Whose turn it is: the voted order of priorities, and the seeded lot among equals.

The order looks at what a person has had of the hours she asked for. How often she was asked, and
how often she said no, is not known here and cannot count.
"""

import hashlib

import msgspec

from matching.problem import Priority, Problem

NO_HOURS_ASKED = 1e9
FADING: tuple[int, ...] = tuple((3**back << 20) // 4**back for back in range(26))
"""What a minute weighs in each week of half a year, from the last one back."""


def faded(weighed: int) -> int:
    """Give the minutes a week that somebody had, from her minutes times `FADING`, added up.

    Each week counts three quarters of the one after it, so what is long past fades and is not
    forgotten from one week to the next: a mean of a few weeks lets people who are alike drift
    apart, for it makes up for nothing older. Rounded up, so any turn counts more than none.
    """
    return -(-weighed // (4 * FADING[0]))


def share_of(had: int, wanted: int) -> float:
    """Give the share of her asked-for hours that a person has had; both are minutes.

    The smaller comes first. As the order of shares it is exact: two different fractions of whole
    numbers below 2^25 are never one and the same double, and equal ones always are. Who asked for
    no hours comes after all who did, and among her like by the hours had.
    """
    return had / wanted if wanted else NO_HOURS_ASKED + had


LOT = "lot"


def order_of(problem: Problem) -> tuple[Priority, ...]:
    """List, by the group's vote, the priorities that can tell two people apart.

    "fill" is what the whole plan is for.
    """
    return tuple(name for name in problem.priorities if name != "fill")


def lot(seed: str, drawn: str, opening: str) -> bytes:
    """Draw the lot of a worker (or an ally) for an opening: 32 bytes, the smallest goes first.

    It is the SHA-256 of the JSON array [seed, id drawn, opening id] in UTF-8 without spaces, so
    anybody can draw it again. A person's lots for two openings have nothing to do with each other.
    """
    return hashlib.sha256(msgspec.json.encode([seed, drawn, opening])).digest()
