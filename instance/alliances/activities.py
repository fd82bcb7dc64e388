"""What groups say to each other about alliances, and the counts that allies may fetch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import nh3

from federation import (
    Activity,
    Document,
    FederationError,
    Forbidden,
    Iri,
    LocalActor,
    Malformed,
    origin_of,
    same_origin,
)
from federation.proofs import proof_method, sign_document, verify_document
from instance import wire
from instance.alliances import capacity, received, service
from instance.alliances.documents import (
    counts_document,
    offer_stub,
    read_counts,
    signed,
    stamp_document,
)
from instance.alliances.events import AllianceAnswered, AllianceEnded, AllianceOffered
from instance.alliances.keys import key_of
from instance.alliances.models import Alliance
from instance.alliances.service import require_row
from instance.alliances.terms import read_terms, signed_text
from instance.alliances.views import CapacityView, Count, FoundGroup
from instance.db import Database, Tx
from instance.errors import DomainError, Invalid
from instance.groups import service as groups
from instance.network import service as network

LATEST = timedelta(hours=12)
PATIENCE = 4.0
"""So many seconds are waited for what allies say of their people."""

MOST_REASON = 1_000

# Shown to whom they are for ----------------------------------------------------------------------


async def signed_stamp(tx: Tx, row: Alliance) -> dict[str, Any]:
    """Write the stamp of one alliance with our group's proof."""
    document = {"@context": wire.context(tx.origin), **stamp_document(row, tx.origin)}
    return await _sign(tx, Iri(row.group), document)


async def alliances_document(tx: Tx, group: Iri) -> dict[str, Any]:
    """Write the public list of a group's allies: whom, since when, and not on which terms."""
    rows = await service.standing_rows(tx, group)
    stamps = [stamp_document(row, tx.origin) for row in rows]
    return {
        "@context": wire.context(tx.origin),
        "id": f"{group}/alliances",
        "type": "OrderedCollection",
        "attributedTo": group,
        "totalItems": len(stamps),
        "orderedItems": stamps,
    }


async def capacity_document(tx: Tx, group: Iri) -> dict[str, Any]:
    """Write how many of a group could come, by skill and half-day, in coarse numbers."""
    counts = await groups.capacity(tx, group, tx.now, tx.now + capacity.AHEAD)
    told = [Count(one.skill, one.start, one.end, one.count) for one in counts if one.count != "0"]
    return counts_document(told, group, tx.origin, tx.now)


# Fetched, outside any transaction --------------------------------------------------------------


async def ask_capacity(database: Database, group: Iri, ally: Iri) -> CapacityView:
    """Return an ally's counts, asked anew when the last answer is older than a few minutes."""
    await _ask(database, group, [ally])
    async with database.reading() as tx:
        return (await capacity.heard_from(tx, group, [ally]))[ally]


async def ask_allies(database: Database, group: Iri) -> None:
    """Ask the allies of one of our groups for their counts, where the last answer is old.

    All at once and for a few seconds, whoever answers; of very many, those who were not asked for
    the longest time. That an ally did not answer is kept beside what it said before.
    """
    async with database.reading() as tx:
        allies = [one.ally for one in await service.allies(tx, group)]
    await _ask(database, group, allies)


async def _ask(database: Database, group: Iri, allies: Sequence[Iri]) -> None:
    async with database.reading() as tx:
        asked = await capacity.to_ask(tx, group, allies)
        reader = await network.require_actor(tx, group)
        near = [one for one in asked if same_origin(one, tx.origin)]
        here = {one: await capacity_document(tx, one) for one in near}  # a handful
    away = [one for one in asked if one not in here]
    fetched = await asyncio.gather(*(_fetch_counts(database, one, reader) for one in away))
    answers = dict(zip(away, fetched, strict=True))
    answers |= {one: _counts_or_failure(document, one) for one, document in here.items()}
    if answers:
        async with database.transaction() as tx:
            await capacity.keep(tx, group, answers)


async def _fetch_counts(database: Database, ally: Iri, reader: LocalActor) -> capacity.Answer:
    """Fetch an ally's counts; whatever goes wrong at the other end is an answer, too."""
    try:
        async with asyncio.timeout(PATIENCE):
            document = await database.federation.actors.get(f"{ally}/capacity", reader=reader)
    except FederationError as error:
        return str(error)
    except TimeoutError:
        return "no answer in time"
    return _counts_or_failure(document, ally)


def _counts_or_failure(document: Document, ally: Iri) -> capacity.Answer:
    try:
        return read_counts(document, ally)
    except (Malformed, ValueError) as error:
        return str(error)


async def find_group(database: Database, address: str) -> FoundGroup:
    """Find a group by its address (name@host, or the address of its page) and preview it.

    Raises Invalid when there is no group at that address, or it cannot be reached now.
    """
    try:
        document = await database.federation.find(address)
    except (FederationError, ValueError) as error:
        raise Invalid(
            "No group answers at this address. Please look at it once more.", field="address"
        ) from error
    if document.get("type") != "Group":
        raise Invalid("This address is a person's, not a group's.", field="address")
    return _found(document)


def _found(document: Document) -> FoundGroup:
    iri = Iri(str(document["id"]))
    username = str(document.get("preferredUsername") or "")[:100]
    name = str(document.get("name") or username)[:200]
    host = origin_of(iri).partition("://")[2]
    return FoundGroup(iri, name, f"{username}@{host}", _plain(str(document.get("summary") or "")))


def _plain(html: str) -> str:
    return unescape(nh3.clean(html[:5_000], tags=set()))[:500]


# Sent ------------------------------------------------------------------------------------------


async def send_offer(tx: Tx, event: AllianceOffered) -> None:
    """Sign the terms that a leader offers, and send them."""
    row = await require_row(tx, event.alliance)
    row.our_proof = (await _sign(tx, event.group, row.terms))["proof"]
    offer = wire.envelope(
        tx,
        "Offer",
        event.group,
        signed(row, row.our_proof),
        to=[event.ally],
        id=row.offer,
        decision=row.decision,
    )
    await tx.send(offer, conversation=row.offer)


async def send_answer(tx: Tx, event: AllianceAnswered) -> None:
    """Send a leader's yes, with our signature over the same text, or her no."""
    row = await require_row(tx, event.alliance)
    group, to = Iri(row.group), [row.ally]
    if not event.accepted:
        answer = wire.envelope(
            tx, "Reject", group, offer_stub(row), to=to, content=row.reason, decision=row.decision
        )
    else:
        row.our_proof = (await _sign(tx, group, row.terms))["proof"]
        answer = wire.envelope(
            tx,
            "Accept",
            group,
            offer_stub(row),
            to=to,
            id=row.accept,
            result=signed(row, row.our_proof),
            decision=row.decision,
        )
    await tx.send(answer, conversation=row.offer)


async def send_end(tx: Tx, event: AllianceEnded) -> None:
    """Tell the other group that ours ended the alliance, or took its offer back."""
    if not event.ours:
        return
    row = await require_row(tx, event.alliance)
    inner = offer_stub(row)
    if not row.offered_by_us:
        inner = {"id": row.accept, "type": "Accept", "actor": row.group, "object": inner}
    undo = wire.envelope(
        tx,
        "Undo",
        event.group,
        inner,
        to=[event.ally],
        content=row.reason,
        decision=row.decision,
    )
    await tx.send(undo, conversation=row.offer)


# Received --------------------------------------------------------------------------------------


async def receive_offer(tx: Tx, activity: Activity) -> None:
    """Keep the terms that another group offers one of ours, with its signature over them."""
    document = activity.object
    group = document.get("object")
    if document.get("subject") != activity.actor or document.get("context") != activity.id:
        raise Malformed("The terms are not bound to this offer and its sender.")
    if not isinstance(group, str) or await groups.group(tx, group) is None:
        raise Malformed("The terms are offered to no group that lives here.")
    try:
        read_terms(document, group)
        _text(document)
        early = wire.moment_of(document.get("startTime")) <= tx.now + LATEST
    except DomainError as error:
        raise Malformed(str(error)) from error
    if not early:
        raise Malformed("The terms are dated in the future.")
    proof = await _proven(tx, document, activity.actor, group)
    terms = {name: value for name, value in document.items() if name != "proof"}
    try:
        await received.record_offer(tx, Iri(group), activity.actor, activity.id, terms, proof)
    except DomainError as error:
        raise Forbidden(str(error)) from error


async def receive_accept(tx: Tx, activity: Activity) -> None:
    """Keep another group's signature over the terms we offered: byte for byte the same text."""
    row = await received.with_ally(tx, activity.object_id, activity.actor, by_us=True)
    if row is None:
        raise Malformed("This accepts nothing that was offered to its sender.")
    result = activity.document.get("result")
    if not isinstance(result, Mapping):
        raise Malformed("An Accept of terms carries them in `result`, signed.")
    proof = await _proven(tx, result, activity.actor, row.group)
    try:
        await received.record_accept(tx, row, activity.id, _text(result), proof)
    except DomainError as error:
        raise Malformed(str(error)) from error


async def receive_reject(tx: Tx, activity: Activity) -> None:
    """Keep that another group does not want our terms."""
    row = await received.with_ally(tx, activity.object_id, activity.actor, by_us=True)
    if row is None:
        raise Malformed("This refuses nothing that was offered to its sender.")
    received.record_refusal(tx, row, _reason(activity))


async def receive_undone_offer(tx: Tx, activity: Activity) -> None:
    """Keep that the group that offered an alliance ends it, before or after the other's yes."""
    offer = _own(activity)
    row = await received.with_ally(tx, offer, activity.actor, by_us=False)
    if row is None:
        await received.remember_undo(tx, offer, activity.actor)
    else:
        received.record_end(tx, row, _reason(activity))


async def receive_undone_accept(tx: Tx, activity: Activity) -> None:
    """Keep that the group that accepted an alliance ends it."""
    accept = _own(activity)
    row = await received.by_accept(tx, accept, activity.actor)
    if row is None:
        await received.remember_undo(tx, accept, activity.actor)
    else:
        received.record_end(tx, row, _reason(activity))


def _own(activity: Activity) -> Iri:
    """Return what an Undo takes back; only its own speaker may (FEP-fe34)."""
    iri = activity.object_id
    inner_actor = activity.object.get("actor", activity.actor)
    if not same_origin(iri, activity.actor) or inner_actor != activity.actor:
        raise Forbidden("Only who said something takes it back.")
    return iri


def _reason(activity: Activity) -> str:
    content = activity.document.get("content")
    return content[:MOST_REASON] if isinstance(content, str) else ""


def _text(document: Document) -> str:
    try:
        return signed_text(document)
    except ValueError as error:
        raise Malformed("The terms have no canonical form.") from error


async def _sign(tx: Tx, group: Iri, document: Mapping[str, Any]) -> dict[str, Any]:
    actor = await network.require_actor(tx, group)
    return sign_document(document, actor.keys.ed25519, actor.proof_method, tx.now)


async def _proven(tx: Tx, document: Document, owner: Iri, ours: str) -> Mapping[str, Any]:
    """Return the proof over a document if it is the owner's; raise Malformed otherwise.

    Its key is read from what is kept of that actor since the activity itself was checked: to
    fetch one here would wait for our own commit for ever. `ours` is the group it is said to.
    """
    method = proof_method(document)
    if method is None:
        raise Malformed("The terms carry no signature.")
    if local := await network.actor(tx, owner):
        own = local.public_keys().get(method)
        if own is None:
            raise Malformed("The terms are signed with no key of their sender.")
        verify_document(document, own)
    else:
        known = await tx.federation.store.peers.known_actor(tx, owner)
        listed = key_of(known.document, owner, method) if known else None
        if listed is None:
            raise Malformed("The terms are signed with no key of their sender.")
        reader = (await network.require_actor(tx, ours)).keys.ed25519.public
        verify_document(document, replace(reader, key=listed))
    proof: Mapping[str, Any] = document["proof"]
    return proof
