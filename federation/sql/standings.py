"""What was decided about hosts and actors elsewhere, and which of them block actors of ours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from federation.ports import Tx
from federation.sql.rows import Decided
from federation.sql.statements import Statements
from federation.sql.tables import in_state

_COUNTER: Final = "standings"


class StandingRows(Statements):
    """Standings and received blocks, and one number that grows whenever either changes."""

    async def put(self, tx: Tx, subject: str, standing: str, reason: str, now: datetime) -> None:
        """Keep what was decided about a subject, in the place of what was decided before."""
        table = self.tables.standings
        values = {"standing": standing, "reason": reason, "since": now}
        insert = self.insert(tx, table).values(subject=subject, **values)
        await self.run(tx, insert.on_conflict_do_update(index_elements=["subject"], set_=values))
        await self._count_up(tx)

    async def lift(self, tx: Tx, subject: str) -> bool:
        """Forget what was decided about a subject; return whether there was anything."""
        table = self.tables.standings
        gone = await self.count(tx, sa.delete(table).where(table.c.subject == subject))
        await self._count_up(tx)
        return gone > 0

    async def decided(self, tx: Tx) -> Sequence[Decided]:
        """List everything that was decided, by subject."""
        table = self.tables.standings
        rows = await self.run(tx, sa.select(table).order_by(table.c.subject))
        return [Decided(row.subject, row.standing, row.reason, row.since) for row in rows]

    async def version(self, tx: Tx) -> int:
        """Return the number that grows with each change."""
        table = self.tables.counters
        found = await self.run(tx, sa.select(table.c.number).where(table.c.name == _COUNTER))
        return int(found.scalar_one_or_none() or 0)

    def after_commit(self, tx: Tx, call: Callable[[], None]) -> None:
        """Call something once a transaction has committed."""
        session = self._session_of(tx).sync_session
        sa.event.listen(session, "after_commit", lambda _session: call(), once=True)

    async def origins_like(self, tx: Tx, subject: str) -> Sequence[str]:
        """List the peers whose origin contains a text: those of a domain are among them."""
        peers = self.tables.peers
        found = sa.select(peers.c.origin).where(peers.c.origin.contains(subject, autoescape=True))
        return list((await self.run(tx, found)).scalars())

    async def end(
        self, tx: Tx, subject: str, origins: Collection[str], reason: str, now: datetime
    ) -> None:
        """End follows by a subject, and give up what waits for it and what it sent.

        Peers are taken first, as by all who write what belongs to one.
        """
        followers, deliveries, inbox = (
            self.tables.followers,
            self.tables.deliveries,
            self.tables.inbox,
        )
        await self.take_peers(tx, origins)
        follows = sa.or_(followers.c.follower == subject, followers.c.peer.in_(origins))
        await self.run(tx, sa.delete(followers).where(follows))
        meant = sa.or_(deliveries.c.recipient == subject, deliveries.c.peer.in_(origins))
        for state in ("ready", "parked"):
            waiting = sa.update(deliveries).where(in_state(deliveries.c.state, state), meant)
            given_up = {"state": "failed", "status": 403, "reason": reason, "next_try": now}
            await self.run(tx, waiting.values(given_up))
        unheard = sa.update(inbox).where(
            in_state(inbox.c.state, "ready"), inbox.c.origin.in_(origins)
        )
        await self.run(tx, unheard.values(state="ignored", waits=False, reason=reason))

    async def take_peers(self, tx: Tx, origins: Collection[str]) -> None:
        """Take the rows of peers until the commit, in the order in which everybody does."""
        peers = self.tables.peers
        taken = sa.select(peers.c.origin).where(peers.c.origin.in_(origins))
        await self.run(tx, taken.order_by(peers.c.origin).with_for_update())

    async def add_block(self, tx: Tx, by: str, actor: str, block: str, now: datetime) -> None:
        """Note that somebody elsewhere blocks an actor of ours, by which Block."""
        table = self.tables.blocks
        insert = self.insert(tx, table).values(actor=actor, by=by, block=block, since=now)
        newest = {"block": block}
        await self.run(
            tx, insert.on_conflict_do_update(index_elements=["actor", "by"], set_=newest)
        )
        await self._count_up(tx)

    async def block_of(self, tx: Tx, by: str, actor: str) -> str | None:
        """Return the id of the Block by which somebody blocks an actor of ours, or None."""
        table = self.tables.blocks
        here = (table.c.actor == actor, table.c.by == by)
        return (await self.run(tx, sa.select(table.c.block).where(*here))).scalar_one_or_none()

    async def has_blocked(self, tx: Tx, by: str, actor: str) -> bool:
        """Tell whether somebody elsewhere blocks an actor of ours."""
        return await self.block_of(tx, by, actor) is not None

    async def remove_block(self, tx: Tx, by: str, actor: str) -> None:
        """Note that somebody elsewhere no longer blocks an actor of ours."""
        table = self.tables.blocks
        await self.run(tx, sa.delete(table).where(table.c.actor == actor, table.c.by == by))
        await self._count_up(tx)

    async def blocked_actors(self, tx: Tx) -> frozenset[str]:
        """Return the actors of ours that anybody elsewhere blocks."""
        found = await self.run(tx, sa.select(self.tables.blocks.c.actor).distinct())
        return frozenset(found.scalars())

    async def _count_up(self, tx: Tx) -> None:
        """Let whoever reads notice. The row is taken, so that numbers appear in their order."""
        table = self.tables.counters
        insert = self.insert(tx, table).values(name=_COUNTER, number=1)
        grown = {"number": table.c.number + 1}
        await self.run(tx, insert.on_conflict_do_update(index_elements=["name"], set_=grown))
