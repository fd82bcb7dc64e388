"""Statements on SQLite: there and back once, whatever comes of them."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from aiosqlite.core import Connection

from instance import onetrip

NUMBERS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < :most)"
MANY = sa.text(f"{NUMBERS} SELECT x FROM n")
LONG = sa.text(f"{NUMBERS} SELECT sum(x) FROM n")


@pytest.fixture
async def database(world):
    return (await world.instance("care")).database


async def test_a_statement_goes_to_its_thread_once(database, monkeypatch):
    trips, execute = [], Connection._execute

    async def counted(connection, act, *given, **named):
        trips.append(act)
        return await execute(connection, act, *given, **named)

    async with database.reading() as tx:
        await tx.session.connection()
        monkeypatch.setattr(Connection, "_execute", counted)
        assert (await tx.session.execute(MANY, {"most": 9})).scalars().all() == list(range(1, 10))
        assert len(trips) == 1


@pytest.mark.parametrize("most", [onetrip.AT_ONCE - 1, onetrip.AT_ONCE, 2 * onetrip.AT_ONCE + 1])
async def test_every_row_comes_at_once_or_in_a_stream(database, most):
    async with database.reading() as tx:
        at_once = (await tx.session.execute(MANY, {"most": most})).scalars().all()
        stream = await tx.session.stream(MANY, {"most": most}, execution_options={"yield_per": 7})
        assert [row.x async for row in stream] == at_once == list(range(1, most + 1))


async def test_what_is_refused_is_said_and_the_next_statement_works(database):
    async with database.reading() as tx:
        with pytest.raises(sa.exc.OperationalError, match="no such table"):
            await tx.session.execute(sa.text("SELECT 1 FROM nowhere"))
        assert (await tx.session.execute(sa.text("SELECT 1"))).scalar_one() == 1


async def test_who_stops_waiting_leaves_a_database_that_works(database):
    async def wait_long():
        async with database.transaction() as tx:
            await tx.session.execute(LONG, {"most": 2_000_000})

    waiting = asyncio.create_task(wait_long())
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    async with database.transaction() as tx:
        assert (await tx.session.execute(LONG, {"most": 3})).scalar_one() == 6
