"""SQLite in the loop's own thread: nobody else is held up, and nothing is half done."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest
import sqlalchemy as sa

from federation.sql.prepared import Prepared
from instance import sqlite

NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < :most)"
MANY = sa.text(f"{NUMBERS} SELECT x FROM n")


@pytest.fixture
def url(tmp_path):
    path = tmp_path / "rows.db"
    with sqlite3.connect(path) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute("CREATE TABLE rows (number INTEGER)")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
async def writer(url):
    engine = sqlite.engine(url, writes=True)
    yield engine
    await engine.dispose()


async def write(engine, number):
    async with engine.begin() as connection:
        await connection.execute(sa.text(f"INSERT INTO rows VALUES ({number})"))


def rows(url):
    with sqlite3.connect(url.partition(":///")[2]) as read:
        return [number for (number,) in read.execute("SELECT number FROM rows ORDER BY number")]


async def test_every_row_comes_at_once_or_in_a_stream(writer):
    async with writer.connect() as connection:
        at_once = (await connection.execute(MANY, {"most": 1_000})).scalars().all()
        stream = await connection.stream(MANY, {"most": 1_000}, execution_options={"yield_per": 7})
        assert [row.x async for row in stream] == at_once == list(range(1, 1_001))


async def test_what_is_refused_is_said_and_the_next_statement_works(writer):
    async with writer.connect() as connection:
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            await connection.execute(sa.text("SELECT 1 FROM nowhere"))
        assert (await connection.execute(sa.text("SELECT 1"))).scalar_one() == 1


async def test_the_writer_of_another_process_is_waited_for_while_the_loop_goes_on(url, writer):
    other = sqlite3.connect(url.partition(":///")[2], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(write(writer, 1))
    for _ in range(5):
        await asyncio.sleep(0.01)
    assert not waiting.done()

    other.execute("COMMIT")
    other.close()
    await waiting
    assert rows(url) == [1]


async def test_waiting_for_another_process_ends(url, writer, monkeypatch):
    monkeypatch.setattr(sqlite, "PATIENCE", 0.05)
    other = sqlite3.connect(url.partition(":///")[2], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(sa.exc.OperationalError, match="locked"):
        await write(writer, 1)
    other.close()

    await write(writer, 2)
    assert rows(url) == [2]


async def test_only_a_commit_of_something_written_leaves_the_loop(url, writer, monkeypatch):
    threads, commit = [], sqlite.Connection.commit

    async def counted(connection):
        await commit(connection)
        threads.append(connection._disk is not None)

    monkeypatch.setattr(sqlite.Connection, "commit", counted)
    async with writer.begin() as connection:
        await connection.execute(sa.text("SELECT 1"))
    await write(writer, 1)

    assert threads == [False, True]
    assert rows(url) == [1]


async def test_who_stops_waiting_for_a_commit_leaves_a_database_that_works(url, writer):
    let, begun = threading.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def hold():
        loop.call_soon_threadsafe(begun.set)
        let.wait(5)

    async def write_slowly():
        async with writer.connect() as connection:
            await connection.execute(sa.text("INSERT INTO rows VALUES (1)"))
            own = (await connection.get_raw_connection()).driver_connection
            own._disk = sqlite.ThreadPoolExecutor(1)
            own._disk.submit(hold)
            await connection.commit()

    waiting = asyncio.create_task(write_slowly())
    await begun.wait()
    waiting.cancel()
    await asyncio.sleep(0.01)
    assert not waiting.done(), "the commit is under way"
    let.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    await write(writer, 2)
    assert rows(url) == [1, 2]


async def test_a_batch_that_fails_leaves_nothing_and_the_next_one_works(url):
    batches = sqlite.Batches(url)

    def add(number, error=None):
        def work(connection):
            connection.execute(sa.text(f"INSERT INTO rows VALUES ({number})"))
            if error:
                raise error

        return work

    def prepared(connection):
        insert = sa.text("INSERT INTO rows VALUES (0) RETURNING number")
        assert Prepared(lambda _: insert).run(connection, [{}]) == [(0,)]
        raise ZeroDivisionError

    for failing in (add(1, ZeroDivisionError()), prepared):
        with pytest.raises(ZeroDivisionError):
            await batches.run(failing)
    await batches.run(add(2))
    batches.close()
    await batches.run(add(3))
    batches.close()

    assert rows(url) == [2, 3]
