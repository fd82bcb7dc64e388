"""Telling the network that an actor that lives here looks different now, or has other keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from federation import Iri
from instance import wire
from instance.db import Tx
from instance.groups import belonging, founding, serving
from instance.groups.events import BelongingBegan
from instance.network import service as network
from instance.network.events import ActorChanged, IdentityStated, KeysChanged


async def send_update(tx: Tx, event: ActorChanged | KeysChanged) -> None:
    """Send an actor's document as it is now to followers, and to the peers it deals with.

    The group of a person elsewhere hears of her; of a group and of the instance itself every peer.
    New keys are proven by those that peers know; whoever is left out finds them by fetching the
    actor, as soon as it meets one of them.
    """
    proven_by = event.proven_by if isinstance(event, KeysChanged) else None
    document = await _document(tx, event.actor)
    if document["type"] == "Person":
        also_to = await _groups_of(tx, event.actor)
    else:
        also_to = await network.one_of_each_peer(tx)
    await _send(tx, document, also_to, proven_by=proven_by)


async def send_identity(tx: Tx, event: IdentityStated) -> None:
    """Let a person's groups know which key is her own, while her server lives to say so."""
    await _send(tx, await _document(tx, event.person), await _groups_of(tx, event.person))


async def send_identity_to_new_group(tx: Tx, event: BelongingBegan) -> None:
    """Let a group that took in a person know which key is her own; it may have met her before."""
    if await network.identity_of(tx, event.person):
        await _send(tx, await _document(tx, event.person), [event.group])


async def _send(
    tx: Tx, document: Mapping[str, Any], also_to: Sequence[Iri], *, proven_by: str | None = None
) -> None:
    actor = Iri(document["id"])
    update = wire.envelope(tx, "Update", actor, document, to=[f"{actor}/followers"])
    await tx.federation.send(tx, update, also_to=also_to, proven_by=proven_by)


async def _groups_of(tx: Tx, person: Iri) -> Sequence[Iri]:
    return [one.group for one in await belonging.standings(tx, person)]


async def _document(tx: Tx, iri: Iri) -> Mapping[str, Any]:
    group = await founding.group(tx, iri)
    if group:
        return await serving.group_document(tx, group)
    document, _ = network.document_of(tx, await network.require_actor(tx, iri))
    return document
