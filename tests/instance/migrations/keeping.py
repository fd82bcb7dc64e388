"""A pytest plugin that keeps, as SQL text, today's schema with what the eight steps leave in it.

    ./ayni test -n 0 -p tests.instance.migrations.keeping tests/journeys/test_eight_steps.py

Run it before a migration is added, so that the next schema is tried on rows of this one.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from instance import migrations
from tests.databases import Databases
from tests.instance.migrations.stored import FOLDER, opened

FEW = {"federation_inbox": 5, "federation_outbox": 5}  # whole, they are nine tenths of the text


@pytest.fixture(autouse=True)
def _story_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    give_back = Databases.give_back

    async def keep(databases: Databases, url: str) -> None:
        if url.startswith("sqlite"):
            await _keep(Path(url.partition(":///")[2]), FOLDER / f"{migrations.head()}.sql")
        await give_back(databases, url)

    monkeypatch.setattr(Databases, "give_back", keep)


async def _keep(story: Path, dump: Path) -> None:
    """Write what the borrower holds: of the three co-ops it has rows of most kinds."""
    fresh = story.with_suffix(".kept")
    database = opened(f"sqlite+aiosqlite:///{fresh}")
    await migrations.upgrade(database)
    await database.close()
    target = sqlite3.connect(fresh, isolation_level=None)
    target.execute("ATTACH ? AS story", (str(story),))
    if target.execute("SELECT count(*) FROM story.named_places").fetchone()[0]:
        for (name,) in target.execute("SELECT name FROM story.sqlite_master WHERE type = 'table'"):
            _copy_rows(target, name)
        _write(dump, target)
    target.close()


def _write(dump: Path, target: sqlite3.Connection) -> None:
    dump.write_text("\n".join(target.iterdump()) + "\n", encoding="utf-8")


def _copy_rows(target: sqlite3.Connection, name: str) -> None:
    columns = ", ".join(
        f'"{row[1]}"' for row in target.execute(f'PRAGMA story.table_info("{name}")')
    )
    target.execute(
        f'INSERT INTO main."{name}" ({columns}) SELECT {columns} FROM story."{name}" LIMIT ?',
        (FEW.get(name, -1),),
    )
