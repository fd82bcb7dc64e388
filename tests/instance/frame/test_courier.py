"""The courier works when there is something to do, and rests otherwise."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from instance import due
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
