"""When other hosts' actors change or go."""

from __future__ import annotations

from federation.activity import Activity
from federation.actors import ACTOR_TYPES, Actors
from federation.effects import Effects
from federation.errors import Malformed
from federation.ports import Tx
from federation.routing import Receiver
from federation.sql import SqlStore

BARE = ("Delete", "*")
"""A Delete that names an id and no type: of an actor, or of anything that a host may hold."""


class Changes:
    """Keeps what is known of remote actors up to date."""

    def __init__(self, store: SqlStore, actors: Actors) -> None:
        self._store = store
        self._actors = actors
        self._hosts: list[Receiver] = []

    def register(self, effects: Effects) -> None:
        """Name the receivers of an actor's Update and Delete."""
        for kind in sorted(ACTOR_TYPES):
            effects.on(("Update", kind), self.receive_update)
            effects.on(("Delete", kind), self.receive_delete)
        effects.on(BARE, self.receive_delete)

    def also(self, receiver: Receiver) -> None:
        """Name a receiver of the host's for what is deleted by its id alone and is no actor."""
        self._hosts.append(receiver)

    async def receive_update(self, tx: Tx, activity: Activity) -> None:
        """Keep an actor's new document; only the actor itself can say so."""
        document = activity.object
        if document.get("id") != activity.actor:
            raise Malformed("Only an actor updates itself.")
        await self._actors.note(tx, document)

    async def receive_delete(self, tx: Tx, activity: Activity) -> None:
        """Forget an actor that says it is gone; of anything else the host is told."""
        if activity.object.get("id") == activity.actor:
            await self._store.peers.forget_actor(tx, activity.actor)
            return
        for receiver in self._hosts:
            await receiver(tx, activity)
