"""The worker's side: she states her hours, changes them, agrees, or tells her side."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from federation import Iri
from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.records import books
from instance.records.books import Place, Statement
from instance.records.events import HoursStated
from instance.records.models import Side, WorkRecord
from instance.records.statement import WAITING, Code, HoursState, split_minutes
from instance.viewer import Viewer

LONGEST_DAY = 24 * 60
LONGEST_WORDS = 1_000
_ENTERABLE = {agenda.PromiseState.CONFIRMED, agenda.PromiseState.DONE}


class Hours(msgspec.Struct, frozen=True):
    """Hours as they are entered: clock times of the place, and the break in minutes."""

    start: time
    end: time
    break_minutes: int = 0
    words: str = ""


async def enter(tx: Tx, viewer: Viewer, promise_id: str, hours: Hours) -> Iri:
    """State the hours of a shift for the first time; the promise is kept with that.

    Raises NotFound for somebody else's, Conflict before the shift began or when hours stand
    already, Invalid for hours that cannot be.
    """
    promised = await _own_promise(tx, viewer, promise_id)
    if tx.now < promised.start:
        raise Conflict("This shift has not begun yet.")
    await agenda.end(tx, promised.invite)  # takes her agenda: who enters them twice at once waits
    rows = await books.rows_of_shift(tx, Side.WORKER, promised.invite)
    if any(row.state is not HoursState.OVERTAKEN for row in rows):
        raise Conflict("You have entered these hours already.")
    return await _state(tx, promised, span_of(promised, hours), Code.ENTERED, hours.words)


async def change(tx: Tx, viewer: Viewer, record: str, hours: Hours) -> Iri:
    """State hours anew that nobody has confirmed yet."""
    row = await _own(tx, viewer, record, {HoursState.ENTERED})
    promised = await _promise_of(tx, row)
    span = span_of(promised, hours)
    return await _state(tx, promised, span, Code.CHANGED, hours.words, Iri(row.event))


async def agree(tx: Tx, viewer: Viewer, record: str) -> Iri:
    """Take what the group says instead."""
    row = await _own(tx, viewer, record, {HoursState.CORRECTED})
    assert row.proposed is not None, "a correction names a figure"
    return await _again(tx, row, row.proposed, Code.AGREED)


async def dispute(tx: Tx, viewer: Viewer, record: str, words: str) -> tuple[Iri, ...]:
    """Tell her side: what both agree on counts at once, the rest is a second statement.

    Raises Conflict when the group says as much as she does, or more: then she can only agree.
    """
    row = await _own(tx, viewer, record, {HoursState.CORRECTED})
    assert row.proposed is not None, "a correction names a figure"
    split = split_minutes(row.minutes, row.proposed)
    if split.open <= 0:
        raise Conflict("They say no less than you. There is nothing to dispute.")
    words = _words(words)
    if not words:
        raise Invalid("Please tell your side in a sentence.", field="words")
    stated = []
    if split.agreed:
        stated.append(await _again(tx, row, split.agreed, Code.AGREED))
    stated.append(await _again(tx, row, split.open, Code.DISPUTED, words))
    return tuple(stated)


async def let_go(tx: Tx, viewer: Viewer, record: str) -> Iri:
    """Take back the part that stands open: it counts for nothing."""
    row = await _own(tx, viewer, record, {HoursState.DISPUTED})
    return await _again(tx, row, 0, Code.CHANGED)


def span_of(promised: agenda.PromiseView, hours: Hours) -> tuple[datetime, datetime, int, int]:
    """Return start, end, break and working minutes; an end before the start is the next day's.

    Raises Invalid, naming the field.
    """
    zone = ZoneInfo(promised.timezone or "UTC")
    day = promised.start.astimezone(zone).date()
    start = datetime.combine(day, hours.start, zone)
    end = datetime.combine(day, hours.end, zone)
    if end <= start:
        end += timedelta(days=1)
    length = int((end.timestamp() - start.timestamp()) // 60)
    if not 0 <= hours.break_minutes < length:
        raise Invalid("The break is longer than the work.", field="break_minutes")
    if length > LONGEST_DAY:
        raise Invalid("That is longer than a day.", field="end")
    return start, end, hours.break_minutes, length - hours.break_minutes


async def _state(
    tx: Tx,
    promised: agenda.PromiseView,
    span: tuple[datetime, datetime, int, int],
    code: Code,
    words: str = "",
    replaces: Iri | None = None,
) -> Iri:
    start, end, pause, minutes = span
    if start > tx.now:
        raise Invalid("That is still to come.", field="start")
    said = Statement(
        event=Iri(f"{tx.federation.new_id()}#hours"),
        person=promised.person,
        group=promised.receiver,
        invite=promised.invite,
        commitment=promised.commitment or "",
        agreement=Iri(promised.agreement) if promised.agreement else None,
        job=promised.job,
        opening=promised.opening,
        title=promised.title,
        timezone=promised.timezone,
        started=start,
        ended=end,
        break_minutes=pause,
        minutes=minutes,
        code=code,
        words=_words(words),
        replaces=replaces,
    )
    return await _write(tx, said, _place(promised))


async def _again(tx: Tx, row: WorkRecord, minutes: int, code: Code, words: str = "") -> Iri:
    said = Statement(
        event=Iri(f"{tx.federation.new_id()}#hours"),
        person=Iri(row.person),
        group=Iri(row.group),
        invite=Iri(row.invite),
        commitment=row.commitment,
        agreement=Iri(row.agreement) if row.agreement else None,
        job=row.job,
        opening=row.opening,
        title=row.title,
        timezone=row.timezone,
        started=row.started,
        ended=row.ended,
        break_minutes=row.break_minutes,
        minutes=minutes,
        code=code,
        words=words,
        replaces=Iri(row.event),
    )
    lender = Iri(row.lender) if row.lender else None
    return await _write(tx, said, Place(lender, row.cents_per_hour, row.currency))


async def _write(tx: Tx, said: Statement, place: Place) -> Iri:
    await books.write(tx, Side.WORKER, said, place)
    tx.emit(HoursStated(said.event))
    return said.event


async def _own(tx: Tx, viewer: Viewer, record: str, states: set[HoursState]) -> WorkRecord:
    row = await books.row_by_id(tx, Side.WORKER, record)
    if row.person != viewer.person:
        raise NotFound
    if row.state not in states or row.state not in WAITING:
        raise Conflict("These hours were confirmed or changed meanwhile.")
    return row


async def _own_promise(tx: Tx, viewer: Viewer, promise_id: str) -> agenda.PromiseView:
    promised = await agenda.promise_at(tx, promise_id)
    if promised.person != viewer.person or promised.state not in _ENTERABLE:
        raise NotFound
    return promised


async def _promise_of(tx: Tx, row: WorkRecord) -> agenda.PromiseView:
    promised = await agenda.promise(tx, Iri(row.invite))
    if promised is None:
        raise NotFound
    return promised


def _place(promised: agenda.PromiseView) -> Place:
    lender = promised.group if promised.group != promised.receiver else None
    return Place(lender, promised.pay_cents_per_hour, promised.currency)


def _words(text: str) -> str:
    return text.strip()[:LONGEST_WORDS]
