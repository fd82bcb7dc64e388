"""What a person's home hears from groups about her time, and what it answers in her name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from federation import Activity, Document, Forbidden, Iri, Malformed, TryLater
from instance.agenda import service
from instance.agenda.events import (
    HoldEnded,
    InvitationRefused,
    PromiseConfirmed,
    PromiseWithdrawn,
    TimeHeld,
)
from instance.agenda.models import LONGEST_SHIFT
from instance.agenda.promise import Heard
from instance.agenda.promises import Invitation, Sent
from instance.db import Tx
from instance.errors import NotFound
from instance.network import service as network
from instance.wire import envelope, instant, iri_in, minutes_of, moment_of, quantity

LONGEST_TEXT = 2_000
MOST_LISTED = 50
_AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,2})?")

_KEPT = (
    "type action satisfies resourceConformsTo startTime endTime effortQuantity receiver inScopeOf "
    "job name location reciprocal break timezone why"
).split()

# Reading -----------------------------------------------------------------------------------------


def read_invitation(activity: Activity) -> Invitation:
    """Read an Invite; raise Malformed with what is wrong with it."""
    offered = activity.object
    start, end = moment_of(offered.get("startTime")), moment_of(offered.get("endTime"))
    if not start < end <= start + LONGEST_SHIFT:
        raise Malformed("A shift ends after it starts, within a week.")
    if offered.get("action") != "work":
        raise Malformed("A person is asked for a Commitment to work.")
    pause = minutes_of(offered["break"]) if "break" in offered else 0
    whole = int((end - start) / timedelta(minutes=1))
    minutes = minutes_of(offered["effortQuantity"]) if "effortQuantity" in offered else 0
    cents, currency = _pay(offered.get("reciprocal"))
    return Invitation(
        invite=activity.id,
        person=iri_in(activity.document, "target"),
        group=activity.actor,
        start=start,
        end=end,
        minutes=min(minutes or whole - pause, whole),
        break_minutes=min(pause, whole),
        pay_cents_per_hour=cents,
        currency=currency,
        reply_by=moment_of(activity.document.get("replyBy")),
        receiver=iri_in(offered, "receiver") if "receiver" in offered else activity.actor,
        offered={name: _bounded(offered[name]) for name in _KEPT if name in offered},
        replaces=iri_in(activity.document, "replaces") if "replaces" in activity.document else None,
    )


def _pay(value: object) -> tuple[int, str]:
    """Read what an hour is paid, in the smallest unit, and the currency (ISO 4217)."""
    if not isinstance(value, Mapping):
        return 0, ""
    currency = str(value.get("resourceConformsTo", ""))[-3:]
    amount = value.get("resourceQuantity")
    text = str(amount.get("hasNumericalValue")) if isinstance(amount, Mapping) else ""
    if not _AMOUNT.fullmatch(text):
        raise Malformed("Pay is written as a decimal number.")
    return int(Decimal(text) * 100), currency


def _bounded(value: object, depth: int = 0) -> Any:
    """Keep of a foreign value what a page can show: short texts, small lists, few levels."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    if isinstance(value, Mapping) and depth < 4:
        pairs = list(value.items())[:MOST_LISTED]
        return {str(name)[:100]: _bounded(one, depth + 1) for name, one in pairs}
    if isinstance(value, list) and depth < 4:
        return [_bounded(one, depth + 1) for one in value[:MOST_LISTED]]
    return value if isinstance(value, int | float | bool) else None


# Receiving ---------------------------------------------------------------------------------------


async def receive_invite(tx: Tx, activity: Activity) -> None:
    """Note that a group asks a person of ours; only groups she belongs to may.

    Waits for the membership, which may be on its way.
    """
    asked = read_invitation(activity)
    actor = await network.actor(tx, asked.person)
    if actor is None or actor.gone or actor.type != "Person":
        raise Malformed("Nobody of this address lives here.")
    if not await service.may_invite(tx, asked.person, asked.group):
        raise TryLater("She does not belong to the group that asks.")
    await service.record_invitation(tx, asked)


async def receive_undo_invite(tx: Tx, activity: Activity) -> None:
    """Note that a group calls an invitation, a held or a confirmed promise off."""
    await _hear(tx, activity, activity.object, Heard.UNDO_INVITE)


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Note that a group confirms her yes."""
    await _hear_of_her_yes(tx, activity, Heard.ACCEPT)


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Note that a group needs her no more: her time is hers again."""
    await _hear_of_her_yes(tx, activity, Heard.REJECT)


async def receive_details(tx: Tx, activity: Activity) -> None:
    """Keep where exactly to be, told by the group whose job it is, to one confirmed person."""
    event = activity.proven_object()
    document = {name: _bounded(value) for name, value in event.items() if name != "@context"}
    try:
        await service.keep_details(tx, _commitment_in(event), activity.actor, document)
    except NotFound as error:
        raise Forbidden("Only the group served tells this, and only to who promised.") from error


async def receive_deleted_details(tx: Tx, activity: Activity) -> None:
    """Forget what a confirmed person was told."""
    try:
        await service.forget_details(tx, _commitment_in(activity.object), activity.actor)
    except NotFound as error:
        raise Forbidden("Only the group that told this takes it back.") from error


async def _hear(tx: Tx, activity: Activity, invite: Document, heard: Heard) -> None:
    """Let a message about an Invite take effect, if it comes from who sent the Invite."""
    if iri_in(invite, "actor") != activity.actor or not activity.owns(invite):
        raise Forbidden("Only the group that asked can say so.")
    code = activity.document.get("code")
    try:
        await service.hear(
            tx,
            iri_in(invite, "id"),
            activity.actor,
            heard,
            code[:40] if isinstance(code, str) else "",
        )
    except NotFound as error:
        raise Forbidden("Only the group that asked can say so.") from error


async def _hear_of_her_yes(tx: Tx, activity: Activity, heard: Heard) -> None:
    yes = activity.object
    invite = yes.get("object")
    if not isinstance(invite, Mapping):
        raise Malformed("A confirmation names the Accept and the Invite it answers.")
    try:
        sent = await service.sent_of(tx, iri_in(invite, "id"))
    except NotFound as error:
        raise TryLater("This invitation is not known here yet.") from error
    if sent.accept is None or sent.accept != yes.get("id"):
        raise Malformed("She never gave the answer that this confirms.")
    await _hear(tx, activity, invite, heard)


def _commitment_in(event: Document) -> Iri:
    if "inReplyTo" not in event:
        raise Malformed("This event is about no promise that was made here.")
    return iri_in(event, "inReplyTo")


# Sending -----------------------------------------------------------------------------------------


async def send_accept(tx: Tx, happened: TimeHeld) -> None:
    """Tell the group that she said yes, and until when her time is held."""
    sent = await service.sent_of(tx, happened.invite)
    until = instant(sent.hold_until) if sent.hold_until else None
    said = await _say(tx, sent, "Accept", invite_stub(sent), holdUntil=until)
    await service.note_sent(tx, sent.invite, accept=Iri(said["id"]))


async def send_reject(tx: Tx, happened: InvitationRefused) -> None:
    """Tell the group that she said no, or is not free then, and never why."""
    sent = await service.sent_of(tx, happened.invite)
    await _say(tx, sent, "Reject", invite_stub(sent), code=happened.code)


async def send_undo_accept(tx: Tx, happened: HoldEnded) -> None:
    """Tell the group that the time is no longer held."""
    sent = await service.sent_of(tx, happened.invite)
    accept = {
        "id": sent.accept,
        "type": "Accept",
        "actor": sent.person,
        "object": invite_stub(sent),
    }
    await _say(tx, sent, "Undo", accept, code=happened.code)


async def send_commitment(tx: Tx, happened: PromiseConfirmed) -> None:
    """Answer the confirmation with her own promise, which carries her own proof (FEP-3264)."""
    sent = await service.sent_of(tx, happened.invite)
    create = envelope(tx, "Create", sent.person, {}, to=[sent.group])
    create["object"] = commitment_document(sent, f"{create['id']}#commitment")
    await tx.send(create, conversation=sent.invite)
    await service.note_sent(tx, sent.invite, create=create["id"])


async def send_undo_commitment(tx: Tx, happened: PromiseWithdrawn) -> None:
    """Tell the group that she cannot come after all."""
    sent = await service.sent_of(tx, happened.invite)
    create = {
        "id": sent.create,
        "type": "Create",
        "actor": sent.person,
        "object": {
            "id": f"{sent.create}#commitment",
            "type": "Commitment",
            "inReplyTo": sent.invite,
        },
    }
    await _say(tx, sent, "Undo", create, code=happened.code)


def invite_stub(sent: Sent) -> dict[str, Any]:
    """Return what is sent along of the Invite that an answer is about."""
    inner = {"type": "Commitment"}
    return {"id": sent.invite, "type": "Invite", "actor": sent.group, "object": inner}


def commitment_document(sent: Sent, iri: str) -> dict[str, Any]:
    """Write the promise that she herself makes; it names the Invite, the opening and the times."""
    named = ("satisfies", "resourceConformsTo", "receiver", "inScopeOf", "job")
    return {
        "id": iri,
        "type": "Commitment",
        "action": "work",
        "attributedTo": sent.person,
        "provider": sent.person,
        "inReplyTo": sent.invite,
        **({"replaces": sent.replaces} if sent.replaces else {}),
        **{name: sent.offered[name] for name in named if name in sent.offered},
        "startTime": instant(sent.start),
        "endTime": instant(sent.end),
        "effortQuantity": quantity(sent.minutes),
    }


async def _say(
    tx: Tx, sent: Sent, kind: str, inner: Mapping[str, Any], **more: Any
) -> Mapping[str, Any]:
    activity = envelope(tx, kind, sent.person, dict(inner), to=[sent.group], **more)
    return await tx.send(activity, conversation=sent.invite)
