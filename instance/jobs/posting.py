"""A leader publishes a job."""

from __future__ import annotations

import hashlib

from federation import Iri
from instance.db import Tx
from instance.jobs import checking
from instance.jobs.events import JobPosted
from instance.jobs.models import Job, JobState, Opening, Shift
from instance.jobs.views import NewJob
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer


async def post_job(tx: Tx, viewer: Viewer, group: Iri, new: NewJob) -> Iri:
    """Publish a job of a group; emits JobPosted.

    The seed of its lots is fixed here, from its address and the log's newest entry. Raises
    NotFound unless the viewer leads the group, Invalid for what cannot be published.
    """
    await people.require_leader(tx, viewer, group)
    checking.check_details(new)
    checking.check_shifts(new, tx.now)
    return await publish(tx, viewer.person, group, new)


async def publish(tx: Tx, by: Iri, group: Iri, new: NewJob) -> Iri:
    """Publish a job that was checked, decided by a leader; emits JobPosted.

    Its shifts are numbered from 1 by when they begin.
    """
    iri = tx.federation.new_id("jobs")
    text = "A job was published."
    decision = await transparency.note(tx, "jobs.posted", by=by, group=group, text=text, job=iri)
    tx.session.add(_job(tx, iri, group, new, decision, await _seed(tx, iri)))
    # the rows below name this one, and no relationship tells the session so
    await tx.session.flush()
    await _add_shifts(tx, iri, new)
    tx.emit(JobPosted(iri))
    return iri


async def _seed(tx: Tx, iri: Iri) -> str:
    newest = await transparency.entries(tx, limit=1)
    head = newest[0].digest if newest else ""
    return hashlib.sha256(f"{iri} {head}".encode()).hexdigest()


def _job(tx: Tx, iri: Iri, group: Iri, new: NewJob, decision: str, seed: str) -> Job:
    moment = tx.now.replace(microsecond=0)
    return Job(
        iri=iri,
        group_iri=group,
        state=JobState.OPEN,
        audience=new.audience,
        language=new.language or tx.settings.language,
        currency=new.currency or tx.settings.currency,
        lot_seed=seed,
        decision=decision,
        told=[],
        starts=min(one.start for one in new.shifts),
        ends=max(one.end for one in new.shifts),
        published=moment,
        updated=moment,
        worker_percent=checking.worker_percent(new),
        **{name: getattr(new, name) for name in DETAILS if name != "worker_percent"},
    )


async def _add_shifts(tx: Tx, iri: Iri, new: NewJob) -> None:
    zone, places = tx.settings.timezone, 0
    for number, one in enumerate(sorted(new.shifts, key=lambda shift: shift.start), 1):
        shift = Iri(f"{iri}#s{number}")
        tx.session.add(
            Shift(
                iri=shift,
                job_iri=iri,
                number=number,
                starts=one.start,
                ends=one.end,
                timezone=zone,
            )
        )
        # the openings name the shift
        await tx.session.flush()
        for wanted in one.openings:
            places += 1
            tx.session.add(
                Opening(
                    iri=Iri(f"{iri}#o{places}"),
                    shift_iri=shift,
                    number=places,
                    skill=wanted.skill,
                    level=wanted.level,
                    certificates=list(wanted.certificates),
                    languages=list(wanted.languages),
                    count=wanted.count,
                )
            )


DETAILS = (
    "title description district pay_cents_per_hour worker_percent insurance_percent levy_percent "
    "fund_percent break_minutes bring contact_name contact_phone customer customer_phone address "
    "door"
).split()
