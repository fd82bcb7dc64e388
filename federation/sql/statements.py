"""How the stores run a statement in the host's transaction, whichever database it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from federation.ports import Tx
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

    async def touch_peers(
        self, tx: Tx, origins: Iterable[str], now: datetime, *, heard: datetime | None = None
    ) -> None:
        """Make sure that each origin has its row; hearing from a peer wakes it."""
        peers = self.tables.peers
        rows = [
            {"origin": one, "in_until": now, "out_until": now, "next_try": now, "last_heard": heard}
            for one in sorted(origins)
        ]
        if not rows:
            return
        insert = self.insert(tx, peers).values(rows)
        if heard:
            woken = {"last_heard": heard, "next_try": now}
            await self.run(tx, insert.on_conflict_do_update(index_elements=["origin"], set_=woken))
        else:
            await self.run(tx, insert.on_conflict_do_nothing())
