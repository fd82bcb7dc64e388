"""What must happen later happens once, when its moment has come, even if it failed before."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from instance import due
from tests.statements import heard


async def later(care, minutes, key="key"):
    async with care.database.transaction() as tx:
        await due.schedule(tx, tx.now + timedelta(minutes=minutes), "kind", key)


async def test_nothing_happens_before_its_moment(world):
    care, done = await world.instance("care"), []

    async def handle(_tx, key):
        done.append(key)

    await later(care, 10)
    await due.step(care.database, {"kind": handle})
    before = list(done)
    world.clock.advance(minutes=10)
    await due.step(care.database, {"kind": handle})
    await due.step(care.database, {"kind": handle})

    assert (before, done) == ([], ["key"])


async def test_what_was_moved_or_cancelled_does_not_happen(world):
    care, done = await world.instance("care"), []

    async def handle(_tx, key):
        done.append(key)

    await later(care, 10, "moved")
    await later(care, 30, "moved")
    await later(care, 10, "cancelled")
    async with care.database.transaction() as tx:
        await due.cancel(tx, "kind", "cancelled")
    world.clock.advance(minutes=10)
    await due.step(care.database, {"kind": handle})

    assert done == []


async def test_what_many_ask_for_happens_once_at_the_first_moment(any_world):
    care, done = await any_world.instance("care"), []

    async def handle(_tx, key):
        done.append(key)

    for minutes in (10, 30, 5):
        async with care.database.transaction() as tx:
            at = tx.now + timedelta(minutes=minutes)
            with heard() as asked:
                await due.schedule_once(tx, at, "kind", "key")
            assert len(asked) == 1
    any_world.clock.advance(minutes=5)
    await due.step(care.database, {"kind": handle})
    assert done == []
    any_world.clock.advance(minutes=5)
    await due.step(care.database, {"kind": handle})
    any_world.clock.advance(minutes=30)
    await due.step(care.database, {"kind": handle})
    assert done == ["key"]


async def test_a_moment_is_moved_in_one_statement(any_world):
    care = await any_world.instance("care")
    for minutes in (10, 30):
        async with care.database.transaction() as tx:
            with heard() as asked:
                await due.schedule(tx, tx.now + timedelta(minutes=minutes), "kind", "key")
            assert len(asked) == 1
    async with care.database.reading() as tx:
        assert await due.next_moment(tx) == any_world.clock() + timedelta(minutes=30)


async def test_what_failed_is_tried_again_and_leaves_nothing_half_done(world):
    care, tries = await world.instance("care"), []

    async def handle(tx, key):
        await due.schedule(tx, tx.now + timedelta(days=1), "other", key)
        tries.append(key)
        if len(tries) == 1:
            raise ValueError("not yet")

    await later(care, 0)
    await due.step(care.database, {"kind": handle})
    async with care.database.reading() as tx:
        again = await due.next_moment(tx)
    world.clock.advance(minutes=2)
    await due.step(care.database, {"kind": handle})

    assert again == world.clock.now - timedelta(minutes=1)
    assert len(tries) == 2


async def test_cancelling_what_is_being_done_waits_for_nobody(any_world):
    """Who does it may wait for a row that whoever cancels has taken: so they would stand still."""
    care, done = await any_world.instance("care"), []
    async with care.database.reading() as tx:
        name = tx.session.get_bind().dialect.name
    if name == "sqlite":
        pytest.skip("SQLite has one writer: nobody waits for a row while holding another")
    started, go_on = asyncio.Event(), asyncio.Event()

    async def handle(_tx, key):
        started.set()
        await go_on.wait()
        done.append(key)

    await later(care, 0)
    doing = asyncio.create_task(due.step(care.database, {"kind": handle}))
    await started.wait()
    async with asyncio.timeout(20), care.database.transaction() as tx:
        await due.cancel(tx, "kind", "key")
    go_on.set()
    await doing
    assert done == ["key"]
    assert not await due.step(care.database, {"kind": handle})
