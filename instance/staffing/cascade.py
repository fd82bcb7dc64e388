"""Ask for one opening a few people at a time, in fair order, and allies last.

A cascade is a row, and each step of it a row of what is due: it goes on where it was after a
restart, and a step that comes late or twice finds by the row that there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.groups import service as groups
from instance.language import N_
from instance.loans import service as loans
from instance.loans.events import LoanAccepted
from instance.people import service as people
from instance.staffing import ally_wave, openings, placements
from instance.staffing.events import NobodyLeft, PlacementConfirmed, PlacementEnded
from instance.staffing.inviting import LEAST_NOTICE, Inviting, write_all
from instance.staffing.models import Cascade, Placement, ShortlistRow
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import ASKED, Act, PlacementState
from instance.staffing.reasons import TURN
from instance.staffing.shortlist import CHOOSABLE
from instance.staffing.standing import SAID_NO
from instance.staffing.turn import PENDING
from instance.staffing.waves import FAIR, LIVE, UNDO, CascadeState, Waves
from instance.transparency import service as transparency
from instance.viewer import Viewer

CASCADE, FAIR_WINDOW = "staffing.cascade", "staffing.fair_window"

SAID = {
    "begun": N_(
        "People are asked to fill a place: %(people)s at a time, %(minutes)s minutes each."
    ),
    "wave": N_("Round %(round)s: %(people)s people were asked to fill a place, in fair order."),
    "allies": N_("Round %(round)s: %(allies)s allies were asked for %(places)s places."),
    "filled": N_("Every place is filled. %(people)s others who were asked were told."),
    "ally": N_("Allies promised the last places. %(people)s others who were asked were told."),
    "stopped": N_("Asking a few people at a time was stopped after round %(round)s."),
    "undone": N_("Asking people was undone before anybody was asked."),
    "nobody": N_("Nobody is left to ask: places stay open after round %(round)s."),
    "called_off": N_("There is nothing left to ask for: asking people ended."),
}


async def begin(
    tx: Tx, viewer: Viewer, opening: Iri, agreement: Iri | None, subject: Iri, waves: Waves
) -> None:
    """Begin to ask, in half a minute, those whom the shortlist of `subject` has for an opening.

    Raises NotFound for whoever does not lead the group, Invalid for numbers that cannot be meant,
    Conflict when nobody could be asked, no place is open, or people are being asked already.
    """
    filled = await openings.opening(tx, opening, agreement)
    await people.require_leader(tx, viewer, filled.group)
    waves.check()
    await placements.lock(tx, opening, agreement)
    row = await tx.session.get(Cascade, (opening, agreement or ""), populate_existing=True)
    if row is not None and row.state in LIVE:
        raise Conflict("People are being asked for this already.")
    if filled.start <= tx.now + LEAST_NOTICE:
        raise Conflict("The shift starts too soon to ask anybody, or has started.")
    if await placements.taken(tx, opening, agreement) >= filled.places:
        raise Conflict("Every place of this opening is taken.")
    queue = await _in_fair_order(tx, subject, opening)
    if not queue and not waves.allies:
        raise Conflict("There is nobody left to ask.")
    if row is None:
        row = Cascade(opening=opening, agreement=agreement or "")
        tx.session.add(row)
    _fill(tx, row, filled, viewer, waves)
    row.queue, row.next_at = queue, tx.now + UNDO
    row.decision = await _note(tx, row, "begun", people=waves.people, minutes=waves.minutes)
    await due.schedule(tx, row.next_at, CASCADE, row.id)


async def send_now(tx: Tx, viewer: Viewer, opening: Iri, agreement: Iri | None) -> None:
    """Ask the first ones now, without waiting for the half-minute to be over."""
    row = await _led(tx, viewer, opening, agreement)
    if row.state is not CascadeState.WAITING:
        raise Conflict("The first people have been asked already.")
    await due.cancel(tx, CASCADE, row.id)
    await _step(tx, row)


async def stop(tx: Tx, viewer: Viewer, opening: Iri, agreement: Iri | None) -> str:
    """Ask nobody more; those who were asked may still answer. Returns undone, or stopped."""
    row = await _led(tx, viewer, opening, agreement)
    outcome = "undone" if row.state is CascadeState.WAITING else "stopped"
    row.begun_by = viewer.person
    row.fair_until = None
    await placements.settle(tx, opening, agreement or "")
    if row.state in LIVE:
        await _finish(tx, row, outcome, round=row.wave)
    return outcome


# What is due, and what happens meanwhile ---------------------------------------------------------


async def step_due(tx: Tx, key: str) -> None:
    """Do the next step of a cascade, by its id, if it is time for one."""
    found = await tx.session.execute(
        sa.select(Cascade.opening, Cascade.agreement).where(Cascade.id == key)
    )
    at = found.one_or_none()
    if at is None:
        return
    row = await _locked(tx, at.opening, at.agreement)
    early = row is None or row.next_at is None or row.next_at > tx.now
    if row is not None and row.id == key and row.state in LIVE and not early:
        await _step(tx, row)


async def fair_window_over(tx: Tx, key: str) -> None:
    """Settle what waited for those who were due first; `key` is the cascade's id."""
    found = await tx.session.execute(
        sa.select(Cascade.opening, Cascade.agreement).where(Cascade.id == key)
    )
    at = found.one_or_none()
    if at is not None and await _locked(tx, at.opening, at.agreement) is not None:
        await placements.settle(tx, at.opening, at.agreement)


async def on_placement_confirmed(tx: Tx, happened: PlacementConfirmed) -> None:
    """End a cascade, and tell all others, when every place is filled by a promise."""
    placed = await placements.sent_of(tx, happened.placement)
    row = await tx.get(Cascade, (placed.opening, placed.agreement))
    if row is not None and row.state in LIVE:
        await _end_if_filled(tx, row, "filled")


async def on_placement_ended(tx: Tx, happened: PlacementEnded) -> None:
    """Let who waited for an answer have her turn; go on at once when nobody is waited for."""
    placed = await placements.sent_of(tx, happened.placement)
    row = await tx.get(Cascade, (placed.opening, placed.agreement))
    if row is None or row.state is not CascadeState.ASKING:
        return
    await placements.settle(tx, row.opening, row.agreement)
    if row.state in LIVE and not row.asked_allies and not await _waited_for(tx, row):
        await _again(tx, row, timedelta())


async def on_loan_accepted(tx: Tx, happened: LoanAccepted) -> None:
    """End a cascade for places of our own that an ally has promised meanwhile."""
    if happened.side != loans.Side.BORROWER:
        return
    for place in (await loans.loan(tx, happened.loan, loans.Side.BORROWER)).places:
        row = await _locked(tx, place.opening, "")
        if row is not None and row.state in LIVE:
            await _end_if_filled(tx, row, "ally")


# Steps -------------------------------------------------------------------------------------------


async def _step(tx: Tx, row: Cascade) -> None:
    filled = await _still_open(tx, row)
    if filled is None:
        await _finish(tx, row, "called_off")
        return
    if await _end_if_filled(tx, row, "filled"):
        return
    if row.asked_allies or filled.start <= tx.now + LEAST_NOTICE:
        await _finish(tx, row, "nobody", round=row.wave)
        return
    row.state = CascadeState.ASKING
    taken = await placements.taken(tx, filled.opening, row.agreement)
    room = filled.places - taken - await _count(tx, row, PlacementState.ANSWERED)
    if room > 0 and (chosen := await _next(tx, row)):
        await _ask(tx, row, filled, chosen)
    elif room > 0 and row.allies and not row.agreement:
        await _ask_allies(tx, row, filled, room)
    elif await _waited_for(tx, row):
        await _again(tx, row, timedelta(minutes=row.minutes))
    else:
        await _finish(tx, row, "nobody", round=row.wave)


async def _ask(
    tx: Tx, row: Cascade, filled: OpeningToFill, chosen: Sequence[Sequence[str]]
) -> None:
    patience = timedelta(minutes=row.minutes)
    until = min(tx.now + patience, filled.start - LEAST_NOTICE)
    row.wave += 1
    decision = await _note(tx, row, "wave", round=row.wave, people=len(chosen))
    asked = [Inviting(filled, Iri(person), until, (code,)) for person, code in chosen]
    await write_all(tx, asked, decision=decision)
    if not row.first_come:
        row.fair_until = tx.now + FAIR
        await due.schedule(tx, row.fair_until, FAIR_WINDOW, row.id)
    await _again(tx, row, patience)


async def _ask_allies(tx: Tx, row: Cascade, filled: OpeningToFill, room: int) -> None:
    asked = await ally_wave.ask(tx, Iri(row.begun_by), filled, room, row.minutes)
    if asked:
        row.wave, row.asked_allies = row.wave + 1, True
        await _note(tx, row, "allies", round=row.wave, allies=asked, places=room)
        await _again(tx, row, filled.start - LEAST_NOTICE - tx.now)
    elif await _waited_for(tx, row):
        await _again(tx, row, timedelta(minutes=row.minutes))
    else:
        await _finish(tx, row, "nobody", round=row.wave)


async def _next(tx: Tx, row: Cascade) -> list[list[str]]:
    """Return who is asked next, and move on behind the last of them.

    Left out is who was asked meanwhile, said no to these hours, or no longer shares.
    """
    left = row.queue[row.asked :]
    persons = [Iri(person) for person, _ in left]
    rows = await tx.session.execute(
        sa.select(Placement.person, Placement.state, Placement.invited).where(
            Placement.opening == row.opening,
            Placement.agreement == row.agreement,
            Placement.person.in_(persons),
        )
    )
    out = {one.person for one in rows if one.state in ASKED | SAID_NO or one.invited >= row.begun}
    sharing = await groups.sharing(tx, Iri(row.group), persons)
    chosen: list[list[str]] = []
    for one in left:
        if len(chosen) == row.people:
            break
        row.asked += 1
        if one[0] not in out and one[0] in sharing:
            chosen.append(one)
    return chosen


async def _again(tx: Tx, row: Cascade, later: timedelta) -> None:
    row.next_at, row.changed = tx.now + later, tx.now
    await due.schedule(tx, row.next_at, CASCADE, row.id)


# Ending ------------------------------------------------------------------------------------------


async def _end_if_filled(tx: Tx, row: Cascade, outcome: str) -> bool:
    """End a cascade when no place is left: others are told at once, and keep their turn."""
    filled = await _still_open(tx, row)
    promised = (PlacementState.CONFIRMED, PlacementState.DONE)
    if filled is None or await _count(tx, row, *promised) < filled.places:
        return False
    asked = await tx.session.scalars(
        sa.select(Placement).where(*_here(row), Placement.state.in_(PENDING))
    )
    others = asked.all()
    await _finish(tx, row, outcome, people=len(others))
    for one in others:
        said_yes = one.state is PlacementState.ANSWERED
        does = Act.NOT_NEEDED if said_yes else Act.CALL_OFF
        await placements.act(tx, one, does, "filled")
    return True


async def _finish(tx: Tx, row: Cascade, outcome: str, **told: Any) -> None:
    row.state, row.outcome = CascadeState.OVER, outcome
    row.next_at = row.fair_until = None
    await _note(tx, row, outcome, **told)
    if outcome == "nobody":
        agreement = Iri(row.agreement) if row.agreement else None
        tx.emit(NobodyLeft(Iri(row.opening), Iri(row.group), agreement))
    row.queue, row.begun_by, row.changed = [], "", tx.now
    for kind in (CASCADE, FAIR_WINDOW):
        await due.cancel(tx, kind, row.id)


# Reading -----------------------------------------------------------------------------------------


async def _in_fair_order(tx: Tx, subject: Iri, opening: Iri) -> list[list[str]]:
    rows = await tx.session.scalars(
        sa.select(ShortlistRow).where(
            ShortlistRow.subject == subject, ShortlistRow.opening == opening
        )
    )
    able = [one for one in rows if one.suggested or one.code in CHOOSABLE]
    able.sort(key=lambda one: (int(one.values.get(TURN, len(able))), one.person))
    return [[one.person, _why(one)] for one in able]


def _why(one: ShortlistRow) -> str:
    """Say why somebody is asked in her turn, in the words that homes know."""
    turn_came = one.suggested or one.code in {"others_first", "no_place_left"}
    return "free_and_qualified" if turn_came else "chosen_by_leader"


async def _still_open(tx: Tx, row: Cascade) -> OpeningToFill | None:
    """Return what is to be filled; None if nothing is, or who began it leads no longer."""
    if not await people.is_leader(tx, Iri(row.begun_by), Iri(row.group)):
        return None
    try:
        return await openings.opening(tx, Iri(row.opening), Iri(row.agreement) or None)
    except NotFound:
        return None


async def _led(tx: Tx, viewer: Viewer, opening: Iri, agreement: Iri | None) -> Cascade:
    row = await _locked(tx, opening, agreement or "")
    if row is None:
        raise NotFound
    await people.require_leader(tx, viewer, Iri(row.group))
    if row.state not in LIVE:
        raise Conflict("Nobody is being asked any more.")
    return row


async def _locked(tx: Tx, opening: str, agreement: str) -> Cascade | None:
    """Take the opening, then read its cascade as it is now; None if there was never one."""
    if await tx.get(Cascade, (opening, agreement)) is None:
        return None
    await placements.lock(tx, Iri(opening), agreement)
    return await tx.session.get(Cascade, (opening, agreement), populate_existing=True)


async def _waited_for(tx: Tx, row: Cascade) -> int:
    return await _count(tx, row, *PENDING, PlacementState.CONFIRMING)


async def _count(tx: Tx, row: Cascade, *states: PlacementState) -> int:
    """Count placements of a cascade's opening; one and the one that it replaces are one place."""
    found = await tx.session.execute(
        sa.select(Placement.invite, Placement.replaces).where(
            *_here(row), Placement.state.in_(states)
        )
    )
    pairs = {one.invite: one.replaces for one in found}
    return sum(old not in pairs for old in pairs.values())


def _here(row: Cascade) -> tuple[sa.ColumnElement[bool], ...]:
    return Placement.opening == row.opening, Placement.agreement == row.agreement


def _fill(tx: Tx, row: Cascade, filled: OpeningToFill, viewer: Viewer, waves: Waves) -> None:
    row.id = tx.federation.new_id("cascades").rpartition("/")[2]
    row.group, row.job, row.begun_by = filled.group, filled.job, viewer.person
    row.state, row.outcome = CascadeState.WAITING, ""
    row.people, row.minutes = waves.people, waves.minutes
    row.allies, row.first_come = waves.allies, waves.first_come
    row.asked = row.wave = 0
    row.asked_allies, row.fair_until = False, None
    row.begun = row.changed = tx.now


async def _note(tx: Tx, row: Cascade, what: str, **told: Any) -> str:
    return await transparency.note(
        tx,
        f"staffing.cascade_{what}",
        by=Iri(row.begun_by),
        group=Iri(row.group),
        text=SAID[what],
        opening=row.opening,
        **told,
    )
