"""One small row for each inbox that an activity is on its way to, and the leases on peers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from federation.iri import Iri, origin_of
from federation.ports import Tx
from federation.sql.rows import Delivery, FailedDelivery, Lease, Said
from federation.sql.statements import Statements
from federation.sql.tables import in_state

WINDOW = 500
"""How many of a peer's oldest deliveries are looked through for the heads of conversations."""


class DeliveryRows(Statements):
    """Deliveries and the leases on the peers they go to."""

    async def address(self, tx: Tx, seq: int, said: Said) -> None:
        """Write one delivery for each recipient of another origin; inboxes are found later.

        Each of those origins has its row already.
        """
        rows = [
            {
                "seq": seq,
                "peer": origin_of(recipient),
                "recipient": recipient,
                "conversation": said.conversation,
                "state": "ready",
                "next_try": said.at,
            }
            for recipient in said.away
        ]
        if rows:
            insert = self.insert(tx, self.tables.deliveries)
            await self.run(tx, insert.on_conflict_do_nothing(), rows)

    async def address_followers(self, tx: Tx, seq: int, said: Said, *, except_origin: str) -> None:
        """Write one delivery for each shared inbox (or lone follower) of the actor's followers."""
        followers, deliveries = self.tables.followers, self.tables.deliveries
        chosen = (
            sa.select(
                sa.literal(seq, type_=deliveries.c.seq.type),
                followers.c.peer,
                sa.func.coalesce(followers.c.inbox, followers.c.follower),
                followers.c.inbox,
                sa.literal(said.conversation, type_=sa.Text()),
                sa.literal_column("'ready'"),
                sa.literal(said.at, type_=deliveries.c.next_try.type),
            )
            .where(followers.c.actor == said.document["actor"], followers.c.peer != except_origin)
            .distinct()
        )
        names = ["seq", "peer", "recipient", "inbox", "conversation", "state", "next_try"]
        insert = self.insert(tx, deliveries).from_select(names, chosen)
        await self.run(tx, insert.on_conflict_do_nothing())

    async def lease_peers(self, tx: Tx, now: datetime, until: datetime, limit: int) -> list[Lease]:
        """Take peers that have deliveries due, are awake and free, the longest unserved first."""
        deliveries, peers = self.tables.deliveries, self.tables.peers
        here = (deliveries.c.peer == peers.c.origin, deliveries.c.next_try <= now)
        waiting = [
            sa.exists().where(*here, in_state(deliveries.c.state, one))
            for one in ("ready", "parked")
        ]
        awake = peers.c.next_try <= now
        due = sa.and_(awake, sa.or_(*waiting))
        return await self.lease(tx, "out", due, now, until, limit)

    async def heads(self, tx: Tx, lease: Lease, now: datetime, limit: int) -> list[Delivery]:
        """List what may be sent now: the oldest delivery of each conversation, if it is due.

        Looked for among a peer's oldest deliveries, where whatever is first of its conversation
        is so among all. Parked deliveries have their own retries and are overtaken meanwhile.
        """
        chosen = [row.id for row in await self.run(tx, self._heads(lease.origin, now, limit))]
        if len(chosen) < limit:
            parked = self._parked(lease.origin, now, limit - len(chosen))
            chosen += [row.id for row in await self.run(tx, parked)]
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        statement = (
            sa.select(deliveries, outbox.c.sender, outbox.c.body)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(deliveries.c.id.in_(chosen))
            .order_by(deliveries.c.id)
        )
        return [_delivery(row) for row in await self.run(tx, statement)] if chosen else []

    async def holds_peer(self, tx: Tx, lease: Lease, until: datetime) -> bool:
        """Tell whether a lease is still ours and renew it, taking the row until the commit."""
        return await self.holds(tx, "out", lease, until)

    async def forget_delivery(self, tx: Tx, delivery: Delivery) -> None:
        """Forget a delivery that arrived."""
        deliveries = self.tables.deliveries
        await self.run(tx, sa.delete(deliveries).where(deliveries.c.id == delivery.id))

    async def settle_delivery(
        self,
        tx: Tx,
        delivery: Delivery,
        *,
        state: str,
        status: int,
        attempts: int,
        reason: str,
        next_try: datetime,
    ) -> None:
        """Note an answer to a delivery that did not arrive.

        `ready` keeps the place in the conversation, `parked` lets the next ones overtake, `failed`
        is kept to be shown.
        """
        deliveries = self.tables.deliveries
        values = {
            "state": state,
            "status": status,
            "attempts": attempts,
            "reason": reason,
            "next_try": next_try,
        }
        here = deliveries.c.id == delivery.id
        await self.run(tx, sa.update(deliveries).where(here).values(values))

    async def release_peer(
        self,
        tx: Tx,
        lease: Lease,
        now: datetime,
        *,
        delivered: bool,
        failures: int,
        next_try: datetime,
        asked: bool,
    ) -> None:
        """Give a peer back: whether anything arrived, the failures since, and until when it rests.

        `asked` says that the peer itself named that moment.
        """
        peers = self.tables.peers
        since: Any = sa.literal(now, type_=peers.c.failing_since.type)
        if not delivered:
            since = sa.func.coalesce(peers.c.failing_since, since)
        values: dict[str, Any] = {
            "out_until": now,
            "next_try": next_try,
            "asked_to_wait": asked,
            "failures": failures,
            "failing_since": since if failures else None,
        }
        if delivered:
            values["last_delivered"] = now
        mine = (peers.c.origin == lease.origin, peers.c.out_fence == lease.fence)
        await self.run(tx, sa.update(peers).where(*mine).values(values))

    async def lapse(self, tx: Tx, lease: Lease, before: datetime) -> int:
        """Give up public activities said before a moment, if the peer has been silent since."""
        deliveries, outbox, peers = self.tables.deliveries, self.tables.outbox, self.tables.peers
        silent = sa.exists().where(peers.c.origin == lease.origin, peers.c.failing_since <= before)
        old = sa.select(outbox.c.seq).where(
            outbox.c.seq == deliveries.c.seq, outbox.c.public, outbox.c.published <= before
        )
        statement = (
            sa.update(deliveries)
            .where(
                deliveries.c.peer == lease.origin,
                in_state(deliveries.c.state, "ready"),
                silent,
                old.exists(),
            )
            .values(state="failed", reason="the peer was silent for a week")
        )
        return await self.count(tx, statement)

    async def failed(self, tx: Tx, limit: int = 200) -> list[FailedDelivery]:
        """List deliveries that were given up, newest first."""
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        statement = (
            sa.select(outbox.c.id, deliveries.c.recipient, deliveries.c.reason)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(in_state(deliveries.c.state, "failed"))
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        return [
            FailedDelivery(row.id, row.recipient, row.reason or "")
            for row in await self.run(tx, statement)
        ]

    def _heads(self, peer: str, now: datetime, limit: int) -> sa.Select[Any]:
        deliveries = self.tables.deliveries
        oldest = (
            sa.select(deliveries.c.id, deliveries.c.conversation, deliveries.c.next_try)
            .where(deliveries.c.peer == peer, in_state(deliveries.c.state, "ready"))
            .order_by(deliveries.c.id)
            .limit(WINDOW)
            .cte()
        )
        first = sa.select(sa.func.min(oldest.c.id)).group_by(oldest.c.conversation)
        return (
            sa.select(oldest.c.id)
            .where(oldest.c.id.in_(first), oldest.c.next_try <= now)
            .order_by(oldest.c.id)
            .limit(limit)
        )

    def _parked(self, peer: str, now: datetime, limit: int) -> sa.Select[Any]:
        deliveries = self.tables.deliveries
        here = (deliveries.c.peer == peer, in_state(deliveries.c.state, "parked"))
        return (
            sa.select(deliveries.c.id)
            .where(*here, deliveries.c.next_try <= now)
            .order_by(deliveries.c.next_try)
            .limit(limit)
        )


def _delivery(row: sa.Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        peer=row.peer,
        recipient=row.recipient,
        inbox=row.inbox,
        sender=Iri(row.sender),
        body=row.body,
        parked=row.state == "parked",
        status=row.status,
        attempts=row.attempts,
    )
