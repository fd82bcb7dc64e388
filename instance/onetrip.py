"""SQLite behind a thread: each statement goes there and back once, not four times.

Handing over to the thread and back costs more than most statements do. A cursor is made and closed
where it is asked for, and a statement's rows come back with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from functools import partial
from typing import Any

import aiosqlite
from aiosqlite.context import contextmanager
from aiosqlite.cursor import Cursor

AT_ONCE = 1_000
"""How many rows come back with a statement; what is more is fetched when it is asked for."""


class _Cursor(Cursor):
    def __init__(self, connection: aiosqlite.Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []
        self._busy = False

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        self._busy = True  # and it stays so when whoever waits is cancelled
        self._rows = await self._execute(  # type: ignore[no-untyped-call]  # theirs
            self._run, sql, parameters or ()
        )
        self._busy = False
        return self

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows if len(rows) < AT_ONCE else [*rows, *await super().fetchall()]

    async def fetchmany(self, size: int | None = None) -> Iterable[Any]:
        size = size or self.arraysize
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows or await super().fetchmany(size)

    async def fetchone(self) -> Any:
        return next(iter(await self.fetchmany(1)), None)

    async def close(self) -> None:
        if self._busy:
            await super().close()  # behind what its thread is at
        else:
            self._cursor.close()

    def _run(self, sql: str, parameters: Any) -> list[Any]:
        self._cursor.execute(sql, parameters)
        return self._cursor.fetchmany(AT_ONCE) if self._cursor.description else []


class _Connection(aiosqlite.Connection):
    @contextmanager
    async def cursor(self) -> Cursor:
        return _Cursor(self, self._conn.cursor())


def connect(database: str, **options: Any) -> aiosqlite.Connection:
    """Open a connection; made for SQLAlchemy's `async_creator_fn`."""
    options["check_same_thread"] = False  # a cursor is made here and runs there
    made = _Connection(partial(sqlite3.connect, database, **options), iter_chunk_size=64)
    made._thread.daemon = True  # noqa: SLF001  # as SQLAlchemy does: it must not hold up the end
    return made
