"""When a person could work: what she painted, less days off, less what she promised and rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from federation import Iri
from instance.agenda.clash import minutes_within
from instance.agenda.events import AvailabilityChanged
from instance.agenda.models import Agenda, DaysOff, PaintedDay, PaintedHours, Promise, touches
from instance.agenda.promise import TAKES_TIME
from instance.agenda.views import DaysOffView, DayView, Painted
from instance.agenda.windows import (
    DAY_MINUTES,
    Hours,
    Window,
    day_of,
    days_in,
    merged,
    on_day,
    without,
)
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.policy import service as policy

MOST_DAYS_AHEAD = 400


async def zone_of(tx: Tx, person: Iri) -> ZoneInfo:
    """Return the time zone of her clock: her own, else the instance's."""
    row = await tx.get(Agenda, person)
    return ZoneInfo((row.timezone if row else None) or tx.settings.timezone)


async def zones_of(tx: Tx, persons: Iterable[Iri]) -> dict[Iri, ZoneInfo]:
    """Return the time zones of several people's clocks."""
    wanted = sorted(set(persons))
    chosen = sa.select(Agenda.person, Agenda.timezone).where(Agenda.person.in_(wanted))
    own = {one.person: one.timezone for one in await tx.session.execute(chosen)} if wanted else {}
    return {one: ZoneInfo(own.get(one) or tx.settings.timezone) for one in wanted}


async def set_timezone(tx: Tx, person: Iri, timezone: str) -> None:
    """Say by which clock she paints her week; raise Invalid for a zone that does not exist."""
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Invalid("There is no such time zone.", field="timezone") from error
    row = await tx.get(Agenda, person)
    if row:
        row.timezone = timezone
    else:
        tx.session.add(Agenda(person=person, timezone=timezone))
    tx.emit(AvailabilityChanged(person))


async def paint_week(tx: Tx, person: Iri, windows: Iterable[Hours]) -> None:
    """Say in which hours of the week she could work; what was painted before is gone.

    Hours that touch are joined. Raises Invalid for hours that no day has.
    """
    by_day: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in windows:
        if not 0 <= one.weekday <= 6:
            raise Invalid("A week has seven days.", field="week")
        by_day[one.weekday].append((one.start_minute, one.end_minute))
    await tx.session.execute(sa.delete(PaintedHours).where(PaintedHours.person == person))
    for weekday, hours in by_day.items():
        for start, end in _joined(hours):
            tx.session.add(
                PaintedHours(person=person, weekday=weekday, start_minute=start, end_minute=end)
            )
    tx.emit(AvailabilityChanged(person))


async def paint_day(
    tx: Tx, person: Iri, day: date, hours: Iterable[tuple[int, int]] | None
) -> None:
    """Say in which hours of one date she could work, whatever the week says; None: as the week."""
    row = await tx.get(PaintedDay, (person, day))
    if hours is None:
        if row:
            await tx.session.delete(row)
    else:
        joined = [list(one) for one in _joined(hours)]
        if row:
            row.hours = joined
        else:
            tx.session.add(PaintedDay(person=person, day=day, hours=joined))
    tx.emit(AvailabilityChanged(person))


async def add_day_off(tx: Tx, person: Iri, first: date, last: date) -> str:
    """Take days off, both named days included; returns the id by which they can be taken back."""
    if last < first:
        raise Invalid("The last day off is before the first.", field="last")
    if last - first > timedelta(days=MOST_DAYS_AHEAD):
        raise Invalid("That is more than a year of days off.", field="last")
    identifier = tx.federation.new_id("days-off").rpartition("/")[2]
    tx.session.add(DaysOff(id=identifier, person=person, first=first, last=last))
    tx.emit(AvailabilityChanged(person))
    return identifier


async def remove_day_off(tx: Tx, person: Iri, identifier: str) -> None:
    """Take days off back; raise NotFound when they are not hers."""
    row = await tx.get(DaysOff, identifier)
    if row is None or row.person != person:
        raise NotFound
    await tx.session.delete(row)
    tx.emit(AvailabilityChanged(person))


async def painted(tx: Tx, person: Iri) -> Painted:
    """Return what she painted, from yesterday on."""
    yesterday = tx.now.date() - timedelta(days=1)
    week = await tx.session.scalars(sa.select(PaintedHours).where(PaintedHours.person == person))
    return Painted(
        timezone=str(await zone_of(tx, person)),
        week=tuple(sorted(Hours(one.weekday, one.start_minute, one.end_minute) for one in week)),
        days=tuple(
            DayView(one.day, tuple((start, end) for start, end in one.hours))
            for one in await _days(tx, person, yesterday, yesterday + timedelta(MOST_DAYS_AHEAD))
        ),
        days_off=tuple(
            DaysOffView(one.id, one.first, one.last)
            for one in await _days_off(tx, person, yesterday, date.max)
        ),
    )


async def free_windows(tx: Tx, person: Iri, start: datetime, end: datetime) -> tuple[Window, ...]:
    """Return when she could work: painted, less days off, less promises and the rest around them.

    The reasons why she is not free otherwise are nobody's business and not told.
    """
    zone, frame = await zone_of(tx, person), Window(start, end)
    could = await _painted_windows(tx, person, frame, zone)
    rest = (await policy.rules(tx)).rest_minutes
    taken = await busy(tx, person, start - timedelta(minutes=rest), end + timedelta(minutes=rest))
    left = without(could, [one.widened(rest) for one in taken])
    return tuple(part for one in left if (part := one.within(frame)))


async def busy(tx: Tx, person: Iri, start: datetime, end: datetime) -> tuple[Window, ...]:
    """Return what she has promised that touches a stretch of time: held, confirmed or done."""
    found = await tx.session.execute(
        sa.select(Promise.starts, Promise.ends).where(
            Promise.person == person,
            Promise.state.in_(TAKES_TIME),
            touches(start, end),
        )
    )
    return merged(Window(one.starts, one.ends) for one in found)


async def minutes_promised(tx: Tx, person: Iri, start: datetime, end: datetime) -> int:
    """Add up the minutes she has promised within a stretch of time, whoever asked."""
    return minutes_within(await busy(tx, person, start, end), Window(start, end))


async def _painted_windows(
    tx: Tx, person: Iri, frame: Window, zone: ZoneInfo
) -> tuple[Window, ...]:
    days = list(days_in(frame, zone))
    week: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one in await tx.session.scalars(
        sa.select(PaintedHours).where(PaintedHours.person == person)
    ):
        week[one.weekday].append((one.start_minute, one.end_minute))
    differing = {
        one.day: [(start, end) for start, end in one.hours]
        for one in await _days(tx, person, days[0], days[-1])
    }
    could = [
        window
        for day in days
        for window in on_day(differing.get(day, week[day.weekday()]), day, zone)
    ]
    off = await _days_off(tx, person, days[0], days[-1])
    return without(
        could,
        [Window(day_of(one.first, zone).start, day_of(one.last, zone).end) for one in off],
    )


async def _days(tx: Tx, person: Iri, first: date, last: date) -> Sequence[PaintedDay]:
    found = await tx.session.scalars(
        sa.select(PaintedDay)
        .where(PaintedDay.person == person, PaintedDay.day.between(first, last))
        .order_by(PaintedDay.day)
    )
    return found.all()


async def _days_off(tx: Tx, person: Iri, first: date, last: date) -> Sequence[DaysOff]:
    found = await tx.session.scalars(
        sa.select(DaysOff)
        .where(DaysOff.person == person, DaysOff.first <= last, DaysOff.last >= first)
        .order_by(DaysOff.first, DaysOff.id)
    )
    return found.all()


def _joined(hours: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Put hours of one day in order, joining those that touch; raise Invalid for impossible."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(hours):
        if not 0 <= start < end <= DAY_MINUTES:
            raise Invalid("Hours begin before they end, within one day.", field="week")
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
