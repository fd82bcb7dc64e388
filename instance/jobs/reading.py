"""Jobs read from their rows: three queries, however many jobs there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.jobs.models import Audience, Job, JobState, Opening, Shift
from instance.jobs.views import Headline, JobView, OpeningView, ShiftView
from instance.split import KINDS

MOST_JOBS = 500


async def job(tx: Tx, iri: str) -> JobView | None:
    """Return a job of a group of ours, called off ones included, or None."""
    row = await tx.get(Job, iri)
    return (await _views(tx, [row]))[0] if row else None


async def require_job(tx: Tx, iri: str) -> JobView:
    """Return a job of a group of ours; raise NotFound."""
    found = await job(tx, iri)
    if found is None:
        raise NotFound
    return found


async def headline(tx: Tx, iri: str) -> Headline | None:
    """Return a job of a group of ours without its shifts, or None; one query at the most."""
    row = await tx.get(Job, iri) if iri.startswith(f"{tx.origin}/") else None
    if row is None:
        return None
    return Headline(Iri(row.group_iri), row.title, row.pay_cents_per_hour, row.currency)


async def pay_splits(tx: Tx, iris: Iterable[str]) -> dict[str, dict[str, int]]:
    """Return for jobs of groups of ours where the money goes, in percent that make 100."""
    chosen = sa.select(Job).where(Job.iri.in_(sorted(set(iris))))
    return {
        row.iri: {kind: getattr(row, f"{kind}_percent") for kind in KINDS}
        for row in (await tx.session.execute(chosen)).scalars()
    }


async def jobs(
    tx: Tx,
    group: Iri | Iterable[Iri] | None = None,
    since: datetime | None = None,
    states: Sequence[JobState] = (JobState.OPEN,),
    *,
    until: datetime | None = None,
    audience: Audience | None = None,
    limit: int = MOST_JOBS,
) -> list[JobView]:
    """List jobs, the next to begin first.

    `group` is one group, several, or None for all that live here; jobs that end before `since`
    are left out, and those that begin after `until`.
    """
    chosen = sa.select(Job).where(Job.state.in_(states)).order_by(Job.starts, Job.iri)
    if isinstance(group, str):
        chosen = chosen.where(Job.group_iri == group)
    elif group is not None:
        chosen = chosen.where(Job.group_iri.in_(sorted(group)))
    if since is not None:
        chosen = chosen.where(Job.ends >= since)
    if until is not None:
        chosen = chosen.where(Job.starts < until)
    if audience is not None:
        chosen = chosen.where(Job.audience == audience)
    return await _views(tx, (await tx.session.execute(chosen.limit(limit))).scalars().all())


async def opening(tx: Tx, iri: str) -> tuple[JobView, ShiftView, OpeningView]:
    """Return an opening with its shift and its job; raise NotFound."""
    row = await tx.get(Opening, iri)
    if row is None:
        raise NotFound
    found, stretch = await shift(tx, row.shift_iri)
    return found, stretch, next(one for one in stretch.openings if one.iri == iri)


async def openings(
    tx: Tx, iris: Iterable[str]
) -> dict[Iri, tuple[JobView, ShiftView, OpeningView]]:
    """Return those of these openings that are ours, each with its shift and its job."""
    wanted = set(iris)
    if not wanted:
        return {}
    chosen = (
        sa.select(Job)
        .where(
            Job.iri.in_(
                sa.select(Shift.job_iri)
                .join(Opening, Opening.shift_iri == Shift.iri)
                .where(Opening.iri.in_(sorted(wanted)))
            )
        )
        .order_by(Job.iri)
    )
    rows = (await tx.session.execute(chosen)).scalars().all()
    return {
        place.iri: (one, stretch, place)
        for one in await _views(tx, rows)
        for stretch in one.shifts
        for place in stretch.openings
        if place.iri in wanted
    }


async def shift(tx: Tx, iri: str) -> tuple[JobView, ShiftView]:
    """Return a shift with its job; raise NotFound."""
    row = await tx.get(Shift, iri)
    if row is None:
        raise NotFound
    found = await require_job(tx, row.job_iri)
    return found, next(one for one in found.shifts if one.id == iri)


async def _views(tx: Tx, rows: Sequence[Job]) -> list[JobView]:
    wanted = [row.iri for row in rows]
    if not wanted:
        return []
    shifts = sa.select(Shift).where(Shift.job_iri.in_(wanted)).order_by(Shift.starts, Shift.number)
    stretches = (await tx.session.execute(shifts)).scalars().all()
    chosen = (
        sa.select(Opening)
        .where(Opening.shift_iri.in_([one.iri for one in stretches]))
        .order_by(Opening.number)
    )
    places: defaultdict[str, list[OpeningView]] = defaultdict(list)
    for place in (await tx.session.execute(chosen)).scalars():
        places[place.shift_iri].append(_opening(place))
    of_job: defaultdict[str, list[ShiftView]] = defaultdict(list)
    for stretch in stretches:
        of_job[stretch.job_iri].append(_shift(stretch, places[stretch.iri]))
    return [_job(row, of_job[row.iri]) for row in rows]


def _opening(row: Opening) -> OpeningView:
    return OpeningView(
        iri=Iri(row.iri),
        shift_id=Iri(row.shift_iri),
        skill=row.skill,
        level=row.level,
        certificates=tuple(row.certificates),
        languages=tuple(row.languages),
        count=row.count,
    )


def _shift(row: Shift, openings: Sequence[OpeningView]) -> ShiftView:
    return ShiftView(
        id=Iri(row.iri),
        start=row.starts,
        end=row.ends,
        timezone=row.timezone,
        called_off=row.called_off is not None,
        openings=tuple(openings),
    )


_SAME = (
    "title description language district audience pay_cents_per_hour currency worker_percent "
    "insurance_percent levy_percent fund_percent break_minutes bring contact_name contact_phone "
    "customer customer_phone address door published updated state lot_seed decision"
).split()


def _job(row: Job, shifts: Sequence[ShiftView]) -> JobView:
    return JobView(
        iri=Iri(row.iri),
        group=Iri(row.group_iri),
        shifts=tuple(shifts),
        told=tuple(Iri(one) for one in row.told),
        **{name: getattr(row, name) for name in _SAME},
    )
