"""What goes out: activities once, and one small row for each inbox on their way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from federation.activity import Document, decode, encode
from federation.iri import Iri, origin_of
from federation.ports import Tx
from federation.sql.rows import Delivery, FailedDelivery, Lease
from federation.sql.statements import Statements


class OutboxRows(Statements):
    """Sent activities, their deliveries, and the leases on peers."""

    async def post(
        self, tx: Tx, activity: Document, *, conversation: str, public: bool, now: datetime
    ) -> int:
        """Write an activity that this host says; return its number.

        The conversation is taken first, because PostgreSQL's numbers are not commit-ordered.
        """
        outbox = self.tables.outbox
        if self.on_postgresql(tx):
            key = sa.func.hashtextextended(conversation, 0)
            await self.run(tx, sa.select(sa.func.pg_advisory_xact_lock(key)))
        found = await self.run(
            tx,
            sa.insert(outbox)
            .values(
                id=activity["id"],
                sender=activity["actor"],
                conversation=conversation,
                public=public,
                body=encode(activity),
                published=now,
            )
            .returning(outbox.c.seq),
        )
        return int(found.scalar_one())

    async def address(self, tx: Tx, seq: int, recipients: Iterable[Iri], now: datetime) -> None:
        """Write one delivery for each recipient of another origin; inboxes are found later."""
        rows = [
            {
                "seq": seq,
                "peer": origin_of(recipient),
                "recipient": recipient,
                "state": "ready",
                "next_try": now,
            }
            for recipient in recipients
        ]
        if rows:
            await self.run(
                tx, self.insert(tx, self.tables.deliveries).values(rows).on_conflict_do_nothing()
            )
            await self.touch_peers(tx, {str(row["peer"]) for row in rows}, now)

    async def address_followers(
        self, tx: Tx, seq: int, actor: Iri, now: datetime, *, except_origin: str
    ) -> None:
        """Write one delivery for each peer (or lone inbox) with followers of an actor."""
        followers, deliveries = self.tables.followers, self.tables.deliveries
        where = [followers.c.actor == actor, followers.c.peer != except_origin]
        recipient = sa.func.coalesce(followers.c.inbox, followers.c.follower)
        chosen = (
            sa.select(
                sa.literal(seq),
                followers.c.peer,
                recipient,
                followers.c.inbox,
                sa.literal("ready"),
                sa.literal(now, type_=deliveries.c.next_try.type),
            )
            .where(*where)
            .distinct()
        )
        names = ["seq", "peer", "recipient", "inbox", "state", "next_try"]
        insert = self.insert(tx, deliveries).from_select(names, chosen)
        await self.run(tx, insert.on_conflict_do_nothing())
        found = await self.run(tx, sa.select(followers.c.peer).where(*where).distinct())
        await self.touch_peers(tx, {row.peer for row in found}, now)

    async def lease_peers(self, tx: Tx, now: datetime, until: datetime) -> list[Lease]:
        """Take every peer that has deliveries due, is awake and is free."""
        deliveries, peers = self.tables.deliveries, self.tables.peers
        due = (
            sa.select(deliveries.c.peer)
            .where(deliveries.c.state.in_(["ready", "parked"]), deliveries.c.next_try <= now)
            .distinct()
        )
        statement = (
            sa.update(peers)
            .where(peers.c.origin.in_(due), peers.c.out_until <= now, peers.c.next_try <= now)
            .values(out_until=until, out_fence=peers.c.out_fence + 1)
            .returning(peers.c.origin, peers.c.out_fence)
        )
        found = await self.run(tx, statement)
        return [Lease(row.origin, row.out_fence) for row in found]

    async def heads(self, tx: Tx, lease: Lease, now: datetime, limit: int) -> list[Delivery]:
        """List what may be sent now: the oldest delivery of each conversation, if it is due.

        Parked deliveries have their own retries and are overtaken meanwhile.
        """
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        first = (
            sa.select(sa.func.min(deliveries.c.id))
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(deliveries.c.state == "ready", deliveries.c.peer == lease.origin)
            .group_by(outbox.c.conversation)
        )
        statement = (
            sa.select(deliveries, outbox.c.sender, outbox.c.conversation, outbox.c.body)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(
                deliveries.c.peer == lease.origin,
                deliveries.c.next_try <= now,
                sa.or_(deliveries.c.id.in_(first), deliveries.c.state == "parked"),
            )
            .order_by(deliveries.c.id)
            .limit(limit)
        )
        return [_delivery(row) for row in await self.run(tx, statement)]

    async def holds_peer(self, tx: Tx, lease: Lease) -> bool:
        """Tell whether a lease is still ours, taking the row until the transaction ends."""
        peers = self.tables.peers
        statement = (
            sa.update(peers)
            .where(peers.c.origin == lease.origin, peers.c.out_fence == lease.fence)
            .values(out_fence=lease.fence)
        )
        return await self.count(tx, statement) == 1

    async def settle_delivery(
        self,
        tx: Tx,
        delivery: Delivery,
        *,
        state: str,
        reason: str | None = None,
        next_try: datetime | None = None,
    ) -> None:
        """Note how a delivery went: `done` forgets it; `failed` keeps it to be shown."""
        deliveries = self.tables.deliveries
        here = deliveries.c.id == delivery.id
        if state == "done":
            await self.run(tx, sa.delete(deliveries).where(here))
            return
        values: dict[str, Any] = {
            "state": state,
            "reason": reason,
            "attempts": delivery.attempts + 1,
        }
        if next_try:
            values["next_try"] = next_try
        await self.run(tx, sa.update(deliveries).where(here).values(values))

    async def settle_peer(
        self, tx: Tx, lease: Lease, now: datetime, *, reached: bool, next_try: datetime
    ) -> None:
        """Give a peer back, noting whether it was reached and when to try again."""
        peers = self.tables.peers
        values: dict[str, Any] = {"out_until": now, "next_try": next_try}
        if reached:
            values |= {"failures": 0, "failing_since": None, "last_delivered": now}
        else:
            values |= {
                "failures": peers.c.failures + 1,
                "failing_since": sa.func.coalesce(
                    peers.c.failing_since, sa.literal(now, type_=peers.c.failing_since.type)
                ),
            }
        await self.run(
            tx,
            sa.update(peers)
            .where(peers.c.origin == lease.origin, peers.c.out_fence == lease.fence)
            .values(values),
        )

    async def find_activity(self, tx: Tx, iri: str) -> Document | None:
        """Return a stored activity, sent or received, by its id."""
        for table in (self.tables.outbox, self.tables.inbox):
            row = (await self.run(tx, sa.select(table.c.body).where(table.c.id == iri))).first()
            if row:
                return _document(row.body)
        return None

    async def public_page(
        self, tx: Tx, sender: str, before: int | None, limit: int
    ) -> list[tuple[int, Document]]:
        """List an actor's public activities, newest first, with their numbers."""
        outbox = self.tables.outbox
        where = [outbox.c.sender == sender, outbox.c.public]
        if before is not None:
            where.append(outbox.c.seq < before)
        statement = (
            sa.select(outbox.c.seq, outbox.c.body)
            .where(*where)
            .order_by(outbox.c.seq.desc())
            .limit(limit)
        )
        found = await self.run(tx, statement)
        return [(row.seq, _document(row.body)) for row in found]

    async def count_public(self, tx: Tx, sender: str) -> int:
        """Count an actor's public activities."""
        outbox = self.tables.outbox
        counted = sa.select(sa.func.count()).where(outbox.c.sender == sender, outbox.c.public)
        return int((await self.run(tx, counted)).scalar_one())

    async def failed(self, tx: Tx, limit: int = 200) -> list[FailedDelivery]:
        """List deliveries that were given up, newest first."""
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        statement = (
            sa.select(outbox.c.id, deliveries.c.recipient, deliveries.c.reason)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(deliveries.c.state == "failed")
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        return [
            FailedDelivery(row.id, row.recipient, row.reason or "")
            for row in await self.run(tx, statement)
        ]


def _document(body: bytes) -> Document:
    document = decode(body)
    assert isinstance(document, dict)
    return document


def _delivery(row: sa.Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        peer=row.peer,
        recipient=row.recipient,
        inbox=row.inbox,
        sender=Iri(row.sender),
        conversation=row.conversation,
        body=row.body,
        attempts=row.attempts,
    )
