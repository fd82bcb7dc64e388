"""What a customer asks for by telephone: a leader writes it down, and the job says so."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.jobs.models import Job, TelephoneRequest
from instance.jobs.posting import post_job
from instance.jobs.reading import job
from instance.jobs.views import JobView, NewJob
from instance.network import service as network
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

LOOKED_AT = 100
OFFERED = 8
"""So many customers are offered, of the last jobs that are looked at."""


class Caller(msgspec.Struct, frozen=True):
    """A customer who may ring again, with what was last done for her."""

    customer: str
    title: str
    token: str


class TelephonePage(msgspec.Struct, frozen=True, kw_only=True):
    """What the form for a customer's call begins with: groups, and who rang before."""

    groups: tuple[tuple[Iri, str], ...]
    callers: tuple[Caller, ...]


async def take_request(tx: Tx, viewer: Viewer, group: Iri, new: NewJob) -> Iri:
    """Publish what a customer asked for by telephone, with who took it; emits JobPosted.

    Raises as `post_job` does.
    """
    iri = await post_job(tx, viewer, group, new)
    text = "A request heard by telephone was entered as a job."
    decision = await transparency.note(
        tx, "jobs.by_telephone", by=viewer.person, group=group, text=text, job=iri
    )
    tx.session.add(TelephoneRequest(job_iri=iri, decision=decision))
    return iri


async def taken_by(tx: Tx, iri: Iri) -> str | None:
    """Return who took a job by telephone, "" for somebody who is gone, or None if nobody did."""
    row = await tx.get(TelephoneRequest, iri)
    if row is None:
        return None
    noted = await transparency.decision(tx, row.decision)
    known = await people.person(tx, noted.by) if noted and noted.by else None
    return known.name if known else ""


async def telephone_page(tx: Tx, viewer: Viewer) -> tuple[TelephonePage, JobView | None]:
    """Return what the form begins with, and the job that was posted last.

    Raises NotFound for those who lead no group.
    """
    if not viewer.leads:
        raise NotFound
    groups = sorted(viewer.leads)
    chosen = (
        sa.select(Job.iri, Job.title, Job.customer)
        .where(Job.group_iri.in_(groups))
        .order_by(Job.published.desc(), Job.iri)
        .limit(LOOKED_AT)
    )
    rows = (await tx.session.execute(chosen)).all()
    callers: dict[str, Caller] = {}
    for iri, title, customer in rows:
        if customer and len(callers) < OFFERED:
            callers.setdefault(customer, Caller(customer, title, iri.rpartition("/")[2]))
    names = await network.names_of(tx, viewer.leads)
    called = {iri: name or username for iri, (username, name) in names.items()}
    page = TelephonePage(
        groups=tuple((one, called[one]) for one in viewer.leads), callers=tuple(callers.values())
    )
    return page, await job(tx, rows[0][0]) if rows else None
