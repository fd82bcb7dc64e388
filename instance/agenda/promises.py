"""What a person has been asked and has promised: the home's word, one transaction at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.agenda import promise as table
from instance.agenda.clash import Clash
from instance.agenda.events import (
    AvailabilityChanged,
    HoldEnded,
    InvitationCalledOff,
    InvitationReceived,
    InvitationRefused,
    PromiseConfirmed,
    PromiseEnded,
    PromiseReleased,
    PromiseReplaced,
    PromiseWithdrawn,
    TimeHeld,
)
from instance.agenda.models import Agenda, EarlyUndo, Promise
from instance.agenda.promise import TAKES_TIME, Act, Heard, PromiseState, Said, Step
from instance.agenda.standing import BEFORE_START, accounts_of, gives_way, standing
from instance.agenda.views import Answer
from instance.consent import service as consent
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.viewer import Viewer

HOLD = timedelta(minutes=30)
HOLD_EXPIRES, SHIFT_ENDS = "agenda.hold_expires", "agenda.shift_ends"


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """What an Invite says, read and checked for form. `offered` is its Commitment as it came.

    Pay is in the smallest unit for an hour of the `minutes`, which leave breaks out.
    """

    invite: Iri
    person: Iri
    group: Iri
    start: datetime
    end: datetime
    minutes: int
    reply_by: datetime
    receiver: Iri
    offered: Mapping[str, Any]
    replaces: Iri | None = None
    break_minutes: int = 0
    pay_cents_per_hour: int = 0
    currency: str = ""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """What activities about a promise are written from. Lengths are minutes."""

    invite: Iri
    person: Iri
    group: Iri
    accept: Iri | None
    create: Iri | None
    hold_until: datetime | None
    start: datetime
    end: datetime
    minutes: int
    replaces: Iri | None
    offered: Mapping[str, Any]


# Messages ----------------------------------------------------------------------------------------


async def record_invitation(tx: Tx, asked: Invitation) -> None:
    """Note that a group asks a person. One that was called off already comes to nothing."""
    await lock(tx, asked.person)
    if await tx.get(Promise, asked.invite) is not None:
        return
    early = await tx.get(EarlyUndo, asked.invite)
    undone = early is not None and early.group == asked.group
    state = PromiseState.CALLED_OFF if undone else PromiseState.INVITED
    tx.session.add(
        Promise(
            invite=asked.invite,
            id=tx.federation.new_id("promises").rpartition("/")[2],
            person=asked.person,
            group=asked.group,
            state=state,
            starts=asked.start,
            ends=asked.end,
            minutes=asked.minutes,
            break_minutes=asked.break_minutes,
            pay_cents_per_hour=asked.pay_cents_per_hour,
            currency=asked.currency,
            reply_by=min(asked.reply_by, asked.start - BEFORE_START),
            replaces=asked.replaces,
            receiver=asked.receiver,
            offered=dict(asked.offered),
            invited=tx.now,
            changed=tx.now,
        )
    )
    if state is PromiseState.INVITED:
        tx.emit(InvitationReceived(asked.invite, asked.person, asked.group))


async def hear(tx: Tx, invite: Iri, group: Iri, heard: Heard, code: str = "") -> None:
    """Let a group's message take effect; what the table does not name changes nothing.

    Raises NotFound when the invitation is another group's.
    """
    row = await _locked(tx, invite)
    if row is None:
        if heard is Heard.UNDO_INVITE:
            await _remember_undo(tx, invite, group)
        return
    if row.group != group:
        raise NotFound
    if row.state is PromiseState.HELD and row.hold_until and row.hold_until <= tx.now:
        await _act(tx, row, Act.EXPIRE, "expired")
    step = table.hear(row.state, heard)
    if step:
        await _move(tx, row, step, code or ("called_off" if heard is Heard.UNDO_INVITE else ""))


async def _remember_undo(tx: Tx, invite: Iri, group: Iri) -> None:
    if await tx.get(EarlyUndo, invite) is None:
        tx.session.add(EarlyUndo(invite=invite, group=group, heard=tx.now))


# Acts --------------------------------------------------------------------------------------------


async def answer(tx: Tx, viewer: Viewer, invite: Iri, yes: bool) -> Answer:
    """Answer an invitation: a yes is held, or refused when she is not free, in the same commit.

    Raises NotFound for somebody else's invitation and Conflict when it can no longer be answered.
    """
    row = await _locked(tx, invite)
    await _require_voice(tx, viewer, row)
    if row is None:
        raise NotFound
    if row.state is not PromiseState.INVITED:
        raise Conflict("This invitation has been answered or called off meanwhile.")
    if not yes:
        return await _answered(tx, row, Act.NO, "declined")
    if tx.now >= row.reply_by:
        raise Conflict("The time to answer has passed.")
    return await say_yes(tx, row)


async def say_yes(tx: Tx, row: Promise) -> Answer:
    """Hold the time for an invitation whose person's agenda has been taken; refuse if not free."""
    older = await gives_way(tx, row)
    hold_until = _hold_until(tx, row, older)
    found = (await standing(tx, [row]))[row.invite]
    if hold_until <= tx.now or any(one.blocks for one in found):
        return await _answered(tx, row, Act.NOT_FREE, "rule", found)
    row.hold_until = hold_until
    row.gives_way, row.claims = (older.invite, False) if older else (None, True)
    await due.schedule(tx, hold_until, HOLD_EXPIRES, row.invite)
    return await _answered(tx, row, Act.YES, "", found)


async def withdraw(tx: Tx, viewer: Viewer, invite: Iri) -> None:
    """Take a yes back, or drop out of what was confirmed; Conflict once the shift has started."""
    row = await _locked(tx, invite)
    await _require_voice(tx, viewer, row)
    if row is None:
        raise NotFound
    if tx.now >= row.starts:
        raise Conflict("The shift has started: nobody calls off any more.")
    does = Act.WITHDRAW if row.state is PromiseState.HELD else Act.DROP_OUT
    if not await _act(tx, row, does, "withdrawn"):
        raise Conflict("There is nothing to take back: this is not promised.")


async def end(tx: Tx, invite: Iri) -> None:
    """Note that the shift is over or that she entered her hours; harmless when it comes twice."""
    row = await _locked(tx, invite)
    if row:
        await _act(tx, row, Act.END, "")


async def expire(tx: Tx, invite: Iri) -> None:
    """Let a hold go that nobody confirmed in time."""
    row = await _locked(tx, invite)
    if row and row.hold_until and row.hold_until <= tx.now:
        await _act(tx, row, Act.EXPIRE, "expired")


async def would_clash(tx: Tx, person: Iri, invite: Iri) -> tuple[Clash, ...]:
    """Return what stands against saying yes, for the warning before the button."""
    row = await tx.get(Promise, invite)
    if row is None or row.person != person:
        raise NotFound
    return (await standing(tx, [row]))[row.invite]


# The row and its lock ----------------------------------------------------------------------------


async def lock(tx: Tx, *people: str) -> None:
    """Take people's agendas until the transaction ends: their promises are read after, not before.

    SQLite has one writer and needs no more than that.
    """
    for person in sorted(set(people)):
        await tx.session.execute(
            tx.insert(Agenda).values(person=person, timezone=None).on_conflict_do_nothing()
        )
        taken = sa.select(Agenda.person).where(Agenda.person == person).with_for_update()
        await tx.session.execute(taken)


async def _locked(tx: Tx, invite: Iri) -> Promise | None:
    """Take the agenda of the person who was asked, then read the promise as it is now."""
    found = await tx.session.execute(sa.select(Promise.person).where(Promise.invite == invite))
    person = found.scalar_one_or_none()
    if person is None:
        return None
    await lock(tx, *await accounts_of(tx, person))
    return await tx.session.get(Promise, invite, populate_existing=True)


async def _require_voice(tx: Tx, viewer: Viewer, row: Promise | None) -> None:
    """Raise NotFound unless this is her own, or she named the viewer to answer for her."""
    if row is None:
        raise NotFound
    if viewer.person == row.person:
        return
    if not await consent.may_answer_for(tx, viewer.person, Iri(row.person)):
        raise NotFound


# Deciding ----------------------------------------------------------------------------------------


def _hold_until(tx: Tx, row: Promise, older: Promise | None) -> datetime:
    starts = min(row.starts, older.starts) if older else row.starts
    return min(tx.now + HOLD, starts - BEFORE_START)


async def _answered(
    tx: Tx, row: Promise, does: Act, code: str, found: tuple[Clash, ...] = ()
) -> Answer:
    await _act(tx, row, does, code)
    return Answer(row.state, found)


async def _act(tx: Tx, row: Promise, does: Act, code: str) -> bool:
    step = table.act(row.state, does)
    if step:
        await _move(tx, row, step, code)
    return step is not None


# Written with what was sent ----------------------------------------------------------------------


async def note_sent(
    tx: Tx, invite: Iri, *, accept: Iri | None = None, create: Iri | None = None
) -> None:
    """Keep the ids of her yes and her promise as they were sent: an Undo names them."""
    row = await _known(tx, invite)
    row.accept, row.create = accept or row.accept, create or row.create


async def sent_of(tx: Tx, invite: Iri) -> Sent:
    """Return what has to be said again when something about a promise is sent; raise NotFound."""
    row = await _known(tx, invite)
    return Sent(
        invite=invite,
        person=Iri(row.person),
        group=Iri(row.group),
        accept=Iri(row.accept) if row.accept else None,
        create=Iri(row.create) if row.create else None,
        hold_until=row.hold_until,
        start=row.starts,
        end=row.ends,
        minutes=row.minutes,
        replaces=Iri(row.replaces) if row.replaces else None,
        offered=row.offered,
    )


async def _known(tx: Tx, invite: Iri) -> Promise:
    row = await tx.get(Promise, invite)
    if row is None:
        raise NotFound
    return row


# Moving ------------------------------------------------------------------------------------------


async def _move(tx: Tx, row: Promise, step: Step, code: str) -> None:
    """Put a promise into its next state, with all that follows from it in the same commit."""
    before, row.state = row.state, step.becomes
    row.code, row.changed = code, tx.now
    if step.becomes is PromiseState.CONFIRMED:
        await _replace(tx, row)
        await due.schedule(tx, row.ends, SHIFT_ENDS, row.invite)
    if before is PromiseState.HELD:
        await due.cancel(tx, HOLD_EXPIRES, row.invite)
    if before is PromiseState.CONFIRMED:
        await due.cancel(tx, SHIFT_ENDS, row.invite)
    await _tell(tx, row, before, step, code)


async def _replace(tx: Tx, row: Promise) -> None:
    """Let the promise that this one replaces go, in the commit that confirms this one."""
    older = await tx.get(Promise, row.gives_way) if row.gives_way else None
    if older is None or not table.is_replaced(older.state, row.state):
        row.claims = True
        return
    older.state, older.code, older.changed = PromiseState.REPLACED, "moved", tx.now
    await due.cancel(tx, SHIFT_ENDS, older.invite)
    # The old range has to be free before PostgreSQL sees the new one claimed.
    await tx.session.flush([older])
    row.claims = True
    tx.emit(
        PromiseReplaced(Iri(older.invite), Iri(older.person), Iri(older.group), Iri(row.invite))
    )
    tx.emit(AvailabilityChanged(Iri(older.person)))


async def _tell(tx: Tx, row: Promise, before: PromiseState, step: Step, code: str) -> None:
    who = (Iri(row.invite), Iri(row.person), Iri(row.group))
    happened = _happened(who, before, step, code)
    if happened:
        tx.emit(happened)
    took, takes = before in TAKES_TIME, step.becomes in TAKES_TIME
    if took and not takes:
        tx.emit(PromiseReleased(*who, code))
    if took != takes:
        tx.emit(AvailabilityChanged(who[1]))


def _happened(
    who: tuple[Iri, Iri, Iri], before: PromiseState, step: Step, code: str
) -> object | None:
    match step.says:
        case Said.ACCEPT_INVITE:
            return TimeHeld(*who)
        case Said.REJECT_INVITE:
            return InvitationRefused(*who, code)
        case Said.UNDO_ACCEPT:
            return HoldEnded(*who, code)
        case Said.CREATE_COMMITMENT:
            return PromiseConfirmed(*who)
        case Said.UNDO_CREATE:
            return PromiseWithdrawn(*who, code)
        case None:
            pass
    if step.becomes is PromiseState.DONE:
        return PromiseEnded(*who)
    return InvitationCalledOff(*who, code) if before is PromiseState.INVITED else None
