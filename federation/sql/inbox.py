"""What came in: remembered once for ever, leased by origin, settled after its effects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from federation.activity import Document, decode, encode
from federation.iri import origin_of
from federation.ports import Tx
from federation.sql.rows import Lease, Received, hash_of
from federation.sql.statements import Statements


class InboxRows(Statements):
    """Received activities and the leases on their origins."""

    async def remember(
        self, tx: Tx, activities: Sequence[Document], now: datetime, *, heard: bool = True
    ) -> int:
        """Store received activities that were never seen before; return how many were new.

        `heard` says that their origins have just spoken to us over the network.
        """
        hashes = {hash_of(document["id"]): document for document in activities}
        fresh = await self.run(
            tx,
            self.insert(tx, self.tables.seen)
            .values([{"hash": one} for one in hashes])
            .on_conflict_do_nothing()
            .returning(self.tables.seen.c.hash),
        )
        new = {bytes(row.hash) for row in fresh}
        rows = [_row(document, now) for one, document in hashes.items() if one in new]
        origins = {origin_of(document["id"]) for document in activities}
        await self.touch_peers(tx, origins, now, heard=now if heard else None)
        if rows:
            await self.run(tx, sa.insert(self.tables.inbox), rows)
        return len(rows)

    async def lease_received(self, tx: Tx, now: datetime, until: datetime) -> list[Lease]:
        """Take every origin that has activities ready and is free."""
        inbox, peers = self.tables.inbox, self.tables.peers
        ready = (
            sa.select(inbox.c.origin)
            .where(inbox.c.state == "ready", inbox.c.next_try <= now)
            .distinct()
        )
        statement = (
            sa.update(peers)
            .where(peers.c.origin.in_(ready), peers.c.in_until <= now)
            .values(in_until=until, in_fence=peers.c.in_fence + 1)
            .returning(peers.c.origin, peers.c.in_fence)
        )
        found = await self.run(tx, statement)
        return [Lease(row.origin, row.in_fence) for row in found]

    async def received(self, tx: Tx, lease: Lease, now: datetime, limit: int) -> list[Received]:
        """List an origin's activities that are ready, oldest first."""
        inbox = self.tables.inbox
        statement = (
            sa.select(inbox.c.seq, inbox.c.origin, inbox.c.body, inbox.c.attempts)
            .where(
                inbox.c.state == "ready",
                inbox.c.origin == lease.origin,
                inbox.c.next_try <= now,
            )
            .order_by(inbox.c.seq)
            .limit(limit)
        )
        return [
            Received(row.seq, row.origin, _document(row.body), row.attempts)
            for row in await self.run(tx, statement)
        ]

    async def settle_received(
        self,
        tx: Tx,
        seq: int,
        *,
        state: str,
        reason: str | None = None,
        attempts: int = 0,
        next_try: datetime | None = None,
    ) -> None:
        """Note how an activity's effects went: `done`, `ignored`, `ready` again or `failed`."""
        values: dict[str, Any] = {"state": state, "reason": reason, "attempts": attempts}
        if next_try:
            values["next_try"] = next_try
        inbox = self.tables.inbox
        await self.run(tx, sa.update(inbox).where(inbox.c.seq == seq).values(values))

    async def hurry_received(self, tx: Tx, origin: str | None, now: datetime) -> None:
        """Try waiting activities again at once: what they waited for may just have come."""
        inbox = self.tables.inbox
        waiting = [inbox.c.state == "ready", inbox.c.attempts > 0, inbox.c.next_try > now]
        if origin:
            waiting.append(inbox.c.origin == origin)
        await self.run(tx, sa.update(inbox).where(*waiting).values(next_try=now))

    async def holds_received(self, tx: Tx, lease: Lease) -> bool:
        """Tell whether a lease is still ours, taking the row until the transaction ends."""
        peers = self.tables.peers
        statement = (
            sa.update(peers)
            .where(peers.c.origin == lease.origin, peers.c.in_fence == lease.fence)
            .values(in_fence=lease.fence)
        )
        return await self.count(tx, statement) == 1

    async def release_received(self, tx: Tx, lease: Lease, now: datetime) -> None:
        """Give an origin back."""
        peers = self.tables.peers
        await self.run(
            tx,
            sa.update(peers)
            .where(peers.c.origin == lease.origin, peers.c.in_fence == lease.fence)
            .values(in_until=now),
        )


def _row(document: Document, now: datetime) -> dict[str, Any]:
    return {
        "id": document["id"],
        "origin": origin_of(document["id"]),
        "actor": document["actor"] if isinstance(document["actor"], str) else "",
        "type": document["type"],
        "body": encode(document),
        "received": now,
        "state": "ready",
        "next_try": now,
    }


def _document(body: bytes) -> Document:
    document = decode(body)
    assert isinstance(document, dict)
    return document
