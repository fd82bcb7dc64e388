"""Availability from a spreadsheet: the usual week, single days, days off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from federation import Iri
from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.db import Tx
from instance.groups import service as groups
from instance.people import service as people
from instance.spreadsheets.cells import DAY
from instance.spreadsheets.faults import Fault, Remark, _
from instance.spreadsheets.rows import Reading, WindowRow
from instance.spreadsheets.views import Outcome, What

_Hours = tuple[int, int]


class Painting(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be painted for one person; None for what stays as it is."""

    line: int
    person: people.PersonView
    week: tuple[agenda.Hours, ...] | None
    days: dict[date, tuple[_Hours, ...]]
    days_off: tuple[date, ...]
    agrees: tuple[consent.Receipt, ...]
    hers: bool

    @property
    def what(self) -> What:
        """What this comes to."""
        if self.week is not None or self.days or self.days_off or self.agrees:
            return What.CHANGED
        return What.KEPT if self.hers else What.UNCHANGED

    def outcome(self) -> Outcome:
        """Say it for people."""
        details = ["weekday"] if self.week is not None else []
        details += [one.isoformat() for one in sorted({*self.days, *self.days_off})]
        details += ["agreed_on_paper"] if self.agrees else []
        name = f"{self.person.name} ({self.person.username})"
        return Outcome(self.line, name, self.what, tuple(details))


class Paintings(msgspec.Struct, frozen=True):
    """Everything a file of availability comes to."""

    each: tuple[Painting, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]

    def outcomes(self) -> tuple[Outcome, ...]:
        """Say it for people."""
        return tuple(one.outcome() for one in self.each)


async def plan(tx: Tx, group: Iri, reading: Reading[WindowRow], today: date) -> Paintings:
    """Compare a file with what is painted; reads only. Days that have passed are left out."""
    by_handle: dict[str, list[WindowRow]] = defaultdict(list)
    remarks = list(reading.remarks)
    for row in reading.rows:
        if row.day is not None and row.day < today:
            remarks.append(Remark(row.line, _("This day has passed and is left out.")))
        else:
            by_handle[row.handle].append(row)
    faults, each = list(reading.faults), []
    for handle, rows in by_handle.items():
        person = await people.person_named(tx, handle)
        if person is None or not await groups.is_member(tx, group, person.iri):
            message = _("no member of this group here is called '%(word)s'; import her first")
            faults += [Fault(one.line, "handle", handle, message, {"word": handle}) for one in rows]
        else:
            each.append(await _painting(tx, person, rows))
    return Paintings(tuple(each), tuple(faults), tuple(remarks))


async def carry_out(tx: Tx, plans: Paintings) -> None:
    """Paint what was planned, in the caller's one transaction."""
    for one in plans.each:
        person = one.person.iri
        if one.week is not None:
            await agenda.paint_week(tx, person, one.week)
        for day, hours in one.days.items():
            await agenda.paint_day(tx, person, day, hours)
        for day in one.days_off:
            await agenda.add_day_off(tx, person, day, day)
        for receipt in one.agrees:
            await _agree(tx, person, receipt)


async def _painting(tx: Tx, person: people.PersonView, rows: Sequence[WindowRow]) -> Painting:
    receipts = await consent.receipts(tx, person.iri)
    hers = person.has_password or any(one.is_hers for one in receipts)
    week = _week(rows)
    painted = await agenda.painted(tx, person.iri)
    there = {one.day: one.hours for one in painted.days}
    days = {day: hours for day, hours in _days(rows, week).items() if there.get(day) != hours}
    off = {row.day for row in rows if row.day is not None and row.start is None}
    taken = [(one.first, one.last) for one in painted.days_off]
    agrees = [one for one in receipts if one.stands(tx.now) and _lacks_availability(one)]
    return Painting(
        line=rows[0].line,
        person=person,
        week=week if not hers and week and week != painted.week else None,
        days={} if hers else days,
        days_off=()
        if hers
        else tuple(sorted(day for day in off if not any(a <= day <= b for a, b in taken))),
        agrees=() if hers else tuple(agrees),
        hers=hers,
    )


def _lacks_availability(receipt: consent.Receipt) -> bool:
    """Tell whether a paper agreement was written down before this file said when she is free."""
    return receipt.source is consent.Source.PAPER and "availability" not in receipt.fields


def _week(rows: Iterable[WindowRow]) -> tuple[agenda.Hours, ...]:
    hours: dict[int, list[_Hours]] = defaultdict(list)
    for row in rows:
        for weekday in row.weekdays:
            for after, one in _split(row):
                hours[(weekday + after) % 7].append(one)
    return tuple(
        agenda.Hours(weekday, start, end)
        for weekday in sorted(hours)
        for start, end in _joined(hours[weekday])
    )


def _days(
    rows: Iterable[WindowRow], week: Sequence[agenda.Hours]
) -> dict[date, tuple[_Hours, ...]]:
    """Return the hours of single days: what the file says of the day, added to the week's."""
    hours: dict[date, list[_Hours]] = defaultdict(list)
    for row in rows:
        if row.day is not None and row.start is not None:
            for after, one in _split(row):
                hours[row.day + timedelta(days=after)].append(one)
    for day, there in hours.items():
        there += [(a.start_minute, a.end_minute) for a in week if a.weekday == day.weekday()]
    return {day: _joined(there) for day, there in hours.items()}


def _split(row: WindowRow) -> list[tuple[int, _Hours]]:
    """Return (days after, hours) of a window, cut at midnight."""
    assert row.start is not None
    assert row.end is not None
    if row.end <= DAY:
        return [(0, (row.start, row.end))]
    return [(0, (row.start, DAY)), (1, (0, row.end - DAY))]


def _joined(hours: Iterable[_Hours]) -> tuple[_Hours, ...]:
    joined: list[_Hours] = []
    for start, end in sorted(hours):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


async def _agree(tx: Tx, person: Iri, receipt: consent.Receipt) -> None:
    await consent.agree(
        tx,
        person,
        receipt.group,
        {*receipt.fields, "availability"},
        receipt.until,
        consent.Source.PAPER,
        purpose=receipt.purpose,
        group_name=receipt.group_name,
        asked=receipt.asked,
        days=receipt.days,
    )
