"""Who carries out what came in gives way to what comes in, and is not starved by it."""

import asyncio

import pytest

from federation import commits
from federation.commits import GroupCommit


async def seconds(waiting):
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with asyncio.timeout(20):
        await waiting
    return loop.time() - begun


async def keep(items):
    return [None] * len(items)


@pytest.fixture
async def stream():
    """Keep items coming, without a lull."""
    coming = GroupCommit(keep)

    async def come():
        while True:
            await coming.add("one")
            await asyncio.sleep(0.001)

    task = asyncio.create_task(come())
    await asyncio.sleep(0.01)
    yield coming
    task.cancel()


async def test_where_nothing_comes_nobody_waits():
    with pytest.raises(StopIteration):  # it never gave its turn away
        GroupCommit(keep).lull().send(None)


async def test_what_is_being_kept_is_waited_for_however_long_ago_it_came():
    kept = asyncio.Event()

    async def keep_slowly(items):
        await kept.wait()
        return [None] * len(items)

    slow = GroupCommit(keep_slowly)
    adding = asyncio.create_task(slow.add("one"))
    await asyncio.sleep(2 * commits.LULL)
    waiting = asyncio.create_task(slow.lull())
    await asyncio.sleep(2 * commits.LULL)
    assert not waiting.done()
    kept.set()
    await adding
    await seconds(waiting)


async def test_what_keeps_coming_is_given_way_to_for_so_long_and_no_longer(stream, monkeypatch):
    monkeypatch.setattr(commits, "LONGEST", 0.3)
    assert await seconds(stream.lull()) >= 0.3


async def test_who_found_no_lull_waits_twice_as_long_as_the_work_since_took(stream, monkeypatch):
    monkeypatch.setattr(commits, "LONGEST", 0.1)
    await stream.lull()
    monkeypatch.setattr(commits, "LONGEST", 1_000)
    await asyncio.sleep(0.05)
    assert await seconds(stream.lull()) >= 0.1
