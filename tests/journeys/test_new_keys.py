"""Somebody gets new keys: nobody has to be told by hand, and what the former ones proved stays."""

import json

import pytest
import sqlalchemy as sa

from federation import Malformed, Unauthenticated
from instance.alliances.activities import _proven, _sign
from instance.groups import service as groups
from instance.network import keys
from instance.network import service as network
from instance.network.models import FormerKeyPair
from instance.people import service as people
from tests.instance.groups.living import a_group, a_member, a_worker, accept, ask, reads

WEEK = {"days": 7, "minutes": 1}
BO = people.NewPerson(username="bo", name="Bo Chan")


async def rotate(instance, iri, **how):
    now = (await actor_of(instance, iri)).keys.ed25519.public
    while (await instance.federation.keys.take()).ed25519.public != now:
        pass  # so that the next ones are others: tests share a few
    async with instance.database.transaction() as tx:
        await keys.rotate(tx, iri, **how)


async def actor_of(instance, iri):
    return await reads(instance, network.actor, iri)


async def said_first(instance, iri):
    """Return what somebody said first of all, with its proof."""
    outbox = instance.federation.store.outbox.tables.outbox
    async with instance.database.reading() as tx:
        found = await tx.session.execute(
            sa.select(outbox.c.body).where(outbox.c.sender == iri).order_by(outbox.c.seq).limit(1)
        )
        return json.loads(found.scalar_one())


async def proves(instance, document):
    await instance.federation.inbox._authentication.require_proof(document, document["actor"])


async def known_to(instance, iri):
    async with instance.database.reading() as tx:
        known = await instance.federation.store.peers.known_actor(tx, iri)
    return known.document if known else None


async def members_of(instance, group):
    return {one.person for one in await reads(instance, groups.members, group)}


@pytest.fixture
async def pair(any_world):
    """A group, and a worker with her home elsewhere who belongs to it."""
    world = any_world
    care, green = await world.instance("care"), await world.instance("green")
    group, leader = await a_group(care)
    mei = await a_worker(green)
    await a_member(world, green, care, mei, group, leader)
    return world, care, green, group, leader, mei


async def test_both_sides_get_new_keys_and_go_on_as_if_nothing_had_been(pair):
    world, care, green, group, leader, mei = pair
    joined = await said_first(green, mei)

    await rotate(green, mei)
    await rotate(care, group)
    await rotate(care, f"{care.origin}/actor")
    await world.settle()

    known = await known_to(care, mei)
    assert known["publicKey"]["id"] == f"{mei}#main-key-2"
    listed = [one["id"].partition("#")[2] for one in known["assertionMethod"]]
    assert listed == ["ed25519-key-2", "ed25519-key", "main-key"]
    assert (await known_to(green, group))["asks"]
    await proves(care, joined)
    bo = await a_worker(green, free=False, new=BO)
    await ask(green, bo, group)
    await world.settle()
    await accept(care, leader, group)
    await world.settle()
    assert await members_of(care, group) == {mei, bo}


async def test_a_promise_of_long_ago_is_still_proven_and_the_private_half_is_gone(pair):
    world, care, green, _, _, mei = pair
    joined = await said_first(green, mei)
    await rotate(green, mei)
    await world.settle()

    world.clock.advance(**WEEK)
    await world.settle()

    async with green.database.reading() as tx:
        [kept] = await tx.session.scalars(sa.select(FormerKeyPair))
    assert (kept.rsa_pem, kept.ed25519_pem) == (None, None)
    listed = [one["id"] for one in (await known_to(care, mei))["assertionMethod"]]
    assert listed == [f"{mei}#ed25519-key-2", f"{mei}#ed25519-key"]
    await proves(care, joined)
    await proves(green, joined)


async def test_what_a_revoked_key_proved_counts_for_nothing(pair):
    world, care, green, _, _, mei = pair
    joined = await said_first(green, mei)

    await rotate(green, mei, revoke=True)
    await world.settle()

    known = await known_to(care, mei)
    assert [one["id"] for one in known["assertionMethod"]] == [f"{mei}#ed25519-key-2"]
    world.clock.advance(minutes=6)
    for instance in (care, green):
        with pytest.raises(Unauthenticated):
            await proves(instance, joined)
    async with green.database.reading() as tx:
        assert list(await tx.session.scalars(sa.select(FormerKeyPair))) == []


async def test_revoking_takes_those_with_it_that_were_stored_beside(pair):
    world, _, green, _, _, mei = pair
    await rotate(green, mei)
    world.clock.advance(**WEEK)
    await world.settle()
    await rotate(green, mei)
    await rotate(green, mei, revoke=True)

    actor = await actor_of(green, mei)

    assert [one.generation for one in actor.former] == [1]
    assert actor.proof_method == f"{mei}#ed25519-key-4"


async def signed_by(remote, kind):
    """Return which key signed the request that brought each activity of a kind, by its IRI."""
    taken = [head for path, head in remote.requests if path]
    return {
        body["id"]: head["Signature"].partition('keyId="')[2].partition('"')[0].partition("#")[2]
        for head, body in zip(taken, remote.received, strict=True)
        if body["type"] == kind
    }


@pytest.fixture
async def followed(world):
    """A group that somebody on another kind of server follows."""
    care, remote = await world.instance("care"), await world.remote()
    group, leader = await a_group(care)
    fan = remote.actor("fan", await world._keys.take())
    follow = remote.activity("Follow", fan, group)
    assert await remote.post(f"{care.origin}/inbox", follow, signer=fan) == 202
    await world.settle()
    return world, care, remote, group, leader


async def say(care, actor, to):
    activity = {
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": care.federation.new_id(),
        "type": "Like",
        "actor": actor,
        "object": to,
        "to": [to],
    }
    async with care.database.transaction() as tx:
        await care.federation.send(tx, activity)
    return activity["id"]


async def test_the_former_key_announces_the_new_one_and_carries_what_was_said_before(followed):
    world, care, remote, group, _ = followed
    fan = f"{remote.origin}/users/fan"

    before = await say(care, group, fan)
    await rotate(care, group)
    after = await say(care, group, fan)
    await world.settle()

    assert set((await signed_by(remote, "Update")).values()) == {"main-key"}
    assert await signed_by(remote, "Like") == {before: "main-key", after: "main-key-2"}
    update = next(one for one in remote.received if one["type"] == "Update")
    assert update["proof"]["verificationMethod"] == f"{group}#ed25519-key"
    assert update["object"]["publicKey"]["id"] == f"{group}#main-key-2"
    assert (await remote.get(group))[1]["publicKey"] == update["object"]["publicKey"]


async def test_the_former_key_signs_no_request_after_seven_days(followed):
    world, care, remote, group, _ = followed
    known = world.network.vanish("remote.test")
    said = await say(care, group, f"{remote.origin}/users/fan")
    await rotate(care, group)
    await world.settle()

    world.clock.advance(**WEEK)
    await world.settle()
    world.network.names["remote.test"] = known
    world.clock.advance(days=2)
    await world.settle()

    assert await signed_by(remote, "Like") == {said: "main-key-2"}


async def test_a_peer_with_new_keys_is_asked_to_come_again_rather_than_lost(followed):
    world, care, remote, group, _ = followed
    fan, inbox = f"{remote.origin}/users/fan", f"{care.origin}/inbox"
    made_up = remote.proven(remote.activity("Like", fan, group), fan)
    made_up["proof"]["verificationMethod"] = f"{fan}#made-up"
    assert await remote.post(inbox, made_up) == 401
    old = remote.actors[fan].keys
    fresh = await world._keys.take()
    remote.actor("fan", type(old)(fresh.rsa, fresh.ed25519, 2))
    like = remote.activity("Like", fan, group)

    assert await remote.post(inbox, like, signer=fan) == 503
    world.clock.advance(minutes=6)
    assert await remote.post(inbox, like, signer=fan) == 202

    [peer] = await reads(care, network.peers)
    assert peer.keys_changed == world.clock()


async def test_a_document_lists_no_more_keys_than_others_read(followed):
    _, care, _, group, _ = followed
    for _ in range(12):
        await rotate(care, group)
    actor = await actor_of(care, group)

    document, _ = care.federation.document_of(actor)

    assert len(document["assertionMethod"]) == 9
    assert document["assertionMethod"][0]["id"] == f"{group}#ed25519-key-13"


async def test_terms_signed_with_former_keys_of_a_neighbour_group_hold_and_revoked_ones_do_not(
    followed,
):
    _, care, _, group, _ = followed
    async with care.database.transaction() as tx:
        terms = await _sign(tx, group, {"type": "Relationship"})
    await rotate(care, group)
    async with care.database.reading() as tx:
        assert await _proven(tx, terms, group, group)
    await rotate(care, group, revoke=True)
    async with care.database.reading() as tx:
        with pytest.raises(Malformed):
            await _proven(tx, terms, group, group)
