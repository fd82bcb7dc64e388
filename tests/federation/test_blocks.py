"""Somebody elsewhere blocks one of our actors: nothing goes there from it any more."""

import pytest

from tests.federation.host import PUBLIC, activity, say, waiting


@pytest.fixture
async def here(any_small):
    return await any_small.host()


@pytest.fixture
async def remote(any_small):
    return await any_small.remote()


@pytest.fixture
async def ana(any_small, remote):
    return await any_small.actor(remote, "ana")


async def send(any_small, here, remote, said, signer=None):
    status = await remote.post(f"{here.origin}/inbox", said, signer=signer)
    await any_small.settle()
    return status


async def blocks(here):
    async with here.reading() as tx:
        table = here.federation.store.standings.tables.blocks
        return [(row.by, row.actor) for row in await tx.execute(table.select())]


async def test_a_follow_between_the_two_ends_and_nothing_is_sent_any_more(
    any_small, here, remote, ana
):
    await send(any_small, here, remote, activity(ana, "Follow", here.instance_actor), ana)
    remote.received.clear()

    assert (
        await send(any_small, here, remote, activity(ana, "Block", here.instance_actor), ana) == 202
    )
    await say(here, PUBLIC, f"{here.instance_actor}/followers", conversation="public")
    await say(here, ana, conversation="private")
    await any_small.settle()

    assert remote.received == []
    assert [one.reason for one in await waiting(here)] == ["They have blocked the sender."]


async def test_others_of_ours_still_reach_who_blocked_one(any_small, here, remote, ana):
    koel = await here.add("Person", "koel")
    await send(any_small, here, remote, activity(ana, "Block", here.instance_actor), ana)

    await say(here, ana, sender=koel)
    await any_small.settle()
    assert [one["actor"] for one in remote.received] == [koel]


async def test_a_block_without_a_signature_is_refused(any_small, here, remote, ana):
    assert await send(any_small, here, remote, activity(ana, "Block", here.instance_actor)) == 401
    assert await blocks(here) == []


async def test_a_block_signed_by_another_is_refused(any_small, here, remote, ana):
    eve = await any_small.actor(remote, "eve")
    said = activity(ana, "Block", here.instance_actor)
    assert await send(any_small, here, remote, said, eve) == 401
    assert await blocks(here) == []


async def test_a_block_that_is_sent_twice_is_one(any_small, here, remote, ana):
    said = activity(ana, "Block", here.instance_actor)
    for _ in range(2):
        assert await send(any_small, here, remote, said, ana) == 202
    assert await blocks(here) == [(ana, here.instance_actor)]


async def test_a_block_that_is_undone_lets_through_again(any_small, here, remote, ana):
    said = activity(ana, "Block", here.instance_actor)
    await send(any_small, here, remote, said, ana)
    await send(any_small, here, remote, activity(ana, "Undo", said), ana)

    await say(here, ana)
    await any_small.settle()
    assert await blocks(here) == []
    assert len(remote.received) == 1


async def test_only_who_blocked_undoes_a_block(any_small, here, remote, ana):
    eve = await any_small.actor(remote, "eve")
    said = activity(ana, "Block", here.instance_actor)
    await send(any_small, here, remote, said, ana)
    await send(any_small, here, remote, activity(eve, "Undo", said), eve)
    assert await blocks(here) == [(ana, here.instance_actor)]


async def test_a_block_whose_undo_overtook_it_takes_no_effect(any_small, here, remote, ana):
    said = activity(ana, "Block", here.instance_actor)
    await send(any_small, here, remote, activity(ana, "Undo", said), ana)
    await send(any_small, here, remote, said, ana)
    assert await blocks(here) == []
