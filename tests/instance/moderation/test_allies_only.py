"""An instance that hears its allies, and whom an administrator allows, and nobody else."""

from __future__ import annotations

import msgspec

from instance.alliances import service as alliances
from instance.groups import service as groups
from instance.network import service as network
from instance.people import service as people
from tests.instance.alliances.pair import TERMS, Coop, Stranger, allied, found


async def alone(world) -> Coop:
    """Start a co-op that hears allies only."""
    running = await world.instance("care", allies_only=True)
    async with running.database.transaction() as tx:
        group = await groups.create_group(tx, "care", "Care Co-op")
        leader = await people.add_person(tx, people.NewPerson("mei", "Chan Mei Ling"))
        await people.grant(tx, leader, group, people.Role.ADMINISTRATOR, "init")
    return Coop(world, running, group, leader)


async def follow(world, care, remote, ana):
    said = remote.activity("Follow", ana, care.group)
    status = await remote.post(f"{care.group}/inbox", said, signer=ana)
    await world.settle()
    return status


async def test_a_stranger_is_refused_with_a_sentence_until_an_administrator_allows_it(world):
    care, remote = await alone(world), await world.remote()
    ana = remote.actor("ana")
    said = msgspec.json.encode(remote.activity("Follow", ana, care.group))
    async with (
        world.network.client() as client,
        client.post(f"{care.group}/inbox", data=said) as answer,
    ):
        assert answer.status == 403
        assert "Only allies of this server" in (await answer.json())["detail"]
    assert await follow(world, care, remote, ana) == 403

    decision = {"subject": "remote.test", "standing": "allowed", "reason": "A news reader."}
    status, _, _ = await care.ask("/moderation", decision)
    assert status == 303
    assert await follow(world, care, remote, ana) == 202
    _, _, page = await care.ask("/moderation")
    assert "Allies only" in page
    await care.ask("/moderation/lift", {"subject": "remote.test"})
    assert await follow(world, care, remote, ana) == 403


async def test_whom_we_offer_an_alliance_may_answer_and_speak(world):
    care, wash = await alone(world), await found(world, "wash")
    remote = await world.remote()
    ana = remote.actor("ana")
    await care.act(alliances.offer, care.group, wash.group, TERMS)
    await world.settle()
    [offered] = await wash.act(alliances.alliances, wash.group)
    await wash.act(alliances.accept, offered.id)
    await world.settle()

    [made] = await care.act(alliances.alliances, care.group)
    assert made.state == "active"
    assert await follow(world, care, remote, ana) == 403


async def test_who_offers_us_an_alliance_unasked_is_not_heard(world):
    care, remote = await alone(world), await world.remote()
    stranger = Stranger(world, remote)
    assert await stranger.say(stranger.offer(care.group), care.group) == 403
    assert await care.act(alliances.alliances, care.group) == []


async def test_an_ally_is_heard_for_ninety_days_after_the_end_for_hours_still_come(world):
    care, wash = await allied(world)
    [made] = await care.act(alliances.alliances, care.group)
    await care.act(alliances.end, made.id)
    await world.settle()
    for days, heard in ((0, {wash.origin}), (91, set())):
        world.clock.advance(days=days)
        async with care.database.reading() as tx:
            assert await alliances.allied_origins(tx) == heard


async def test_without_the_setting_everybody_is_heard(world):
    care, remote = await found(world, "care"), await world.remote()
    assert await follow(world, care, remote, remote.actor("ana")) == 202
    async with care.database.reading() as tx:
        assert await network.decisions(tx) == []
