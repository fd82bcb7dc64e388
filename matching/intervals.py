"""Stretches of time, and the four questions that the rules ask of them."""

from collections.abc import Iterable
from typing import Annotated

import msgspec

Minute = Annotated[int, msgspec.Meta(ge=0, le=4_000_000_000)]
"""A moment: whole minutes since 1970-01-01T00:00Z. Integers, so that no rounding can differ."""


class Interval(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True, gc=False):
    """The time from `start` up to, but not including, `end`; both in UTC minutes.

    Raises ValueError when it would be empty.
    """

    start: Minute
    end: Minute

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError("an interval must end after it starts")

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.end - self.start


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Write the same time in one way only: in order, with what overlaps or touches joined."""
    joined: list[Interval] = []
    for interval in sorted(intervals):
        if joined and interval.start <= joined[-1].end:
            last = joined.pop()
            joined.append(Interval(last.start, max(last.end, interval.end)))
        else:
            joined.append(interval)
    return tuple(joined)


def covered(windows: tuple[Interval, ...], interval: Interval) -> bool:
    """Tell whether `interval` lies wholly inside one of the windows, which must be merged."""
    return any(w.start <= interval.start and interval.end <= w.end for w in windows)


def too_close(one: Interval, other: Interval, rest_minutes: int) -> bool:
    """Tell whether two intervals overlap, or leave less than `rest_minutes` between them."""
    return one.start < other.end + rest_minutes and other.start < one.end + rest_minutes


def minutes_within(interval: Interval, window: Interval) -> int:
    """Count the minutes of `interval` that fall into `window`."""
    return max(0, min(interval.end, window.end) - max(interval.start, window.start))
