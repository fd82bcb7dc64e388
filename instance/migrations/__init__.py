"""Brings a database to the schema of this program, keeping a copy of what was there."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from instance.db import Database

_LOCK = 0x61796E69  # "ayni": only one process migrates a PostgreSQL database


def head() -> str:
    """Return the revision that this program wants."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    assert found, "there is at least one migration"
    return found


async def revision_of(engine: AsyncEngine) -> str | None:
    """Return the revision of a database, or None when it is empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


async def upgrade(database: Database, to: str | None = None) -> Path | None:
    """Migrate a database if it is older, under a lock; returns the copy made before, if any.

    `to` is the revision wanted: the newest, unless an earlier one is named.
    """
    wanted = to or head()
    before = await revision_of(database.engine)
    if before == wanted:
        return None
    copy = _copy(database, before) if before else None
    async with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        await connection.run_sync(_upgrade, wanted)
    return copy


def _upgrade(connection: sa.Connection, wanted: str) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, wanted)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _copy(database: Database, before: str) -> Path | None:
    """Copy a SQLite file beside itself; PostgreSQL is backed up by its administrator."""
    if not database.settings.on_sqlite:
        return None
    path = sa.make_url(database.settings.database).database
    if not path or path == ":memory:":
        return None
    target = Path(f"{path}.before-{before}")
    with sqlite3.connect(path) as source, sqlite3.connect(target) as copy:
        source.backup(copy)
    copy.close()
    source.close()
    return target
