"""All open places of one week of a group, put as one question, and what was last answered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance import due
from instance.db import Tx
from instance.people import service as people
from instance.staffing import ahead, openings
from instance.staffing.models import Placement, ShortlistGap, ShortlistRow
from instance.staffing.placement import ASKED
from instance.staffing.problem import Asking, Work, asking
from instance.staffing.reasons import week_subject
from instance.staffing.remembered import Remembered
from instance.staffing.shortlist import BATCH, FORGET_SHORTLIST, KEPT, gap_row, take
from instance.viewer import Viewer


class Planned(msgspec.Struct, frozen=True):
    """A plan of a week, why each is suggested, and whom of the allies to ask for how many.

    No plan fills more places than `at_most`.
    """

    plan: matching.Plan
    told: tuple[tuple[str, matching.Told], ...]
    asks: tuple[tuple[str, str, int], ...]
    at_most: int


def planned(problem: matching.Problem) -> Planned:
    """Plan a week; for an executor, outside any transaction."""
    plan = matching.plan(problem)
    return Planned(
        plan,
        matching.suggestions(problem, plan),
        tuple((one.opening, one.group, one.places) for one in matching.asks(problem, plan)),
        matching.ceiling(problem) if plan.at_most is None else plan.at_most,
    )


PLANS: Final = Remembered(planned)


def bounds(monday: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a week begins and ends on the place's clock."""
    end = monday + timedelta(days=7)
    return datetime.combine(monday, time(), zone), datetime.combine(end, time(), zone)


async def week_asking(tx: Tx, viewer: Viewer, group: Iri, monday: date) -> Asking:
    """Load the question of a week's places that are open and that nobody was asked for yet.

    Who was asked and has not answered keeps the place and her time until she does. The lot is drawn
    from the group and the week, and from each opening's own address: asking again draws no other.
    Raises NotFound for everybody but leaders.
    """
    await people.require_leader(tx, viewer, group)
    start, end = bounds(monday, ZoneInfo(tx.settings.timezone))
    subject = week_subject(group, monday)
    work = Work(
        subject=subject,
        group=group,
        title="",
        district="",
        seed=subject,
        openings=tuple(await openings.own_between(tx, group, start, end)),
    )
    asked = await asking(tx, work)
    return msgspec.structs.replace(asked, problem=_waiting(asked))


def _waiting(asked: Asking) -> matching.Problem:
    """Let those who were asked and have not answered keep their places and hours."""
    problem = asked.problem
    hours = {one.id: one.interval for one in problem.openings}
    promised = {one.id: one.promised for one in problem.workers}
    waits = [
        one
        for one in problem.asked
        if one.state == "invited"
        and (one.worker, one.opening) not in asked.instead
        and not _within(hours[one.opening], promised[one.worker])
    ]
    kept = Counter(one.opening for one in waits)
    busy = defaultdict[str, list[matching.Interval]](list)
    for one in waits:
        busy[one.worker].append(hours[one.opening])
    replace = msgspec.structs.replace
    return replace(
        problem,
        openings=tuple(
            replace(one, taken=one.taken + kept[one.id]) if kept[one.id] else one
            for one in problem.openings
        ),
        workers=tuple(
            replace(one, promised=(*one.promised, *busy[one.id])) if one.id in busy else one
            for one in problem.workers
        ),
    )


def _within(one: matching.Interval, promised: Iterable[matching.Interval]) -> bool:
    return any(other.start <= one.start and one.end <= other.end for other in promised)


async def keep_week(tx: Tx, viewers: Sequence[Viewer], asked: Asking, answer: Planned) -> None:
    """Keep whom a plan of a week suggests and what it leaves open; note who asked and read.

    Of those whom it does not suggest nothing is kept: they are too many.
    """
    work, plan = asked.work, answer.plan
    await people.require_leader(tx, viewers[0], work.group)
    text = (
        "%(people)s people were suggested for %(places)s open places of a week, "
        "of which no plan can fill more than %(at_most)s."
    )
    await take(tx, viewers[0], asked, plan, text, at_most=answer.at_most)
    lines = await _why_asked(tx, work) + [_row(work.subject, *one) for one in answer.told]
    for table in (ShortlistRow, ShortlistGap):
        await tx.session.execute(sa.delete(table).where(table.subject == work.subject))
    for first in range(0, len(lines), BATCH):
        await tx.session.execute(sa.insert(ShortlistRow), lines[first : first + BATCH])
    asks = defaultdict[str, dict[str, int]](dict)
    for opening, ally, places in answer.asks:
        asks[opening][ally] = places
    gaps = [gap_row(asked, one) for one in plan.unfilled]
    for gap in gaps:
        gap["allies"]["ask"] = asks[gap["opening"]]
    if gaps:
        await tx.session.execute(sa.insert(ShortlistGap), gaps)
    for viewer in viewers:  # as many leaders as asked at once
        await ahead.note_read(tx, viewer, asked)
    last = max((one.end for one in work.openings), default=tx.now)
    await due.schedule(tx, max(last, tx.now) + KEPT, FORGET_SHORTLIST, work.subject)


async def _why_asked(tx: Tx, work: Work) -> list[dict[str, Any]]:
    """Return what an earlier plan said of those who were asked: they may read it still."""
    asked = sa.exists().where(
        Placement.opening == ShortlistRow.opening,
        Placement.person == ShortlistRow.person,
        Placement.agreement == "",
        Placement.state.in_(ASKED),
    )
    rows = await tx.session.scalars(
        sa.select(ShortlistRow).where(ShortlistRow.subject == work.subject, asked)
    )
    names = [column.key for column in sa.inspect(ShortlistRow).columns]
    return [{name: getattr(row, name) for name in names} for row in rows]


def _row(subject: Iri, opening: str, one: matching.Told) -> dict[str, Any]:
    return {
        "subject": subject,
        "opening": opening,
        "person": one.worker,
        "suggested": True,
        "code": one.reason.code,
        "values": dict(one.reason.values),
    }
