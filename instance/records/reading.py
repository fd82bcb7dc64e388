"""Read hours: a worker's own record, and what a group's leaders have to do and to pay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from federation import Iri
from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.network import service as network
from instance.paging import turned_to
from instance.people import service as people
from instance.records.checkins import CheckInView, came_to
from instance.records.models import Side, WorkRecord
from instance.records.statement import HoursState
from instance.records.views import (
    GroupTotal,
    HoursOfGroup,
    MyRecord,
    PayLine,
    RecordView,
    ShiftToEnter,
    WeekTotal,
)
from instance.viewer import Viewer

PAGE = 40
MOST_LISTED = 500
MOST_EXPORTED = 20_000
WEEKS_DRAWN = 8
GRACE = timedelta(minutes=10)
ENTERED_LATE = timedelta(days=60)
WORKED = (agenda.PromiseState.CONFIRMED, agenda.PromiseState.DONE)
_OPEN = (HoursState.ENTERED, HoursState.CORRECTED, HoursState.DISPUTED)


async def record(tx: Tx, event: Iri, side: Side) -> RecordView:
    """Return stated hours in one book; raise NotFound."""
    row = await tx.get(WorkRecord, (event, side))
    if row is None:
        raise NotFound
    return (await _views(tx, [row]))[0]


async def my_record(tx: Tx, viewer: Viewer, page: int = 1) -> MyRecord:
    """Return a worker's own page of hours."""
    mine = (WorkRecord.person == viewer.person, WorkRecord.side == Side.WORKER)
    counted = (*mine, WorkRecord.state == HoursState.CONFIRMED, WorkRecord.minutes > 0)
    number = sa.select(sa.func.count()).select_from(WorkRecord).where(*counted)
    total = int((await tx.session.execute(number)).scalar_one())
    page, pages = turned_to(page, total, PAGE)
    waiting = await _rows(tx, *mine, WorkRecord.state.in_(_OPEN))
    confirmed = await _rows(tx, *counted, limit=PAGE, offset=(page - 1) * PAGE)
    views = await _views(tx, [*waiting, *confirmed])
    totals = await _totals(tx, viewer.person)
    return MyRecord(
        to_enter=tuple(await to_enter(tx, viewer.person)),
        waiting=tuple(views[: len(waiting)]),
        confirmed=tuple(views[len(waiting) :]),
        weeks=tuple(await _weeks(tx, viewer.person)),
        groups=totals,
        total_minutes=sum(one.minutes for one in totals),
        page=page,
        pages=pages,
    )


async def to_enter(tx: Tx, person: Iri) -> list[ShiftToEnter]:
    """List the shifts that have begun and whose hours she has not entered, the oldest first."""
    promised = await agenda.promises(tx, person, tx.now - ENTERED_LATE, tx.now, WORKED)
    known = await _stated(tx, person)
    left = [one for one in promised if one.invite not in known]
    came = await came_to(tx, [one.invite for one in left]) if left else {}
    return [shift_to_enter(one, came.get(one.invite)) for one in left]


async def count_to_enter(tx: Tx, person: Iri) -> int:
    """Count the shifts that have begun and whose hours she has not entered."""
    begun = await agenda.invites_between(tx, person, tx.now - ENTERED_LATE, tx.now, WORKED)
    return len(set(begun) - await _stated(tx, person)) if begun else 0


async def _stated(tx: Tx, person: Iri) -> set[str]:
    stated = await tx.session.scalars(
        sa.select(WorkRecord.invite).where(
            WorkRecord.person == person,
            WorkRecord.side == Side.WORKER,
            WorkRecord.state != HoursState.OVERTAKEN,
            WorkRecord.started >= tx.now - ENTERED_LATE - timedelta(days=2),
        )
    )
    return set(stated)


def shift_to_enter(promised: agenda.PromiseView, came: CheckInView | None = None) -> ShiftToEnter:
    """Fill the hours of a shift in: from the plan, or from when she came and left.

    Ten minutes are no difference; who comes early begins as planned.
    """
    zone = ZoneInfo(promised.timezone or "UTC")
    start, end = promised.start, promised.end
    if came is not None and promised.start + GRACE < came.arrived < end:
        start = came.arrived
    if came is not None and came.left and came.left > start and abs(came.left - end) > GRACE:
        end = came.left
    shorter = (start, end) != (promised.start, promised.end)
    pause = promised.break_minutes
    minutes = int((end - start).total_seconds()) // 60 - pause if shorter else promised.minutes
    return ShiftToEnter(
        promise=promised.id,
        title=promised.title,
        group_name=promised.group_name,
        start=promised.start,
        end=promised.end,
        timezone=promised.timezone,
        start_clock=start.astimezone(zone).strftime("%H:%M"),
        end_clock=end.astimezone(zone).strftime("%H:%M"),
        break_minutes=pause if minutes > 0 else 0,
        minutes=minutes if minutes > 0 else minutes + pause,
        from_door=shorter,
    )


async def hours_of_group(
    tx: Tx, viewer: Viewer, group: Iri, first: date | None = None, last: date | None = None
) -> HoursOfGroup:
    """Return a leader's page of hours; `first` and `last` bound what is listed as confirmed."""
    await people.require_leader(tx, viewer, group)
    first, last = _period(tx, first, last)
    within = _within(tx, first, last)
    at_group = (WorkRecord.group == group, WorkRecord.side == Side.GROUP)
    waiting = await _rows(tx, *at_group, WorkRecord.state.in_(_OPEN))
    counted = (*at_group, WorkRecord.state == HoursState.CONFIRMED, *within)
    confirmed = await _rows(tx, *counted, WorkRecord.minutes > 0)
    at_allies = (WorkRecord.lender == group, WorkRecord.side == Side.LENDER)
    lent = await _rows(
        tx, *at_allies, WorkRecord.state.in_([*_OPEN, HoursState.CONFIRMED]), *within
    )
    views = await _views(tx, [*waiting, *confirmed, *lent])
    open_ones, after = views[: len(waiting)], views[len(waiting) :]
    led = await groups_led(tx, viewer)
    return HoursOfGroup(
        group=group,
        group_name=dict(led).get(group, ""),
        groups=led,
        first=first,
        last=last,
        to_confirm=_in(open_ones, HoursState.ENTERED),
        corrected=_in(open_ones, HoursState.CORRECTED),
        disputed=_in(open_ones, HoursState.DISPUTED),
        confirmed=tuple(after[: len(confirmed)]),
        lent=tuple(after[len(confirmed) :]),
        confirmed_minutes=await _sum(tx, *counted),
    )


async def payroll(
    tx: Tx, viewer: Viewer, group: Iri, first: date | None, last: date | None
) -> list[RecordView]:
    """List what counts in a period, own work and work at allies, in order of time."""
    return await _worked(tx, viewer, group, (first, last), (HoursState.CONFIRMED,))


async def pay_lines(
    tx: Tx, viewer: Viewer, group: Iri, first: date | None, last: date | None
) -> list[PayLine]:
    """List what counts and what stands disputed in a period, with where the money of each goes.

    That is known of the group's own jobs; work at allies has none.
    """
    both = (HoursState.CONFIRMED, HoursState.DISPUTED)
    rows = await _worked(tx, viewer, group, (first, last), both)
    splits = await jobs.pay_splits(tx, {one.job for one in rows if one.side is Side.GROUP})
    return [PayLine(one, splits.get(one.job, {})) for one in rows]


async def _worked(
    tx: Tx,
    viewer: Viewer,
    group: Iri,
    period: tuple[date | None, date | None],
    states: Collection[HoursState],
) -> list[RecordView]:
    await people.require_leader(tx, viewer, group)
    own = sa.and_(WorkRecord.group == group, WorkRecord.side == Side.GROUP)
    lent = sa.and_(WorkRecord.lender == group, WorkRecord.side == Side.LENDER)
    chosen = (
        sa.select(WorkRecord)
        .where(
            sa.or_(own, lent),
            WorkRecord.state.in_(states),
            WorkRecord.minutes > 0,
            *_within(tx, *_period(tx, *period)),
        )
        .order_by(WorkRecord.started, WorkRecord.person, WorkRecord.event)
        .limit(MOST_EXPORTED)
    )
    return await _views(tx, (await tx.session.scalars(chosen)).all())


async def count_waiting(tx: Tx, led: Collection[Iri]) -> dict[Iri, int]:
    """Count the hours that wait for the leaders of these groups, by group."""
    chosen = (
        sa.select(WorkRecord.group, sa.func.count().label("number"))
        .where(
            WorkRecord.group.in_(list(led)),
            WorkRecord.side == Side.GROUP,
            WorkRecord.state.in_([HoursState.ENTERED, HoursState.DISPUTED]),
        )
        .group_by(WorkRecord.group)
    )
    return {Iri(row.group): int(row.number) for row in await tx.session.execute(chosen)}


async def groups_led(tx: Tx, viewer: Viewer) -> tuple[tuple[Iri, str], ...]:
    """Return the groups here that the viewer leads, with their names."""
    names = await network.names_of(tx, viewer.leads)
    return tuple((group, names[group][1]) for group in viewer.leads if group in names)


# Rows to views -----------------------------------------------------------------------------------


async def _rows(
    tx: Tx, *where: sa.ColumnElement[bool], limit: int = MOST_LISTED, offset: int = 0
) -> Sequence[WorkRecord]:
    chosen = sa.select(WorkRecord).where(*where)
    chosen = chosen.order_by(WorkRecord.started.desc(), WorkRecord.event)
    return (await tx.session.scalars(chosen.limit(limit).offset(offset))).all()


async def _views(tx: Tx, rows: Sequence[WorkRecord]) -> list[RecordView]:
    named = await _group_names(tx, rows)
    persons = await _person_names(tx, rows)
    older = await _older(tx, rows)
    return [_view(row, named, persons, older) for row in rows]


def _view(
    row: WorkRecord,
    named: dict[str, str],
    persons: dict[tuple[str, str], str],
    older: dict[tuple[str, str], WorkRecord],
) -> RecordView:
    before = older.get((row.replaces or "", row.side.value))
    own = RecordView.__struct_fields__
    values = {name: getattr(row, name) for name in own if hasattr(row, name)}
    values |= {
        "person_name": persons.get((_reader(row), row.person), ""),
        "group_name": named.get(row.group, ""),
        "lender_name": named.get(row.lender or "", ""),
    }
    if row.state is HoursState.DISPUTED and before is not None:
        values |= {
            "her_minutes": before.minutes,
            "their_minutes": before.proposed or 0,
            "their_words": before.answer,
        }
    return RecordView(**values)


def _reader(row: WorkRecord) -> str:
    return (row.lender if row.side is Side.LENDER else row.group) or ""


async def _older(tx: Tx, rows: Sequence[WorkRecord]) -> dict[tuple[str, str], WorkRecord]:
    wanted = {row.replaces for row in rows if row.replaces and row.state is HoursState.DISPUTED}
    if not wanted:
        return {}
    found = await tx.session.scalars(sa.select(WorkRecord).where(WorkRecord.event.in_(wanted)))
    return {(row.event, row.side.value): row for row in found}


async def _person_names(tx: Tx, rows: Sequence[WorkRecord]) -> dict[tuple[str, str], str]:
    """Return what each reading group may call each person; her own book needs no name."""
    by_group: dict[str, set[Iri]] = defaultdict(set)
    for row in rows:
        if row.side is not Side.WORKER:
            by_group[_reader(row)].add(Iri(row.person))
    return {
        (group, person): name
        for group, persons in by_group.items()
        for person, name in (await groups.names_for(tx, Iri(group), persons)).items()
    }


async def _group_names(tx: Tx, rows: Sequence[WorkRecord]) -> dict[str, str]:
    wanted = {row.group for row in rows} | {row.lender for row in rows if row.lender}
    return await group_names(tx, wanted)


async def group_names(tx: Tx, wanted: Iterable[str]) -> dict[str, str]:
    """Return what groups, here or elsewhere, are called, without asking anybody elsewhere."""
    wanted = set(wanted)
    here = await network.names_of(tx, wanted)
    names = {iri: name or username for iri, (username, name) in here.items()}
    known = await tx.federation.store.peers.known_actors(tx, wanted - names.keys())
    names |= {iri: str(one.document.get("name") or "")[:200] for iri, one in known.items()}
    handles = await groups.handles_of(tx, [Iri(one) for one in wanted if not names.get(one)])
    return names | {str(iri): handle for iri, handle in handles.items()}


def _in(views: Iterable[RecordView], state: HoursState) -> tuple[RecordView, ...]:
    return tuple(one for one in views if one.state is state)


# Sums --------------------------------------------------------------------------------------------


async def _sum(tx: Tx, *where: sa.ColumnElement[bool]) -> int:
    chosen = sa.select(sa.func.coalesce(sa.func.sum(WorkRecord.minutes), 0)).where(*where)
    return int((await tx.session.execute(chosen)).scalar_one())


async def _totals(tx: Tx, person: Iri) -> tuple[GroupTotal, ...]:
    minutes = sa.func.sum(WorkRecord.minutes).label("minutes")
    pay = sa.func.sum((WorkRecord.minutes * WorkRecord.cents_per_hour + 59) / 60).label("cents")
    chosen = (
        sa.select(WorkRecord.group, WorkRecord.currency, minutes, pay)
        .where(
            WorkRecord.person == person,
            WorkRecord.side == Side.WORKER,
            WorkRecord.state == HoursState.CONFIRMED,
        )
        .group_by(WorkRecord.group, WorkRecord.currency)
        .order_by(minutes.desc(), WorkRecord.group)
    )
    rows = (await tx.session.execute(chosen)).all()
    names = await group_names(tx, {row.group for row in rows})
    return tuple(
        GroupTotal(names[row.group], int(row.minutes), int(row.cents), row.currency) for row in rows
    )


async def _weeks(tx: Tx, person: Iri) -> list[WeekTotal]:
    zone = ZoneInfo(tx.settings.timezone)
    today = tx.now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    begin = monday - timedelta(weeks=WEEKS_DRAWN - 1)
    chosen = sa.select(WorkRecord.started, WorkRecord.minutes).where(
        WorkRecord.person == person,
        WorkRecord.side == Side.WORKER,
        WorkRecord.state == HoursState.CONFIRMED,
        WorkRecord.started >= datetime.combine(begin, time(), zone),
    )
    minutes: dict[date, int] = defaultdict(int)
    for row in await tx.session.execute(chosen):
        day = row.started.astimezone(zone).date()
        minutes[day - timedelta(days=day.weekday())] += row.minutes
    weeks = [begin + timedelta(weeks=number) for number in range(WEEKS_DRAWN)]
    return [WeekTotal(one, minutes[one]) for one in weeks]


def _period(tx: Tx, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the period asked for, or else the month it is."""
    today = tx.now.astimezone(ZoneInfo(tx.settings.timezone)).date()
    return first or today.replace(day=1), last or today


def _within(tx: Tx, first: date, last: date) -> tuple[sa.ColumnElement[bool], ...]:
    zone = ZoneInfo(tx.settings.timezone)
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last, time(), zone).astimezone(UTC) + timedelta(days=1)
    return WorkRecord.started >= begin, WorkRecord.started < end
