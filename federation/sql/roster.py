"""The peers page by page: what waits for each, for how long, and why; and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from federation.ports import Tx
from federation.sql.rows import FailedDelivery, PeerHealth
from federation.sql.standings import StandingRows
from federation.sql.tables import in_state

_FAR = 1_000_000
"""More than this is not counted to its end."""


class RosterRows(StandingRows):
    """Peers as an administrator looks at them: found, counted, hurried and given up."""

    async def count_peers(self, tx: Tx, own: str, *, text: str = "", state: str = "") -> int:
        """Count the peers that contain a text and are in a state; see `peers_page`."""
        peers = self.tables.peers
        counted = sa.select(sa.func.count()).select_from(peers)
        where = self._chosen(own, text, state)
        return int((await self.run(tx, counted.where(*where))).scalar_one())

    async def peers_page(
        self, tx: Tx, own: str, *, text: str = "", state: str = "", offset: int, limit: int
    ) -> Sequence[PeerHealth]:
        """List peers, those that cannot be reached first, then by name.

        `state` is `unreachable`, `waiting` (something waits), `failed` (something was given up),
        `silent` (never heard), or empty for all. `own` is left out: our own origin.
        """
        peers = self.tables.peers
        chosen = (
            sa.select(peers.c.origin)
            .where(*self._chosen(own, text, state))
            .order_by(peers.c.failing_since.is_(None), peers.c.origin)
            .limit(limit)
            .offset(offset)
        )
        named = list((await self.run(tx, chosen)).scalars())
        found = {one.origin: one for one in await self._health(tx, named)}
        return [found[one] for one in named if one in found]

    async def peer_health(self, tx: Tx, origin: str) -> PeerHealth | None:
        """Return the road to one peer, or None when nobody dealt with it."""
        found = await self._health(tx, [origin])
        return found[0] if found else None

    async def failed_at(self, tx: Tx, origin: str, limit: int) -> Sequence[FailedDelivery]:
        """List what was given up for one peer, newest first."""
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        statement = (
            sa.select(outbox.c.id, deliveries.c.recipient, deliveries.c.reason)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .where(in_state(deliveries.c.state, "failed"), deliveries.c.peer == origin)
            .order_by(deliveries.c.id.desc())
            .limit(limit)
        )
        rows = await self.run(tx, statement)
        return [FailedDelivery(row.id, row.recipient, row.reason or "") for row in rows]

    async def hurry_peer(self, tx: Tx, origin: str, now: datetime) -> int:
        """Try everything that waits for a peer at once; return how much that is."""
        peers, deliveries = self.tables.peers, self.tables.deliveries
        await self.take_peers(tx, [origin])
        awake = {"next_try": now, "asked_to_wait": False}
        await self.run(tx, sa.update(peers).where(peers.c.origin == origin).values(awake))
        return sum(
            [
                await self.count(tx, sa.update(deliveries).where(one).values(next_try=now))
                for one in self._on_the_way(origin)
            ]
        )

    async def drop_peer(self, tx: Tx, origin: str) -> int:
        """Forget everything that waits for a peer, for good; return how much that was."""
        await self.take_peers(tx, [origin])
        deliveries = self.tables.deliveries
        return sum(
            [
                await self.count(tx, sa.delete(deliveries).where(one))
                for one in self._on_the_way(origin)
            ]
        )

    async def count_unprocessed(self, tx: Tx, origin: str, most: int) -> int:
        """Count what an origin sent and has not taken effect yet, but no further than `most`."""
        inbox = self.tables.inbox
        here = (in_state(inbox.c.state, "ready"), inbox.c.origin == origin)
        few = sa.select(inbox.c.seq).where(*here).limit(most).subquery()
        counted = sa.select(sa.func.count()).select_from(few)
        return int((await self.run(tx, counted)).scalar_one())

    def _on_the_way(self, origin: str) -> Sequence[sa.ColumnElement[bool]]:
        deliveries = self.tables.deliveries
        return [
            sa.and_(in_state(deliveries.c.state, one), deliveries.c.peer == origin)
            for one in ("ready", "parked")
        ]

    def _chosen(self, own: str, text: str, state: str) -> Sequence[sa.ColumnElement[bool]]:
        peers = self.tables.peers
        where = [peers.c.origin != own]
        if text:
            where.append(peers.c.origin.contains(text.lower(), autoescape=True))
        if state == "unreachable":
            where.append(peers.c.failing_since.is_not(None))
        if state == "silent":
            where.append(peers.c.last_heard.is_(None))
        if state == "waiting":
            where.append(sa.or_(self._any("ready"), self._any("parked")))
        if state == "failed":
            where.append(self._any("failed"))
        return where

    def _any(self, state: str) -> sa.ColumnElement[bool]:
        deliveries = self.tables.deliveries
        here = (
            deliveries.c.peer == self.tables.peers.c.origin,
            in_state(deliveries.c.state, state),
        )
        return sa.exists().where(*here)

    async def _health(self, tx: Tx, origins: Sequence[str]) -> Sequence[PeerHealth]:
        peers = self.tables.peers
        if not origins:
            return []
        statement = sa.select(
            peers,
            *(self._counted(one).label(one) for one in ("ready", "parked", "failed")),
            *(self._oldest(one, "published").label(f"{one}_since") for one in ("ready", "parked")),
            *(self._oldest(one, "status").label(f"{one}_status") for one in ("ready", "parked")),
            *(self._oldest(one, "reason").label(f"{one}_reason") for one in ("ready", "parked")),
        ).where(peers.c.origin.in_(origins))
        return [_health_of(row) for row in await self.run(tx, statement)]

    def _counted(self, state: str) -> sa.ScalarSelect[int]:
        deliveries = self.tables.deliveries
        here = (
            deliveries.c.peer == self.tables.peers.c.origin,
            in_state(deliveries.c.state, state),
        )
        few = sa.select(deliveries.c.id).where(*here).correlate(self.tables.peers).limit(_FAR)
        return sa.select(sa.func.count()).select_from(few.subquery()).scalar_subquery()

    def _oldest(self, state: str, name: str) -> sa.ScalarSelect[Any]:
        outbox, deliveries = self.tables.outbox, self.tables.deliveries
        column = outbox.c.published if name == "published" else deliveries.c[name]
        return (
            sa.select(column)
            .join_from(deliveries, outbox, outbox.c.seq == deliveries.c.seq)
            .where(
                deliveries.c.peer == self.tables.peers.c.origin,
                in_state(deliveries.c.state, state),
            )
            .correlate(self.tables.peers)
            .order_by(deliveries.c.id)
            .limit(1)
            .scalar_subquery()
        )


def _health_of(row: sa.Row[Any]) -> PeerHealth:
    since = [one for one in (row.ready_since, row.parked_since) if one is not None]
    ready = row.ready_reason is not None
    return PeerHealth(
        origin=row.origin,
        last_heard=row.last_heard,
        last_delivered=row.last_delivered,
        failing_since=row.failing_since,
        next_try=row.next_try,
        keys_changed=row.keys_changed,
        waiting=row.ready + row.parked,
        oldest=min(since, default=None),
        status=row.ready_status if ready else row.parked_status,
        reason=row.ready_reason if ready else row.parked_reason,
        failed=row.failed,
    )
