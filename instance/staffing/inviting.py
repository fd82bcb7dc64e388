"""Ask people to fill places: everything is asked again, in the transaction that invites them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.groups import service as groups
from instance.people import service as people
from instance.staffing import openings, placements
from instance.staffing.events import PersonInvited
from instance.staffing.models import Placement
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import ASKED, PlacementState
from instance.staffing.placements import IN_TIME, REPLY_DUE
from instance.transparency import service as transparency
from instance.viewer import Viewer

LEAST_NOTICE = timedelta(minutes=5)
USUAL_REPLY = timedelta(hours=4)
TO_MOVE = timedelta(hours=1)
MOST_AT_ONCE = 200


async def invite(
    tx: Tx,
    viewer: Viewer,
    opening: Iri,
    people_asked: Sequence[Iri],
    reply_by: datetime | None = None,
    *,
    agreement: Iri | None = None,
    instead: Iri | None = None,
    why: Mapping[Iri, Sequence[str]] | None = None,
) -> list[Iri]:
    """Ask members of the group to fill places of an opening; returns the ids of the Invites.

    `why` names, for each, the reasons why she is asked, which she is told; `instead` the Agreement
    by which an ally promised the place that they are asked for. Everything is asked again here:
    that the opening stands and has an open place, or that the ally still looks; that each is a
    member who still shares what is needed, and was not asked already. Raises NotFound for an
    opening that is not to be filled by a group the viewer leads, Conflict with the first thing
    that has changed, Invalid for a time to answer that is past or too late.
    """
    filled = await openings.opening(tx, opening, agreement)
    await people.require_leader(tx, viewer, filled.group)
    await placements.lock(tx, opening, agreement)
    chosen = list(dict.fromkeys(people_asked))
    if not 0 < len(chosen) <= MOST_AT_ONCE:
        raise Invalid("Choose whom to ask.", field="people")
    due_by = _reply_by(tx, filled, reply_by)
    await _check_places(tx, filled, instead)
    await _check_people(tx, filled, chosen)
    decision = await _note(tx, viewer, filled, len(chosen), instead)
    reasons = why or {}
    return await write_all(
        tx,
        [Inviting(filled, one, due_by, tuple(reasons.get(one, ()))) for one in chosen],
        decision=decision,
        instead=instead,
    )


async def ask_anew(
    tx: Tx, older: Placement, filled: OpeningToFill, person: Iri | None = None
) -> None:
    """Ask somebody again whose shift has moved, or who goes by another account.

    What she has promised stands until she has promised the new. What she was only asked, or has
    not promised yet, is called off: a promise still under way could not be told from the new one.
    """
    replaces = older.state is PlacementState.CONFIRMED
    if not replaces:
        await placements.call_off_all(tx, [older], "moved")
    latest = min(filled.start, older.starts) if replaces else filled.start
    due_by = min(tx.now + USUAL_REPLY, latest - LEAST_NOTICE)
    if due_by <= tx.now:
        return
    who = Inviting(filled, person or Iri(older.person), due_by, tuple(older.why))
    await write_all(
        tx,
        [who],
        decision=older.decision,
        replaces=Iri(older.invite) if replaces else None,
        instead=None if replaces or not older.instead else Iri(older.instead),
    )


async def ask_to_move(
    tx: Tx, viewer: Viewer, filled: OpeningToFill, person: Iri, older: Iri
) -> Iri:
    """Ask somebody to take a place instead of the one that she has by an older Invite.

    What she has promised stands until she has promised the new. Raises as `invite` does.
    """
    await people.require_leader(tx, viewer, filled.group)
    await placements.lock(tx, filled.opening, None)
    held = await tx.get(Placement, older)
    assert held, "whoever asks has just read it"
    latest = min(filled.start, held.starts) - LEAST_NOTICE
    if latest <= tx.now:
        raise Conflict("The shift starts too soon to ask anybody, or has started.")
    await _check_places(tx, filled, None)
    await _check_people(tx, filled, [person])
    decision = await _note(tx, viewer, filled, 1, None)
    until = min(tx.now + TO_MOVE, latest)
    asked = [Inviting(filled, person, until, ("chosen_by_leader",))]
    return (await write_all(tx, asked, decision=decision, replaces=older))[0]


class Inviting(msgspec.Struct, frozen=True):
    """Whom to ask for a place, until when an answer is awaited, and why she is asked."""

    filled: OpeningToFill
    person: Iri
    reply_by: datetime
    why: tuple[str, ...] = ()


async def write_all(
    tx: Tx,
    asked: Sequence[Inviting],
    *,
    decision: str | None = None,
    replaces: Iri | None = None,
    instead: Iri | None = None,
) -> list[Iri]:
    """Write the rows of invitations, which sends them; returns the ids of the Invites."""
    rows = [_row(tx, one) for one in asked]
    for row in rows:
        row.decision, row.replaces, row.instead = decision, replaces, instead
        tx.session.add(row)
        who = (Iri(row.invite), Iri(row.person), Iri(row.group))
        tx.emit(PersonInvited(*who, Iri(row.opening)))
    await due.schedule_all(tx, REPLY_DUE, {row.invite: row.reply_by + IN_TIME for row in rows})
    return [Iri(row.invite) for row in rows]


def _row(tx: Tx, asked: Inviting) -> Placement:
    filled = asked.filled
    return Placement(
        invite=tx.federation.new_id(),
        id=tx.federation.new_id("placements").rpartition("/")[2],
        group=filled.group,
        person=asked.person,
        opening=filled.opening,
        agreement=filled.agreement or "",
        receiver=filled.receiver,
        job=filled.job,
        state=PlacementState.INVITED,
        starts=filled.start,
        ends=filled.end,
        reply_by=asked.reply_by,
        why=list(asked.why),
        invited=tx.now,
        changed=tx.now,
    )


async def _check_places(tx: Tx, filled: OpeningToFill, instead: Iri | None) -> None:
    """Raise Conflict when there is no place to ask anybody for."""
    if instead is not None:
        if instead not in {one.agreement for one in filled.promises}:
            raise NotFound
        if not filled.looking(instead):
            raise Conflict(
                "Our ally has named somebody for every place that it promised here.",
                code="place.named",
            )
    elif await placements.taken(tx, filled.opening, filled.agreement) >= filled.places:
        raise Conflict("Every place of this opening is taken.")


async def _check_people(tx: Tx, filled: OpeningToFill, chosen: Sequence[Iri]) -> None:
    """Raise Conflict when somebody no longer belongs, no longer shares, or was asked already."""
    asked = await tx.session.scalars(
        sa.select(Placement.person).where(
            Placement.opening == filled.opening,
            Placement.agreement == (filled.agreement or ""),
            Placement.person.in_(chosen),
            Placement.state.in_(ASKED),
        )
    )
    already = set(asked)
    shared = await groups.sharing(tx, filled.group, chosen)
    for person in chosen:
        if person in already:
            raise Conflict(
                "%(name)s was asked already.",
                name=await groups.name_for(tx, filled.group, person),
            )
        if person not in shared:
            if not await groups.is_member(tx, filled.group, person):
                raise NotFound
            raise Conflict(
                "%(name)s no longer shares when she could work.",
                name=await groups.name_for(tx, filled.group, person),
            )


def _reply_by(tx: Tx, filled: OpeningToFill, wanted: datetime | None) -> datetime:
    latest = filled.start - LEAST_NOTICE
    if latest <= tx.now:
        raise Conflict("The shift starts too soon to ask anybody, or has started.")
    if wanted is None:
        return min(tx.now + USUAL_REPLY, latest)
    if not tx.now < wanted <= latest:
        raise Invalid("The answer is due before the shift starts.", field="reply_by")
    return wanted


async def _note(
    tx: Tx, viewer: Viewer, filled: OpeningToFill, number: int, instead: Iri | None
) -> str:
    told: dict[str, Any] = {"people": number, "opening": filled.opening}
    text = "%(people)s people were asked to fill places."
    if instead is not None:
        ally = next(one.ally_name for one in filled.promises if one.agreement == instead)
        told["ally"], told["agreement"] = ally, instead
        text = "%(people)s people were asked to come instead of people of %(ally)s."
    return await transparency.note(
        tx, "staffing.invited", by=viewer.person, group=filled.group, text=text, **told
    )
