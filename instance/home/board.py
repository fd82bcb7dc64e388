"""A group's week on one board: every shift and who comes, by jobs or by people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.home.board_views import BoardPlace, CoverDay, CoverRow, WeekBoard, WeekRow
from instance.loans import service as loans
from instance.paging import turned_to
from instance.people import service as people
from instance.staffing import service as staffing
from instance.staffing.service import OpeningAt
from instance.viewer import Viewer

SIZE = 50
"""So many rows are shown at once."""

SURE = {"confirmed", "confirming", "done", "named"}
ASKED = {"invited", "answered"}


async def week_board(
    tx: Tx, viewer: Viewer, group: Iri, monday: date, by: str, page: int
) -> WeekBoard:
    """Return a page of a group's week; `by` is jobs or people. NotFound for all but leaders.

    Queries are as many for a large week as for a small one.
    """
    await people.require_leader(tx, viewer, group)
    zone = ZoneInfo(tx.settings.timezone)
    start = datetime.combine(monday, time(), zone)
    end = datetime.combine(monday + timedelta(days=7), time(), zone)
    found = await staffing.board(tx, group, start, end)
    pages = {one.agreement: one.id for one in await loans.loans(tx, group, loans.Side.LENDER)}
    places = [(one, _place(one, pages, zone)) for one in sorted(found, key=_order)]
    persons = _persons(places)
    rows = persons if by == "people" else _jobs(places)
    page, count = turned_to(page, len(rows), SIZE)
    return WeekBoard(
        group=group,
        group_name=await alliances.name_of(tx, group),
        monday=monday,
        by=by,
        rows=tuple(rows[(page - 1) * SIZE : page * SIZE]),
        lacking=_lacking(places) if by == "people" else None,
        cover=_cover(places, monday),
        wanted=sum(one.wanted for one in found),
        open=sum(place.open for _, place in places),
        people=len(persons),
        page=page,
        pages=count,
    )


Places = Sequence[tuple[OpeningAt, BoardPlace]]


def _order(one: OpeningAt) -> tuple[datetime, str, str]:
    return one.start, one.title, one.opening


def _place(one: OpeningAt, lent: dict[Iri | None, str], zone: ZoneInfo) -> BoardPlace:
    page = f"/jobs/{one.job.rpartition('/')[2]}/staffing#{one.fragment}"
    if one.agreement:
        page = f"/loans/{lent[one.agreement]}/staffing" if one.agreement in lent else ""
    return BoardPlace(
        day=one.start.astimezone(zone).date(),
        start=one.start,
        end=one.end,
        title=one.title,
        skill=one.skill,
        district=one.district,
        page=page,
        borrower=one.borrower,
        wanted=one.wanted,
        come=tuple(sorted(each.name for each in one.people if each.state in SURE)),
        asked=one.invited + one.answered,
        promised=one.promised,
        open=one.open,
    )


def _jobs(places: Places) -> list[WeekRow]:
    """Put what is called the same, in the same district for the same people, into one row."""

    def key(pair: tuple[OpeningAt, BoardPlace]) -> tuple[str, str, str]:
        _, place = pair
        return place.title, place.borrower, place.district

    rows = []
    for (title, borrower, district), of_row in groupby(sorted(places, key=key), key=key):
        held = tuple(place for _, place in of_row)
        lacks = sum(one.open for one in held)
        row = WeekRow(name=title, detail=borrower, district=district, places=held, open=lacks)
        rows.append(row)
    return sorted(rows, key=lambda row: (not row.open, row.places[0].start, row.name))


def _persons(places: Places) -> list[WeekRow]:
    """Make a row for everybody who comes or was asked, by name."""
    held = defaultdict[Iri, list[BoardPlace]](list)
    names: dict[Iri, tuple[str, str]] = {}
    for one, place in places:
        for each in one.people:
            if each.state in SURE | ASKED:
                names[each.person] = each.name, each.ally
                held[each.person].append(_own(place, sure=each.state in SURE))
    rows = [
        WeekRow(
            name=names[person][0],
            detail=names[person][1],
            places=tuple(found),
            minutes=sum(_minutes(one) for one in found if one.sure),
        )
        for person, found in held.items()
    ]
    return sorted(rows, key=lambda row: (row.name.casefold(), row.name))


def _own(place: BoardPlace, **more: Any) -> BoardPlace:
    same = "day start end title skill district page borrower".split()
    return BoardPlace(**{name: getattr(place, name) for name in same}, **more)


def _minutes(place: BoardPlace) -> int:
    return int((place.end - place.start).total_seconds()) // 60


def _lacking(places: Places) -> WeekRow:
    lacks = tuple(place for _, place in places if place.open)
    return WeekRow(name="", places=lacks, open=sum(one.open for one in lacks))


def _cover(places: Places, monday: date) -> tuple[CoverRow, ...]:
    """Count for each skill and day how many places are wanted and how many taken."""
    wanted, come = Counter[tuple[str, date]](), Counter[tuple[str, date]]()
    for _, place in places:
        at = place.skill, place.day
        wanted[at] += place.wanted
        come[at] += min(len(place.come), place.wanted)
    days = [monday + timedelta(days=number) for number in range(7)]
    return tuple(
        CoverRow(skill, tuple(CoverDay(day, come[skill, day], wanted[skill, day]) for day in days))
        for skill in sorted({skill for skill, _ in wanted})
    )
