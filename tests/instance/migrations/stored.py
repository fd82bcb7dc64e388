"""Databases as an earlier schema left them, kept as SQL text, restored on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from instance import migrations
from instance.db import Database
from instance.settings import Settings

FOLDER = Path(__file__).parent.parent.parent / "data" / "schema"
DUMPS = sorted(FOLDER.glob("*.sql"))


def opened(url: str) -> Database:
    """Open a database as an instance would."""
    return Database(Settings(origin="http://care.test", name="Care", database=url, plain_http=True))


async def restored(dump: Path, url: str, folder: Path) -> Database:
    """Return a database that holds the schema and the rows of a stored text."""
    if not url.startswith("sqlite"):
        return await _restored_on_server(dump, url)
    path = folder / "old.db"
    _restore(dump, path).close()
    return opened(f"sqlite+aiosqlite:///{path}")


async def counted(database: Database) -> dict[str, int]:
    """Return how many rows each table has, those without rows left out."""
    async with database.engine.connect() as connection:
        tables = await connection.run_sync(_reflected)
        found = {
            table.name: await connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in tables
        }
    return {name: count for name, count in found.items() if count}


def _restore(dump: Path, path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.executescript(dump.read_text(encoding="utf-8"))
    return connection


async def _restored_on_server(dump: Path, url: str) -> Database:
    database = opened(url)
    await migrations.upgrade(database, dump.stem)
    source = _restore(dump, ":memory:")
    source.row_factory = sqlite3.Row
    async with database.engine.begin() as connection:
        for table in await connection.run_sync(_reflected):
            rows = source.execute(f'SELECT * FROM "{table.name}"').fetchall()
            if rows and table.name != "alembic_version":
                await connection.execute(table.insert(), [_typed(table, row) for row in rows])
    source.close()
    return database


def _reflected(connection: sa.Connection) -> list[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    return found.sorted_tables


def _typed(table: sa.Table, row: sqlite3.Row) -> dict[str, Any]:
    return {column.name: _read(column.type, row[column.name]) for column in table.columns}


def _read(kind: sa.types.TypeEngine[Any], value: object) -> object:
    if isinstance(kind, sa.DateTime) and isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, sa.Date) and isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(kind, sa.JSON) and isinstance(value, str):
        return msgspec.json.decode(value)
    return bool(value) if isinstance(kind, sa.Boolean) and value is not None else value
