"""One small row for each inbox that an activity is on its way to, and the leases on peers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from federation.iri import Iri, origin_of
from federation.ports import Tx
from federation.sql.prepared import Prepared
from federation.sql.rows import Delivery, FailedDelivery, Lease, Road, Said, Visited
from federation.sql.statements import Statements
from federation.sql.tables import in_state

SENT = ("id", "peer", "recipient", "inbox", "state", "status", "attempts")
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

    def roads(
        self, connection: sa.Connection, now: datetime, until: datetime, limit: int, most: int
    ) -> list[Road]:
        """Take peers that have deliveries due, are awake and free, the longest unserved first.

        Of each, `most` deliveries that may be sent now; see `heads`. A peer where all that is due
        waits for something else of its conversation is given back.
        """
        deliveries, peers = self.tables.deliveries, self.tables.peers
        here = (deliveries.c.peer == peers.c.origin, deliveries.c.next_try <= now)
        waiting = [
            sa.exists().where(*here, in_state(deliveries.c.state, one))
            for one in ("ready", "parked")
        ]
        awake = peers.c.next_try <= now
        due = sa.and_(awake, sa.or_(*waiting))
        more = (peers.c.failures, peers.c.manner)
        taken = self.lease(connection, "out", due, now, until, limit, *more)
        found = [
            Road(
                lease=Lease(row.origin, row.fence),
                failures=row.failures,
                manner=row.manner,
                heads=self.heads(connection, row.origin, now, most),
            )
            for row in taken
        ]
        idle = [one.lease.origin for one in found if not one.heads]
        if idle:
            given_back = sa.update(peers).where(peers.c.origin.in_(idle)).values(out_until=now)
            connection.execute(given_back)
        return [one for one in found if one.heads]

    def heads(
        self, connection: sa.Connection, peer: str, now: datetime, most: int
    ) -> list[Delivery]:
        """List what may be sent now: the oldest delivery of each conversation, if it is due.

        Looked for among a peer's oldest deliveries, where whatever is first of its conversation
        is so among all. Parked deliveries have their own retries and are overtaken meanwhile.
        """
        given = {"of_peer": peer, "now": now, "most": most}
        return [_delivery(row) for row in self._heads.run(connection, [given])]

    def settle(
        self,
        connection: sa.Connection,
        visits: Sequence[Visited],
        now: datetime,
        until: datetime,
        most: int,
    ) -> list[list[Delivery]]:
        """Note how deliveries went, renew the leases, and return what each peer is sent next.

        A peer whose visit ends, or to which there is nothing to send, is given back. Of a lease
        that was lost meanwhile nothing is noted, and nothing follows.
        """
        held = self._held(connection, visits)
        kept = [one for one in visits if one.lease in held]
        self._note(connection, kept)
        following = self._due(connection, [one for one in kept if not one.ends], now)
        heads = {
            one.lease: self.heads(connection, one.lease.origin, now, most)
            for one in kept
            if one.lease.origin in following
        }
        self._release(connection, [(one, bool(heads.get(one.lease))) for one in kept], now, until)
        return [heads.get(one.lease, []) for one in visits]

    def lapse(self, connection: sa.Connection, origins: Iterable[str], before: datetime) -> int:
        """Give up public activities said before a moment, if their peer has been silent since."""
        deliveries, outbox, peers = self.tables.deliveries, self.tables.outbox, self.tables.peers
        silent = sa.select(peers.c.origin).where(
            peers.c.origin.in_(sorted(origins)), peers.c.failing_since <= before
        )
        old = sa.select(outbox.c.seq).where(
            outbox.c.seq == deliveries.c.seq, outbox.c.public, outbox.c.published <= before
        )
        ready = in_state(deliveries.c.state, "ready")
        statement = (
            sa.update(deliveries)
            .where(deliveries.c.peer.in_(silent), ready, old.exists())
            .values(state="failed", reason="the peer was silent for a week")
        )
        return int(connection.execute(statement).rowcount)

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

    def _held(self, connection: sa.Connection, visits: Sequence[Visited]) -> set[Lease]:
        """Return the leases that are still ours, taking their rows until the commit."""
        peers = self.tables.peers
        origins = sorted({one.lease.origin for one in visits})
        statement = (
            sa.select(peers.c.origin, peers.c.out_fence)
            .where(peers.c.origin.in_(origins))
            .order_by(peers.c.origin)
            .with_for_update()
        )
        return {Lease(row.origin, row.out_fence) for row in connection.execute(statement)}

    def _note(self, connection: sa.Connection, visits: Sequence[Visited]) -> None:
        deliveries = self.tables.deliveries
        arrived = [{"of_id": one} for visit in visits for one in visit.arrived]
        here = deliveries.c.id == sa.bindparam("of_id")
        if arrived:
            connection.execute(sa.delete(deliveries).where(here), arrived)
        marks = [
            {
                "of_id": one.id,
                "state": one.state,
                "status": one.status,
                "attempts": one.attempts,
                "reason": one.reason,
                "next_try": one.next_try,
            }
            for visit in visits
            for one in visit.marks
        ]
        if marks:
            connection.execute(sa.update(deliveries).where(here), marks)

    def _due(self, connection: sa.Connection, visits: Sequence[Visited], now: datetime) -> set[str]:
        """Return the peers to which anything may be on its way."""
        if not visits:
            return set()
        deliveries, peers = self.tables.deliveries, self.tables.peers
        here = (deliveries.c.peer == peers.c.origin, deliveries.c.next_try <= now)
        waiting = [
            sa.exists().where(*here, in_state(deliveries.c.state, one))
            for one in ("ready", "parked")
        ]
        origins = [one.lease.origin for one in visits]
        statement = sa.select(peers.c.origin).where(peers.c.origin.in_(origins), sa.or_(*waiting))
        return set(connection.execute(statement).scalars())

    def _release(
        self,
        connection: sa.Connection,
        visits: Sequence[tuple[Visited, bool]],
        now: datetime,
        until: datetime,
    ) -> None:
        """Note how each peer is reached, and give back those whose visit does not go on."""
        rows = [
            {
                "of_origin": one.lease.origin,
                "now": now,
                "until": until if goes_on else now,
                "again": one.next_try,
                "asked": one.asked,
                "in_a_row": one.failures,
                "fails": one.failures > 0,
                "since": now if one.arrived else None,
                "delivered": now if one.arrived else None,
            }
            for one, goes_on in visits
        ]
        if rows:
            connection.execute(self._reached, rows)

    @cached_property
    def _reached(self) -> sa.Update:
        peers = self.tables.peers
        since, heard, now = (
            sa.bindparam(name, type_=peers.c.failing_since.type)
            for name in ("since", "delivered", "now")
        )
        failing = sa.case(
            (
                sa.bindparam("fails", type_=sa.Boolean()),
                sa.func.coalesce(since, peers.c.failing_since, now),
            ),
            else_=sa.null(),
        )
        return (
            sa.update(peers)
            .where(peers.c.origin == sa.bindparam("of_origin"))
            .values(
                out_until=sa.bindparam("until"),
                next_try=sa.bindparam("again"),
                asked_to_wait=sa.bindparam("asked"),
                failures=sa.bindparam("in_a_row"),
                failing_since=failing,
                last_delivered=sa.func.coalesce(heard, peers.c.last_delivered),
            )
        )

    @cached_property
    def _heads(self) -> Prepared:
        return Prepared(lambda _: self._heads_of_a_peer())

    def _heads_of_a_peer(self) -> sa.Select[Any]:
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        of_peer = sa.bindparam("of_peer", type_=sa.Text())
        most = sa.bindparam("most", type_=sa.Integer())
        now = sa.bindparam("now", type_=deliveries.c.next_try.type)
        oldest = (
            sa.select(deliveries.c.id, deliveries.c.conversation, deliveries.c.next_try)
            .where(deliveries.c.peer == of_peer, in_state(deliveries.c.state, "ready"))
            .order_by(deliveries.c.id)
            .limit(WINDOW)
            .cte()
        )
        first = sa.select(sa.func.min(oldest.c.id)).group_by(oldest.c.conversation)
        ready = (
            sa.select(oldest.c.id)
            .where(oldest.c.id.in_(first), oldest.c.next_try <= now)
            .order_by(oldest.c.id)
            .limit(most)
            .subquery()
        )
        here = (deliveries.c.peer == of_peer, in_state(deliveries.c.state, "parked"))
        parked = (
            sa.select(deliveries.c.id)
            .where(*here, deliveries.c.next_try <= now)
            .order_by(deliveries.c.next_try)
            .limit(most)
            .subquery()
        )
        either = sa.union_all(sa.select(ready.c.id), sa.select(parked.c.id))
        return (
            sa.select(*(deliveries.c[name] for name in SENT), outbox.c.sender, outbox.c.body)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(deliveries.c.id.in_(either))
            .order_by(in_state(deliveries.c.state, "parked"), deliveries.c.id)
            .limit(most)
        )


def _delivery(row: Sequence[Any]) -> Delivery:
    number, peer, recipient, inbox, state, status, attempts, sender, body = row
    return Delivery(
        id=number,
        peer=peer,
        recipient=recipient,
        inbox=inbox,
        sender=Iri(sender),
        body=bytes(body),
        parked=state == "parked",
        status=status,
        attempts=attempts,
    )
