"""Reports: who may write, read and answer them, and when they are forgotten.

What others report of us is read by administrators, and by the leaders of the group that it is
about. Who here reports something elsewhere is not named to anybody: the instance says it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.moderation.events import ReportAnswered, ReportReceived, ReportWritten
from instance.moderation.models import Report, ReportedGroup, ReportState
from instance.moderation.peering import PAGE
from instance.moderation.views import ReportsView, ReportView
from instance.network import service as network
from instance.paging import turned_to
from instance.people import service as people
from instance.transparency import service as transparency
from instance.viewer import Viewer

MOST_WORDS = 2_000
MOST_OBJECTS = 50
MOST_WAITING = 500
MOST_IN_A_DAY = 20
KEPT: Final = timedelta(days=90)
FORGET: Final = "moderation.forget_report"


async def record(tx: Tx, activity: Iri, by: Iri, objects: Sequence[Iri], words: str) -> None:
    """Keep a report about somebody or something of ours; one that is here already stays as it is.

    Raises NotFound when nothing of it is ours, Forbidden when too many of one server wait.
    """
    known = sa.select(Report.id).where(Report.activity == activity, ~Report.outgoing)
    if (await tx.session.execute(known)).first():
        return
    ours = [one for one in objects[:MOST_OBJECTS] if one.startswith(f"{tx.origin}/")]
    if not ours:
        raise NotFound
    origin = _origin(by)
    if await _count(tx, Report.origin == origin, ~Report.outgoing) >= MOST_WAITING:
        raise Forbidden("Too many reports of this server wait for an answer.")
    row = _row(tx, activity, by, ours, words, outgoing=False)
    concerned = {group: None for one in ours for group in await _groups_of(tx, one)}
    for group in concerned:
        tx.session.add(ReportedGroup(report=row.id, group=group))
    tx.emit(ReportReceived(row.id, by, tuple(concerned)))


async def report(tx: Tx, viewer: Viewer, actor: Iri, objects: Sequence[Iri], words: str) -> str:
    """Report an account, and perhaps what it published, to those who look after it; return the id.

    Raises Invalid without words or for what is not here, TooMany when somebody reports without end.
    """
    if not words.strip():
        raise Invalid("Say what is wrong.", field="words")
    since = tx.now - timedelta(days=1)
    if await _count(tx, Report.by == viewer.person, Report.at > since) >= MOST_IN_A_DAY:
        raise TooMany("That is enough for today. Please talk to an administrator.")
    activity = tx.federation.new_id()
    if _origin(actor) == tx.origin:
        if not (await network.actor(tx, actor) or await jobs.job(tx, actor)):
            raise Invalid("Nothing was found at this address.", field="address")
        by = network.instance_actor(tx.origin)
        await record(tx, activity, by, objects, words)
        return activity
    row = _row(tx, activity, viewer.person, objects, words, outgoing=True)
    await due.schedule(tx, tx.now + KEPT, FORGET, row.id)
    await transparency.note(
        tx,
        "moderation.reported",
        by=viewer.person,
        text="Something at %(co_op)s was reported to those who look after it.",
        co_op=row.origin.partition("://")[2],
    )
    tx.emit(ReportWritten(row.id, actor))
    return activity


async def reports(
    tx: Tx, viewer: Viewer, *, state: str = "", page: int = 1, size: int = PAGE
) -> ReportsView:
    """Return a page of reports, those that wait first; raise NotFound for who may read none."""
    chosen = await _readable(tx, viewer)
    if state in set(ReportState):
        chosen = chosen.where(Report.state == ReportState(state))
    counted = sa.select(sa.func.count()).select_from(chosen.subquery())
    total = int((await tx.session.execute(counted)).scalar_one())
    page, pages = turned_to(page, total, size)
    ordered = chosen.order_by(
        Report.state != ReportState.WAITING, Report.at.desc(), Report.id
    ).limit(size)
    rows = (await tx.session.scalars(ordered.offset((page - 1) * size))).all()
    return ReportsView(
        reports=tuple([await _view(tx, row) for row in rows]),
        total=total,
        page=page,
        pages=pages,
        state=state,
    )


async def one_report(tx: Tx, viewer: Viewer, identifier: str) -> ReportView:
    """Return one report; raise NotFound for who may not read it."""
    return await _view(tx, await _require(tx, viewer, identifier))


async def answer(tx: Tx, viewer: Viewer, identifier: str, state: ReportState, note: str) -> None:
    """Answer a report with a note, which whoever sent it is told.

    Raises NotFound for who may not read it, Conflict when it was answered, Invalid without a note.
    """
    row = await _require(tx, viewer, identifier)
    if row.outgoing or row.state is not ReportState.WAITING:
        raise Conflict("This report was answered meanwhile.")
    if state is ReportState.WAITING or not note.strip():
        raise Invalid("Say what was done, or why nothing is.", field="note")
    row.state, row.note, row.answered = state, note.strip()[:MOST_WORDS], tx.now
    await due.schedule(tx, tx.now + KEPT, FORGET, row.id)
    concerned = await _concerned(tx, row.id)
    await transparency.note(
        tx,
        f"moderation.report_{state}",
        by=viewer.person,
        group=concerned[0] if concerned else None,
        text="A report was answered.",
    )
    tx.emit(ReportAnswered(row.id))


async def note_answer(tx: Tx, activity: Iri, by: Iri, state: ReportState, words: str) -> None:
    """Keep what was answered to a report of ours; raise NotFound unless its host says so."""
    chosen = sa.select(Report).where(Report.activity == activity, Report.outgoing)
    row = (await tx.session.scalars(chosen)).one_or_none()
    if row is None or row.origin != _origin(by):
        raise NotFound
    if row.state is ReportState.WAITING:
        row.state, row.note, row.answered = state, words.strip()[:MOST_WORDS], tx.now


async def require_row(tx: Tx, identifier: str) -> Report:
    """Return a report as it is kept; an event names one that stands."""
    row = await tx.get(Report, identifier)
    assert row, "an event names a row that stands"
    return row


async def count_waiting(tx: Tx) -> int:
    """Count what others reported of us and nobody has answered."""
    return await _count(tx, ~Report.outgoing)


async def forget(tx: Tx, key: str) -> None:
    """Forget a report whose time is over."""
    await tx.session.execute(sa.delete(ReportedGroup).where(ReportedGroup.report == key))
    await tx.session.execute(sa.delete(Report).where(Report.id == key))


def _row(
    tx: Tx, activity: Iri, by: Iri, objects: Sequence[Iri], words: str, *, outgoing: bool
) -> Report:
    row = Report(
        id=tx.federation.new_id().rpartition("/")[2],
        activity=activity,
        outgoing=outgoing,
        by=by,
        origin=_origin(objects[0] if outgoing else by),
        objects=list(objects),
        words=words.strip()[:MOST_WORDS],
        at=tx.now,
        state=ReportState.WAITING,
    )
    tx.session.add(row)
    return row


async def _readable(tx: Tx, viewer: Viewer) -> sa.Select[Any]:
    """Return what somebody may read: administrators all, leaders what is about their groups."""
    if await people.is_administrator(tx, viewer.person):
        await people.require_administrator(tx, viewer)
        return sa.select(Report)
    if not viewer.leads:
        raise NotFound
    for group in viewer.leads:
        await people.require_leader(tx, viewer, group)
    about = sa.select(ReportedGroup.report).where(ReportedGroup.group.in_(viewer.leads))
    return sa.select(Report).where(Report.id.in_(about))


async def _require(tx: Tx, viewer: Viewer, identifier: str) -> Report:
    chosen = (await _readable(tx, viewer)).where(Report.id == identifier)
    row: Report | None = (await tx.session.scalars(chosen)).one_or_none()
    if row is None:
        raise NotFound
    return row


async def _count(tx: Tx, *where: sa.ColumnElement[bool]) -> int:
    waiting = sa.select(sa.func.count()).where(Report.state == ReportState.WAITING, *where)
    return int((await tx.session.execute(waiting)).scalar_one())


async def _concerned(tx: Tx, report: str) -> list[Iri]:
    chosen = sa.select(ReportedGroup.group).where(ReportedGroup.report == report)
    return [Iri(one) for one in await tx.session.scalars(chosen.order_by(ReportedGroup.group))]


async def _groups_of(tx: Tx, iri: Iri) -> list[Iri]:
    """Return the groups here that an address is about: itself, its job's, or its person's."""
    actor = await network.actor(tx, iri)
    if actor is None:
        job = await jobs.job(tx, iri)
        return [job.group] if job else []
    if actor.type == network.ActorKind.GROUP:
        return [actor.id]
    belongs = [one.group for one in await groups.standings(tx, actor.id)]
    return [one for one in belongs if one.startswith(f"{tx.origin}/")]


async def _view(tx: Tx, row: Report) -> ReportView:
    names = await network.names_of(tx, await _concerned(tx, row.id))
    return ReportView(
        id=row.id,
        at=row.at,
        outgoing=row.outgoing,
        sender=row.origin.partition("://")[2],
        objects=tuple(row.objects),
        named=await _names_of(tx, row.objects),
        groups=tuple(name or username for username, name in names.values()),
        words=row.words,
        state=row.state.value,
        note=row.note,
        answered=row.answered,
    )


async def _names_of(tx: Tx, objects: Sequence[str]) -> dict[str, str]:
    known = await network.names_of(tx, objects)
    names = {iri: name or username for iri, (username, name) in known.items()}
    ours = [one for one in objects if one.startswith(f"{tx.origin}/jobs/")]
    for job in [await jobs.job(tx, one) for one in ours]:
        if job:
            names[job.iri] = job.title
    return names


def _origin(iri: str) -> str:
    return "/".join(iri.split("/")[:3])
