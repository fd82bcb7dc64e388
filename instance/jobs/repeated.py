"""Jobs that repeat, as their leaders see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.jobs.models import RepeatedShift, RepeatingJob, Shift
from instance.jobs.recurrence import days_between, moments, next_day, rule_of
from instance.jobs.repeating import Said, ahead, said_in
from instance.jobs.repeating_views import RepeatedDay, RepeatedHours, RepeatingPage, RepeatingView
from instance.network import service as network
from instance.people import service as people
from instance.viewer import Viewer

FARTHER = timedelta(weeks=4)
"""So far beyond what is published days are shown, to be left out in time."""

MOST = 100


async def repeating_page(tx: Tx, viewer: Viewer) -> RepeatingPage:
    """List the jobs that repeat in the groups somebody leads; raise NotFound when she leads none.

    Those that go on come first.
    """
    if not viewer.leads:
        raise NotFound
    chosen = (
        sa.select(RepeatingJob)
        .where(RepeatingJob.group_iri.in_(sorted(viewer.leads)))
        .order_by(RepeatingJob.stopped.is_not(None), RepeatingJob.since.desc())
    )
    rows = (await tx.session.scalars(chosen.limit(MOST))).all()
    names = await network.names_of(tx, {Iri(row.group_iri) for row in rows})
    called = {iri: name or username for iri, (username, name) in names.items()}
    return RepeatingPage(tuple(_view(tx, row, called[row.group_iri]) for row in rows))


async def repeating(tx: Tx, viewer: Viewer, iri: Iri) -> RepeatingView:
    """Return a job that repeats, with its days; raise NotFound for all but leaders of its group."""
    row = await tx.get(RepeatingJob, iri)
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group_iri))
    names = await network.names_of(tx, [Iri(row.group_iri)])
    username, name = names[row.group_iri]
    return _view(tx, row, name or username, await _coming(tx, row))


async def repeats(tx: Tx, job: Iri) -> str:
    """Return the path of the repeating job that a job was published for, or nothing."""
    chosen = (
        sa.select(RepeatedShift.repeating_iri)
        .join(Shift, Shift.iri == RepeatedShift.shift_iri)
        .where(Shift.job_iri == job)
        .limit(1)
    )
    found = (await tx.session.execute(chosen)).scalar()
    return f"/jobs/repeating/{found.rpartition('/')[2]}" if found else ""


def _view(
    tx: Tx, row: RepeatingJob, group_name: str, coming: Sequence[RepeatedDay] = ()
) -> RepeatingView:
    said, rule = said_in(row), rule_of(row.rule)
    today, _ = ahead(row, tx.now)
    return RepeatingView(
        iri=Iri(row.iri),
        group=Iri(row.group_iri),
        group_name=group_name,
        details=said.details,
        hours=tuple(RepeatedHours(one.start, one.end, one.openings) for one in said.hours),
        days=rule.days,
        every=rule.every,
        until=rule.until,
        times=rule.times,
        first=row.first,
        timezone=row.timezone,
        stopped=row.stopped,
        over=next_day(row.rule, row.first, today) is None,
        coming=tuple(coming),
    )


async def _coming(tx: Tx, row: RepeatingJob) -> list[RepeatedDay]:
    today, until = ahead(row, tx.now)
    chosen = (
        sa.select(RepeatedShift.day, Shift)
        .join(Shift, Shift.iri == RepeatedShift.shift_iri)
        .where(RepeatedShift.repeating_iri == row.iri, RepeatedShift.day >= today)
        .order_by(Shift.starts)
    )
    found = (await tx.session.execute(chosen)).all()
    shown = [_published(day, shift, row) for day, shift in found]
    if row.stopped is None:
        there = {one.day for one in shown}
        end = max(until, row.first + timedelta(weeks=1)) + FARTHER
        days = days_between(row.rule, row.first, (), today, end)
        said = said_in(row)
        shown += [
            one
            for day in days
            if day not in there or day.isoformat() in row.left_out
            for one in _to_come(day, said, row)
            if one.start > tx.now
        ]
    return sorted(shown, key=lambda one: (one.start, one.left_out))


def _published(day: date, shift: Shift, row: RepeatingJob) -> RepeatedDay:
    return RepeatedDay(
        day=day,
        start=shift.starts,
        end=shift.ends,
        page=f"/jobs/{shift.job_iri.rpartition('/')[2]}",
        called_off=shift.called_off is not None,
        left_out=day.isoformat() in row.left_out,
    )


def _to_come(day: date, said: Said, row: RepeatingJob) -> list[RepeatedDay]:
    zone, out = ZoneInfo(row.timezone), day.isoformat() in row.left_out
    return [
        RepeatedDay(day=day, start=start, end=end, left_out=out)
        for start, end in (moments(day, one.start, one.end, zone) for one in said.hours)
    ]
