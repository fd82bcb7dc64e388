"""Tells federation who lives here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from federation import Document, Iri, LocalActor
from instance import __version__
from instance.db import Tx
from instance.network import service as network
from instance.network.models import ActorKind
from instance.settings import Settings


class InstanceDirectory:
    """The actors of one instance, as `federation.ports.Directory` asks for them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def origin(self) -> str:
        """Where the world reaches this instance."""
        return self._settings.origin

    @property
    def instance_actor(self) -> Iri:
        """The Application that signs fetches."""
        return network.instance_actor(self.origin)

    async def actor(self, tx: Tx, iri: str) -> LocalActor | None:
        """Return the actor with this id, gone ones included."""
        return await network.actor(tx, iri)

    async def actor_named(self, tx: Tx, username: str) -> LocalActor | None:
        """Return the actor with this username, whatever its case."""
        return await network.actor_named(tx, username)

    async def node_information(self, tx: Tx) -> Mapping[str, Any]:
        """Return what NodeInfo says: numbers of accounts, and nobody's name."""
        people = await network.count_actors(tx, ActorKind.PERSON)
        return {
            "software": {
                "name": "ayni",
                "version": __version__,
                "repository": "",
                "homepage": "",
            },
            "openRegistrations": False,
            "usage": {"users": {"total": people}},
            "metadata": {"nodeName": self._settings.name, "federation": {"enabled": True}},
        }

    async def may_read(self, _tx: Tx, _document: Document, _reader: Iri | None) -> bool:
        """Allow nobody whom an activity was not addressed to."""
        return False
