"""Transactions that say the same things in opposite order never wait for each other in a ring."""

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from federation.sql.smallhost import SmallHost
from federation.sql.statements import HEARD_TO
from tests.federation.host import activity


@pytest.fixture
async def here(any_small):
    return await any_small.host()


@pytest.fixture
def meet(here):
    """Let two tasks wait for each other, if nothing keeps one of them away."""
    both = asyncio.Barrier(2)

    async def wait():
        if isinstance(here._alone, asyncio.Lock):
            return  # one writer: the other has not begun
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                await both.wait()

    return wait


async def say_in(here: SmallHost, meet, *said):
    """Say something in each conversation to somebody, in one transaction."""
    async with here.transaction() as tx:
        for conversation, to in said:
            one = activity(here.instance_actor, id=here.federation.new_id(), to=[to])
            await here.federation.send(tx, one, conversation=conversation)
            await meet()


async def test_two_transactions_speak_in_the_same_conversations_in_opposite_order(
    any_small, here, meet
):
    remote = await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    first, second = ("first", ana), ("second", ana)

    for _ in range(5):
        await asyncio.gather(say_in(here, meet, first, second), say_in(here, meet, second, first))
    await any_small.settle()

    assert len(remote.received) == 20


async def test_two_transactions_write_to_the_same_new_servers_in_opposite_order(here, meet):
    left, right = (f"http://{name}.test/users/a" for name in ("left", "right"))

    await asyncio.gather(
        say_in(here, meet, ("one", left), ("two", right)),
        say_in(here, meet, ("three", right), ("four", left)),
    )

    async with here.reading() as tx:
        assert len(await here.federation.store.peers.peers(tx)) == 2


async def test_what_two_servers_sent_is_passed_on_to_each_other_at_once(any_small, here, meet):
    remotes = [await any_small.remote(name) for name in ("left", "right")]
    ana, eve = [await any_small.actor(one, "somebody") for one in remotes]
    other = {ana: eve, eve: ana}

    async def pass_on(tx, received):
        await meet()
        said = activity(here.instance_actor, id=here.federation.new_id())
        await here.federation.send(tx, {**said, "to": [other[received.actor]]})

    here.federation.on("Create", "Note", receiver=pass_on)
    for _ in range(2):
        for remote, who in zip(remotes, other, strict=True):
            assert await remote.post(f"{here.origin}/inbox", activity(who), signer=who) == 202
        await any_small.settle()

    assert [len(one.received) for one in remotes] == [2, 2]


async def test_a_new_server_speaks_while_something_is_written_to_it(here, any_small, meet):
    inbox, now = here.federation.store.inbox, any_small.clock()
    old, new = (f"http://{name}.test/users/a" for name in ("old", "new"))
    await here.batch(partial(inbox.keep, activities=[activity(old)], now=now))
    any_small.clock.now += 2 * HEARD_TO
    now = any_small.clock()

    async def answer():
        lease_in = partial(inbox.lease_in, now=now, until=now, limit=1)
        (lease,) = await here.batch(lease_in)
        async with here.transaction() as tx:
            assert await inbox.within(tx, inbox.settle, {lease: now}, [])
            await meet()
            said = activity(here.instance_actor, id=here.federation.new_id(), to=[new])
            await asyncio.sleep(0.2)  # until the other waits for the old server's row
            await here.federation.send(tx, said)

    async def hear():
        await meet()
        keep = partial(inbox.keep, activities=[activity(old), activity(new)], now=now)
        await here.batch(keep)

    await asyncio.gather(answer(), hear())

    async with here.reading() as tx:
        assert len(await here.federation.store.peers.peers(tx)) == 2
