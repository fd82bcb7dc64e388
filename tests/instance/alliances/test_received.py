"""What strangers say of alliances: proven over a socket, bound to both sides, taken once."""

from __future__ import annotations

import copy

import pytest

from instance.alliances import service as alliances
from instance.alliances.service import name_of
from tests.instance.alliances.pair import TERMS, Stranger, found


@pytest.fixture
async def care(world):
    return await found(world, "care")


@pytest.fixture
async def green(world, care):
    return Stranger(world, await world.remote("green"))


async def states(coop):
    return [one.state.value for one in await coop.act(alliances.alliances, coop.group)]


async def offered_by_care(care, green):
    """Let care offer the stranger terms; returns the Offer as it arrived."""
    await care.running.federation.actors.fetch(green.group)
    await care.act(alliances.offer, care.group, green.group, TERMS)
    await care.world.settle()
    (offer,) = [one for one in green.remote.received if one["type"] == "Offer"]
    return offer


def answer(green, kind, offer, **more):
    stub = {name: offer[name] for name in ("id", "type", "actor")}
    stub["object"] = {"type": "Relationship"}
    return green.remote.activity(kind, green.group, stub, to=[offer["actor"]], **more)


def signed(green, offer):
    terms = {name: value for name, value in offer["object"].items() if name != "proof"}
    return green.remote.proven(terms, green.group)


async def an_offer(care, green):
    return green.offer(care.group), [], ["proposed"]


async def an_accept(care, green):
    offer = await offered_by_care(care, green)
    accept = answer(green, "Accept", offer, result=signed(green, offer))
    return accept, ["proposed"], ["active"]


async def a_reject(care, green):
    offer = await offered_by_care(care, green)
    return answer(green, "Reject", offer), ["proposed"], ["rejected"]


async def an_undone_offer(care, green):
    offer = green.offer(care.group)
    await green.say(offer, care.group)
    return answer(green, "Undo", offer), ["proposed"], ["ended"]


async def an_undone_accept(care, green):
    offer = await offered_by_care(care, green)
    accept = answer(green, "Accept", offer, result=signed(green, offer))
    await green.say(accept, care.group)
    undo = green.remote.activity("Undo", green.group, accept, to=[care.group])
    return undo, ["active"], ["ended"]


EVERY = [an_offer, an_accept, a_reject, an_undone_offer, an_undone_accept]


@pytest.mark.parametrize("write", EVERY)
async def test_without_a_signature_nothing_is_taken(care, green, write):
    activity, before, _ = await write(care, green)

    status = await green.remote.post(f"{care.group}/inbox", activity)
    await care.world.settle()

    assert status == 401
    assert await states(care) == before


@pytest.mark.parametrize("write", EVERY)
async def test_with_a_forged_signature_nothing_is_taken(care, green, write):
    activity, before, _ = await write(care, green)
    eve = green.remote.actor("eve", kind="Group")

    assert await green.say(activity, care.group, signer=eve) == 401
    assert await states(care) == before


@pytest.mark.parametrize("write", EVERY)
async def test_what_somebody_else_signs_in_her_own_name_changes_nothing(care, green, write):
    activity, before, _ = await write(care, green)
    eve = green.remote.actor("eve", kind="Group")

    await green.say({**activity, "actor": eve}, care.group, signer=eve)

    assert await states(care) == before


@pytest.mark.parametrize("write", EVERY)
async def test_said_twice_it_counts_once(care, green, write):
    activity, _, after = await write(care, green)

    for _ in range(2):
        assert await green.say(activity, care.group) == 202
    again = {**activity, "id": f"{activity['id']}-again"}
    if activity["type"] == "Offer":
        again["object"] = green.offer(care.group)["object"]
    await green.say(again, care.group)

    assert await states(care) == after


async def test_19_a_signature_over_changed_terms_is_no_stamp(care, green):
    offer = await offered_by_care(care, green)
    terms = copy.deepcopy(offer["object"])
    del terms["proof"]
    terms["terms"]["levy"] = "0"
    accept = answer(green, "Accept", offer, result=green.remote.proven(terms, green.group))

    await green.say(accept, care.group)

    assert await states(care) == ["proposed"]


async def test_19_a_stamp_that_somebody_else_signed_is_none(care, green):
    offer = await offered_by_care(care, green)
    eve = green.remote.actor("eve", kind="Group")
    terms = {name: value for name, value in offer["object"].items() if name != "proof"}
    accept = answer(green, "Accept", offer, result=green.remote.proven(terms, eve))

    await green.say(accept, care.group)

    assert await states(care) == ["proposed"]


async def test_19_our_own_signature_sent_back_is_no_stamp(care, green):
    offer = await offered_by_care(care, green)
    accept = answer(green, "Accept", offer, result=offer["object"])

    await green.say(accept, care.group)

    assert await states(care) == ["proposed"]


async def test_19_a_stamp_of_an_earlier_offer_does_not_fit_a_later_one(care, green):
    first = await offered_by_care(care, green)
    stamp = signed(green, first)
    await green.say(answer(green, "Accept", first, result=stamp), care.group)
    (made,) = await care.act(alliances.alliances, care.group)
    await care.act(alliances.end, made.id)
    await care.world.settle()
    green.remote.received.clear()
    care.world.clock.advance(hours=1)
    second = await offered_by_care(care, green)

    await green.say(answer(green, "Accept", second, result=stamp), care.group)

    assert await states(care) == ["proposed", "ended"]


async def test_19_a_replayed_accept_does_not_bring_an_ended_alliance_back(care, green):
    offer = await offered_by_care(care, green)
    accept = answer(green, "Accept", offer, result=signed(green, offer))
    await green.say(accept, care.group)
    (made,) = await care.act(alliances.alliances, care.group)
    await care.act(alliances.end, made.id)
    await care.world.settle()

    await green.say({**accept, "id": f"{accept['id']}-again"}, care.group)

    assert await states(care) == ["ended"]


async def test_19_terms_between_two_others_are_not_ours(care, green):
    eve = green.remote.actor("eve", kind="Group")
    for more in ({"subject": eve}, {"context": "http://green.test/activities/none"}):
        offer = green.offer(care.group, **more)
        await green.say(offer, care.group)

    assert await states(care) == []


async def test_terms_whose_signature_is_broken_are_not_kept(care, green):
    offer = green.offer(care.group)
    offer["object"]["content"] = "Tea is not shared."

    await green.say(offer, care.group)

    assert await states(care) == []


async def test_an_undo_that_comes_first_is_remembered(care, green):
    offer = green.offer(care.group)

    await green.say(answer(green, "Undo", offer), care.group)
    await green.say(offer, care.group)

    assert await states(care) == []


async def test_an_undone_accept_that_comes_first_is_remembered(care, green):
    offer = await offered_by_care(care, green)
    accept = answer(green, "Accept", offer, result=signed(green, offer))

    await green.say(green.remote.activity("Undo", green.group, accept), care.group)
    await green.say(accept, care.group)

    assert await states(care) == ["ended"]


async def test_terms_dated_far_ahead_are_refused(care, green):
    offer = green.offer(care.group, startTime="2099-01-01T00:00:00Z")

    await green.say(offer, care.group)

    assert await states(care) == []


async def test_an_offered_group_is_called_by_its_name_cut_to_a_length(care, green):
    document = green.remote.documents["/users/green"]
    document["name"] = "Green " * 100
    await green.say(green.offer(care.group), care.group)

    (offered,) = await care.act(alliances.alliances, care.group)

    assert len(offered.ally_name) <= 200
    assert await care.see(name_of, green.group) == offered.ally_name
