"""What each reader sees of jobs: the board, lists of open jobs, one job's page."""

from __future__ import annotations

from collections.abc import Iterable

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import nearly, reactions
from instance.jobs.documents import posting_of
from instance.jobs.known import known_job, known_jobs
from instance.jobs.models import Audience, JobState
from instance.jobs.reading import job as job_at
from instance.jobs.reading import jobs, require_job
from instance.jobs.repeated import repeats
from instance.jobs.telephone import taken_by
from instance.jobs.views import (
    BoardRow,
    JobForm,
    JobPage,
    JobsPage,
    JobView,
    KnownJobView,
    OpenJob,
    ShiftPage,
)
from instance.network import service as network
from instance.people import service as people
from instance.split import pay_parts
from instance.viewer import Viewer


async def jobs_page(tx: Tx, viewer: Viewer | None) -> JobsPage:
    """Gather the jobs for somebody: a stranger, a worker, a leader."""
    if viewer is None:
        return JobsPage(public=await _public(tx))
    belongings = await groups.belongings(tx, viewer.person)
    names = {one.group: one.name for one in belongings}
    mine = await known_jobs(tx, names, exact=True)
    allied = await _allied(tx, viewer)
    shown = tuple(opened(one, names[one.posting.group], tx.origin) for one in mine)
    return JobsPage(
        board=tuple(await board(tx, viewer)),
        mine=shown,
        nearly=await nearly.nearly(tx, viewer.person, shown),
        allied=allied,
        public=await _public(tx) if not mine else (),
    )


async def board(tx: Tx, viewer: Viewer) -> list[BoardRow]:
    """List the coming shifts of every group that somebody leads, the next first."""
    if not viewer.leads:
        return []
    found = await jobs(tx, viewer.leads, tx.now)
    names = await _names(tx, viewer.leads)
    rows = [
        BoardRow(
            job=one.iri,
            token=one.token,
            title=one.title,
            group_name=names[one.group],
            audience=one.audience,
            district=one.district,
            shift=shift,
            number=number_of(shift.id),
        )
        for one in found
        for shift in one.shifts
        if shift.end >= tx.now
    ]
    return sorted(rows, key=lambda row: (row.shift.start, row.job, row.number))


async def job_page(tx: Tx, viewer: Viewer | None, iri: str) -> JobPage:
    """Return what somebody may see of a job of ours; raise NotFound when that is nothing."""
    found = await require_job(tx, iri)
    leads = viewer is not None and await people.is_leader(tx, viewer.person, found.group)
    member = viewer is not None and await groups.is_member(tx, found.group, viewer.person)
    exact = leads or member
    allied = viewer is not None and bool(set(viewer.leads) & set(found.told))
    if not leads and found.state is not JobState.OPEN:
        raise NotFound
    if not (exact or allied or found.audience is Audience.PUBLIC):
        raise NotFound
    posting = posting_of(found, exact=exact)
    return JobPage(
        posting=posting,
        group_name=(await _names(tx, [found.group]))[found.group],
        group_page=found.group,
        pay_split=pay_parts(found.pay_cents_per_hour, found.split),
        about=tuple(part for part in found.description.splitlines() if part.strip()),
        leads=leads,
        private=found if leads else None,
        repeating=await repeats(tx, found.iri) if leads else "",
        taken_by=await taken_by(tx, found.iri) if leads else None,
        reactions=await reactions.counted(tx, found.iri),
        fits=await nearly.fits(tx, viewer.person, posting) if viewer and not leads else (),
    )


async def seen_job(tx: Tx, viewer: Viewer, iri: str) -> JobPage:
    """Return what somebody may see of a job, here or elsewhere; raise NotFound."""
    here = host(iri) == tx.origin
    return await (job_page if here else job_elsewhere)(tx, viewer, iri)


async def job_elsewhere(tx: Tx, viewer: Viewer, iri: str) -> JobPage:
    """Return a job of another co-op as it reached us; raise NotFound unless it is for her.

    Members of its group read exact hours, leaders of allied groups the parts of the day, and
    everybody what was published to all.
    """
    belongings = {one.group: one.name for one in await groups.belongings(tx, viewer.person)}
    allies = await _allies(tx, viewer)
    told = await known_job(tx, iri)
    exact = await known_job(tx, iri, exact=True)
    found = exact if exact and exact.posting.group in belongings else told
    name = "" if found is None else {**allies, **belongings}.get(found.posting.group, "")
    if found is not None and found.public and not name:
        name = await groups.handle_of(tx, found.posting.group)
    if found is None or not name:
        raise NotFound
    posting = found.posting
    return JobPage(
        posting=posting,
        group_name=name,
        group_page=posting.group,
        pay_split=pay_parts(posting.pay_cents_per_hour, posting.split),
        here=False,
        fits=await nearly.fits(tx, viewer.person, posting),
    )


async def job_form(tx: Tx, viewer: Viewer) -> JobForm:
    """Return the groups for which somebody may publish; raise NotFound when there are none."""
    if not viewer.leads:
        raise NotFound
    names = await _names(tx, viewer.leads)
    return JobForm(tuple((one, names[one]) for one in viewer.leads))


async def job_again(tx: Tx, viewer: Viewer, token: str) -> JobView:
    """Return a job that its leader wants to post again, called off or not; raise NotFound."""
    found = await require_job(tx, f"{tx.origin}/jobs/{token}")
    await people.require_leader(tx, viewer, found.group)
    return found


async def led_job(tx: Tx, viewer: Viewer, iri: str) -> JobView:
    """Return a standing job for its leader; raise NotFound for everybody else."""
    found = await require_job(tx, iri)
    await people.require_leader(tx, viewer, found.group)
    if found.state is not JobState.OPEN:
        raise NotFound
    return found


async def led_shift(tx: Tx, viewer: Viewer, iri: str, number: str) -> ShiftPage:
    """Return a shift for its leader; raise NotFound for everybody else."""
    found = await led_job(tx, viewer, iri)
    shift = next((one for one in found.shifts if one.id == f"{iri}#s{number}"), None)
    if shift is None:
        raise NotFound
    return ShiftPage(found, shift, int(number))


async def note_for(tx: Tx, iri: str, reader: Iri | None) -> tuple[JobView, bool]:
    """Return a job and whether a signed reader may know exact hours; raise NotFound.

    Members read through their homes: whoever signs for a member's home reads as she does.
    """
    found = await job_at(tx, iri)
    if found is None:
        raise NotFound
    if reader is not None and await _reads_for_member(tx, found.group, reader):
        return found, True
    allied = reader is not None and host(reader) in {host(one) for one in found.told}
    if not allied and found.audience is not Audience.PUBLIC:
        raise NotFound
    return found, False


def number_of(shift: Iri) -> int:
    """Return the number that a shift has in its job."""
    return int(shift.rpartition("#s")[2])


def host(iri: str) -> str:
    """Return scheme, host and port of an address."""
    return "/".join(iri.split("/")[:3])


async def _reads_for_member(tx: Tx, group: Iri, reader: Iri) -> bool:
    if await groups.is_member(tx, group, reader):
        return True
    if reader != network.instance_actor(host(reader)):
        return False
    return any(host(one.person) == host(reader) for one in await groups.members(tx, group))


async def _public(tx: Tx) -> tuple[OpenJob, ...]:
    found = await jobs(tx, None, tx.now, audience=Audience.PUBLIC, limit=100)
    names = await _names(tx, {one.group for one in found})
    return tuple(
        OpenJob(posting_of(one, exact=False), names[one.group], f"/jobs/{one.token}")
        for one in found
    )


async def _allied(tx: Tx, viewer: Viewer) -> tuple[OpenJob, ...]:
    names = await _allies(tx, viewer)
    found = await known_jobs(tx, names)
    return tuple(opened(one, names[one.posting.group], tx.origin) for one in found)


async def _allies(tx: Tx, viewer: Viewer) -> dict[Iri, str]:
    return {
        ally.ally: ally.name
        for group in viewer.leads
        for ally in await alliances.allies(tx, group)
        if ally.ally not in viewer.leads
    }


def opened(known: KnownJobView, name: str, origin: str) -> OpenJob:
    """Return a job that reached us as a line of a list; `origin` is ours."""
    posting = known.posting
    here = host(posting.iri) == origin
    href = f"/jobs/{posting.token}" if here else f"/jobs/elsewhere?job={posting.iri}"
    return OpenJob(posting, name, href)


async def _names(tx: Tx, iris: Iterable[Iri]) -> dict[Iri, str]:
    known = await network.names_of(tx, iris)
    return {Iri(iri): name or username for iri, (username, name) in known.items()}
