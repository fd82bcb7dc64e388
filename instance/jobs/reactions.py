"""How many liked a job's post and how many passed it on; nobody is remembered by name."""

from __future__ import annotations

import hashlib

import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.jobs.models import Job, JobState, Reaction, ReactionKind
from instance.jobs.views import Reactions

MOST = 10_000


async def add(tx: Tx, job: str, kind: ReactionKind, actor: Iri) -> None:
    """Count another's reaction to a job of ours that stands, once; above ten thousand no more."""
    row = await tx.get(Job, job)
    if row is None or row.state is not JobState.OPEN or row.group_iri == actor:
        return
    key = (job, kind, _mark(job, actor))
    if await tx.get(Reaction, key) is None and await _count(tx, job, kind) < MOST:
        tx.session.add(Reaction(job_iri=job, kind=kind, mark=key[2]))


async def take_back(tx: Tx, job: str, kind: ReactionKind, actor: Iri) -> None:
    """Count somebody's reaction no more."""
    row = await tx.get(Reaction, (job, kind, _mark(job, actor)))
    if row is not None:
        await tx.session.delete(row)


async def counted(tx: Tx, job: str) -> Reactions:
    """Return how many reacted to a job's post, each way."""
    return Reactions(
        await _count(tx, job, ReactionKind.LIKE), await _count(tx, job, ReactionKind.SHARE)
    )


async def _count(tx: Tx, job: str, kind: ReactionKind) -> int:
    counted = sa.select(sa.func.count()).where(Reaction.job_iri == job, Reaction.kind == kind)
    return int((await tx.session.execute(counted)).scalar_one())


def _mark(job: str, actor: Iri) -> str:
    return hashlib.sha256(f"{job} {actor}".encode()).hexdigest()[:32]
