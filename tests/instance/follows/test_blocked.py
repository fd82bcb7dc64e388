"""A block, whoever's it is, ends what people here follow there."""

from __future__ import annotations

import pytest

from instance.jobs import reactions
from instance.network import service as network
from tests.instance.follows.test_following import follow, said, seen, states, titles
from tests.instance.jobs.test_wire import a_job, tell


@pytest.fixture
async def green(care, remote):
    group = remote.actor("green", kind="Group")
    await follow(care, group)
    await tell(care, remote, "Create", group, a_job(remote, group), signer=group)
    return group


async def block(care, subject):
    async with care.database.transaction() as tx:
        await network.decide(tx, subject, network.Standing.BLOCKED, "Spam.")


@pytest.mark.parametrize("whole_server", [True, False])
async def test_nobody_follows_a_blocked_group_any_more(care, remote, green, whole_server):
    assert len(titles(await seen(care))) == 1
    await block(care, "remote.test" if whole_server else green)
    await care.world.settle()

    page = await seen(care)
    assert (states(page), titles(page)) == ([], [])
    assert said(remote, "Undo") == []


async def test_other_groups_are_followed_as_before(care, remote, green):
    await block(care, "elsewhere.example")
    assert len(states(await seen(care))) == 1


async def test_a_group_that_blocks_this_co_op_is_followed_no_more(care, remote, green):
    blocks = remote.activity("Block", green, network.instance_actor(care.origin))
    assert await remote.post(f"{care.origin}/inbox", blocks, signer=green) == 202
    await care.world.settle()
    assert states(await seen(care)) == []


async def test_a_block_of_somebody_else_here_ends_no_following(care, remote, green):
    blocks = remote.activity("Block", green, care.member)
    assert await remote.post(f"{care.origin}/inbox", blocks, signer=green) == 202
    await care.world.settle()
    assert len(states(await seen(care))) == 1


async def test_what_was_passed_on_of_a_blocked_group_is_shown_no_more(care, remote, green):
    other = await care.world.remote("other")
    club = other.actor("club", kind="Group")
    await follow(care, club, name="Club")
    said_so = other.activity("Announce", club, next(iter(await jobs_of(care))))
    assert await other.post(f"{care.origin}/inbox", said_so, signer=club) == 202
    await care.world.settle()
    await block(care, green)

    page = await seen(care)
    assert (len(states(page)), titles(page)) == (1, [])


async def jobs_of(care):
    return [one.job.posting.iri for one in (await seen(care)).jobs]


@pytest.mark.parametrize("limited", [True, False])
async def test_what_limited_accounts_like_is_not_counted_on_the_page(care, remote, limited):
    job = await care.post()
    ana = remote.actor("ana")
    if limited:
        async with care.database.transaction() as tx:
            await network.decide(tx, "remote.test", network.Standing.LIMITED, "Loud.")
    like = remote.activity("Like", ana, job)
    assert await remote.post(f"{care.origin}/inbox", like, signer=ana) == 202
    await care.world.settle()

    async with care.database.reading() as tx:
        found = await reactions.counted(tx, job)
    assert found.likes == (0 if limited else 1)
