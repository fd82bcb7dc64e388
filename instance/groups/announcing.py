"""Telling the network that an actor that lives here has other keys now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from federation import Iri
from instance import wire
from instance.db import Tx
from instance.groups import belonging, founding, serving
from instance.network import service as network
from instance.network.events import KeysChanged


async def send_update(tx: Tx, event: KeysChanged) -> None:
    """Send an actor's document with its new keys to followers, and to the peers it deals with.

    The group of a person elsewhere hears of her; of a group and of the instance itself every peer.
    Whoever is left out finds the new keys by fetching the actor, as soon as it meets one of them.
    """
    document = await _document(tx, event.actor)
    to = [f"{event.actor}/followers"]
    update = wire.envelope(tx, "Update", event.actor, document, to=to)
    if document["type"] == "Person":
        also_to = [one.group for one in await belonging.standings(tx, event.actor)]
    else:
        also_to = list(await network.one_of_each_peer(tx))
    await tx.federation.send(tx, update, also_to=also_to, proven_by=event.proven_by)


async def _document(tx: Tx, iri: Iri) -> Mapping[str, Any]:
    group = await founding.group(tx, iri)
    if group:
        return await serving.group_document(tx, group)
    document, _ = network.document_of(tx, await network.require_actor(tx, iri))
    return document
