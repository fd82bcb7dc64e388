"""On which days something repeats: a weekly rule of RFC 5545, by the calendar of a place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import rrule, rrulestr

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MOST_WEEKS = 12
MOST_TIMES = 500


class Rule(msgspec.Struct, frozen=True):
    """On these days of every so many weeks, until a day or so many times; without either, for ever.

    `days` are some of DAYS, in their order.
    """

    days: tuple[str, ...]
    every: int = 1
    until: date | None = None
    times: int = 0

    def text(self) -> str:
        """Write it as an RRULE (RFC 5545 section 3.3.10) of a DTSTART that is a date."""
        parts = [f"FREQ=WEEKLY;INTERVAL={self.every};BYDAY={','.join(self.days)};WKST=MO"]
        if self.until:
            parts.append(f"UNTIL={self.until:%Y%m%d}")
        if self.times:
            parts.append(f"COUNT={self.times}")
        return ";".join(parts)


def rule_of(text: str) -> Rule:
    """Read a rule that `Rule.text` wrote."""
    said = dict(part.split("=", 1) for part in text.split(";"))
    until = said.get("UNTIL")
    return Rule(
        days=tuple(said["BYDAY"].split(",")),
        every=int(said["INTERVAL"]),
        until=date.fromisoformat(until) if until else None,
        times=int(said.get("COUNT", 0)),
    )


def days_between(
    rule: str, first: date, left_out: Collection[str], start: date, end: date
) -> list[date]:
    """List the days of a rule from `start` to before `end`; those left out are not among them."""
    found = _series(rule, first).between(_midnight(start), _midnight(end), inc=True)
    return [one.date() for one in found if one.date() < end and str(one.date()) not in left_out]


def next_day(rule: str, first: date, start: date) -> date | None:
    """Return the first day of a rule from `start` on, or None when it is over."""
    found = _series(rule, first).after(_midnight(start), inc=True)
    return found.date() if found else None


def moments(day: date, start: time, end: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a day's hours begin and end: the same on the wall's clock all the year round.

    Hours that end before they begin end next day. A time that the change of the clocks leaves out
    is read with the difference from UTC before it, and of two the first is meant (RFC 5545, 3.3.5).
    """
    last = day if end > start else day + timedelta(days=1)
    begins, ends = datetime.combine(day, start, zone), datetime.combine(last, end, zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _series(rule: str, first: date) -> rrule:
    found = rrulestr(rule, dtstart=_midnight(first))
    assert isinstance(found, rrule), "one rule, without dates beside it"
    return found


def _midnight(day: date) -> datetime:
    """Return a day as dateutil counts it: without a zone, so that no clock changes within it."""
    return datetime.combine(day, time())
