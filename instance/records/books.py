"""The books: how a statement is written into one, and what an answer does to it there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Conflict, Forbidden, NotFound
from instance.records.events import HoursCorrected, HoursEntered, WorkConfirmed, WorkDisputed
from instance.records.models import EarlyAnswer, Side, WorkRecord
from instance.records.statement import (
    WAITING,
    Code,
    Heard,
    HoursState,
    becomes,
    begins,
    is_agreed,
)

MOST_STATEMENTS = 40


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """Hours as they are stated in an EconomicEvent. Minutes are working time, without the break."""

    event: Iri
    person: Iri
    group: Iri
    invite: Iri
    commitment: str
    agreement: Iri | None
    job: str
    opening: str
    title: str
    timezone: str
    started: datetime
    ended: datetime
    break_minutes: int
    minutes: int
    code: Code
    words: str = ""
    replaces: Iri | None = None


class Place(msgspec.Struct, frozen=True):
    """What one book knows of the place a statement is about: who lent the person, and the pay."""

    lender: Iri | None
    cents_per_hour: int
    currency: str
    placed: bool = True


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a group answers to stated hours; `minutes` and `words` are what it says instead.

    `told` are the groups here that the answer was addressed to.
    """

    event: Iri
    group: Iri
    accepted: bool
    minutes: int | None = None
    words: str = ""
    told: tuple[Iri, ...] = ()


async def write(tx: Tx, side: Side, said: Statement, place: Place) -> WorkRecord | None:
    """Write a statement into a book; None when it stands there already.

    Raises NotFound while what it replaces is unknown, Forbidden when that is somebody else's, and
    Conflict for more statements about one shift than anybody needs.
    """
    if await tx.get(WorkRecord, (said.event, side)) is not None:
        return None
    older = await _replaced(tx, side, said)
    await _refuse_floods(tx, side, said)
    row = WorkRecord(
        side=side,
        id=tx.federation.new_id("hours").rpartition("/")[2],
        lender=place.lender,
        cents_per_hour=place.cents_per_hour,
        currency=place.currency,
        placed=place.placed,
        state=begins(said.code, older.state if older else None),
        stated=tx.now,
        **msgspec.structs.asdict(said),
    )
    tx.session.add(row)
    if older is not None:
        older.state = becomes(older.state, Heard.REPLACED) or older.state
    # answers that follow in this transaction look for the row by what it replaces
    await tx.session.flush()
    who = (said.event, side.value, said.person, said.group)
    if row.state is HoursState.ENTERED:
        tx.emit(HoursEntered(*who))
    elif row.state is HoursState.DISPUTED:
        tx.emit(WorkDisputed(*who))
    return row


async def is_taken(tx: Tx, row: WorkRecord) -> bool:
    """Tell whether a group takes a statement at once, since its leaders proposed it themselves.

    What they proposed is taken once: a second statement of the kind waits for them.
    """
    if row.state not in WAITING:
        return False
    older = await tx.get(WorkRecord, (row.replaces, row.side)) if row.replaces else None
    proposed = older.proposed if older and older.agreed is None else None
    if not is_agreed(row.code, row.minutes, proposed) or (row.minutes == 0 and older is None):
        return False
    if older is not None and row.minutes:
        older.agreed = row.event
    return True


async def accept(tx: Tx, row: WorkRecord, decision: str | None = None) -> bool:
    """Let a statement count; what replaces it counts for nothing. False when it did before."""
    state = becomes(row.state, Heard.ACCEPT)
    if state is None:
        return False
    row.state, row.answered, row.decision = state, tx.now, decision or row.decision
    await _overtake(tx, row)
    tx.emit(WorkConfirmed(Iri(row.event), row.side.value, Iri(row.person), Iri(row.group)))
    return True


async def reject(tx: Tx, row: WorkRecord, minutes: int | None, words: str) -> None:
    """Note what the group says instead; it changes nothing once the statement counts."""
    state = becomes(row.state, Heard.REJECT)
    if state is None:
        return
    row.state, row.answered, row.answer = state, tx.now, words
    row.proposed = minutes if minutes is not None else row.proposed
    if state is HoursState.CORRECTED:
        who = (Iri(row.event), row.side.value, Iri(row.person), Iri(row.group))
        tx.emit(HoursCorrected(*who))


async def remember(tx: Tx, answer: Answer) -> None:
    """Remember an answer that came before its statement; an Accept outweighs a Reject."""
    early = await tx.get(EarlyAnswer, (answer.event, answer.group))
    if early is None:
        early = EarlyAnswer(
            event=answer.event, group=answer.group, accepted=False, words="", heard=tx.now
        )
        tx.session.add(early)
    early.accepted = early.accepted or answer.accepted
    if not answer.accepted:
        early.minutes, early.words = answer.minutes, answer.words


async def answer_early(tx: Tx, row: WorkRecord) -> None:
    """Let an answer that came before its statement take effect now."""
    early = await tx.get(EarlyAnswer, (row.event, row.group))
    if early is None:
        return
    if early.minutes is not None or early.words:
        await reject(tx, row, early.minutes, early.words)
    if early.accepted:
        await accept(tx, row)
    await tx.session.delete(early)


async def row_of(tx: Tx, side: Side, event: str) -> WorkRecord | None:
    """Return a statement's row in a book."""
    return await tx.get(WorkRecord, (event, side))


async def row_by_id(tx: Tx, side: Side, identifier: str) -> WorkRecord:
    """Return a row by its own id, taken until the transaction ends; raise NotFound."""
    chosen = sa.select(WorkRecord).where(WorkRecord.id == identifier, WorkRecord.side == side)
    row = (await tx.session.scalars(chosen.with_for_update())).one_or_none()
    if row is None:
        raise NotFound
    return row


async def rows_of_shift(tx: Tx, side: Side, invite: str) -> Sequence[WorkRecord]:
    """Return all that was stated about one shift in a book, oldest first."""
    chosen = sa.select(WorkRecord).where(WorkRecord.invite == invite, WorkRecord.side == side)
    return (await tx.session.scalars(chosen.order_by(WorkRecord.stated, WorkRecord.event))).all()


async def counted_before(tx: Tx, row: WorkRecord) -> bool:
    """Tell whether another statement about the same shift counts already."""
    rows = await rows_of_shift(tx, row.side, row.invite)
    return any(one.state is HoursState.CONFIRMED and one.event != row.event for one in rows)


async def _replaced(tx: Tx, side: Side, said: Statement) -> WorkRecord | None:
    if said.replaces is None:
        return None
    older = await tx.get(WorkRecord, (said.replaces, side))
    if older is None:
        raise NotFound
    if (older.person, older.invite, older.group) != (said.person, said.invite, said.group):
        raise Forbidden("What this replaces is about another shift.")
    return older


async def _refuse_floods(tx: Tx, side: Side, said: Statement) -> None:
    counted = sa.select(sa.func.count()).where(
        WorkRecord.invite == said.invite, WorkRecord.side == side
    )
    if int((await tx.session.execute(counted)).scalar_one()) >= MOST_STATEMENTS:
        raise Conflict("These hours were changed very often. Please talk to each other.")


async def _overtake(tx: Tx, row: WorkRecord) -> None:
    """Let all that replaces a statement, and what replaces that, count for nothing."""
    wave = [row.event]
    while wave:
        chosen = sa.select(WorkRecord).where(
            WorkRecord.replaces.in_(wave), WorkRecord.side == row.side
        )
        newer = (await tx.session.scalars(chosen)).all()
        for one in newer:
            one.state = becomes(one.state, Heard.OVERTAKEN) or one.state
        wave = [one.event for one in newer]
