"""How the stores run a statement in the host's transaction, whichever database it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from federation.ports import Tx
from federation.sql.rows import Lease
from federation.sql.tables import Tables


class Statements:
    """The common ground of the stores: the tables, and the session inside a transaction."""

    def __init__(self, tables: Tables, session_of: Callable[[Tx], AsyncSession]) -> None:
        self.tables = tables
        self._session_of = session_of

    async def run(
        self, tx: Tx, statement: sa.Executable, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> sa.Result[Any]:
        """Execute a statement, once for all `rows` where there are some."""
        return await self._session_of(tx).execute(statement, rows)

    async def count(self, tx: Tx, statement: sa.Executable) -> int:
        """Execute a statement and return how many rows it touched."""
        found = await self.run(tx, statement)
        return int(found.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has one

    def on_postgresql(self, tx: Tx) -> bool:
        """Tell which of the two databases this is."""
        return self._session_of(tx).get_bind().dialect.name == "postgresql"

    def insert(self, tx: Tx, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that knows ON CONFLICT in the database's own dialect."""
        if self.on_postgresql(tx):
            return postgresql.insert(table)
        return sqlite.insert(table)

    async def touch_peers(self, tx: Tx, origins: Iterable[str], now: datetime) -> None:
        """Make sure that each origin has its row.

        Rows that are there are not touched: ON CONFLICT would wait for whoever changes one.
        """
        peers, wanted = self.tables.peers, set(origins)
        known = sa.select(peers.c.origin).where(peers.c.origin.in_(wanted))
        missing = wanted - set((await self.run(tx, known)).scalars()) if wanted else wanted
        await self._add_peers(tx, missing, now)

    async def wake_peers(self, tx: Tx, origins: Iterable[str], now: datetime) -> None:
        """Note that origins have spoken: who slept is tried again, who asked us to wait is not.

        Rows that are there are taken before others are added, as by all who write to a peer.
        """
        peers, wanted = self.tables.peers, set(origins)
        if not wanted:
            return
        here = peers.c.origin.in_(wanted)
        taken = sa.select(peers.c.origin).where(here).order_by(peers.c.origin).with_for_update()
        known = set((await self.run(tx, taken)).scalars())
        moment = sa.literal(now, type_=peers.c.next_try.type)
        rest = sa.case((peers.c.asked_to_wait, peers.c.next_try), else_=moment)
        woken = {"last_heard": now, "next_try": rest}
        await self.run(tx, sa.update(peers).where(peers.c.origin.in_(known)).values(woken))
        await self._add_peers(tx, wanted - known, now, last_heard=now)

    async def _add_peers(
        self, tx: Tx, origins: Iterable[str], now: datetime, **more: datetime
    ) -> None:
        # In one order everywhere, or two transactions could wait for each other.
        rows = [
            {"origin": one, "in_until": now, "out_until": now, "next_try": now, **more}
            for one in sorted(origins)
        ]
        if rows:
            insert = self.insert(tx, self.tables.peers)
            await self.run(tx, insert.on_conflict_do_nothing(), rows)

    async def holds(self, tx: Tx, side: str, lease: Lease, until: datetime) -> bool:
        """Tell whether a lease is still ours and renew it, taking the row until the commit.

        `side` is `in` or `out`: an origin is leased for receiving and for sending apart.
        """
        peers = self.tables.peers
        mine = (peers.c.origin == lease.origin, peers.c[f"{side}_fence"] == lease.fence)
        statement = sa.update(peers).where(*mine).values({f"{side}_until": until})
        return await self.count(tx, statement) == 1

    async def free_all(self, tx: Tx, now: datetime) -> None:
        """Give back every lease, whoever has it."""
        peers = self.tables.peers
        for until in (peers.c.in_until, peers.c.out_until):
            await self.run(tx, sa.update(peers).where(until > now).values({until: now}))

    async def lease(
        self,
        tx: Tx,
        side: str,
        due: sa.ColumnElement[bool],
        now: datetime,
        until: datetime,
        limit: int,
    ) -> list[Lease]:
        """Take free peers that are due, the longest unserved first.

        Those that somebody else is taking just now are left to them.
        """
        peers = self.tables.peers
        free, fence = peers.c[f"{side}_until"], peers.c[f"{side}_fence"]
        chosen = (
            sa.select(peers.c.origin)
            .where(free <= now, due)
            .order_by(free)
            .limit(limit)
            .with_for_update(skip_locked=True, of=peers)
        )
        statement = (
            sa.update(peers)
            .where(peers.c.origin.in_(chosen))
            .values({free: until, fence: fence + 1})
            .returning(peers.c.origin, fence.label("fence"))
        )
        return [Lease(row.origin, row.fence) for row in await self.run(tx, statement)]
