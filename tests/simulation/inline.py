"""SQLite without a thread for each connection: the same statements, ten times as many a second.

Handing a statement to another thread and back takes longer than the statement. A schedule has
hundreds, and SQLite has one writer anyway, so nothing that could run side by side is lost.
"""

from __future__ import annotations

from typing import Any

import aiosqlite.core
import pytest

from instance import db


async def _execute(_connection: aiosqlite.core.Connection, act: Any, *given: Any, **named: Any):
    return act(*given, **named)


async def _connect(connection: aiosqlite.core.Connection) -> aiosqlite.core.Connection:
    if connection._connection is None:
        connection._connection = connection._connector()
    return connection


async def _close(connection: aiosqlite.core.Connection) -> None:
    if connection._connection is not None:
        connection._connection.close()
        connection._connection = None
    await connection.stop()  # the thread ends before the loop does


async def _run(batches: db._Batches, work: Any) -> Any:
    return batches._commit(work)


def run_inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every SQLite connection that is opened from now on run in the loop's own thread."""
    monkeypatch.setattr(aiosqlite.core.Connection, "_execute", _execute)
    monkeypatch.setattr(aiosqlite.core.Connection, "_connect", _connect)
    monkeypatch.setattr(aiosqlite.core.Connection, "close", _close)
    monkeypatch.setattr(db._Batches, "run", _run)
