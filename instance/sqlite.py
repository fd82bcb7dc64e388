"""SQLite in the loop's own thread: what a statement costs is less than the way to another thread.

SQLAlchemy's dialect for aiosqlite works on these connections as on that library's, whose methods
they have. Only what waits for the disk goes to a thread: the commit of something that was written.
Who waits for another process to finish writing sleeps meanwhile.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Result = TypeVar("Result")

BEGIN: Final = "BEGIN"
BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
READERS: Final = 4
PATIENCE: Final = 10.0
"""Seconds to wait for another process that writes, or that opens the file for the first time."""
_AGAIN: Final = 0.01


def engine(url: str, *, writes: bool) -> AsyncEngine:
    """Return the engine that writes to a database's file, or one that only reads it."""

    async def connect() -> Connection:
        return Connection(_path(url), writes=writes)

    made = create_async_engine(
        url, pool_size=1 if writes else READERS, max_overflow=0, async_creator=connect
    )

    @event.listens_for(made.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        cursor = connection.connection.cursor()
        try:
            cursor.execute(BEGIN_WRITING if writes else BEGIN)
        except sqlite3.OperationalError as error:
            raise sa.exc.OperationalError(BEGIN_WRITING, None, error) from error
        finally:
            cursor.close()

    return made


def _path(url: str) -> str:
    return sa.make_url(url).database or ":memory:"


class Cursor:
    """A cursor whose statements are done when they are awaited."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor

    async def __aenter__(self) -> Self:
        """Take it."""
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Let go of it."""
        await self.close()

    async def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Self:
        """Execute a statement."""
        if sql == BEGIN_WRITING:
            await self._begin_writing()
        else:
            self._cursor.execute(sql, parameters)
        return self

    async def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> Self:
        """Execute a statement for each row."""
        self._cursor.executemany(sql, rows)
        return self

    async def fetchone(self) -> Any:
        """Return the next row, or None."""
        return self._cursor.fetchone()

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        """Return the next rows."""
        return self._cursor.fetchmany(size or self._cursor.arraysize)

    async def fetchall(self) -> list[Any]:
        """Return all rows that are left."""
        return self._cursor.fetchall()

    async def close(self) -> None:
        """Let go of it."""
        self._cursor.close()

    @property
    def description(self) -> Any:
        """What the columns are called."""
        return self._cursor.description

    @property
    def rowcount(self) -> int:
        """How many rows were touched."""
        return self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The number of the last row that was added."""
        return self._cursor.lastrowid

    @property
    def arraysize(self) -> int:
        """How many rows `fetchmany` returns."""
        return self._cursor.arraysize

    @arraysize.setter
    def arraysize(self, size: int) -> None:
        self._cursor.arraysize = size

    async def _begin_writing(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE
        while True:
            try:
                self._cursor.execute(BEGIN_WRITING)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > until:
                    raise
                await asyncio.sleep(_AGAIN)
            else:
                return


class Connection:
    """A connection to a database's file, without transactions of the driver's own."""

    def __init__(self, path: str, *, writes: bool) -> None:
        # A commit is another thread's.
        made = sqlite3.connect(path, PATIENCE, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            made.execute(f"PRAGMA {pragma}")
        if writes:  # it waits for others without holding up its own program
            made.execute("PRAGMA busy_timeout=0")
        self._connection: sqlite3.Connection | None = made
        self._kept = made.total_changes
        self._disk: ThreadPoolExecutor | None = None

    @property
    def bare(self) -> sqlite3.Connection:
        """The driver's own connection."""
        if self._connection is None:
            raise ValueError("no active connection")
        return self._connection

    def cursor(self) -> Cursor:
        """Return a cursor."""
        return Cursor(self.bare.cursor())

    async def create_function(self, *arguments: Any, **more: Any) -> None:
        """Let statements call a function."""
        self.bare.create_function(*arguments, **more)

    async def commit(self) -> None:
        """Keep what was written, on the disk: that alone takes long."""
        connection = self.bare
        if connection.total_changes == self._kept:
            connection.commit()  # nothing was written, so no disk is waited for
            return
        self._disk = self._disk or ThreadPoolExecutor(1, thread_name_prefix="commits")
        kept = asyncio.get_running_loop().run_in_executor(self._disk, connection.commit)
        try:
            await asyncio.shield(kept)
        except asyncio.CancelledError:
            await asyncio.wait([kept])  # nobody touches the connection meanwhile
            raise
        self._kept = connection.total_changes

    async def rollback(self) -> None:
        """Undo what was written."""
        self.bare.rollback()
        self._kept = self.bare.total_changes

    async def close(self) -> None:
        """Close it; closing it again changes nothing."""
        self.stop()

    def stop(self) -> None:
        """Close it at once."""
        if self._disk:
            self._disk.shutdown()
            self._disk = None
        if self._connection:
            self._connection.close()
            self._connection = None


class Batches:
    """A connection of its own for what needs no session, only to be durable together."""

    def __init__(self, url: str) -> None:
        self._path = _path(url)
        self._own: Connection | None = None
        self._connection: sa.Connection

    async def run(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Begin, work, and commit; or undo everything when it raises."""
        if self._own is None:
            self._own = self._open()
        async with self._own.cursor() as cursor:
            await cursor.execute(BEGIN_WRITING)
        try:
            result = work(self._connection)
            await self._own.commit()  # a batch is a transaction, and ends here
        finally:
            # A failure undoes it, else nothing is left to undo. SQLAlchemy knows of no transaction
            # where only prepared statements ran.
            self._connection.rollback()
            await self._own.rollback()
        return result

    def close(self) -> None:
        """Close the connection; what is asked later opens another."""
        if self._own:
            self._connection.close()
            self._own.stop()
            self._own = None

    def _open(self) -> Connection:
        own = Connection(self._path, writes=True)
        bare = sa.create_engine("sqlite://", creator=lambda: own.bare, poolclass=sa.StaticPool)
        self._connection = bare.connect()
        return own
