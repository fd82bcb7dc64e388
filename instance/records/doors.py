"""The code at the door of a shift: made by its leaders, and told from a wrong one."""

from __future__ import annotations

import hmac
import secrets
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.network import service as network
from instance.people import service as people
from instance.records.door_views import DoorSheet, ShiftDoor, WhoCame
from instance.records.models import CheckIn, CheckInState, DoorCode, Side
from instance.viewer import Viewer

DIGITS = 6
EARLY = timedelta(hours=1)
KEPT = timedelta(days=2)
FORGET_CODE = "records.forget_code"


async def make_codes(tx: Tx, viewer: Viewer, job: Iri) -> None:
    """Give each shift of a job that is not over its code; those that have one keep it.

    Raises NotFound unless the viewer leads the job's group, Conflict when no shift is left.
    """
    found = await _led(tx, viewer, job)
    shifts = _shifts(tx, found)
    if not shifts:
        raise Conflict("No shift of this job is still to come.")
    rows = [
        {"shift": one.id, "job": job, "code": f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"}
        for one in shifts
    ]
    await tx.session.execute(tx.insert(DoorCode).on_conflict_do_nothing(), rows)
    await due.schedule_all(tx, FORGET_CODE, {one.id: one.end + KEPT for one in shifts})


async def door_sheet(tx: Tx, viewer: Viewer, job: Iri) -> DoorSheet:
    """Return the codes of a job's shifts and who has come, for leaders of its group."""
    found = await _led(tx, viewer, job)
    shifts = _shifts(tx, found)
    rows = await tx.session.scalars(sa.select(DoorCode).where(DoorCode.job == job))
    codes = {row.shift: row.code for row in rows}
    came = await _came(tx, found.group, shifts)
    names = await network.names_of(tx, [found.group])
    return DoorSheet(
        job=job,
        title=found.title,
        group_name=names[found.group][1],
        missing=sum(one.id not in codes for one in shifts),
        shifts=tuple(
            ShiftDoor(
                shift=one.id,
                start=one.start,
                end=one.end,
                timezone=one.timezone,
                code=codes[one.id],
                address=f"{tx.origin}/here?code={codes[one.id]}",
                came=tuple(came[one.id]),
            )
            for one in shifts
            if one.id in codes
        ),
    )


async def reason_against(tx: Tx, opening: Iri, code: str, arrived: datetime) -> str:
    """Return why a code does not prove that somebody came to a shift then, or an empty text."""
    try:
        _, shift, _ = await jobs.opening(tx, opening)
    except NotFound:
        return "not_now"
    if not within(shift.start, shift.end, arrived):
        return "not_now"
    row = await tx.get(DoorCode, shift.id)
    kept = row.code if row else ""
    right = hmac.compare_digest(kept.encode(), code.encode())  # both, so that no time tells
    return "" if row and right else "wrong_code"


def within(start: datetime, end: datetime, moment: datetime) -> bool:
    """Tell whether somebody may come to a shift at a moment: from an hour before it to its end."""
    return start - EARLY <= moment <= end


async def forget_code(tx: Tx, shift: str) -> None:
    """Forget the code of a shift that is over for two days."""
    try:
        _, found = await jobs.shift(tx, shift)
    except NotFound:
        found = None
    if found is not None and not found.called_off and found.end + KEPT > tx.now:
        await due.schedule(tx, found.end + KEPT, FORGET_CODE, shift)
        return
    await tx.session.execute(sa.delete(DoorCode).where(DoorCode.shift == shift))


async def _led(tx: Tx, viewer: Viewer, job: Iri) -> jobs.JobView:
    found = await jobs.require_job(tx, job)
    await people.require_leader(tx, viewer, found.group)
    return found


def _shifts(tx: Tx, job: jobs.JobView) -> list[jobs.ShiftView]:
    if job.state is not jobs.JobState.OPEN:
        return []
    return [one for one in job.shifts if not one.called_off and one.end + KEPT > tx.now]


async def _came(tx: Tx, group: Iri, shifts: Sequence[jobs.ShiftView]) -> dict[Iri, list[WhoCame]]:
    shift_of = {place.iri: one.id for one in shifts for place in one.openings}
    chosen = sa.select(CheckIn).where(
        CheckIn.opening.in_(sorted(shift_of)),
        CheckIn.side == Side.GROUP,
        CheckIn.state == CheckInState.TAKEN,
    )
    rows = (await tx.session.scalars(chosen.order_by(CheckIn.arrived, CheckIn.invite))).all()
    names = await groups.names_for(tx, group, {Iri(row.person) for row in rows})
    found: dict[Iri, list[WhoCame]] = defaultdict(list)
    for row in rows:
        name = names.get(Iri(row.person), "")
        came = WhoCame(name=name, arrived=row.arrived, received=row.received)
        found[shift_of[Iri(row.opening)]].append(came)
    return found
