"""What changes of an actor here is told to those who follow her, and nothing that is private."""

from __future__ import annotations

import pytest

from instance.network import service as network
from instance.people import service as people
from tests.instance.groups.living import a_group


@pytest.fixture
async def care(world):
    return await world.instance("care")


@pytest.fixture
async def followed(world, care):
    """Somebody here whom somebody elsewhere follows; returns her and the other server."""
    _, mei = await a_group(care)
    remote = await world.remote()
    ana = remote.actor("ana")
    follow = remote.activity("Follow", ana, mei)
    assert await remote.post(f"{care.origin}/inbox", follow, signer=ana) == 202
    await world.settle()
    remote.received.clear()
    return mei, remote


async def change(world, care, who, **fields):
    async with care.database.transaction() as tx:
        await people.change_person(tx, who, **fields)
    await world.settle()


async def test_a_name_that_becomes_public_is_told_and_one_that_is_not_is_nobodys(
    world, care, followed
):
    mei, remote = followed
    await change(world, care, mei, name="Chan Mei", phone="5555 1234")
    assert remote.received == []

    await change(world, care, mei, name_public=True)
    [update] = remote.received
    assert (update["type"], update["actor"], update["to"]) == ("Update", mei, [f"{mei}/followers"])
    assert (update["object"]["id"], update["object"]["name"]) == (mei, "Chan Mei")
    assert update["object"] == (await remote.get(mei))[1]

    await change(world, care, mei, name="Chan Mei", phone="5555 4321")
    assert len(remote.received) == 1
    await change(world, care, mei, name_public=False)
    assert remote.received[-1]["object"]["name"] != "Chan Mei"


async def test_another_account_of_hers_is_told_before_anybody_moves(world, care, followed):
    mei, remote = followed
    other = remote.actor("mei")
    async with care.database.transaction() as tx:
        await network.change_actor(tx, mei, also_known_as=[other])
    await world.settle()

    [update] = remote.received
    assert update["object"]["alsoKnownAs"] == [other]
