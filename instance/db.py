"""The database: one transaction, one commit, the same on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import enum
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from federation import Federation, Iri
from federation.sql import SqlStore, Tables
from instance import sqlite
from instance.clock import Clock, system_clock
from instance.settings import Settings

Subscriber: TypeAlias = Callable[["Tx", Any], Awaitable[None]]
Together: TypeAlias = Callable[["Tx", Sequence[Any]], Awaitable[None]]
Row = TypeVar("Row")
Result = TypeVar("Result")

MOST_EVENTS = 10_000

CARRYING: ContextVar[bool] = ContextVar("carrying", default=False)
"""Set in the courier's own task, whose commits must not wake it: it would never rest."""


class UtcTime(sa.types.TypeDecorator[datetime]):
    """A moment: UTC in the row, aware in the program. A naive datetime raises ValueError."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Let PostgreSQL keep the zone; SQLite keeps UTC without saying so."""
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Write a moment as UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone is not stored")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Read a moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(kind: type[enum.Enum]) -> sa.Enum:
    """Return the column type that stores an enumeration by its values, as plain text."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [one.value for one in members],
    )


class Base(DeclarativeBase):
    """What every table of the instance is made from."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads it from the class
        datetime: UtcTime(),
        str: sa.Text(),
        Iri: sa.Text(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
    }


FEDERATION_TABLES = Tables(Base.metadata, UtcTime())


class Tx:
    """One transaction: the session, the moment it began, and what it will tell others.

    Services write rows and `emit` events; subscribers run in the same transaction; activities are
    written by `send` in the same commit. Nothing here commits: leaving the block does.
    """

    def __init__(self, session: AsyncSession, database: Database) -> None:
        self.session = session
        self.now = database.clock()
        self._database = database
        self._events: deque[Any] = deque()
        self._gathered: dict[Together, list[Any]] = {}

    @property
    def settings(self) -> Settings:
        """The instance's settings."""
        return self._database.settings

    @property
    def origin(self) -> str:
        """Where the world reaches this instance."""
        return self._database.settings.origin

    @property
    def federation(self) -> Federation:
        """The instance's part in the network."""
        return self._database.federation

    def emit(self, happened: object) -> None:
        """Tell the other features what has happened, in this same transaction."""
        self._events.append(happened)

    def gather(self, together: Together, item: object) -> None:
        """Have a function do this together with all of its kind, before the commit."""
        self._gathered.setdefault(together, []).append(item)

    async def send(
        self,
        activity: Mapping[str, Any],
        *,
        conversation: str | None = None,
        also_to: Sequence[Iri] = (),
    ) -> Mapping[str, Any]:
        """Say something with this same commit; returns the activity as signed."""
        return await self.federation.send(
            self, activity, conversation=conversation, also_to=also_to
        )

    async def get(self, kind: type[Row], key: Any) -> Row | None:
        """Return a row by its primary key."""
        return await self.session.get(kind, key)

    def insert(self, table: type[Base]) -> postgresql.Insert | sqlite_dialect.Insert:
        """Return an INSERT that knows ON CONFLICT in the database's own dialect."""
        if self.settings.on_sqlite:
            return sqlite_dialect.insert(table)
        return postgresql.insert(table)

    async def publish(self) -> None:
        """Let subscribers hear what was emitted, and what they emit in turn."""
        for _ in range(MOST_EVENTS):
            if not self._events:
                return
            happened = self._events.popleft()
            for subscriber in self._database.subscribers.get(type(happened), ()):
                await subscriber(self, happened)
        raise RuntimeError("events call each other without end")

    async def finish(self) -> None:
        """Do what was gathered."""
        while self._gathered:
            together, items = self._gathered.popitem()
            await together(self, items)
            await self._database.follow_up(self)


class Database:
    """Opens transactions. SQLite has one writer behind a first-in-first-out lock.

    `writes` counts the transactions that were committed here.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock = system_clock,
        subscribers: Mapping[type, Sequence[Subscriber]] | None = None,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.subscribers = subscribers or {}
        self.federation: Federation
        self.store = SqlStore(FEDERATION_TABLES, lambda tx: tx.session)
        self.committed = asyncio.Event()
        self.writes = 0
        self._writing = asyncio.Lock()
        self._batches: sqlite.Batches | None = None
        if settings.on_sqlite:
            self._batches = sqlite.Batches(settings.database)
            self._writer = sqlite.engine(settings.database, writes=True)
            self._reader = sqlite.engine(settings.database, writes=False)
        else:
            self._writer = self._reader = create_async_engine(
                settings.database, pool_size=10, max_overflow=10, pool_pre_ping=True
            )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Tx]:
        """Open a transaction that commits when left and undoes everything when it raises."""
        async with AsyncExitStack() as stack:
            if self.settings.on_sqlite:
                await stack.enter_async_context(self._writing)
            session = await stack.enter_async_context(self._session(self._writer))
            tx = Tx(session, self)
            yield tx
            await self.follow_up(tx)
            await tx.finish()
            if self.store.said(tx):
                await self.federation.write(tx)
            await session.commit()
        self.writes += 1
        if not CARRYING.get():
            self.committed.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Tx]:
        """Open a transaction that only reads; what it writes is undone."""
        async with self._session(self._reader) as session:
            yield Tx(session, self)

    async def batch(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run `work` on a bare connection, commit, and return what it returned."""
        if self._batches:
            async with self._writing:
                result = await self._batches.run(work)
        else:
            async with self._writer.begin() as connection:
                result = await connection.run_sync(work)
        if not CARRYING.get():
            self.committed.set()
        return result

    async def follow_up(self, tx: Tx) -> None:
        """Let subscribers hear what was emitted, and write all rows, short of the commit."""
        await tx.publish()
        await tx.session.flush()

    async def close(self) -> None:
        """Close every connection."""
        if self._batches:
            self._batches.close()
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()

    @property
    def engine(self) -> AsyncEngine:
        """The engine that writes, for migrations."""
        return self._writer

    @staticmethod
    def _session(engine: AsyncEngine) -> AsyncSession:
        return AsyncSession(engine, expire_on_commit=False, autoflush=True)
