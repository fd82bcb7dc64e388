"""Reads co-ops' spreadsheets in, all or nothing, and writes them out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import date
from zoneinfo import ZoneInfo

from federation import Iri
from instance.db import Database, Tx
from instance.people import service as people
from instance.spreadsheets import enrolling, painting, posting, rows
from instance.spreadsheets.columns import Sheet
from instance.spreadsheets.export import (
    Listing,
    example,
    hours_listing,
    jobs_listing,
    people_listing,
)
from instance.spreadsheets.faults import Fault, Remark
from instance.spreadsheets.tables import MOST_BYTES, text_of
from instance.spreadsheets.views import Outcome, Report, What
from instance.viewer import Viewer

__all__ = [
    "MOST_BYTES",
    "Fault",
    "Listing",
    "Outcome",
    "Remark",
    "Report",
    "Sheet",
    "What",
    "example",
    "hours_listing",
    "import_file",
    "jobs_listing",
    "people_listing",
    "text_of",
]

Progress = Callable[[int, int], None]
_Plans = enrolling.Enrolments | painting.Paintings | posting.Postings
_Plan = Callable[[Tx, Viewer, Iri], Awaitable[_Plans]]


class _Undo(Exception):
    """Leaves a transaction so that nothing of it is kept."""


async def import_file(
    database: Database,
    viewer: Viewer,
    group: Iri,
    sheet: Sheet,
    data: bytes,
    *,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Read a spreadsheet into a group: every row is checked first, then all is done in one commit.

    Spans transactions: keys of new people are made between them (`progress` hears how many of how
    many lie ready). With a fault, or on a dry run, nothing is changed. Raises NotFound unless the
    viewer leads the group.
    """
    today = database.clock().astimezone(ZoneInfo(database.settings.timezone)).date()
    plan = await asyncio.to_thread(_read, sheet, data, today)
    async with database.reading() as tx:
        await people.require_leader(tx, viewer, group)
        plans = await plan(tx, viewer, group)
    if isinstance(plans, posting.Postings) and not plans.faults:
        plans = await _tried(database, viewer, plans)
    if dry_run or plans.faults:
        return _report(sheet, group, plans)
    if isinstance(plans, enrolling.Enrolments):
        await _make_keys(database, plans.new, progress)
    async with database.transaction() as tx:
        await people.require_leader(tx, viewer, group)
        plans = await plan(tx, viewer, group)
        if not plans.faults:
            await _carry_out(tx, viewer, plans)
    return _report(sheet, group, plans, done=not plans.faults)


def _read(sheet: Sheet, data: bytes, today: date) -> _Plan:
    """Read a file and return what compares it with who and what is here."""
    if sheet is Sheet.PEOPLE:
        persons = rows.read_people(data, today)
        return lambda tx, viewer, group: enrolling.plan(tx, viewer, group, persons)
    if sheet is Sheet.AVAILABILITY:
        windows = rows.read_availability(data, today)
        return lambda tx, _viewer, group: painting.plan(tx, group, windows, today)
    shifts = rows.read_jobs(data, today)
    return lambda tx, viewer, group: posting.plan(tx, viewer, group, shifts)


async def _carry_out(tx: Tx, viewer: Viewer, plans: _Plans) -> None:
    if isinstance(plans, enrolling.Enrolments):
        await enrolling.carry_out(tx, viewer, plans)
    elif isinstance(plans, painting.Paintings):
        await painting.carry_out(tx, plans)
    else:
        await posting.carry_out(tx, viewer, plans)


async def _tried(database: Database, viewer: Viewer, plans: posting.Postings) -> posting.Postings:
    """Let the jobs' own rules judge, in a transaction that is undone."""
    faults: list[Fault] = []
    with contextlib.suppress(_Undo):
        await _try(database, viewer, plans, faults)
    return posting.Postings(plans.each, tuple(faults), plans.remarks)


async def _try(
    database: Database, viewer: Viewer, plans: posting.Postings, faults: list[Fault]
) -> None:
    async with database.transaction() as tx:
        faults += await posting.check(tx, viewer, plans)
        raise _Undo


async def _make_keys(database: Database, count: int, progress: Progress | None) -> None:
    for ready in range(1, count + 1):
        await database.federation.keys.fill(ready)
        if progress:
            progress(ready, count)


def _report(sheet: Sheet, group: Iri, plans: _Plans, *, done: bool = False) -> Report:
    faults = tuple(sorted(plans.faults, key=lambda one: one.line))
    return Report(sheet, group, plans.outcomes(), faults, plans.remarks, done)
