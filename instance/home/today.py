"""The leader's board: what is open today, in red and first, and all that waits for an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.groups import service as groups
from instance.home.views import PlaceLine, TodayView
from instance.home.week import to_ring
from instance.loans import service as loans
from instance.moderation import service as moderation
from instance.records import service as records
from instance.staffing import service as staffing
from instance.viewer import Viewer

AHEAD = timedelta(days=14)
_COME = {"confirmed", "done", "named"}


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
    ahead = await _lines(tx, names, start, start + AHEAD)
    lines = [one for one in ahead if one.start < start + timedelta(days=1)]
    waiting = await records.count_waiting(tx, names)
    return TodayView(
        day=day,
        today=day == now,
        group=chosen[0][0] if token else None,
        groups=led,
        open=tuple(one for one in lines if one.is_open),
        filled=tuple(one for one in lines if not one.is_open),
        coming=_lacking(ahead[len(lines) :], zone),
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
        unheard=tuple(await moderation.unreachable(tx)),
        to_ring=len(await to_ring(tx, viewer)),
    )


def _lacking(lines: Iterable[PlaceLine], zone: ZoneInfo) -> tuple[tuple[date, int], ...]:
    """Count the open places of each day that has any."""
    found: Counter[date] = Counter()
    for one in lines:
        found[one.start.astimezone(zone).date()] += one.open
    return tuple((day, places) for day, places in found.items() if places)


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
        lent = await loans.loans(tx, group, loans.Side.LENDER)
        pages = {one.agreement: f"/loans/{one.id}/staffing" for one in lent}
        board = await staffing.board(tx, group, start, end)
        lines += [_line(one, pages.get(one.agreement, "")) for one in board]
    return sorted(lines, key=lambda one: (one.start, one.title, one.skill))


def _line(one: staffing.OpeningAt, lent_page: str) -> PlaceLine:
    page = lent_page or f"/jobs/{one.job.rpartition('/')[2]}/staffing"
    running = one.cascade if one.cascade and one.cascade.state != "over" else None
    come = [each.name for each in one.people if each.state in _COME]
    return PlaceLine(
        title=one.title,
        skill=one.skill,
        borrower=one.borrower,
        page=page,
        cover=f"{page.removesuffix('staffing')}cover/{staffing.fragment(one.opening)}",
        start=one.start,
        end=one.end,
        wanted=one.wanted,
        come=tuple(come),
        dropped_out=tuple(each.name for each in one.past if each.state == "dropped_out"),
        confirming=one.confirming,
        answered=one.answered,
        invited=one.invited,
        promised=one.promised,
        open=one.open,
        asking=running.state if running else "",
        wave=running.wave if running else 0,
    )
