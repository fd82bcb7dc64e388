"""A leader changes a job, moves a shift, or calls off: each a new version of the job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.jobs import checking
from instance.jobs.events import JobCalledOff, JobChanged, ShiftCalledOff, ShiftMoved
from instance.jobs.models import Job, JobState, Shift
from instance.jobs.posting import DETAILS
from instance.jobs.reading import require_job, shift
from instance.jobs.views import JobDetails, JobView, ShiftView
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer


async def change_job(tx: Tx, viewer: Viewer, job: Iri, **changes: Any) -> None:
    """Say some of JobDetails anew; emits JobChanged when anything is different.

    Raises NotFound unless the viewer leads the group, Conflict when the job was called off,
    Invalid for what cannot be published or for pay that falls: people said yes to it.
    """
    found = await _led(tx, viewer, job)
    before = msgspec.convert({name: getattr(found, name) for name in DETAILS}, JobDetails)
    after = msgspec.structs.replace(before, **changes)
    checking.check_details(after)
    if after.pay_cents_per_hour < found.pay_cents_per_hour:
        raise Invalid("People said yes to this pay: it can rise, not fall.", field="pay")
    worker = checking.worker_percent(after)
    if after == before:
        return
    row = await _row(tx, job)
    for name in DETAILS:
        setattr(row, name, worker if name == "worker_percent" else getattr(after, name))
    text = "A job's description was changed."
    await _renew(tx, row, "jobs.changed", viewer, text)
    tx.emit(JobChanged(job))


async def move_shift(
    tx: Tx, viewer: Viewer, shift_iri: Iri, start: datetime, end: datetime
) -> None:
    """Have a shift at another time; emits ShiftMoved and JobChanged.

    Raises NotFound unless the viewer leads the group, Conflict once the shift has begun or was
    called off, Invalid for a time that cannot be worked.
    """
    found, old = await _led_shift(tx, viewer, shift_iri)
    checking.check_times(start, end, tx.now, "start")
    if (start, end) == (old.start, old.end):
        return
    stretch = await _shift_row(tx, shift_iri)
    stretch.starts, stretch.ends = start, end
    row = await _row(tx, found.iri)
    await _span(tx, row)
    await _renew(tx, row, "jobs.shift_moved", viewer, "A shift was moved.")
    tx.emit(ShiftMoved(found.iri, shift_iri, old.start, old.end))
    tx.emit(JobChanged(found.iri))


async def call_off_shift(tx: Tx, viewer: Viewer, shift_iri: Iri) -> None:
    """Have a shift not take place; emits ShiftCalledOff, and JobChanged or JobCalledOff.

    Raises NotFound unless the viewer leads the group, Conflict once the shift has begun or was
    called off already.
    """
    found, _ = await _led_shift(tx, viewer, shift_iri)
    await _call_off(tx, viewer, found, [shift_iri])


async def call_off_job(tx: Tx, viewer: Viewer, job: Iri) -> None:
    """Call off every shift of a job that has not begun; emits as `call_off_shift` does.

    The job is gone when none of its shifts has begun. Raises NotFound unless the viewer leads the
    group, Conflict when there is nothing left to call off.
    """
    found = await _led(tx, viewer, job)
    ahead = [one.id for one in found.standing if one.start > tx.now]
    if not ahead:
        raise Conflict("Every shift of this job has begun: it can no longer be called off.")
    await _call_off(tx, viewer, found, ahead)


async def tell_allies(tx: Tx, job: Iri, allies: Sequence[Iri]) -> None:
    """Note which allies are told of a job, so that they hear of every change."""
    (await _row(tx, job)).told = list(allies)


async def _call_off(tx: Tx, viewer: Viewer, found: JobView, shifts: Sequence[Iri]) -> None:
    row = await _row(tx, found.iri)
    for one in shifts:
        (await _shift_row(tx, one)).called_off = tx.now
        tx.emit(ShiftCalledOff(found.iri, one))
    left = [one for one in found.standing if one.id not in shifts]
    if left:
        await _span(tx, row)
    else:
        row.state = JobState.CALLED_OFF
    text = "Shifts were called off: %(shifts)s."
    await _renew(tx, row, "jobs.called_off", viewer, text, shifts=len(shifts))
    tx.emit(JobChanged(found.iri) if left else JobCalledOff(found.iri))


async def _led(tx: Tx, viewer: Viewer, job: Iri) -> JobView:
    found = await require_job(tx, job)
    await people.require_leader(tx, viewer, found.group)
    if found.state is not JobState.OPEN:
        raise Conflict("This job was called off already.")
    return found


async def _led_shift(tx: Tx, viewer: Viewer, shift_iri: Iri) -> tuple[JobView, ShiftView]:
    found, stretch = await shift(tx, shift_iri)
    await _led(tx, viewer, found.iri)
    checking.check_not_begun(stretch, tx.now)
    return found, stretch


async def _row(tx: Tx, job: Iri) -> Job:
    row = await tx.get(Job, job)
    if row is None:
        raise NotFound
    return row


async def _shift_row(tx: Tx, shift_iri: Iri) -> Shift:
    row = await tx.get(Shift, shift_iri)
    if row is None:
        raise NotFound
    return row


async def _span(tx: Tx, row: Job) -> None:
    spans = sa.select(sa.func.min(Shift.starts), sa.func.max(Shift.ends)).where(
        Shift.job_iri == row.iri, Shift.called_off.is_(None)
    )
    row.starts, row.ends = (await tx.session.execute(spans)).one()


async def _renew(tx: Tx, row: Job, kind: str, viewer: Viewer, text: str, **values: Any) -> None:
    """Give the job its next version, a whole second after the last, and note who decided."""
    row.updated = max(tx.now.replace(microsecond=0), row.updated + timedelta(seconds=1))
    row.decision = await transparency.note(
        tx, kind, by=viewer.person, group=Iri(row.group_iri), text=text, job=row.iri, **values
    )
