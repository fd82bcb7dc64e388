"""From a table to typed rows: each cell read, each fault kept with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Generic, TypeVar

import msgspec

from instance.spreadsheets import cells, words
from instance.spreadsheets.columns import Sheet, columns
from instance.spreadsheets.faults import Fault, Remark, Wrong, _, shown
from instance.spreadsheets.openings import Wanted, openings
from instance.spreadsheets.tables import MOST_FAULTS, Line, Table, read_table
from instance.spreadsheets.weekdays import weekdays

Value = TypeVar("Value")
Row = TypeVar("Row")

ROLES = {
    "member": ("", "member", "worker", "組員", "社員", "成員", "會員", "隊員"),
    "leader": ("leader", "lead", "coordinator", "team leader", "組長", "隊長", "領隊"),
    "administrator": ("administrator", "admin", "管理員", "行政"),
    "auditor": ("auditor", "審計", "審計員", "監察", "核數"),
}
AUDIENCES = {
    "public": ("public", "everyone", "all", "公開", "所有人"),
    "members": ("members", "member", "own", "內部", "社員", "組員", "成員"),
    "allies": ("allies", "ally", "盟友", "友社"),
}


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in a spreadsheet.

    `given` are the columns that hold something in her row; `ticked` says that only a tick tells
    that she agreed, so that `agreed` is the day of reading.
    """

    line: int
    name: str
    handle: str
    email: str | None
    phone: str | None
    role: str
    skills: tuple[tuple[str, int], ...]
    certificates: tuple[tuple[str, date | None], ...]
    languages: tuple[str, ...]
    weekly_minutes: int | None
    district: str | None
    groups: tuple[str, ...]
    adult: bool | None
    agreed: date | None
    ticked: bool
    given: frozenset[str]


class WindowRow(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is free: on weekdays (Monday is 0) or on one day; no hours are a day off.

    `end` may lie past 1440: the next day.
    """

    line: int
    handle: str
    weekdays: tuple[int, ...]
    day: date | None
    start: int | None
    end: int | None


class ShiftRow(msgspec.Struct, frozen=True, kw_only=True):
    """One shift of a job. `end` may lie past 1440: the next day. Money is in the smallest unit."""

    line: int
    title: str
    description: str
    group: str
    district: str
    address: str
    door: str
    customer: str
    customer_phone: str
    day: date
    start: int
    end: int
    break_minutes: int
    openings: tuple[Wanted, ...]
    pay_cents_per_hour: int
    levy_percent: int
    bring: str
    contact_name: str
    contact_phone: str
    audience: str | None


class Reading(msgspec.Struct, Generic[Row], frozen=True):
    """What a file says: its rows, or what is wrong with it. Rows count only without faults."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]
    columns: frozenset[str]


class _Cells:
    """One row while it is read."""

    def __init__(self, line: Line, table: Table, faults: list[Fault]) -> None:
        self.number = line.number
        self._cells = line.cells
        self._table = table
        self._faults = faults
        self.given = frozenset(key for key, cell in line.cells.items() if cell.strip())

    def read(self, key: str, read: Callable[[str], Value], default: Value) -> Value:
        """Read a cell, or return the default when it is empty or cannot be read."""
        cell = self._cells.get(key, "")
        if not cell.strip():
            return default
        try:
            return read(cell)
        except Wrong as wrong:
            self.fault(key, wrong.message, **wrong.values)
            return default

    def need(self, key: str, read: Callable[[str], Value], default: Value) -> Value:
        """Read a cell that must not be empty."""
        if key not in self.given:
            self.fault(key, _("the cell is empty and is needed; fill it"))
        return self.read(key, read, default)

    def fault(self, key: str, message: str, **values: object) -> None:
        """Note what is wrong with a cell, or with the whole row."""
        column = self._table.headings.get(key, key)
        found = shown(self._cells.get(key, "").strip())
        self._faults.append(Fault(self.number, column, found, message, values))


def read_people(data: bytes, today: date) -> Reading[PersonRow]:
    """Read a spreadsheet of people; `today` bounds what dates can be meant."""
    reading = _read(data, Sheet.PEOPLE, partial(_person, today=today))
    seen: dict[str, int] = {}
    faults = list(reading.faults)
    for row in reading.rows:
        first = seen.setdefault(row.handle, row.line)
        if first != row.line:
            message = _(
                "the handle '%(handle)s' stands on line %(first)s already; "
                "each person has one of her own"
            )
            values = {"handle": row.handle, "first": first}
            faults.append(Fault(row.line, "handle", row.handle, message, values))
    faults.sort(key=lambda fault: fault.line)
    return msgspec.structs.replace(reading, faults=tuple(faults))


def read_availability(data: bytes, today: date) -> Reading[WindowRow]:
    """Read a spreadsheet of when people are free."""
    return _read(data, Sheet.AVAILABILITY, partial(_window, today=today))


def read_jobs(data: bytes, today: date) -> Reading[ShiftRow]:
    """Read a spreadsheet of jobs, a row for each shift."""
    return _read(data, Sheet.JOBS, partial(_shift, today=today))


def _read(data: bytes, sheet: Sheet, read: Callable[[_Cells], Row]) -> Reading[Row]:
    table = read_table(data, columns(sheet))
    faults = list(table.faults)
    rows = []
    for line in (
        table.lines if table.headings and columns(sheet).required <= set(table.headings) else ()
    ):
        before = len(faults)
        row = read(_Cells(line, table, faults))
        if len(faults) == before:
            rows.append(row)
        if len(faults) >= MOST_FAULTS:
            break
    faults.sort(key=lambda fault: fault.line)
    given = frozenset(table.headings)
    return Reading(tuple(rows), tuple(faults[:MOST_FAULTS]), table.remarks, given)


def _person(row: _Cells, today: date) -> PersonRow:
    adult = row.read("adult", cells.tick, None)
    agreed = row.read("agreed_on_paper", partial(_agreed, today=today), None)
    if adult is False:
        row.fault("adult", _("she is not of age and cannot be planned for; leave the row out"))
    return PersonRow(
        line=row.number,
        name=row.need("name", cells.name, ""),
        handle=row.need("handle", cells.handle, ""),
        email=row.read("email", cells.email, None),
        phone=row.read("phone", cells.phone, None),
        role=row.read("role", partial(_choice, known=ROLES), "member"),
        skills=row.read("skills", words.skills, ()),
        certificates=row.read("certificates", partial(words.certificates, today=today), ()),
        languages=row.read("languages", words.languages, ()),
        weekly_minutes=row.read("weekly_hours", cells.weekly_minutes, None),
        district=row.read("district", words.district, None),
        groups=row.read("groups", words.several, ()),
        adult=adult,
        agreed=agreed[0] if agreed else None,
        ticked=bool(agreed and agreed[1]),
        given=row.given,
    )


def _window(row: _Cells, today: date) -> WindowRow:
    if len(row.given & {"weekday", "date"}) != 1:
        row.fault("weekday", _("fill in either a weekday (every week) or a date (that day only)"))
    start = row.read("from", cells.clock, None)
    end = row.read("to", cells.clock, None)
    if len(row.given & {"from", "to"}) == 1 or ("weekday" in row.given and "from" not in row.given):
        row.fault("from", _("fill in from when until when; only a date may stand alone: a day off"))
    if start is not None and start == end:
        row.fault("to", _("it ends when it begins; write 00:00 to 24:00 for a whole day"))
    return WindowRow(
        line=row.number,
        handle=row.need("handle", cells.handle, ""),
        weekdays=row.read("weekday", weekdays, ()),
        day=row.read("date", partial(_recent, today=today), None),
        start=start,
        end=_after(start, end),
    )


def _shift(row: _Cells, today: date) -> ShiftRow:
    start = row.need("start", cells.clock, 0)
    end = _after(start, row.need("end", cells.clock, 1)) or 1
    pause = row.read("break_minutes", cells.minutes, 0)
    if end - start <= pause and row.given >= {"start", "end"}:
        row.fault("end", _("the break leaves no time for work; mend start, end or break"))
    if end - start > 16 * 60:
        row.fault("end", _("a shift has 16 hours at most; cut it into two"))
    return ShiftRow(
        line=row.number,
        title=row.need("title", cells.name, ""),
        description=row.read("description", cells.text, ""),
        group=row.read("group", cells.line, ""),
        district=row.read("district", words.district, ""),
        address=row.read("address", cells.line, ""),
        door=row.read("door", cells.text, ""),
        customer=row.read("customer", cells.name, ""),
        customer_phone=row.read("customer_phone", cells.phone, ""),
        day=row.need("date", partial(_recent, today=today), today),
        start=start,
        end=end,
        break_minutes=pause,
        openings=row.need("openings", openings, ()),
        pay_cents_per_hour=row.read("pay_per_hour", cells.cents, 0),
        levy_percent=row.read("levy_percent", cells.percent, 0),
        bring=row.read("bring", cells.text, ""),
        contact_name=row.read("contact_name", cells.name, ""),
        contact_phone=row.read("contact_phone", cells.phone, ""),
        audience=row.read("audience", partial(_choice, known=AUDIENCES), None),
    )


def _after(start: int | None, end: int | None) -> int | None:
    """Return the end, on the next day if it is not after the start."""
    if start is None or end is None or end > start:
        return end
    return end + cells.DAY


def _choice(cell: str, known: dict[str, tuple[str, ...]]) -> str:
    word = cells.line(cell).casefold()
    for key, names in known.items():
        if word in names:
            return key
    raise Wrong(
        _("'%(word)s' is not known; write one of: %(known)s"),
        word=shown(word),
        known=", ".join(known),
    )


def _agreed(cell: str, today: date) -> tuple[date, bool] | None:
    """Return the day on which she agreed and whether only a tick says so, or None."""
    found = cells.tick_or_day(cell)
    if isinstance(found, bool):
        return (today, True) if found else None
    if found > today:
        raise Wrong(_("this day has not come yet; write the date on the paper"))
    if found < today - timedelta(days=365):
        raise Wrong(_("this is more than a year ago; ask her anew and write the new date"))
    return found, False


def _recent(cell: str, today: date) -> date:
    found = cells.day(cell)
    if abs(found.year - today.year) > 2:
        raise Wrong(_("the year cannot be meant; write it as 2026-11-03"))
    return found
