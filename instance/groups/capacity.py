"""How many of a group could come, in coarse counts: what allies may know, and nobody's name."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from federation import Iri
from instance.db import Tx
from instance.groups.sharing import shares
from instance.groups.views import HalfDay, Shared
from matching.allies import LONG_ENOUGH

LONGEST = timedelta(weeks=6)
COARSE = ((6, "6+"), (3, "3–5"), (1, "1–2"), (0, "0"))  # noqa: RUF001  the dash pages show


async def capacity(tx: Tx, group: Iri, start: datetime, end: datetime) -> list[HalfDay]:
    """Count who could come, for each skill and half-day between two moments.

    Half-days begin at midnight and at noon of the co-op's own clock. Somebody counts who is free
    for three hours of one. Only skills that members share are listed, six weeks at the most.
    """
    halves = half_days(start, min(end, start + LONGEST), tx.settings.timezone)
    shared = await shares(tx, group)
    counted = Counter(
        (skill, begin)
        for one in shared
        for begin in _free_in(one, halves)
        for skill in _skills(one)
    )
    every = sorted({skill for one in shared for skill in _skills(one)})
    return [
        HalfDay(skill, begin, finish, coarse(counted[skill, begin]))
        for skill in every
        for begin, finish in halves
    ]


def coarse(number: int) -> str:
    """Say a number so roughly that nobody can be told from it."""
    return next(label for least, label in COARSE if number >= least)


def half_days(start: datetime, end: datetime, timezone: str) -> list[tuple[datetime, datetime]]:
    """Return the half-days of a place that touch a stretch of time, in UTC."""
    zone = ZoneInfo(timezone)
    day, found = start.astimezone(zone).date(), []
    while datetime.combine(day, time(), zone) < end:
        noon = datetime.combine(day, time(12), zone)
        morning = datetime.combine(day, time(), zone)
        day += timedelta(days=1)
        evening = datetime.combine(day, time(), zone)
        for begin, finish in ((morning, noon), (noon, evening)):
            if finish > start and begin < end:
                found.append((begin.astimezone(UTC), finish.astimezone(UTC)))
    return found


def _free_in(one: Shared, halves: list[tuple[datetime, datetime]]) -> list[datetime]:
    return [
        begin
        for begin, finish in halves
        if any(
            min(finish, until) - max(begin, since) >= timedelta(minutes=LONG_ENOUGH)
            for since, until in one.windows
        )
    ]


def _skills(one: Shared) -> set[str]:
    return {key for key, _ in one.skills}
