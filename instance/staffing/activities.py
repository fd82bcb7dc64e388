"""What a group says to people it asks and to borrowers, and what it hears of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from federation import Activity, Document, Forbidden, Iri, Malformed, TryLater, same_origin
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.jobs import service as jobs
from instance.jobs.events import JobChanged
from instance.skills import service as skills
from instance.split import split_document
from instance.staffing import openings, placements, places
from instance.staffing.events import (
    AnswerConfirmed,
    AnswerNotNeeded,
    PersonInvited,
    PlacementCalledOff,
    PlacementConfirmed,
    PlacementUnconfirmed,
    PlaceNamed,
    PlaceUnnamed,
)
from instance.staffing.models import Placement
from instance.staffing.openings import OpeningToFill
from instance.staffing.placement import Heard
from instance.staffing.placements import Told
from instance.wire import envelope, instant, iri_in, moment_of, quantity, stub

CURRENCY = "urn:iso:std:iso:4217:"

# What her home says ------------------------------------------------------------------------------


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Note that she said yes, and until when her time is held."""
    until = moment_of(activity.document.get("holdUntil"))
    told = Told(accept=activity.id, hold_until=until)
    await _hear(tx, activity, activity.object, Heard.ACCEPT_INVITE, told)


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Note that she said no, or is not free then."""
    told = Told(code=_code(activity, "declined"))
    await _hear(tx, activity, activity.object, Heard.REJECT_INVITE, told)


async def receive_undo_accept(tx: Tx, activity: Activity) -> None:
    """Note that her time is no longer held."""
    accept = _own(activity)
    invite = _inner(accept)
    told = Told(code=_code(activity, "expired"), accept=iri_in(accept, "id"))
    await _hear(tx, activity, invite, Heard.UNDO_ACCEPT, told)


async def receive_commitment(tx: Tx, activity: Activity) -> None:
    """Note that she herself has promised to fill the place, for exactly what she was asked."""
    commitment = _own(activity)
    try:
        invite = iri_in(commitment, "inReplyTo")
        row = await placements.sent_of(tx, invite)
    except (NotFound, Malformed) as error:
        raise Malformed("This promise answers no invitation of ours.") from error
    if not promises(commitment, row):
        raise Malformed("This promise is not for what she was asked.")
    told = Told(commitment=iri_in(commitment, "id"), create=activity.document)
    await _hear(tx, activity, {"id": invite}, Heard.CREATE_COMMITMENT, told)


async def receive_undo_commitment(tx: Tx, activity: Activity) -> None:
    """Note that she cannot come after all."""
    create = _own(activity)
    commitment = _inner(create)
    told = Told(code=_code(activity, "withdrawn"), withdrawal=activity.document)
    invite = {"id": iri_in(commitment, "inReplyTo")}
    await _hear(tx, activity, invite, Heard.UNDO_CREATE, told)


def promises(commitment: Document, row: Placement) -> bool:
    """Tell whether a Commitment is by the person who was asked, for that opening and time."""
    try:
        start, end = moment_of(commitment.get("startTime")), moment_of(commitment.get("endTime"))
    except Malformed:
        return False
    return (
        commitment.get("attributedTo") == row.person
        and commitment.get("satisfies") == row.opening
        and (commitment.get("inScopeOf") or "") == row.agreement
        and (start, end) == (row.starts.replace(microsecond=0), row.ends.replace(microsecond=0))
    )


async def _hear(tx: Tx, activity: Activity, invite: Document, heard: Heard, told: Told) -> None:
    try:
        await placements.hear(tx, iri_in(invite, "id"), activity.actor, heard, told)
    except NotFound as error:
        raise Forbidden("Only who was asked answers.") from error


# What a lender says ------------------------------------------------------------------------------


async def receive_announce(tx: Tx, activity: Activity) -> None:
    """Count the person whom a lender names, by her own signed promise that it passes on."""
    named = read_named(activity)
    try:
        await places.name_place(tx, named)
    except NotFound as error:
        raise Forbidden("No Agreement with this lender has such a place.") from error
    except Conflict as error:
        raise TryLater(str(error)) from error


async def receive_undo_announce(tx: Tx, activity: Activity) -> None:
    """Note that a person whom a lender had named does not come."""
    announce = _own(activity)
    try:
        await places.unname_place(tx, iri_in(announce, "id"), activity.actor)
    except NotFound as error:
        raise Forbidden("Only the lender that named her says so.") from error


def read_named(activity: Activity) -> places.Named:
    """Read an Announce of a promise; raise Malformed unless the promise proves itself.

    The proof's key, the `actor` and the `attributedTo` have to be one person, who is not the
    announcer; being the announcer's own document proves nothing here.
    """
    create = activity.object
    if create.get("id") not in activity.proven:
        raise Malformed("The promise that is passed on does not carry the person's own proof.")
    person, commitment = iri_in(create, "actor"), _inner(create)
    ours = commitment.get("attributedTo") == person != activity.actor
    if not ours or not same_origin(iri_in(commitment, "id"), person):
        raise Malformed("A promise is made by the person herself.")
    return places.Named(
        announce=activity.id,
        lender=activity.actor,
        agreement=iri_in(commitment, "inScopeOf"),
        opening=iri_in(commitment, "satisfies"),
        person=person,
        invite=iri_in(commitment, "inReplyTo"),
        commitment=iri_in(commitment, "id"),
        start=moment_of(commitment.get("startTime")),
        end=moment_of(commitment.get("endTime")),
        create=create,
        replaces=iri_in(commitment, "replaces") if "replaces" in commitment else None,
    )


# What we say to her ------------------------------------------------------------------------------


async def send_invite(tx: Tx, happened: PersonInvited) -> None:
    """Ask a person to fill a place, together with all who are asked in the same transaction."""
    tx.gather(send_invites, happened)


async def send_invites(tx: Tx, happened: Sequence[PersonInvited]) -> None:
    """Ask people to fill places."""
    rows = await placements.all_sent(tx, [one.invite for one in happened])
    filled = await openings.several(tx, {(Iri(row.opening), _agreement(row)) for row in rows})
    for row in rows:
        activity = envelope(
            tx,
            "Invite",
            Iri(row.group),
            offered_document(tx.origin, filled[Iri(row.opening), _agreement(row)], row.why),
            to=[Iri(row.person)],
            id=row.invite,
            target=row.person,
            replyBy=instant(row.reply_by),
            replaces=row.replaces,
            decision=row.decision,
        )
        await tx.send(activity, conversation=row.invite)


async def send_accept(tx: Tx, happened: AnswerConfirmed) -> None:
    """Confirm her yes."""
    row = await placements.sent_of(tx, happened.invite)
    await _say(tx, row, "Accept", accept_stub(row))


async def send_reject(tx: Tx, happened: AnswerNotNeeded) -> None:
    """Tell her that she is not needed."""
    row = await placements.sent_of(tx, happened.invite)
    await _say(tx, row, "Reject", accept_stub(row), code="not_needed")


async def send_undo_invite(tx: Tx, happened: PlacementCalledOff) -> None:
    """Tell her that the invitation, or what was confirmed, is called off."""
    row = await placements.sent_of(tx, happened.invite)
    await _say(tx, row, "Undo", invite_stub(row), code=happened.code)


def offered_document(origin: str, filled: OpeningToFill, why: list[str]) -> dict[str, Any]:
    """Write the Commitment that a person is asked for; it has no id: hers will have one."""
    pay = Decimal(filled.pay_cents_per_hour) / 100
    written: dict[str, Any] = {
        "type": "Commitment",
        "action": "work",
        "satisfies": filled.opening,
        "resourceConformsTo": skills.iri_of(origin, filled.skill),
        "startTime": instant(filled.start),
        "endTime": instant(filled.end),
        "effortQuantity": quantity(filled.minutes),
        "receiver": filled.receiver,
        "job": filled.job,
        "name": filled.title,
        "reciprocal": {
            "type": "Intent",
            "action": "transfer",
            "resourceConformsTo": f"{CURRENCY}{filled.currency}",
            "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": f"{pay:f}"},
        },
        "break": quantity(filled.break_minutes),
        "timezone": filled.timezone,
        "why": why,
    }
    split = split_document(filled.split)
    if split and filled.pay_cents_per_hour:
        written["reciprocal"]["split"] = split
    if filled.agreement:
        written["inScopeOf"] = filled.agreement
    if filled.district:
        place = skills.places().district(filled.district, "en")
        written["location"] = {"type": "Place", "name": place}
    return written


def invite_stub(row: Placement) -> dict[str, Any]:
    """Return what is sent along of the Invite that an answer is about."""
    inner = {"type": "Commitment"}
    return {"id": row.invite, "type": "Invite", "actor": row.group, "object": inner}


def accept_stub(row: Placement) -> dict[str, Any]:
    """Return what is sent along of her yes."""
    return {"id": row.accept, "type": "Accept", "actor": row.person, "object": invite_stub(row)}


async def _say(tx: Tx, row: Placement, kind: str, inner: Mapping[str, Any], **more: Any) -> None:
    activity = envelope(
        tx, kind, Iri(row.group), dict(inner), to=[row.person], decision=row.decision, **more
    )
    await tx.send(activity, conversation=row.invite)


# What we say to a borrower -----------------------------------------------------------------------


async def send_announce(tx: Tx, happened: PlacementConfirmed) -> None:
    """Pass her promise on to the borrower, unchanged, when the place is lent."""
    row = await placements.sent_of(tx, happened.placement)
    if not row.agreement or row.create is None:
        return
    announce = envelope(tx, "Announce", Iri(row.group), row.create, to=[row.receiver])
    await tx.send(announce, conversation=row.agreement)
    await placements.note_announced(tx, happened.placement, announce["id"])


async def send_undo_announce(tx: Tx, happened: PlacementUnconfirmed) -> None:
    """Tell the borrower that a person whom we had named does not come."""
    row = await placements.sent_of(tx, happened.placement)
    if row.announce is None or row.create is None:
        return
    inner = {**stub(row.create), "object": _named_commitment(row)}
    announce = {"id": row.announce, "type": "Announce", "actor": row.group, "object": inner}
    undo = envelope(
        tx,
        "Undo",
        Iri(row.group),
        announce,
        to=[row.receiver],
        code=happened.code or None,
        instrument=row.withdrawal,
    )
    await tx.send(undo, conversation=row.agreement)


def _named_commitment(row: Placement) -> dict[str, Any]:
    return {"id": row.commitment, "type": "Commitment"}


# Where exactly: from the group whose job it is to each confirmed person --------------------------


async def send_details(tx: Tx, happened: PlacementConfirmed) -> None:
    """Tell somebody whom we confirmed for a job of ours where exactly to be."""
    row = await placements.sent_of(tx, happened.placement)
    if not row.agreement and row.commitment:
        await _details(tx, "Create", Iri(row.opening), happened.person, Iri(row.commitment))


async def send_details_to_named(tx: Tx, happened: PlaceNamed) -> None:
    """Tell somebody whom an ally lends where exactly to be."""
    commitment = await places.commitment_of(tx, happened.announce)
    await _details(tx, "Create", happened.opening, happened.person, commitment)


async def send_changed_details(tx: Tx, happened: JobChanged) -> None:
    """Tell everybody who comes to a job of ours what is different now."""
    starts = await _shifts(tx, happened.job)
    for one in await places.coming(tx, happened.job):
        if one.start != starts.get(one.opening):
            continue  # the shift has moved and she has not promised its new time
        await _details(tx, "Update", one.opening, one.person, one.commitment)


async def send_deleted_details(tx: Tx, happened: PlacementUnconfirmed) -> None:
    """Take back what somebody was told who does not come to a job of ours after all."""
    row = await placements.sent_of(tx, happened.placement)
    if not row.agreement and row.commitment:
        await _delete_details(tx, Iri(row.opening), happened.person, Iri(row.commitment))


async def send_deleted_details_to_named(tx: Tx, happened: PlaceUnnamed) -> None:
    """Take back what somebody was told whom an ally had lent."""
    commitment = await places.commitment_of(tx, happened.announce)
    await _delete_details(tx, happened.opening, happened.person, commitment)


async def _shifts(tx: Tx, job: Iri) -> Mapping[str, datetime]:
    found = await jobs.require_job(tx, job)
    return {one.iri: shift.start for shift in found.standing for one in shift.openings}


async def _details(tx: Tx, kind: str, opening: Iri, person: Iri, commitment: Iri) -> None:
    job, shift, _ = await jobs.opening(tx, opening)
    event = {**jobs.details_document(job, shift, person), "inReplyTo": commitment}
    activity = envelope(tx, kind, job.group, event, to=[person])
    await tx.send(activity, conversation=commitment)


async def _delete_details(tx: Tx, opening: Iri, person: Iri, commitment: Iri) -> None:
    job, shift, _ = await jobs.opening(tx, opening)
    known = jobs.details_document(job, shift, person)
    gone = {
        "id": known["id"],
        "type": "Tombstone",
        "formerType": "Event",
        "inReplyTo": commitment,
    }
    activity = envelope(tx, "Delete", job.group, gone, to=[person])
    await tx.send(activity, conversation=commitment)


# Reading -----------------------------------------------------------------------------------------


def _own(activity: Activity) -> Document:
    """Return the embedded document, which has to be the sender's own."""
    inner = activity.object
    owner = inner.get("actor") or inner.get("attributedTo")
    if owner != activity.actor or not activity.owns(inner):
        raise Forbidden("Only its own author takes this back or says it.")
    return inner


def _inner(document: Document) -> Document:
    inner = document.get("object")
    if not isinstance(inner, Mapping):
        raise Malformed("What this is about is missing.")
    return inner


def _code(activity: Activity, usual: str) -> str:
    code = activity.document.get("code")
    return code[:40] if isinstance(code, str) and code else usual


def _agreement(row: Placement) -> Iri | None:
    return Iri(row.agreement) if row.agreement else None
