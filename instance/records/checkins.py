"""Who came: a worker says so with the code at the door, and the group whose job it is takes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.agenda import service as agenda
from instance.db import Tx
from instance.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from instance.jobs import service as jobs
from instance.network import service as network
from instance.people import service as people
from instance.records import doors
from instance.records.door_views import AtDoor, ShiftHere
from instance.records.events import CheckedIn, CheckInAnswered
from instance.records.models import CheckIn, CheckInState, Side
from instance.staffing import service as staffing
from instance.viewer import Viewer

MOST_TRIES = 6
LATEST = timedelta(days=1)
AHEAD = timedelta(hours=18)
KEPT = timedelta(days=90)
FORGET_CHECK_IN = "records.forget_check_in"
REASONS: Mapping[str, str] = {
    "wrong_code": "This is not the code of this shift. Please look at the door again.",
    "not_now": "You can say so from an hour before the shift to its end.",
    "too_many": "Too many codes were tried. Please wait a quarter of an hour, or ring your leader.",
    "called_off": "The group knows of no place of yours in this shift. Please ring your leader.",
}
_COMING = (agenda.PromiseState.CONFIRMED, agenda.PromiseState.DONE)
_PLACED = (staffing.PlacementState.CONFIRMED, staffing.PlacementState.DONE)
_NAMED = (staffing.PlaceState.NAMED, staffing.PlaceState.DONE)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody came, as her home tells it to the group whose job it is."""

    event: Iri
    person: Iri
    group: Iri
    invite: Iri
    code: str
    arrived: datetime


class CheckInView(msgspec.Struct, frozen=True, kw_only=True):
    """A check-in as her home keeps it."""

    event: Iri
    invite: Iri
    person: Iri
    group: Iri
    opening: str
    state: CheckInState
    arrived: datetime
    received: datetime
    left: datetime | None


# The worker ---------------------------------------------------------------------------------------


async def take_try(tx: Tx, viewer: Viewer, promise: str) -> None:
    """Count a try before it is looked at, in a transaction of its own; raises TooMany."""
    if not await people.take_few(tx, "door", f"{viewer.person} {promise}", MOST_TRIES):
        raise TooMany(REASONS["too_many"])


async def check_in(
    tx: Tx, viewer: Viewer, promise: str, code: str, at: datetime | None = None
) -> ShiftHere:
    """Say that she is at her work, by the code at the door; once is enough.

    `at` is the moment by her telephone, when it had no network. Raises NotFound for somebody
    else's shift, Invalid for a code that cannot be, or that a group of ours knows to be wrong.
    """
    promised = await _own(tx, viewer, promise)
    row = await tx.get(CheckIn, (promised.invite, Side.WORKER))
    if row is not None and row.state is CheckInState.TAKEN:
        return _here(tx, promised, row)
    digits = "".join(str(int(one)) for one in code if one.isdecimal())
    if len(digits) != doors.DIGITS:
        raise Invalid("The code at the door has six digits.", field="code")
    arrived = _moment(tx, at)
    if not doors.within(promised.start, promised.end, arrived):
        raise Invalid(REASONS["not_now"], field="code")
    state = CheckInState.SENT
    if await network.actor(tx, promised.receiver) is not None:
        reason = await doors.reason_against(tx, Iri(promised.opening), digits, arrived)
        if reason:
            raise Invalid(REASONS[reason], field="code")
        state = CheckInState.TAKEN
    said = Arrival(
        event=Iri(f"{tx.federation.new_id()}#here"),
        person=promised.person,
        group=promised.receiver,
        invite=promised.invite,
        code=digits,
        arrived=arrived,
    )
    kept = await _keep(tx, said, Side.WORKER, promised.opening, state, promised.end)
    tx.emit(CheckedIn(said.invite, digits))
    return _here(tx, promised, kept)


async def leave(tx: Tx, viewer: Viewer, promise: str, at: datetime | None = None) -> ShiftHere:
    """Note for herself when she left, so that her hours are filled in; nobody is told.

    Raises Conflict unless she said before that she came.
    """
    promised = await _own(tx, viewer, promise)
    row = await tx.get(CheckIn, (promised.invite, Side.WORKER))
    if row is None or row.state is CheckInState.REFUSED:
        raise Conflict("You have not said that you came.")
    if row.left is None:
        row.left = max(_moment(tx, at), row.arrived)
    return _here(tx, promised, row)


async def at_door(tx: Tx, viewer: Viewer, code: str) -> AtDoor:
    """Return the viewer's shifts about now, each to be answered with the code."""
    found = await agenda.promises(
        tx, viewer.person, tx.now - timedelta(minutes=1), tx.now + doors.EARLY, _COMING
    )
    shifts = await here_among(tx, found)
    return AtDoor(code=code, shifts=tuple(shifts.values()))


async def here_among(tx: Tx, promised: Sequence[agenda.PromiseView]) -> dict[str, ShiftHere]:
    """Return, of one person's promises, those that begin soon or go on, by their id here."""
    near = [
        one for one in promised if one.state in _COMING and one.start - AHEAD <= tx.now <= one.end
    ]
    if not near:
        return {}
    chosen = sa.select(CheckIn).where(
        CheckIn.invite.in_([one.invite for one in near]), CheckIn.side == Side.WORKER
    )
    rows = {row.invite: row for row in await tx.session.scalars(chosen)}
    return {one.id: _here(tx, one, rows.get(one.invite)) for one in near}


async def came_to(tx: Tx, invites: Sequence[Iri]) -> dict[Iri, CheckInView]:
    """Return what a person here has said of coming, by the Invite."""
    chosen = sa.select(CheckIn).where(
        CheckIn.invite.in_(list(invites)),
        CheckIn.side == Side.WORKER,
        CheckIn.state != CheckInState.REFUSED,
    )
    return {Iri(row.invite): _view(row) for row in await tx.session.scalars(chosen)}


async def check_in_of(tx: Tx, invite: Iri) -> CheckInView:
    """Return the check-in of a person here; raise NotFound."""
    row = await tx.get(CheckIn, (invite, Side.WORKER))
    if row is None:
        raise NotFound
    return _view(row)


async def hear_check_in(tx: Tx, event: Iri, group: Iri, reason: str) -> None:
    """Let a group's answer to a check-in take effect; one to an earlier try changes nothing.

    Raises Forbidden when another group answers.
    """
    chosen = sa.select(CheckIn).where(CheckIn.event == event, CheckIn.side == Side.WORKER)
    row = (await tx.session.scalars(chosen)).one_or_none()
    if row is None:
        return
    if row.group != group:
        raise Forbidden("Only the group whose job it is can answer.")
    if row.state is CheckInState.SENT:
        row.state = CheckInState.REFUSED if reason else CheckInState.TAKEN
        row.reason = reason


# The group ----------------------------------------------------------------------------------------


async def record_check_in(tx: Tx, said: Arrival) -> None:
    """Take a check-in at a group here, or answer why not.

    Raises NotFound when the group is not here or knows nothing of her place yet, Forbidden when
    the place is somebody else's.
    """
    actor = await network.actor(tx, said.group)
    if actor is None or actor.type != "Group":
        raise NotFound
    opening, placed = await _place(tx, said)
    row = await tx.get(CheckIn, (said.invite, Side.GROUP))
    reason = ""
    if row is None:
        reason = await _reason(tx, said, opening, placed)
    if row is None and not reason:
        _, shift, _ = await jobs.opening(tx, opening)
        await _keep(tx, said, Side.GROUP, opening, CheckInState.TAKEN, shift.end)
    tx.emit(CheckInAnswered(said.event, said.person, said.group, said.invite, reason))


async def _reason(tx: Tx, said: Arrival, opening: Iri, placed: bool) -> str:
    if not await people.take_few(tx, "door of the group", said.invite, MOST_TRIES):
        return "too_many"
    if not placed:
        return "called_off"
    if said.arrived > tx.now + doors.EARLY:
        return "not_now"
    return await doors.reason_against(tx, opening, said.code, said.arrived)


async def _place(tx: Tx, said: Arrival) -> tuple[Iri, bool]:
    """Return the opening that she came to fill, and whether her place there stands."""
    placement = await staffing.known_placement(tx, said.invite)
    if placement is not None and placement.group == said.group:
        if placement.person != said.person:
            raise Forbidden("She was not asked for this place.")
        return placement.opening, placement.state in _PLACED
    named = await staffing.known_place(tx, said.invite)
    if named is None:
        raise NotFound
    if named.person != said.person or named.group != said.group:
        raise Forbidden("She was not named for this place.")
    return named.opening, named.state in _NAMED


async def forget_check_in(tx: Tx, key: str) -> None:
    """Forget a check-in whose hours are long stated."""
    side, _, invite = key.partition(" ")
    gone = sa.delete(CheckIn).where(CheckIn.invite == invite, CheckIn.side == Side(side))
    await tx.session.execute(gone)


async def _keep(
    tx: Tx, said: Arrival, side: Side, opening: str, state: CheckInState, end: datetime
) -> CheckIn | None:
    values = {
        "event": said.event,
        "person": said.person,
        "group": said.group,
        "opening": opening,
        "state": state,
        "reason": "",
        "arrived": said.arrived,
        "received": tx.now,
    }
    new = tx.insert(CheckIn).values(invite=said.invite, side=side, **values)
    again = new.on_conflict_do_update(index_elements=[CheckIn.invite, CheckIn.side], set_=values)
    await tx.session.execute(again)
    await due.schedule(tx, end + KEPT, FORGET_CHECK_IN, f"{side.value} {said.invite}")
    return await tx.session.get(CheckIn, (said.invite, side), populate_existing=True)


def _moment(tx: Tx, at: datetime | None) -> datetime:
    """Return the moment by her telephone as far as it can be: not to come, a day ago at most."""
    if at is None:
        return tx.now
    if at < tx.now - LATEST:
        raise Invalid("That is more than a day ago. Please enter your hours instead.", field="at")
    return min(at, tx.now)


async def _own(tx: Tx, viewer: Viewer, promise: str) -> agenda.PromiseView:
    promised = await agenda.promise_at(tx, promise)
    if promised.person != viewer.person or promised.state not in _COMING:
        raise NotFound
    return promised


def _here(tx: Tx, promised: agenda.PromiseView, row: CheckIn | None) -> ShiftHere:
    said = {} if row is None else {name: getattr(row, name) for name in _SAID}
    return ShiftHere(
        promise=promised.id,
        title=promised.title,
        group_name=promised.group_name,
        start=promised.start,
        end=promised.end,
        timezone=promised.timezone,
        now=doors.within(promised.start, promised.end, tx.now),
        state=row.state.value if row else "",
        **said,
    )


_SAID = ("reason", "arrived", "received", "left")


def _view(row: CheckIn) -> CheckInView:
    return CheckInView(
        event=Iri(row.event),
        invite=Iri(row.invite),
        person=Iri(row.person),
        group=Iri(row.group),
        opening=row.opening,
        state=row.state,
        arrived=row.arrived,
        received=row.received,
        left=row.left,
    )
