"""Databases with every table and no row: made once, and handed out clean from then on.

Making seventy tables takes longer than most tests do with them. A file is copied, and a database
of the PostgreSQL server is swept instead of being dropped.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import uuid
from pathlib import Path

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from instance.db import Base

POSTGRESQL = os.environ.get(
    "AYNI_TEST_POSTGRESQL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
)

SWEEP = ";".join(
    [
        "SET LOCAL lock_timeout = '20s'",
        *(f'DELETE FROM "{one.name}"' for one in reversed(Base.metadata.sorted_tables)),
        "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'",
    ]
)


class Databases:
    """Hands out databases that nobody else uses, until they are given back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._free: list[str] = []
        self._made: list[str] = []

    async def file(self) -> str:
        """Return the address of a new SQLite file."""
        if not self._template.exists():
            await _make_tables(f"sqlite+aiosqlite:///{self._template}")
        path = self._folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(self._template, path)
        return f"sqlite+aiosqlite:///{path}"

    async def on_server(self) -> str:
        """Return the address of a database of the PostgreSQL server."""
        if self._free:
            return self._free.pop()
        self._made.append(f"ayni_test_{uuid.uuid4().hex}")
        await on_server(f'CREATE DATABASE "{self._made[-1]}"')
        # What is lost when the server itself dies is no question of ours: it is not waited for.
        await on_server(f'ALTER DATABASE "{self._made[-1]}" SET synchronous_commit TO off')
        url = f"{POSTGRESQL.rpartition('/')[0]}/{self._made[-1]}"
        await _make_tables(url)
        return url

    async def give_back(self, url: str) -> None:
        """Take a database back; nothing of what was in it is left."""
        if url.startswith("sqlite"):
            for left in self._folder.glob(f"{url.rpartition('/')[2]}*"):
                left.unlink()
        else:
            await on_server(SWEEP, url)
            self._free.append(url)

    async def drop(self) -> None:
        """Drop whatever was made on the server, all at once: each waits for the same checkpoint."""
        drops = [f'DROP DATABASE "{name}" WITH (FORCE)' for name in self._made]
        await asyncio.gather(*map(on_server, drops))


async def _make_tables(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await engine.dispose()


async def on_server(statement: str, url: str = POSTGRESQL) -> None:
    """Have the PostgreSQL server do something."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
