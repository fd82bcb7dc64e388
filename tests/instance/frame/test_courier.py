"""The courier works when there is something to do, and rests otherwise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from federation.keypool import KeyPool
from instance import due
from instance.app import create_app
from instance.db import CARRYING


async def test_its_own_commits_do_not_wake_it(world):
    care = await world.instance("care")

    async def step() -> bool:
        CARRYING.set(True)
        return await care.courier.step()

    care.database.committed.clear()
    busy = await asyncio.create_task(step())

    assert not busy
    assert not care.database.committed.is_set()


async def test_anybody_elses_commit_wakes_it(world):
    care = await world.instance("care")
    care.database.committed.clear()

    async with care.database.transaction() as tx:
        await due.schedule(tx, tx.now + timedelta(days=1), "kind", "key")

    assert care.database.committed.is_set()


async def test_it_does_what_is_due_and_stops_when_asked(world):
    care, done = await world.instance("care"), asyncio.Event()

    async def handle(_tx, _key):
        done.set()

    care.courier._handlers = {"kind": handle}
    care.courier.start()
    async with care.database.transaction() as tx:
        await due.schedule(tx, tx.now, "kind", "key")
    await asyncio.wait_for(done.wait(), 10)
    await care.courier.stop()


@pytest.mark.parametrize("courier", [True, False])
async def test_a_server_alone_with_its_database_takes_over_what_a_dead_one_had_taken(
    any_world, courier
):
    care = await any_world.instance("care")
    inbox = care.federation.store.inbox
    leased_until = any_world.clock() + timedelta(minutes=2)
    async with care.database.transaction() as tx:
        await inbox.within(tx, inbox.wake, ["http://wash.test"], tx.now)
        peers = inbox.tables.peers
        await tx.session.execute(
            peers.update().values(in_until=leased_until, out_until=leased_until)
        )

    again = create_app(
        care.database.settings, clock=any_world.clock, keys=KeyPool(), courier=courier
    )
    runner = web.AppRunner(again)
    await runner.setup()
    await runner.cleanup()

    async with care.database.reading() as tx:
        (row,) = await tx.session.execute(peers.select())
    alone = courier and care.database.settings.on_sqlite
    free = any_world.clock() if alone else leased_until
    assert (row.in_until, row.out_until) == (free, free)
