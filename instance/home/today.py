"""The leader's board: what is open today, in red and first, and all that waits for an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.home.admin import peer_lines
from instance.home.views import PlaceLine, TodayView
from instance.home.week import to_ring
from instance.jobs import service as jobs
from instance.loans import service as loans
from instance.records import service as records
from instance.staffing import service as staffing
from instance.viewer import Viewer


async def today(tx: Tx, viewer: Viewer, day: date | None = None, token: str = "") -> TodayView:
    """Return the board of one day, of all groups that the viewer leads or of one of them.

    Raises NotFound for somebody who leads none.
    """
    zone = ZoneInfo(tx.settings.timezone)
    now = tx.now.astimezone(zone).date()
    day = day or now
    led = await records.groups_led(tx, viewer)
    chosen = [one for one in led if token in {"", one[0].rpartition("/")[2]}]
    if not chosen:
        raise NotFound
    names = dict(chosen)
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    lines = await _lines(tx, names, start, start + timedelta(days=1))
    waiting = await records.count_waiting(tx, names)
    return TodayView(
        day=day,
        today=day == now,
        group=chosen[0][0] if token else None,
        groups=led,
        open=tuple(one for one in lines if one.is_open),
        filled=tuple(one for one in lines if not one.is_open),
        asks=tuple([one for group in names for one in await _asks(tx, group)]),
        offers=tuple([one for group in names for one in await _offers(tx, group)]),
        requests=tuple(
            [
                (group, names[group], one)
                for group in names
                for one in await groups.requests(tx, group)
            ]
        ),
        hours_waiting=tuple((group, names[group], number) for group, number in waiting.items()),
        unheard=tuple(one for one in await peer_lines(tx) if one.failing_since is not None),
        to_ring=len(await to_ring(tx, viewer)),
    )


async def _asks(tx: Tx, group: Iri) -> list[loans.AskView]:
    """List what allies ask for and we have not offered anything for yet."""
    live = (loans.LoanState.OFFERED, loans.LoanState.STANDING)
    answered = {one.ask.iri for one in await loans.loans(tx, group, loans.Side.LENDER, live)}
    asked = await loans.asks(tx, group, loans.Side.LENDER)
    return [one for one in asked if one.open and one.iri not in answered]


async def _offers(tx: Tx, group: Iri) -> Sequence[loans.LoanView]:
    return await loans.loans(tx, group, loans.Side.BORROWER, (loans.LoanState.OFFERED,))


async def _lines(tx: Tx, names: Iterable[Iri], start: datetime, end: datetime) -> list[PlaceLine]:
    lines: list[PlaceLine] = []
    for group in names:  # a leader leads a few groups
        filled = [
            one
            for job in await jobs.jobs(tx, group, start)
            for one in await staffing.openings_of(tx, job)
            if start <= one.start < end
        ]
        lent = [one for one in await loans.lent_openings(tx, group) if start <= one.start < end]
        keys: list[tuple[Iri, Iri | None]] = [(one.opening, None) for one in filled]
        keys += [(one.opening, one.agreement) for one in lent]
        found = await staffing.people_at(tx, group, keys)
        persons = {one for at in found.values() for one in (*at.confirmed, *at.named)}
        called = await groups.names_for(tx, group, persons)
        lines += [_own_line(one, found[one.opening, None], called) for one in filled]
        lines += [_lent_line(one, found[one.opening, one.agreement], called) for one in lent]
    return sorted(lines, key=lambda one: (one.start, one.title, one.skill))


def _own_line(
    one: staffing.OpeningToFill, at: staffing.PeopleAt, called: dict[Iri, str]
) -> PlaceLine:
    named = [called[person] for person in at.named]
    return PlaceLine(
        job=one.job,
        title=one.title,
        skill=one.skill,
        borrower="",
        start=one.start,
        end=one.end,
        wanted=one.wanted,
        confirmed=(*(called[person] for person in at.confirmed), *named),
        confirming=at.confirming,
        answered=at.answered,
        invited=at.invited,
        lent_promised=max(one.lent - len(named), 0),
        lent_named=len(named),
        open=max(one.places - len(at.confirmed) - at.confirming, 0),
    )


def _lent_line(one: loans.LentOpening, at: staffing.PeopleAt, called: dict[Iri, str]) -> PlaceLine:
    return PlaceLine(
        job=one.job,
        title=one.title,
        skill=one.skill,
        borrower=one.borrower_name,
        start=one.start,
        end=one.end,
        wanted=one.places,
        confirmed=tuple(called[person] for person in at.confirmed),
        confirming=at.confirming,
        answered=at.answered,
        invited=at.invited,
        lent_promised=0,
        lent_named=0,
        open=max(one.places - len(at.confirmed) - at.confirming, 0),
    )
