"""Jobs that groups told us of, wherever they live, for the people and groups here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Forbidden
from instance.jobs.models import KnownJob
from instance.jobs.views import KnownJobView, PostedShift, Posting

KEPT = timedelta(days=30)
FORGET = "jobs.forget_known"
MOST_OF_A_GROUP = 500
MOST_OF_AN_ORIGIN = 5_000
_ANOTHERS = "This job belongs to another group."


async def hear(tx: Tx, posting: Posting, sent_by: Iri, origin: str) -> None:
    """Keep what a group says of a job of its own; hearing it again changes nothing.

    An older version, or one of a job that was deleted, is let pass. Exact hours that were told
    stay when the same version comes without them. Raises Forbidden when the job is another
    group's, or when a sender tells of too many.
    """
    row = await tx.get(KnownJob, posting.iri)
    if row is None:
        if await _floods(tx, posting.group, origin):
            raise Forbidden("This sender tells of more jobs than are kept here.")
        row = KnownJob(iri=posting.iri, group_iri=posting.group, origin=origin, sent_by=sent_by)
        tx.session.add(row)
    elif row.group_iri != posting.group:
        raise Forbidden(_ANOTHERS)
    elif row.gone or row.version > posting.updated:
        return
    elif row.version == posting.updated:
        posting = _with_hours(posting, _view(row).posting)
    row.posting = msgspec.to_builtins(posting)
    row.version, row.until, row.heard = posting.updated, posting.until, tx.now
    row.gone = False
    await due.schedule(tx, posting.until + KEPT, FORGET, posting.iri)


async def forget(tx: Tx, iri: Iri, said_by: Iri, origin: str) -> None:
    """Take down a job that its group deleted, and remember that it is gone.

    Raises Forbidden when the job is another group's.
    """
    row = await tx.get(KnownJob, iri)
    if row is None:
        if await _floods(tx, said_by, origin):
            return
        row = KnownJob(iri=iri, group_iri=said_by, origin=origin, sent_by=said_by)
        row.version, row.until = tx.now, tx.now
        tx.session.add(row)
    elif row.group_iri != said_by:
        raise Forbidden(_ANOTHERS)
    row.posting, row.gone, row.heard = {}, True, tx.now
    await due.schedule(tx, tx.now + KEPT, FORGET, iri)


async def drop(tx: Tx, iri: str) -> None:
    """Forget for good a job that nobody needs any more."""
    await tx.session.execute(sa.delete(KnownJob).where(KnownJob.iri == iri))


async def known_job(tx: Tx, iri: str) -> KnownJobView | None:
    """Return a job that we were told of and that was not deleted, or None."""
    row = await tx.get(KnownJob, iri)
    return None if row is None or row.gone else _view(row)


async def known_jobs(
    tx: Tx, groups: Iterable[Iri], limit: int = MOST_OF_A_GROUP
) -> list[KnownJobView]:
    """List the jobs of these groups that are not over, the next to begin first."""
    wanted = sorted(set(groups))
    if not wanted:
        return []
    chosen = (
        sa.select(KnownJob)
        .where(KnownJob.group_iri.in_(wanted), KnownJob.until >= tx.now, KnownJob.gone.is_(False))
        .order_by(KnownJob.until, KnownJob.iri)
        .limit(limit)
    )
    views = [_view(row) for row in (await tx.session.execute(chosen)).scalars()]
    return sorted(views, key=lambda one: (_begins(one.posting), one.posting.iri))


async def _floods(tx: Tx, group: Iri, origin: str) -> bool:
    counted = sa.select(sa.func.count().filter(KnownJob.group_iri == group), sa.func.count()).where(
        KnownJob.origin == origin
    )
    of_group, of_origin = (await tx.session.execute(counted)).one()
    return bool(of_group >= MOST_OF_A_GROUP or of_origin >= MOST_OF_AN_ORIGIN)


def _with_hours(new: Posting, old: Posting) -> Posting:
    """Return a posting with the exact hours that another telling of the same version gave."""
    if new.exact or not old.exact:
        return new
    hours = {one.id: one for one in old.shifts}
    return msgspec.structs.replace(
        new, contents=old.contents, shifts=tuple(hours.get(one.id, one) for one in new.shifts)
    )


def _begins(posting: Posting) -> tuple[str, str]:
    first: Sequence[PostedShift] = sorted(posting.shifts, key=lambda one: one.day)
    return (first[0].day.isoformat() if first else "", str(first[0].start) if first else "")


def _view(row: KnownJob) -> KnownJobView:
    return KnownJobView(
        posting=msgspec.convert(row.posting, Posting),
        sent_by=Iri(row.sent_by),
        heard=row.heard,
    )
