"""A stranger on the fediverse finds a group, follows it, and stops."""

from __future__ import annotations

from instance.network import service as network
from instance.network.models import ActorKind


async def a_group(care):
    async with care.database.transaction() as tx:
        return await network.create_actor(tx, ActorKind.GROUP, "care", name="Shatin Care")


async def followers(care, group):
    async with care.database.reading() as tx:
        return await care.federation.store.peers.count_followers(tx, group)


async def test_a_stranger_follows_a_group_and_is_accepted(any_world):
    care, remote = await any_world.instance("care"), await any_world.remote()
    group, ana = await a_group(care), remote.actor("ana")
    follow = remote.activity("Follow", ana, group)

    assert await remote.post(f"{group}/inbox", follow, signer=ana) == 202
    await any_world.settle()

    assert await followers(care, group) == 1
    assert [one["type"] for one in remote.received] == ["Accept"]
    assert remote.received[0]["object"]["id"] == follow["id"]


async def test_a_follow_that_is_sent_twice_counts_once(world):
    care, remote = await world.instance("care"), await world.remote()
    group, ana = await a_group(care), remote.actor("ana")
    follow = remote.activity("Follow", ana, group)

    for _ in range(2):
        assert await remote.post(f"{care.origin}/inbox", follow, signer=ana) == 202
    await world.settle()

    assert await followers(care, group) == 1
    assert len(remote.received) == 1


async def test_a_follow_without_a_signature_is_refused(world):
    care, remote = await world.instance("care"), await world.remote()
    group, ana = await a_group(care), remote.actor("ana")

    status = await remote.post(f"{group}/inbox", remote.activity("Follow", ana, group))
    await world.settle()

    assert status == 401
    assert await followers(care, group) == 0


async def test_a_follow_signed_by_somebody_else_is_refused(world):
    care, remote = await world.instance("care"), await world.remote()
    group, ana, eve = await a_group(care), remote.actor("ana"), remote.actor("eve")

    status = await remote.post(f"{group}/inbox", remote.activity("Follow", ana, group), signer=eve)
    await world.settle()

    assert status == 401
    assert await followers(care, group) == 0


async def test_an_undo_ends_a_follow(world):
    care, remote = await world.instance("care"), await world.remote()
    group, ana = await a_group(care), remote.actor("ana")
    follow = remote.activity("Follow", ana, group)
    await remote.post(f"{group}/inbox", follow, signer=ana)
    undo = remote.activity("Undo", ana, follow)
    await remote.post(f"{group}/inbox", undo, signer=ana)
    await world.settle()

    assert await followers(care, group) == 0


async def test_a_group_is_found_by_its_address(world):
    care, remote = await world.instance("care"), await world.remote()
    group = await a_group(care)

    status, found = await remote.get(
        f"{care.origin}/.well-known/webfinger?resource=acct:care@care.test"
    )

    assert status == 200
    assert found["subject"] == "acct:care@care.test"
    assert found["links"][0] == {
        "rel": "self",
        "type": "application/activity+json",
        "href": group,
    }


async def test_the_instance_actor_is_shown_without_a_signature(world):
    care, remote = await world.instance("care"), await world.remote()

    status, actor = await remote.get(f"{care.origin}/actor")

    assert status == 200
    assert (actor["type"], actor["id"]) == ("Application", f"{care.origin}/actor")
