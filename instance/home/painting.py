"""A painted week: squares of a table, and the hours by the clock that they stand for. Pure.

Hours are [start, end) in minutes since the Monday's midnight, by the worker's own clock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias

DAY = 24 * 60
WEEK = 7 * DAY
PARTS: Mapping[str, tuple[int, int]] = {
    "morning": (5 * 60, 12 * 60),
    "afternoon": (12 * 60, 17 * 60),
    "evening": (17 * 60, 22 * 60),
    "night": (22 * 60, 29 * 60),
}
"""When the parts of a day begin and end; a night ends on the next morning."""

Stretch: TypeAlias = tuple[int, int]
Squares: TypeAlias = frozenset[str]


def squares_of(hours: Iterable[Stretch], monday: date) -> Squares:
    """Return the squares in which there are painted hours."""
    joined = merged(hours)
    return frozenset(
        name for name, part in _squares(monday).items() if any(_cut(one, part) for one in joined)
    )


def repainted(hours: Iterable[Stretch], squares: Collection[str], monday: date) -> list[Stretch]:
    """Return the hours after squares were painted: only those that changed are taken whole.

    What somebody painted to the minute stays so in every square that she left alone.
    """
    before = merged(hours)
    shown = squares_of(before, monday)
    result = list(before)
    for name, part in _squares(monday).items():
        if name in shown and name not in squares:
            result = without(result, part)
        elif name in squares and name not in shown:
            result = merged([*result, part])
    return result


def day_hours(hours: Iterable[Stretch], number: int) -> list[Stretch]:
    """Return the hours of one day (0 is the Monday), in minutes since its own midnight."""
    frame = (number * DAY, (number + 1) * DAY)
    inside = [cut for one in merged(hours) if (cut := _cut(one, frame))]
    return [(start - frame[0], end - frame[0]) for start, end in inside]


def merged(hours: Iterable[Stretch]) -> list[Stretch]:
    """Join stretches that touch or overlap; the result is in order."""
    joined: list[Stretch] = []
    for start, end in sorted(one for one in hours if one[0] < one[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def without(hours: Sequence[Stretch], gap: Stretch) -> list[Stretch]:
    """Take one stretch out of others."""
    parts = [
        part
        for start, end in hours
        for part in ((start, min(end, gap[0])), (max(start, gap[1]), end))
    ]
    return merged(parts)


def _squares(monday: date) -> dict[str, Stretch]:
    return {
        f"{(monday + timedelta(days=number)).isoformat()}/{name}": (
            number * DAY + start,
            number * DAY + end,
        )
        for number in range(7)
        for name, (start, end) in PARTS.items()
    }


def _cut(one: Stretch, other: Stretch) -> Stretch | None:
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None
