"""SQLite wholly in the loop's own thread: virtual time waits for no other.

A disk would answer when the machine pleases, and what was done first would be left to chance.
"""

from __future__ import annotations

import pytest

from instance import sqlite


async def _commit(connection: sqlite.Connection) -> None:
    connection.bare.commit()


def run_inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every SQLite connection commit at once from now on."""
    monkeypatch.setattr(sqlite.Connection, "commit", _commit)
