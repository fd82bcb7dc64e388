"""Blocks by others: who elsewhere wants nothing from an actor of ours is sent nothing."""

from __future__ import annotations

from federation.activity import Activity
from federation.effects import Effects
from federation.errors import Malformed
from federation.follows import FOLLOWABLE
from federation.ports import Directory, Tx
from federation.sql import SqlStore
from federation.standing import Standings


class Blocks:
    """Keeps which actors elsewhere block which of ours."""

    def __init__(self, directory: Directory, store: SqlStore, standings: Standings) -> None:
        self._directory = directory
        self._store = store
        self._standings = standings

    def register(self, effects: Effects) -> None:
        """Name the receivers of Block and its Undo."""
        for kind in FOLLOWABLE:
            effects.on(("Block", kind), self.receive_block)
            effects.on(("Undo", "Block", kind), self.receive_undo)

    async def receive_block(self, tx: Tx, activity: Activity) -> None:
        """End the follow of who blocks, and note that nothing goes there any more."""
        actor = await self._directory.actor(tx, activity.object_id)
        if actor is None or actor.gone:
            raise Malformed("Nobody of that id is here.")
        await self._standings.note_block(tx, activity.actor, actor.id, activity.id)

    async def receive_undo(self, tx: Tx, activity: Activity) -> None:
        """Forget a block; only who blocked can say so.

        A Block that has not come yet is remembered as undone; one that was followed by another
        stays.
        """
        block = Activity.read({**activity.document, **activity.object, "to": [], "cc": []})
        if block.actor != activity.actor:
            raise Malformed("Only who blocked can undo a Block.")
        blocked, rows = block.object_id, self._store.standings
        standing = await rows.block_of(tx, activity.actor, blocked)
        if standing is None:
            await self._store.inbox.withdraw(tx, block.id)
        elif standing == block.id or not await self._store.inbox.was_seen(tx, block.id):
            await rows.remove_block(tx, activity.actor, blocked)
            rows.after_commit(tx, self._standings.forget)
