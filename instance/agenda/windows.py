"""Stretches of time and what can be done with them; pure, in UTC unless a date says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

DAY_MINUTES = 24 * 60


class Window(msgspec.Struct, frozen=True, order=True):
    """A stretch of time from `start` up to, and without, `end`; both are aware moments."""

    start: datetime
    end: datetime

    @property
    def minutes(self) -> int:
        """How long it is, in whole minutes."""
        return int((self.end - self.start) / timedelta(minutes=1))

    def overlaps(self, other: Window) -> bool:
        """Tell whether two stretches share a moment."""
        return self.start < other.end and other.start < self.end

    def within(self, other: Window) -> Window | None:
        """Return the part of this that lies inside the other, if any."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Window(start, end) if start < end else None

    def widened(self, minutes: int) -> Window:
        """Return the stretch with so many minutes more on both sides."""
        more = timedelta(minutes=minutes)
        return Window(self.start - more, self.end + more)


class Hours(msgspec.Struct, frozen=True, order=True):
    """Hours of one weekday (Monday is 0), in minutes since midnight by her own clock."""

    weekday: int
    start_minute: int
    end_minute: int


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Join stretches that touch or overlap; the result is in order."""
    joined: list[Window] = []
    for one in sorted(windows):
        if joined and one.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, one.end))
        else:
            joined.append(one)
    return tuple(joined)


def without(windows: Iterable[Window], taken: Iterable[Window]) -> tuple[Window, ...]:
    """Take stretches out of others."""
    left = merged(windows)
    for gap in merged(taken):
        left = tuple(part for one in left for part in _cut(one, gap))
    return left


def day_of(day: date, zone: ZoneInfo) -> Window:
    """Return a whole calendar day, which is 23 or 25 hours long when the clocks change."""
    return Window(moment(day, 0, zone), moment(day, DAY_MINUTES, zone))


def week_of(day: date, zone: ZoneInfo) -> Window:
    """Return the calendar week around a date, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Window(moment(monday, 0, zone), moment(monday + timedelta(days=7), 0, zone))


def days_in(window: Window, zone: ZoneInfo) -> Iterator[date]:
    """Name the calendar days that a stretch touches."""
    day = window.start.astimezone(zone).date()
    last = (window.end - timedelta(microseconds=1)).astimezone(zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return when her clock shows a minute of a date; 1440 is the next midnight."""
    naive = datetime.combine(day, time()) + timedelta(minutes=minute)
    return naive.replace(tzinfo=zone).astimezone(UTC)


def on_day(hours: Sequence[tuple[int, int]], day: date, zone: ZoneInfo) -> tuple[Window, ...]:
    """Expand hours of the day into stretches of one date."""
    ends = ((moment(day, start, zone), moment(day, end, zone)) for start, end in hours)
    return merged(Window(start, end) for start, end in ends if start < end)


def _cut(one: Window, gap: Window) -> Iterator[Window]:
    if not one.overlaps(gap):
        yield one
        return
    if one.start < gap.start:
        yield Window(one.start, gap.start)
    if gap.end < one.end:
        yield Window(gap.end, one.end)
