"""How the stores run a statement in the host's transaction, whichever database it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from federation.ports import Tx
from federation.sql.prepared import PreparedForMany
from federation.sql.rows import Lease
from federation.sql.tables import Tables

HEARD_TO = timedelta(seconds=30)
"""How exact it is when a peer was last heard: noting each message would cost more than it says."""

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


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

    async def within(
        self,
        tx: Tx,
        work: Callable[Concatenate[sa.Connection, Parameters], Result],
        *arguments: Parameters.args,
        **named: Parameters.kwargs,
    ) -> Result:
        """Let something that works on a bare connection work inside a transaction."""
        session = self._session_of(tx)
        await session.flush()  # what it has not written yet is read here
        connection = await session.connection()
        return await connection.run_sync(work, *arguments, **named)

    def on_postgresql(self, tx: Tx) -> bool:
        """Tell which of the two databases this is."""
        return self._session_of(tx).get_bind().dialect.name == "postgresql"

    def insert(self, tx: Tx, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Return an INSERT that knows ON CONFLICT in the database's own dialect."""
        return insert_of(self._session_of(tx).get_bind().dialect, table)

    # On a bare connection ----------------------------------------------------------------------

    def touch(self, connection: sa.Connection, origins: Iterable[str], now: datetime) -> None:
        """Make sure that each origin has its row.

        Rows that are there are not touched: ON CONFLICT would wait for whoever changes one.
        """
        peers, wanted = self.tables.peers, set(origins)
        if not wanted:
            return
        known = sa.select(peers.c.origin).where(peers.c.origin.in_(wanted))
        missing = wanted - set(connection.execute(known).scalars())
        self._add_peers(connection, missing, now)

    def wake(self, connection: sa.Connection, origins: Iterable[str], now: datetime) -> None:
        """Note that origins have spoken: who slept is tried again, who asked us to wait is not.

        Whoever is awake and was heard a moment ago is not written to. Rows that are there are
        taken before others are added, as by all who write to a peer.
        """
        wanted = set(origins)
        if not wanted:
            return
        given = {"now": now, "heard_to": now - HEARD_TO}
        found = self._asleep.run(connection, sorted(wanted), given)
        known: dict[str, bool] = {origin: bool(is_stale) for origin, is_stale in found}
        to_wake = [origin for origin, is_stale in known.items() if is_stale]
        if to_wake:
            self._wake(connection, to_wake, now)
        self._add_peers(connection, wanted - known.keys(), now, last_heard=now)

    @cached_property
    def _asleep(self) -> PreparedForMany:
        return PreparedForMany(lambda _, origins: self._asleep_of(origins))

    def _asleep_of(self, origins: Sequence[str]) -> sa.Select[Any]:
        """Say which of some origins are known, and which of those have to be woken."""
        peers = self.tables.peers
        now, heard_to = (
            sa.bindparam(name, type_=peers.c.next_try.type) for name in ("now", "heard_to")
        )
        rests = sa.and_(peers.c.next_try > now, sa.not_(peers.c.asked_to_wait))
        stale = sa.or_(peers.c.last_heard.is_(None), peers.c.last_heard < heard_to, rests)
        here = peers.c.origin.in_([sa.bindparam(one, type_=sa.Text()) for one in origins])
        return sa.select(peers.c.origin, stale.label("stale")).where(here)

    def _wake(self, connection: sa.Connection, origins: Sequence[str], now: datetime) -> None:
        peers = self.tables.peers
        here = peers.c.origin.in_(origins)
        taken = sa.select(peers.c.origin).where(here).order_by(peers.c.origin).with_for_update()
        connection.execute(taken)
        moment = sa.literal(now, type_=peers.c.next_try.type)
        rest = sa.case((peers.c.asked_to_wait, peers.c.next_try), else_=moment)
        woken = {"last_heard": now, "next_try": rest}
        connection.execute(sa.update(peers).where(here).values(woken))

    def _add_peers(
        self,
        connection: sa.Connection,
        origins: Iterable[str],
        now: datetime,
        **more: datetime,
    ) -> None:
        # In one order everywhere, or two transactions could wait for each other.
        rows = [
            {"origin": one, "in_until": now, "out_until": now, "next_try": now, **more}
            for one in sorted(origins)
        ]
        if rows:
            insert = insert_of(connection.dialect, self.tables.peers)
            connection.execute(insert.on_conflict_do_nothing(), rows)

    def holds(self, connection: sa.Connection, side: str, lease: Lease, until: datetime) -> bool:
        """Tell whether a lease is still ours and renew it, taking the row until the commit.

        `side` is `in` or `out`: an origin is leased for receiving and for sending apart.
        """
        peers = self.tables.peers
        mine = (peers.c.origin == lease.origin, peers.c[f"{side}_fence"] == lease.fence)
        statement = sa.update(peers).where(*mine).values({f"{side}_until": until})
        return connection.execute(statement).rowcount == 1

    def free_all(self, connection: sa.Connection, now: datetime) -> None:
        """Give back every lease, whoever has it."""
        peers = self.tables.peers
        for until in (peers.c.in_until, peers.c.out_until):
            connection.execute(sa.update(peers).where(until > now).values({until: now}))

    def lease(
        self,
        connection: sa.Connection,
        side: str,
        due: sa.ColumnElement[bool],
        now: datetime,
        until: datetime,
        limit: int,
        *more: sa.Column[Any],
    ) -> Sequence[sa.Row[Any]]:
        """Take free peers that are due, the longest unserved first: `origin`, `fence` and `more`.

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
            .where(peers.c.origin.in_(once(chosen)))
            .values({free: until, fence: fence + 1})
            .returning(peers.c.origin, fence.label("fence"), *more)
        )
        return connection.execute(statement).all()


def once(chosen: sa.Select[Any]) -> sa.Select[Any]:
    """Return a subquery that PostgreSQL runs but once, whatever its plan.

    It may run another anew for each row; a limit then begins anew, and more and more is locked.
    """
    return sa.select(chosen.cte())


def insert_of(dialect: sa.Dialect, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT in the database's own dialect."""
    return postgresql.insert(table) if dialect.name == "postgresql" else sqlite.insert(table)
