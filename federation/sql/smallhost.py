"""A whole host in a few lines: for tutorials and tests, and to show what a host has to offer."""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.pool import StaticPool

from federation.collections import activity_response
from federation.errors import FederationError
from federation.federation import Federation
from federation.fetch import Reach
from federation.iri import Iri
from federation.keypool import KeyPool
from federation.limits import Limits
from federation.ports import Clock, LocalActor, Result, Tx
from federation.sql import SqlStore, Tables

MEMORY = "sqlite+aiosqlite://"


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, on databases that keep time zones and on those that do not."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        """Let PostgreSQL keep the zone."""
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Write a moment."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        """Read a moment."""
        return value if value is None else value.replace(tzinfo=value.tzinfo or UTC)


_METADATA = sa.MetaData()
_TABLES = Tables(_METADATA, Moment())
_SCHEMAS: dict[str, list[str]] = {}
_NUMBERS = itertools.count()


class SmallHost:
    """A directory of actors in memory, and a database for everything else.

    `federation` is its part in the network, `application` what it serves.
    """

    def __init__(
        self,
        origin: str,
        *,
        clock: Clock,
        url: str = MEMORY,
        reach: Reach | None = None,
        keys: KeyPool | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.origin = origin
        self.instance_actor = Iri(f"{origin}/actor")
        self.actors: dict[str, LocalActor] = {}
        # Rows in memory live as long as this, though the other connection be cut in a statement.
        self._kept = sqlite3.connect(memory := _in_memory(), uri=True)
        self._engine = _engine(f"{MEMORY}/{memory}&uri=true" if url == MEMORY else url)
        on_sqlite = url.startswith("sqlite")
        self._alone: AbstractAsyncContextManager[None] = (
            asyncio.Lock() if on_sqlite else nullcontext()
        )
        self.federation = Federation(
            directory=self,
            database=self,
            store=SqlStore(_TABLES, lambda tx: tx),
            clock=clock,
            reach=reach,
            keys=keys,
            limits=limits,
        )

    async def open(self) -> None:
        """Make the tables that are missing, and the actor that signs fetches."""
        async with self._engine.begin() as connection:
            for statement in _schema(connection.dialect):
                await connection.exec_driver_sql(statement)
        await self.federation.start()
        shown = {"reconciliation": f"{self.origin}/actor/reconciliation"}
        await self.add("Application", "host", self.instance_actor, extra=shown)

    async def close(self) -> None:
        """Let go of the network and of the database."""
        await self.federation.close()
        await self._engine.dispose()
        self._kept.close()

    async def add(self, kind: str, username: str, iri: Iri | None = None, **more: Any) -> Iri:
        """Let somebody live here; returns the new id."""
        chosen = iri or self.federation.new_id("groups" if kind == "Group" else "people")
        keys = await self.federation.keys.take()
        self.actors[chosen] = LocalActor(id=chosen, type=kind, username=username, keys=keys, **more)
        return chosen

    def bury(self, iri: str) -> None:
        """Let somebody be gone: what is left is a tombstone."""
        self.actors[iri] = replace(self.actors[iri], gone=True)

    # What federation asks of a host ------------------------------------------------------------

    async def actor(self, _tx: Tx, iri: str) -> LocalActor | None:
        """Return the actor with this id, gone ones included."""
        return self.actors.get(iri)

    async def actor_named(self, _tx: Tx, username: str) -> LocalActor | None:
        """Return the actor with this username, whatever its case."""
        named = (one for one in self.actors.values() if one.username == username.lower())
        return next(named, None)

    async def node_information(self, _tx: Tx) -> Mapping[str, Any]:
        """Return what NodeInfo says."""
        return {
            "software": {"name": "smallhost", "version": "1", "repository": "", "homepage": ""},
            "openRegistrations": False,
            "usage": {"users": {"total": len(self.actors) - 1}},
            "metadata": {},
        }

    async def may_read(self, _tx: Tx, _document: Mapping[str, Any], _reader: Iri | None) -> bool:
        """Allow nobody to whom a document was not addressed."""
        return False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that commits when left, and undoes everything when it raises."""
        async with self._alone, AsyncSession(self._engine, expire_on_commit=False) as session:
            yield session
            await self.federation.write(session)
            await session.commit()  # this is where transactions end

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction that only reads."""
        async with self._alone, AsyncSession(self._engine) as session:
            yield session

    async def batch(self, work: Callable[[sa.Connection], Result]) -> Result:
        """Run `work` on a bare connection, commit, and return what it returned."""
        async with self._alone, self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def follow_up(self, tx: AsyncSession) -> None:
        """Nothing follows from what is written here, but that it is written."""
        await tx.flush()  # what follows reads it

    # What it serves ----------------------------------------------------------------------------

    def application(self) -> web.Application:
        """Return what the world reaches: inboxes, actors, collections, well-known addresses."""
        application = web.Application(middlewares=[_explain, self.federation.guard])
        application.add_routes(self.federation.routes())
        for path in ("/actor", "/people/{id}", "/groups/{id}"):
            application.router.add_get(path, self._show)
        return application

    async def _show(self, request: web.Request) -> web.Response:
        actor = self.actors.get(f"{self.origin}{request.path}")
        if actor is None:
            raise web.HTTPNotFound
        document, status = self.federation.document_of(actor)
        return activity_response(document, status)


@web.middleware
async def _explain(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        answer: web.StreamResponse = await handler(request)
    except FederationError as error:
        detail = {"detail": error.sentence}
        return web.json_response(detail, status=error.status, headers=error.headers)
    return answer


def _schema(dialect: sa.Dialect) -> list[str]:
    """Return what makes the tables that are missing, written once for each kind of database."""
    if dialect.name not in _SCHEMAS:
        tables = _METADATA.sorted_tables
        indexes = [one for table in tables for one in table.indexes]
        made: list[sa.schema.ExecutableDDLElement] = [
            *(sa.schema.CreateTable(one, if_not_exists=True) for one in tables),
            *(sa.schema.CreateIndex(one, if_not_exists=True) for one in indexes),
        ]
        _SCHEMAS[dialect.name] = [str(one.compile(dialect=dialect)) for one in made]
    return _SCHEMAS[dialect.name]


def _in_memory() -> str:
    return f"file:small-host-{next(_NUMBERS)}?mode=memory&cache=shared"


def _engine(url: str) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url)
    # One connection: a small host does one thing after the other, and memory is not shared.
    engine = create_async_engine(url, poolclass=StaticPool)

    # The driver's own transactions begin too late: not before `WITH … DELETE`.
    @event.listens_for(engine.sync_engine, "connect")
    def leave_transactions_to_us(connection: Any, _record: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine
