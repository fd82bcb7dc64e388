"""Invitations as the group knows them: what is heard, what leaders do, what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.people import service as people
from instance.staffing import openings, turn
from instance.staffing import placement as table
from instance.staffing.events import (
    AnswerConfirmed,
    AnswerNotNeeded,
    InvitationAnswered,
    PlacementCalledOff,
    PlacementConfirmed,
    PlacementEnded,
    PlacementUnconfirmed,
    PlaceOpened,
)
from instance.staffing.models import Placement, StaffedOpening
from instance.staffing.placement import (
    TAKES_PLACE,
    Act,
    Heard,
    PlacementState,
    Said,
    Step,
)
from instance.transparency import service as transparency
from instance.viewer import Viewer

REPLY_DUE, SHIFT_ENDS = "staffing.reply_due", "staffing.shift_ends"
IN_TIME = timedelta(minutes=1)
"""A yes is confirmed so long before its hold ends, and counts so long after it was due."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a message about an invitation carries besides its kind.

    `create` is her own Create{Commitment} as it came, `commitment` the id of the promise in it,
    `withdrawal` her own Undo of it.
    """

    code: str = ""
    accept: Iri | None = None
    hold_until: datetime | None = None
    commitment: Iri | None = None
    create: Mapping[str, Any] | None = None
    withdrawal: Mapping[str, Any] | None = None


# Messages ----------------------------------------------------------------------------------------


async def hear(tx: Tx, invite: Iri, person: Iri, heard: Heard, told: Told) -> None:
    """Let what her home says take effect; what the table does not name changes nothing.

    Raises NotFound when nobody, or somebody else, was asked by this Invite.
    """
    row = await locked(tx, invite)
    if row is None or row.person != person:
        raise NotFound
    await _let_older_go(tx, row, heard)
    step = table.hear(row.state, heard)
    if step is None:
        return
    row.accept = told.accept or row.accept
    row.hold_until = told.hold_until or row.hold_until
    if heard is Heard.CREATE_COMMITMENT and told.create is not None:
        row.commitment, row.create = told.commitment, dict(told.create)
    row.withdrawal = dict(told.withdrawal) if told.withdrawal else None
    await _move(tx, row, step, told.code)
    if step.becomes is PlacementState.ANSWERED:
        await _settle_answer(tx, row)


async def _let_older_go(tx: Tx, row: Placement, heard: Heard) -> None:
    """Let the placement that this one replaces go, when this one's promise proves that it did."""
    older = await tx.get(Placement, row.replaces) if row.replaces else None
    if older is not None and table.is_replaced(older.state, heard):
        await _move(tx, older, Step(PlacementState.REPLACED), "moved")
        if older.person != row.person:
            # the home that she has left does not see what she promised at the new one
            who = (Iri(older.invite), Iri(older.person), Iri(older.group))
            tx.emit(PlacementCalledOff(*who, "moved"))


async def _settle_answer(tx: Tx, row: Placement) -> None:
    """Confirm the first valid yes while there is room; say "not needed" when there is none.

    Where people are asked a few at a time, a yes first waits a little for those before her.
    """
    staffed = await tx.get(StaffedOpening, (row.opening, row.agreement))
    if staffed is None or not staffed.auto_confirm:
        return
    room = await _room(tx, row)
    if room <= 0:
        await act(tx, row, Act.NOT_NEEDED, "not_needed")
    elif _is_in_time(tx, row) and not await turn.waits_her_turn(tx, row, room):
        await act(tx, row, Act.CONFIRM)


async def settle(tx: Tx, opening: str, agreement: str) -> None:
    """Settle the answers that wait at an opening, for whoever has taken it: in fair order."""
    for row in await turn.answered_in_turn(tx, opening, agreement):
        if row.state is PlacementState.ANSWERED:
            await _settle_answer(tx, row)


# Acts --------------------------------------------------------------------------------------------


async def confirm(tx: Tx, viewer: Viewer, invite: Iri) -> None:
    """Confirm a yes; raise Conflict when no place is left or her time is no longer held."""
    row = await _led(tx, viewer, invite)
    if await _room(tx, row) <= 0:
        raise Conflict("There is no open place any more.")
    if not _is_in_time(tx, row):
        raise Conflict("Her time is no longer held: ask her anew.")
    if not await act(tx, row, Act.CONFIRM):
        raise Conflict("There is no answer to confirm.")


async def not_needed(tx: Tx, viewer: Viewer, invite: Iri) -> None:
    """Tell somebody who said yes that she is not needed: her time is hers again."""
    row = await _led(tx, viewer, invite)
    if not await act(tx, row, Act.NOT_NEEDED, "not_needed"):
        raise Conflict("There is no answer that waits.")


async def call_off(tx: Tx, viewer: Viewer, invite: Iri, code: str = "called_off") -> None:
    """Call an invitation or a placement off; raise Conflict once the shift has started."""
    row = await _led(tx, viewer, invite)
    if tx.now >= row.starts:
        raise Conflict("The shift has started: nobody calls off any more.")
    row.decision = await transparency.note(
        tx,
        "staffing.called_off",
        by=viewer.person,
        group=Iri(row.group),
        about=Iri(row.person),
        text="An invitation or a placement was called off.",
        opening=row.opening,
    )
    if not await act(tx, row, Act.CALL_OFF, code):
        raise Conflict("This is over already.")


async def call_off_all(tx: Tx, rows: Sequence[Placement], code: str) -> None:
    """Call off what stands of these placements, without a leader's pressing each."""
    for one in rows:
        row = await locked(tx, Iri(one.invite))
        if row is not None and tx.now < row.starts:
            await act(tx, row, Act.CALL_OFF, code)


async def set_auto_confirm(
    tx: Tx, viewer: Viewer, filled: openings.OpeningToFill, on: bool
) -> None:
    """Say whether the first valid yes is confirmed by itself at an opening, or by a leader."""
    await people.require_leader(tx, viewer, filled.group)
    row = await lock(tx, filled.opening, filled.agreement)
    row.auto_confirm = on


async def end(tx: Tx, invite: Iri) -> None:
    """Note that the shift is over or that her hours came; harmless when it comes twice."""
    row = await locked(tx, invite)
    if row is not None:
        await act(tx, row, Act.END, "done")


async def reply_due(tx: Tx, key: str) -> None:
    """Call an invitation off that nobody answered in time; `key` is the Invite's id."""
    row = await locked(tx, Iri(key))
    if row is not None:
        await act(tx, row, Act.REPLY_DUE, "expired")


async def end_due(tx: Tx, key: str) -> None:
    """Do what is due when a shift ends; `key` is the Invite's id."""
    await end(tx, Iri(key))


async def act(tx: Tx, row: Placement, does: Act, code: str = "") -> bool:
    """Let an act take effect on a row whose opening was taken; False when it cannot be done."""
    step = table.act(row.state, does)
    if step is not None:
        await _move(tx, row, step, code)
    return step is not None


# Counting ----------------------------------------------------------------------------------------


async def lock(tx: Tx, opening: Iri, agreement: Iri | str | None) -> StaffedOpening:
    """Take an opening until the transaction ends: its places are counted after, not before.

    SQLite has one writer and needs no more than that.
    """
    key = (opening, agreement or "")
    values = {"opening": key[0], "agreement": key[1], "auto_confirm": True}
    await tx.session.execute(tx.insert(StaffedOpening).values(**values).on_conflict_do_nothing())
    row = await tx.session.get(StaffedOpening, key, populate_existing=True, with_for_update=True)
    assert row, "it was just made"
    return row


async def lock_all(tx: Tx, wanted: Iterable[Iri]) -> None:
    """Take several openings of the group's own, always in one order, as `lock` takes one."""
    keys = sorted(set(wanted))
    if keys:
        rows = [{"opening": one, "agreement": "", "auto_confirm": True} for one in keys]
        await tx.session.execute(tx.insert(StaffedOpening).on_conflict_do_nothing(), rows)
        chosen = sa.select(StaffedOpening).where(
            StaffedOpening.opening.in_(keys), StaffedOpening.agreement == ""
        )
        await tx.session.execute(chosen.order_by(StaffedOpening.opening).with_for_update())


async def locked(tx: Tx, invite: Iri) -> Placement | None:
    """Take the opening that an Invite is for, then read the placement as it is now."""
    chosen = sa.select(Placement.opening, Placement.agreement, Placement.instead)
    found = (await tx.session.execute(chosen.where(Placement.invite == invite))).one_or_none()
    if found is None:
        return None
    await lock(tx, Iri(found.opening), found.agreement)
    if found.instead:
        await lock(tx, Iri(found.opening), found.instead)
    return await tx.session.get(Placement, invite, populate_existing=True)


async def taken(tx: Tx, opening: Iri, agreement: Iri | str | None, but: str | None = None) -> int:
    """Count the places that are taken. A placement and the one it replaces are one place.

    `but` leaves out a placement that is to be replaced.
    """
    found = await tx.session.execute(
        sa.select(Placement.invite, Placement.replaces).where(
            Placement.opening == opening,
            Placement.agreement == (agreement or ""),
            Placement.state.in_(TAKES_PLACE),
        )
    )
    rows = {one.invite: one.replaces for one in found}
    return len({old if old in rows else invite for invite, old in rows.items()} - {but})


async def _room(tx: Tx, row: Placement) -> int:
    """Count the places that are open for an answer; none is when the opening is no longer so.

    Who was asked to come instead of an ally's people takes a place of the group's own if there is
    one, and the ally keeps its place.
    """
    agreement = Iri(row.agreement) if row.agreement else None
    try:
        filled = await openings.opening(tx, Iri(row.opening), agreement)
    except NotFound:
        return 0
    if (filled.start, filled.end) != (row.starts, row.ends):
        return 0
    room = filled.places - await taken(tx, filled.opening, agreement, but=row.replaces)
    if room > 0:
        row.instead = None
        return room
    return filled.looking(row.instead) if row.instead is not None else 0


def _is_in_time(tx: Tx, row: Placement) -> bool:
    return row.hold_until is not None and tx.now <= row.hold_until - IN_TIME


async def _led(tx: Tx, viewer: Viewer, invite: Iri) -> Placement:
    row = await locked(tx, invite)
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group))
    return row


# Written with what was sent ----------------------------------------------------------------------


async def note_announced(tx: Tx, invite: Iri, announce: Iri) -> None:
    """Keep the id of the Announce that passed her promise on: an Undo names it."""
    row = await tx.get(Placement, invite)
    assert row, "only what stands is announced"
    row.announce = announce


async def sent_of(tx: Tx, invite: Iri) -> Placement:
    """Return the row that activities about an invitation are written from; raise NotFound."""
    row = await tx.get(Placement, invite)
    if row is None:
        raise NotFound
    return row


async def all_sent(tx: Tx, invites: Iterable[Iri]) -> Sequence[Placement]:
    """Return the rows of several invitations, in the order of their ids."""
    chosen = sa.select(Placement).where(Placement.invite.in_(list(invites)))
    return (await tx.session.scalars(chosen.order_by(Placement.invite))).all()


# Moving ------------------------------------------------------------------------------------------


async def _move(tx: Tx, row: Placement, step: Step, code: str) -> None:
    """Put a placement into its next state, with all that follows from it in the same commit."""
    before, row.state = row.state, step.becomes
    row.code, row.changed = code, tx.now
    if before is PlacementState.INVITED:
        await due.cancel(tx, REPLY_DUE, row.invite)
    if before is PlacementState.CONFIRMED:
        await due.cancel(tx, SHIFT_ENDS, row.invite)
    if step.becomes is PlacementState.CONFIRMED:
        await due.schedule(tx, row.ends, SHIFT_ENDS, row.invite)
    _tell(tx, row, before, step)


def _tell(tx: Tx, row: Placement, before: PlacementState, step: Step) -> None:
    who = (Iri(row.invite), Iri(row.person), Iri(row.group))
    opening, code = Iri(row.opening), row.code
    match step.says:
        case Said.ACCEPT:
            tx.emit(AnswerConfirmed(*who))
        case Said.REJECT:
            tx.emit(AnswerNotNeeded(*who))
        case Said.UNDO_INVITE:
            tx.emit(PlacementCalledOff(*who, code))
        case None if step.becomes is PlacementState.ANSWERED:
            tx.emit(InvitationAnswered(*who, opening))
        case None if step.becomes is PlacementState.CONFIRMED:
            tx.emit(PlacementConfirmed(*who, opening))
        case None:
            pass
    if before is PlacementState.CONFIRMED and step.becomes is not PlacementState.DONE:
        tx.emit(PlacementUnconfirmed(*who, opening, code))
    if step.becomes not in table.ASKED or step.becomes is PlacementState.DONE:
        tx.emit(PlacementEnded(*who, opening, code or step.becomes.value))
    opened = before in TAKES_PLACE and step.becomes not in TAKES_PLACE
    if opened and step.becomes is not PlacementState.REPLACED:
        tx.emit(PlaceOpened(opening, Iri(row.group), code))
