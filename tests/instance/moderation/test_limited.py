"""Who is limited may ask and offer: it stands on the page, and nobody is told of a stranger."""

from __future__ import annotations

import pytest

from instance.alliances import service as alliances
from instance.groups import service as groups
from instance.network import service as network
from instance.notices import service as notices
from tests.instance.alliances.pair import Stranger
from tests.instance.groups.stage import a_stage


async def limit(care, subject):
    async with care.database.transaction() as tx:
        await network.decide(tx, subject, network.Standing.LIMITED, "Loud.")


async def unread(care, person):
    async with care.database.reading() as tx:
        return await notices.count_unread(tx, person)


@pytest.fixture
async def stage(world):
    return await a_stage(world)


@pytest.mark.parametrize("limited", [True, False])
async def test_leaders_are_not_told_that_a_limited_stranger_asks_to_join(stage, limited):
    if limited:
        await limit(stage.care, "remote.test")
    join = stage.remote.activity("Join", stage.ana, stage.group)
    assert await stage.say(join, stage.ana) == 202

    assert await unread(stage.care, stage.leader) == (0 if limited else 1)
    async with stage.care.database.reading() as tx:
        assert len(await groups.requests(tx, stage.group)) == 1


@pytest.mark.parametrize("limited", [True, False])
async def test_nobody_is_told_that_a_limited_group_asks_her_to_join(stage, limited):
    if limited:
        await limit(stage.care, stage.club)
    before = await unread(stage.care, stage.mei)
    about = {"id": stage.club, "type": "Group", "name": "The Club"}
    invite = stage.remote.activity("Invite", stage.club, about, target=stage.mei)
    assert await stage.say(invite, stage.club) == 202

    assert await unread(stage.care, stage.mei) - before == (0 if limited else 1)


async def test_a_member_of_a_limited_server_leaves_and_its_leaders_are_told(stage):
    await stage.let_ana_in()
    await limit(stage.care, "remote.test")
    before = await unread(stage.care, stage.leader)
    leave = stage.remote.activity("Leave", stage.ana, stage.group)
    assert await stage.say(leave, stage.ana) == 202

    assert await unread(stage.care, stage.leader) == before + 1


@pytest.mark.parametrize("limited", [True, False])
async def test_leaders_are_not_told_that_a_limited_stranger_offers_an_alliance(
    world, care, remote, limited
):
    stranger = Stranger(world, remote)
    if limited:
        await limit(care, "remote.test")
    before = await unread(care, care.leader)
    await stranger.say(stranger.offer(care.group), care.group)

    assert await unread(care, care.leader) - before == (0 if limited else 1)
    async with care.database.reading() as tx:
        assert len(await alliances.alliances(tx, care.viewer(), care.group)) == 1
