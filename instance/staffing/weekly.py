"""The page of a week: every opening as it stands, beside what its plan suggests."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.groups import service as groups
from instance.people import service as people
from instance.staffing.board import board
from instance.staffing.inviting import LEAST_NOTICE
from instance.staffing.models import Shortlist, ShortlistGap, ShortlistRow
from instance.staffing.placement import ASKED
from instance.staffing.reasons import week_subject
from instance.staffing.views import AllyCount, OpeningAt
from instance.staffing.week import bounds
from instance.staffing.week_views import (
    AskedAlly,
    HoursAt,
    Suggestion,
    WeekDay,
    WeekLine,
    WeekPlan,
    WeekProgress,
)
from instance.transparency import service as transparency
from instance.viewer import Viewer

FITS = 60
"""So many openings are shown together; of a larger week one day is."""

STANDING = {one.value.replace(" ", "_") for one in ASKED} | {"named"}
COMING = STANDING - {"invited", "answered"}


async def week_view(
    tx: Tx,
    viewer: Viewer,
    group: Iri,
    monday: date,
    day: date | None,
    progress: WeekProgress | None,
) -> WeekPlan:
    """Return a week of a group with what its plan suggests; NotFound for all but leaders.

    A suggestion is left out once it has no place any more, or she was asked for that time.
    """
    await people.require_leader(tx, viewer, group)
    zone = ZoneInfo(tx.settings.timezone)
    found = await board(tx, group, *bounds(monday, zone))
    own = sorted((one for one in found if not one.agreement), key=_order)
    kept = await _kept(tx, week_subject(group, monday))
    fresh = _fresh(own, kept.suggested, tx.now)
    days = tuple(_day(monday + timedelta(days=number), own, fresh, zone) for number in range(7))
    shown = _shown(days, day) if len(own) > FITS else None
    lines = [one for one in own if shown in {None, one.start.astimezone(zone).date()}]
    return WeekPlan(
        group=group,
        group_name=await alliances.name_of(tx, group),
        monday=monday,
        day=shown,
        days=days,
        hours=_hours(own, fresh),
        lines=await _lines(tx, group, lines, fresh, kept.gaps),
        progress=progress,
        lent_open=sum(one.open for one in found if one.agreement),
        **await _planned(tx, kept.shortlist),
    )


async def week_found(tx: Tx, viewer: Viewer, group: Iri, monday: date) -> datetime | None:
    """Return when a week was last planned, or None; NotFound for all but leaders."""
    await people.require_leader(tx, viewer, group)
    kept = await tx.get(Shortlist, week_subject(group, monday))
    return kept.found if kept else None


class _Kept(msgspec.Struct, frozen=True):
    shortlist: Shortlist | None
    suggested: Mapping[str, Sequence[ShortlistRow]]
    gaps: Mapping[str, ShortlistGap]


async def _kept(tx: Tx, subject: Iri) -> _Kept:
    rows = sa.select(ShortlistRow).where(ShortlistRow.subject == subject)
    suggested = defaultdict[str, list[ShortlistRow]](list)
    for row in await tx.session.scalars(rows.order_by(ShortlistRow.opening, ShortlistRow.person)):
        suggested[row.opening].append(row)
    gaps = await tx.session.scalars(sa.select(ShortlistGap).where(ShortlistGap.subject == subject))
    return _Kept(await tx.get(Shortlist, subject), suggested, {one.opening: one for one in gaps})


async def _planned(tx: Tx, shortlist: Shortlist | None) -> dict[str, Any]:
    """Read what was noted when the plan was made."""
    if shortlist is None or shortlist.decision is None:
        return {}
    noted = await transparency.decision(tx, shortlist.decision)
    values = noted.values if noted else {}
    return {
        "found": shortlist.found,
        "decision": shortlist.decision,
        "places": int(values.get("places", 0)),
        "filled": int(values.get("people", 0)),
        "at_most": int(values.get("at_most", 0)),
    }


def choice_of(opening: str, person: str) -> str:
    """Return the short name by which a form chooses one person for one opening."""
    return hashlib.sha256(f"{opening} {person}".encode()).hexdigest()[:16]


def _order(one: OpeningAt) -> tuple[datetime, str, str]:
    return one.start, one.title, one.opening


def _room(one: OpeningAt) -> int:
    """Count the places that nobody has taken or was asked for."""
    return max(one.open - one.answered - one.invited, 0)


def _fresh(
    own: Iterable[OpeningAt], suggested: Mapping[str, Sequence[ShortlistRow]], now: datetime
) -> dict[str, list[ShortlistRow]]:
    """Keep of what was suggested what can still be asked."""
    busy = defaultdict[str, list[tuple[datetime, datetime]]](list)
    own = list(own)
    for one in own:
        for each in one.people:
            if each.state in STANDING:
                busy[each.person].append((one.start, one.end))
    fresh = {}
    for one in own:
        rows = [
            row
            for row in suggested.get(one.opening, ())
            if not any(start < one.end and one.start < end for start, end in busy[row.person])
        ]
        if one.start > now + LEAST_NOTICE:
            fresh[str(one.opening)] = rows[: _room(one)]
    return fresh


def _day(
    day: date, own: Iterable[OpeningAt], fresh: Mapping[str, Sequence[ShortlistRow]], zone: ZoneInfo
) -> WeekDay:
    lines = [one for one in own if one.start.astimezone(zone).date() == day]
    suggested = [len(fresh.get(one.opening, ())) for one in lines]
    return WeekDay(
        day=day,
        shifts=len({(one.job, one.start) for one in lines}),
        wanted=sum(one.wanted for one in lines),
        coming=sum(_coming(one) for one in lines),
        asked=sum(one.invited + one.answered for one in lines),
        promised=sum(one.promised for one in lines),
        suggested=sum(suggested),
        open=sum(map(_room, lines)) - sum(suggested),
    )


def _coming(one: OpeningAt) -> int:
    return one.confirmed + one.confirming + one.named


def _hours(
    own: Iterable[OpeningAt], fresh: Mapping[str, Sequence[ShortlistRow]]
) -> tuple[HoursAt, ...]:
    """Add up the places that are wanted from and to the same moments, in order of time."""
    at: dict[tuple[datetime, datetime], Counter[str]] = defaultdict(Counter)
    for one in own:
        room = one.wanted - one.confirmed - one.confirming - one.named - one.promised
        asked = one.invited + one.answered + len(fresh.get(one.opening, ()))
        at[one.start, one.end].update(
            wanted=one.wanted,
            own=one.confirmed + one.confirming,
            borrowed=one.named + one.promised,
            # more may have been asked than there is room for
            uncertain=min(asked, max(room, 0)),
        )
    return tuple(HoursAt(start=start, end=end, **at[start, end]) for start, end in sorted(at))


def _shown(days: Sequence[WeekDay], wanted: date | None) -> date:
    """Choose the day to show: the one that was asked for, or the first with something to do."""
    if wanted in {one.day for one in days} and wanted is not None:
        return wanted
    busy = [one.day for one in days if one.suggested] or [one.day for one in days if one.open]
    return busy[0] if busy else days[0].day


async def _lines(
    tx: Tx,
    group: Iri,
    shown: Sequence[OpeningAt],
    fresh: Mapping[str, Sequence[ShortlistRow]],
    gaps: Mapping[str, ShortlistGap],
) -> tuple[WeekLine, ...]:
    persons = {Iri(row.person) for one in shown for row in fresh.get(one.opening, ())}
    names = await groups.names_for(tx, group, persons)
    allies = {one.ally: one.name for one in await alliances.allies(tx, group)} if gaps else {}
    zone = ZoneInfo(tx.settings.timezone)
    return tuple(
        _line(
            one,
            one.start.astimezone(zone).date(),
            fresh.get(one.opening, ()),
            gaps.get(one.opening),
            names,
            allies,
        )
        for one in shown
    )


def _line(
    one: OpeningAt,
    day: date,
    rows: Sequence[ShortlistRow],
    gap: ShortlistGap | None,
    names: Mapping[Iri, str],
    allies: Mapping[Iri, str],
) -> WeekLine:
    left = _room(one) - len(rows)
    token = one.job.rpartition("/")[2]
    gap = gap if left else None
    return WeekLine(
        opening=one.opening,
        page=f"/jobs/{token}/staffing#{one.fragment}",
        ask=f"/jobs/{token}/ask?{one.fragment}={left}",
        day=day,
        title=one.title,
        skill=one.skill,
        level=one.level,
        certificates=one.certificates,
        languages=one.languages,
        start=one.start,
        end=one.end,
        wanted=one.wanted,
        coming=tuple(each.name for each in one.people if each.state in COMING),
        asked=one.invited + one.answered,
        promised=one.promised,
        open=left,
        suggested=tuple(_suggestion(row, names) for row in rows),
        unfilled=min(left, gap.places) if gap else 0,
        code=gap.code if gap else "",
        values=gap.values if gap else {},
        allies=_allies(gap, allies) if gap else (),
    )


def _suggestion(row: ShortlistRow, names: Mapping[Iri, str]) -> Suggestion:
    person = Iri(row.person)
    return Suggestion(
        id=choice_of(row.opening, row.person),
        person=person,
        name=names[person],
        code=row.code,
        values=row.values,
    )


def _allies(gap: ShortlistGap, names: Mapping[Iri, str]) -> tuple[AskedAlly, ...]:
    asks = gap.allies.get("ask", {})
    return tuple(
        AskedAlly(
            name=names[one.group],
            label=one.label,
            places=asks.get(one.group, 0),
            as_of=one.as_of,
            silent=one.silent,
        )
        for one in msgspec.convert(gap.allies["items"], list[AllyCount])
        if one.group in names
    )
