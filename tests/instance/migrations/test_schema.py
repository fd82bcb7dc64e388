"""The schema comes up from nothing, equals the models, and what was there before is kept."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from instance import due, migrations
from instance.db import Base, Database
from instance.settings import Settings

DUMPS = sorted((Path(__file__).parent.parent.parent / "data" / "schema").glob("*.sql"))


@pytest.fixture
async def empty(any_url):
    database = Database(
        Settings(origin="http://care.test", name="Care", database=any_url, plain_http=True)
    )
    yield database
    await database.close()


def differences(connection):
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, Base.metadata)


async def test_up_from_empty_equals_the_models(empty):
    await migrations.upgrade(empty)

    async with empty.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    assert await migrations.revision_of(empty.engine) == migrations.head()


async def test_the_database_itself_keeps_people_from_two_places_on_postgresql(empty):
    await migrations.upgrade(empty)
    if empty.settings.on_sqlite:
        return  # the one writer's lock is the belt there

    async with empty.engine.connect() as connection:
        found = await connection.execute(
            sa.text("SELECT count(*) FROM pg_constraint WHERE conname = 'ex_promises_one_place'")
        )
        assert found.scalar_one() == 1


async def test_migrating_twice_changes_nothing(empty):
    await migrations.upgrade(empty)

    assert await migrations.upgrade(empty) is None


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: path.stem)
async def test_a_database_of_an_earlier_schema_keeps_its_rows_and_a_copy(dump, tmp_path):
    path = tmp_path / "old.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
        connection.execute("UPDATE alembic_version SET version_num = ?", (dump.stem,))
        people = connection.execute("SELECT count(*) FROM people").fetchone()[0]
    connection.close()
    database = Database(
        Settings(
            origin="http://care.test",
            name="Care",
            database=f"sqlite+aiosqlite:///{path}",
            plain_http=True,
        )
    )

    copy = await migrations.upgrade(database)

    async with database.reading() as tx:
        await due.next_moment(tx)
        kept = await tx.session.scalar(sa.text("SELECT count(*) FROM people"))
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()
    assert kept == people > 0
    assert (copy is not None) == (dump.stem != migrations.head())
