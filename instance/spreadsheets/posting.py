"""Jobs from a spreadsheet: rows of one title and group are one job, each row a shift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from federation import Iri
from instance.db import Tx
from instance.errors import DomainError
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.people import service as people
from instance.skills.service import folded
from instance.spreadsheets.faults import Fault, Remark, _, shown
from instance.spreadsheets.rows import Reading, ShiftRow
from instance.spreadsheets.views import Outcome, What
from instance.viewer import Viewer

_DETAILS = (
    "title description district address door customer customer_phone break_minutes "
    "pay_cents_per_hour levy_percent bring contact_name contact_phone"
).split()


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One job to be posted, or None for one that is here already."""

    line: int
    title: str
    group: Iri
    new: jobs.NewJob | None

    def outcome(self) -> Outcome:
        """Say it for people."""
        if self.new is None:
            return Outcome(self.line, self.title, What.UNCHANGED)
        days = sorted({one.start.astimezone(UTC).date().isoformat() for one in self.new.shifts})
        return Outcome(self.line, self.title, What.CREATED, tuple(days))


class Postings(msgspec.Struct, frozen=True):
    """Everything a file of jobs comes to."""

    each: tuple[Posting, ...]
    faults: tuple[Fault, ...]
    remarks: tuple[Remark, ...]

    def outcomes(self) -> tuple[Outcome, ...]:
        """Say it for people."""
        return tuple(one.outcome() for one in self.each)


async def plan(tx: Tx, viewer: Viewer, group: Iri, reading: Reading[ShiftRow]) -> Postings:
    """Compare a file with the jobs that stand; reads only. Shifts that stand are not repeated."""
    faults = list(reading.faults)
    names = {
        folded(word): one.iri
        for one in await groups.groups(tx)
        for word in (one.name, one.username)
    }
    by_job: dict[tuple[Iri, str], list[ShiftRow]] = defaultdict(list)
    for row in reading.rows:
        owner = names.get(folded(row.group)) if row.group else group
        if owner is None or not await people.is_leader(tx, viewer.person, owner):
            message = _("you lead no group called '%(word)s' here; mend or empty the cell")
            values = {"word": shown(row.group)}
            faults.append(Fault(row.line, "group", shown(row.group), message, values))
        else:
            by_job[owner, folded(row.title)].append(row)
    each = []
    for (owner, _title), rows in by_job.items():
        faults += _disagreements(rows)
        each.append(await _posting(tx, owner, rows, faults))
    return Postings(tuple(each), tuple(faults), reading.remarks)


async def carry_out(tx: Tx, viewer: Viewer, plans: Postings) -> None:
    """Post what was planned, in the caller's one transaction.

    Raises Invalid with the line of the job that cannot be published as it is.
    """
    for one in plans.each:
        if one.new is not None:
            await jobs.post_job(tx, viewer, one.group, one.new)


async def check(tx: Tx, viewer: Viewer, plans: Postings) -> list[Fault]:
    """Post what was planned in a transaction that is never kept, and return what was refused."""
    faults = []
    for one in plans.each:
        if one.new is None:
            continue
        try:
            await jobs.post_job(tx, viewer, one.group, one.new)
        except DomainError as error:
            faults.append(
                Fault(one.line, error.field or "", one.title, error.message, error.values)
            )
    return faults


async def _posting(tx: Tx, group: Iri, rows: Sequence[ShiftRow], faults: list[Fault]) -> Posting:
    first = rows[0]
    zone = ZoneInfo(tx.settings.timezone)
    standing = {
        shift.start
        for job in await jobs.jobs(tx, group, since=_moment(min(r.day for r in rows), 0, zone))
        if folded(job.title) == folded(first.title)
        for shift in job.standing
    }
    shifts = []
    for row in rows:
        start = _moment(row.day, row.start, zone)
        if start in standing:
            continue
        if start <= tx.now:
            message = _("this shift would begin in the past; mend the date or leave it out")
            faults.append(Fault(row.line, "date", row.day.isoformat(), message))
            continue
        wanted = tuple(
            jobs.NewOpening(
                skill=one.skill,
                count=one.count,
                certificates=one.certificates,
                languages=one.languages,
            )
            for one in row.openings
        )
        shifts.append(jobs.NewShift(start, _moment(row.day, row.end, zone), wanted))
    new = None
    if shifts:
        details = {name: getattr(first, name) for name in _DETAILS}
        audience = jobs.Audience(first.audience or "members")
        new = jobs.NewJob(**details, shifts=tuple(shifts), audience=audience)
    return Posting(line=first.line, title=first.title, group=group, new=new)


def _disagreements(rows: Sequence[ShiftRow]) -> list[Fault]:
    """Find rows of one job that say different things of it."""
    found = []
    first = rows[0]
    for row in rows[1:]:
        for name in [*_DETAILS[1:], "audience"]:
            if getattr(row, name) != getattr(first, name):
                message = _(
                    "line %(first)s says otherwise of the same job; give both the same, "
                    "or this one another title"
                )
                there = shown(str(getattr(row, name)))
                found.append(Fault(row.line, name, there, message, {"first": first.line}))
    return found


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    naive = datetime.combine(day, time()) + timedelta(minutes=minute)
    return naive.replace(tzinfo=zone).astimezone(UTC)
