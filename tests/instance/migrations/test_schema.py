"""The schema comes up from nothing, equals the models, and what was there before is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from instance import due, migrations
from instance.db import Base
from tests.instance.migrations.stored import DUMPS, counted, opened, restored


@pytest.fixture
async def empty(any_url):
    database = opened(any_url)
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
async def test_a_database_of_an_earlier_schema_keeps_every_row_and_a_copy(dump, any_url, tmp_path):
    database = await restored(dump, any_url, tmp_path)
    before = await counted(database)

    copy = await migrations.upgrade(database)

    async with database.reading() as tx:
        await due.next_moment(tx)
    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    after = await counted(database)
    await database.close()
    assert after == before
    assert before["people"] > 0
    assert (copy is not None) == (database.settings.on_sqlite and dump.stem != migrations.head())


def test_each_schema_but_the_newest_is_stored_with_rows():
    folder = Path(migrations.__file__).parent / "versions"
    schemas = sorted(one.stem.partition("_")[0] for one in folder.glob("[0-9]*.py"))

    assert schemas[-1] == migrations.head()
    assert set(schemas[:-1]) <= {one.stem for one in DUMPS}


def test_the_newest_stored_database_has_promises_loans_and_hours():
    rows = DUMPS[-1].read_text(encoding="utf-8")

    for table in ("promises", "placements", "loans", "work_records", "ledger_entries"):
        assert f'INSERT INTO "{table}"' in rows
