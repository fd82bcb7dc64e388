"""An instance in one file: out of one database and into another, row for row."""

import json
import zipfile

import pytest
import sqlalchemy as sa

from instance import migrations
from instance.commands import archive, setup
from instance.db import Base, Database
from instance.errors import Conflict, Invalid
from instance.people import service as people
from instance.settings import Settings
from instance.spreadsheets.columns import Sheet
from instance.spreadsheets.service import import_file
from instance.viewer import Viewer

PEOPLE = (
    "name,handle,phone,skills,certificates,languages,adult,agreed_on_paper\n"
    "陳美玲,mei,0103 0001,Home care,First aid 2029-01-31,Cantonese,yes,2026-12-01\n"
)
JOBS = (
    "title,date,start,end,openings,pay\nRound,2027-02-01,08:00,10:00,2x home care [First aid],72\n"
)


def quiet(_name):
    """Hear of progress and say nothing."""


async def filled(world, clock):
    """An instance with something in most tables, activities and deliveries among them."""
    running = await world.instance("care")
    async with running.database.transaction() as tx:
        founded = await setup.begin(tx, "care", people.NewPerson(username="ines", name="Inês"))
    viewer = Viewer(founded.administrator, "Inês", "ines", "en")
    for sheet, text in ((Sheet.PEOPLE, PEOPLE), (Sheet.JOBS, JOBS)):
        report = await import_file(running.database, viewer, founded.group, sheet, text.encode())
        assert report.done, report
    clock.advance(minutes=5)
    await world.settle()
    return running


async def empty_database(world):
    return at(await world._make_url())


def at(url):
    return Database(Settings(origin="http://care.test", name="Care", database=url, plain_http=True))


@pytest.fixture
async def postgresql(databases):
    """An empty database on the PostgreSQL server."""
    url = await databases.on_server()
    database = at(url)
    yield database
    await database.close()
    await databases.give_back(url)


async def contents(database):
    found = {}
    async with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            order = sa.select(table).order_by(*table.primary_key.columns)
            found[table.name] = [tuple(row) for row in await connection.execute(order)]
    return found


async def test_what_was_backed_up_comes_back_row_for_row(any_world, clock, tmp_path):
    running = await filled(any_world, clock)
    path = tmp_path / "care.ayni"
    manifest = await archive.write(running.database, migrations.head(), path, quiet)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sum(bool(one.rows) for one in manifest.tables.values()) > 15
    before = await contents(running.database)
    empty = await empty_database(any_world)
    await archive.read(empty, path, quiet)
    assert await contents(empty) == before
    await goes_on(empty, before)
    await empty.close()


@pytest.mark.postgresql
async def test_an_instance_moves_from_sqlite_to_postgresql(world, postgresql, clock, tmp_path):
    running = await filled(world, clock)
    path = tmp_path / "care.ayni"
    await archive.write(running.database, migrations.head(), path, quiet)
    before = await contents(running.database)
    await archive.read(postgresql, path, quiet)
    assert await contents(postgresql) == before
    await goes_on(postgresql, before)


async def goes_on(database, before):
    """Numbers that the database gives out go on from where they were."""
    table = Base.metadata.tables["federation_outbox"]
    last = dict(zip(table.columns.keys(), before[table.name][-1], strict=True))
    async with database.transaction() as tx:
        assert (await people.person_named(tx, "mei")).name == "陳美玲"
        fresh = {**last, "id": "another"}
        del fresh["seq"]
        added = await tx.session.execute(sa.insert(table).values(fresh).returning(table.c.seq))
        assert added.scalar_one() > last["seq"]


async def test_nothing_is_restored_over_what_is_there(world, clock, tmp_path):
    running = await filled(world, clock)
    path = tmp_path / "care.ayni"
    await archive.write(running.database, migrations.head(), path, quiet)
    before = await contents(running.database)
    with pytest.raises(Conflict, match="holds something"):
        await archive.read(running.database, path, quiet)
    assert await contents(running.database) == before
    with pytest.raises(Conflict, match="exists"):
        await archive.write(running.database, migrations.head(), path, quiet)


async def test_an_archive_that_was_changed_is_refused_whole(world, clock, tmp_path):
    running = await filled(world, clock)
    path, forged = tmp_path / "care.ayni", tmp_path / "forged.ayni"
    await archive.write(running.database, migrations.head(), path, quiet)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(forged, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "tables/people.jsonl":
                data = data.replace("陳美玲".encode(), "陳美美".encode())
            target.writestr(name, data)
    empty = await empty_database(world)
    with pytest.raises(Invalid, match="damaged: people differs"):
        await archive.read(empty, forged, quiet)
    assert not any((await contents(empty)).values())
    await empty.close()


@pytest.mark.parametrize("data", [b"", b"not a zip", b"PK\x03\x04"])
def test_what_is_no_archive_is_refused(tmp_path, data):
    path = tmp_path / "care.ayni"
    path.write_bytes(data)
    with pytest.raises(Invalid, match="no archive"):
        archive.manifest_of(path)


def test_an_archive_of_a_newer_program_is_refused(tmp_path):
    path = tmp_path / "care.ayni"
    manifest = {
        "format": 2,
        "schema": "x",
        "origin": "x",
        "made": "2027-01-04T08:00:00Z",
        "tables": {},
    }
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", json.dumps(manifest))
        file.writestr("settings.json", "{}")
    with pytest.raises(Invalid, match="newer program"):
        archive.manifest_of(path)
