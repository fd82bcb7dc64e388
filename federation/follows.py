"""Following: anybody on the fediverse may subscribe to an actor's public posts, and stop."""

from __future__ import annotations

from collections.abc import Callable

from federation.activity import Activity
from federation.effects import Effects
from federation.errors import Malformed
from federation.iri import Iri
from federation.outbox import Outbox
from federation.ports import Clock, Directory, Tx
from federation.sql import SqlStore

FOLLOWABLE = ("Group", "Person", "Application")


class Follows:
    """Keeps the followers of our actors."""

    def __init__(
        self,
        directory: Directory,
        store: SqlStore,
        outbox: Outbox,
        clock: Clock,
        new_id: Callable[[], Iri],
    ) -> None:
        self._directory = directory
        self._store = store
        self._outbox = outbox
        self._clock = clock
        self._new_id = new_id

    def register(self, effects: Effects) -> None:
        """Name the receivers of Follow and its Undo."""
        for kind in FOLLOWABLE:
            effects.on(("Follow", kind), self.receive_follow)
            effects.on(("Undo", "Follow", kind), self.receive_undo)

    async def receive_follow(self, tx: Tx, activity: Activity) -> None:
        """Note a follower and accept; a repeated Follow is accepted again and changes nothing."""
        actor = await self._directory.actor(tx, activity.object_id)
        if actor is None or actor.gone:
            raise Malformed("Nobody of that id is here.")
        now = self._clock()
        await self._store.peers.add_follower(tx, actor.id, activity.actor, activity.id, now)
        follow = {"id": activity.id, "type": "Follow", "actor": activity.actor, "object": actor.id}
        accept = {
            "id": self._new_id(),
            "type": "Accept",
            "actor": actor.id,
            "object": follow,
            "to": [activity.actor],
        }
        await self._outbox.send(tx, accept)

    async def receive_undo(self, tx: Tx, activity: Activity) -> None:
        """Forget a follower; only she herself can say so.

        A Follow that has not come yet is remembered as undone; one that has been followed by
        another stays.
        """
        follow = Activity.read({**activity.document, **activity.object, "to": [], "cc": []})
        if follow.actor != activity.actor:
            raise Malformed("Only the follower can undo a Follow.")
        followed = follow.object_id
        standing = await self._store.peers.follow_of(tx, followed, activity.actor)
        if standing is None:
            await self._store.inbox.withdraw(tx, follow.id)
        elif standing == follow.id or not await self._store.inbox.was_seen(tx, follow.id):
            await self._store.peers.remove_follower(tx, followed, activity.actor)
