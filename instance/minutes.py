"""Moments and days as matching counts them: in whole minutes of UTC."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import matching


def interval(start: datetime, end: datetime) -> matching.Interval:
    """Return a stretch of time; a minute that has begun belongs to it whole."""
    return matching.Interval(minute(start), -(-int(end.timestamp()) // 60))


def minute(moment: datetime) -> int:
    """Return the minute that a moment lies in."""
    return int(moment.timestamp()) // 60


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time(), zone)


def last_minute(last: date | None, zone: ZoneInfo) -> int | None:
    """Return the minute in which something that holds until a day, that day included, ends."""
    return None if last is None else minute(midnight(last + timedelta(days=1), zone))
