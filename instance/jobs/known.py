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
from instance.network import service as network

KEPT = timedelta(days=30)
FORGET = "jobs.forget_known"
MOST_OF_A_GROUP = 500
MOST_OF_AN_ORIGIN = 5_000
_ANOTHERS = "This job belongs to another group."


async def hear(
    tx: Tx, posting: Posting, sent_by: Iri, origin: str, *, public: bool = False
) -> None:
    """Keep what a group says of a job of its own; hearing it again changes nothing.

    An older version, or one of a job that was deleted, is let pass. What members are told, with
    exact hours, is kept beside what everybody is told. Raises Forbidden when the job is another
    group's, or when a sender tells of too many.
    """
    row = await tx.get(KnownJob, posting.iri)
    if row is None:
        if await _floods(tx, posting.group, origin):
            raise Forbidden("This sender tells of more jobs than are kept here.")
        row = _unheard(posting, sent_by, origin)
        tx.session.add(row)
    elif row.gone and row.group_iri != posting.group:
        # A neighbour on that host has deleted what was never its own.
        row.group_iri, row.sent_by = posting.group, sent_by
        row.gone, row.version = False, posting.updated
    elif row.group_iri != posting.group:
        raise Forbidden(_ANOTHERS)
    elif row.gone or row.version > posting.updated:
        return
    if posting.exact:
        row.exact = msgspec.to_builtins(posting)
    else:
        row.posting, row.public = msgspec.to_builtins(posting), public
    row.version, row.until, row.heard = posting.updated, posting.until, tx.now
    await due.schedule(tx, posting.until + KEPT, FORGET, posting.iri)


def _unheard(posting: Posting, sent_by: Iri, origin: str) -> KnownJob:
    row = KnownJob(iri=posting.iri, group_iri=posting.group, origin=origin, sent_by=sent_by)
    row.posting, row.exact, row.version = {}, {}, posting.updated
    row.gone, row.public = False, False
    return row


async def forget(tx: Tx, iri: Iri, said_by: Iri, origin: str) -> None:
    """Take down a job that its group deleted, and remember that it is gone.

    Raises Forbidden when the job is another group's.
    """
    row = await tx.get(KnownJob, iri)
    if row is None:
        if await _floods(tx, said_by, origin):
            return
        row = KnownJob(iri=iri, group_iri=said_by, origin=origin, sent_by=said_by)
        row.version, row.until, row.public = tx.now, tx.now, False
        tx.session.add(row)
    elif row.group_iri != said_by:
        raise Forbidden(_ANOTHERS)
    row.posting, row.exact, row.gone, row.heard = {}, {}, True, tx.now
    await due.schedule(tx, tx.now + KEPT, FORGET, iri)


async def drop(tx: Tx, iri: str) -> None:
    """Forget for good a job that nobody needs any more."""
    await tx.session.execute(sa.delete(KnownJob).where(KnownJob.iri == iri))


async def was_deleted(tx: Tx, iri: str) -> bool:
    """Tell whether we were told that this is gone, perhaps before we heard of it."""
    row = await tx.get(KnownJob, iri)
    return row is not None and row.gone


async def deleted_among(tx: Tx, iris: Iterable[str]) -> set[str]:
    """Return those of these of which we were told that they are gone."""
    chosen = sa.select(KnownJob.iri).where(KnownJob.iri.in_(sorted(iris)), KnownJob.gone)
    return set(await tx.session.scalars(chosen))


async def known_job(tx: Tx, iri: str, *, exact: bool = False) -> KnownJobView | None:
    """Return a job that we were told of and that was not deleted; exact hours only for members."""
    row = await tx.get(KnownJob, iri)
    return None if row is None or row.gone else _view(row, exact=exact)


async def known_jobs(
    tx: Tx,
    groups: Iterable[Iri],
    *,
    exact: bool = False,
    public: bool = False,
    limit: int = MOST_OF_A_GROUP,
) -> list[KnownJobView]:
    """List the jobs of these groups that are not over, the next to begin first.

    `exact` asks for what members are told, with exact hours, where we were told it; `public` for
    those alone that were told to everybody.
    """
    wanted = sorted(set(groups))
    if not wanted:
        return []
    which = KnownJob.group_iri.in_(wanted)
    return await _standing(tx, which & KnownJob.public if public else which, exact, limit)


async def public_jobs(tx: Tx, iris: Iterable[Iri]) -> list[KnownJobView]:
    """Return those of these jobs that are known, not over and for everybody."""
    wanted = sorted(set(iris))
    return await _standing(tx, KnownJob.iri.in_(wanted) & KnownJob.public, False, MOST_OF_A_GROUP)


async def _standing(
    tx: Tx, which: sa.ColumnElement[bool], exact: bool, limit: int
) -> list[KnownJobView]:
    chosen = (
        sa.select(KnownJob)
        .where(which, KnownJob.until >= tx.now, KnownJob.gone.is_(False))
        .order_by(KnownJob.until, KnownJob.iri)
        .limit(limit)
    )
    rows = (await tx.session.execute(chosen)).scalars()
    # what had come before its group was blocked
    views = [_view(row, exact=exact) for row in rows if not network.is_blocked(tx, row.group_iri)]
    return sorted(filter(None, views), key=lambda one: (_begins(one.posting), one.posting.iri))


async def _floods(tx: Tx, group: Iri, origin: str) -> bool:
    counted = sa.select(sa.func.count().filter(KnownJob.group_iri == group), sa.func.count()).where(
        KnownJob.origin == origin
    )
    of_group, of_origin = (await tx.session.execute(counted)).one()
    return bool(of_group >= MOST_OF_A_GROUP or of_origin >= MOST_OF_AN_ORIGIN)


def _begins(posting: Posting) -> tuple[str, str]:
    first: Sequence[PostedShift] = sorted(posting.shifts, key=lambda one: one.day)
    return (first[0].day.isoformat() if first else "", str(first[0].start) if first else "")


def _view(row: KnownJob, *, exact: bool) -> KnownJobView | None:
    told = [row.exact, row.posting] if exact else [row.posting]
    tellings = [msgspec.convert(one, Posting) for one in told if one]
    newest = max(tellings, key=lambda one: one.updated, default=None)
    return KnownJobView(newest, Iri(row.sent_by), row.heard, row.public) if newest else None
