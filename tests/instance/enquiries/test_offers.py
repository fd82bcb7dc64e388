"""Offers on a job's post, as servers with a marketplace make them (FEP-0837), are enquiries."""

from __future__ import annotations

from functools import partial

import pytest

from instance.enquiries import service
from instance.errors import Conflict
from tests.instance.enquiries.asking import SAID, asked, note, tell


def offer_on(remote, who, job, *, number=1, quantity=("hour", "3"), **more):
    unit, value = quantity
    commitment = {
        "type": "Commitment",
        "satisfies": f"{job}#primary",
        "resourceQuantity": {"hasUnit": unit, "hasNumericalValue": value},
    }
    return {
        "id": f"{remote.origin}/offers/{number}",
        "type": "Offer",
        "actor": who,
        "object": {"type": "Agreement", "stipulates": commitment, **more},
        "published": SAID,
        "content": "<p>Mornings.</p>",
    }


async def send(care, remote, activity, signer):
    for _ in range(2):
        status = await remote.post(f"{care.origin}/inbox", activity, signer=signer)
        await care.world.settle()
    return status


@pytest.mark.parametrize("many", [False, True])
async def test_an_offer_reaches_the_leaders_once_and_can_be_taken_back(care, remote, many):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    offer = offer_on(remote, eve, job)
    if many:
        offer["object"]["stipulates"] = [offer["object"]["stipulates"]]
    assert await send(care, remote, offer, eve) == 202
    [found] = await asked(care)
    assert (found.job, found.other.partition("@")[0]) == (job, "eve")
    assert [one.text for one in found.lines] == ["I offer 3 hours of this work.\nMornings."]

    for who, signer, status in ((eve, None, 401), (eve, bob, 401), (bob, bob, 202)):
        undo = remote.activity("Undo", who, offer)
        assert await send(care, remote, undo, signer) == status
    assert len(await asked(care)) == 1
    assert await send(care, remote, remote.activity("Undo", eve, offer), eve) == 202
    assert await asked(care) == ()


async def test_an_offer_that_its_maker_did_not_sign_is_refused(care, remote):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    for signer in (None, bob):
        assert await send(care, remote, offer_on(remote, eve, job), signer) == 401
    assert await asked(care) == ()


async def test_an_offer_taken_back_before_it_came_is_not_kept(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    offer = offer_on(remote, eve, job)
    await send(care, remote, remote.activity("Undo", eve, offer), eve)
    await send(care, remote, offer, eve)
    assert await asked(care) == ()


async def test_an_offer_of_so_many_says_nothing_of_hours(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    await send(care, remote, offer_on(remote, eve, job, quantity=("one", "1")), eve)
    await send(care, remote, offer_on(remote, eve, f"{care.origin}/jobs/no", number=2), eve)
    [found] = await asked(care)
    assert [one.text for one in found.lines] == ["I offer to take this on.\nMornings."]


# What the group answers --------------------------------------------------------------------------


@pytest.fixture
async def offered(care, remote):
    """An offer that waits; returns it and the enquiry."""
    job, eve = await care.post(), remote.actor("eve")
    reciprocal = {
        "type": "Commitment",
        "satisfies": f"{job}#reciprocal",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": "226.50"},
    }
    offer = offer_on(remote, eve, job, stipulatesReciprocal=reciprocal)
    await send(care, remote, offer, eve)
    [found] = await asked(care)
    return offer, found.id


async def answered(care, remote, identifier, text="", *, accepted):
    await care.act(partial(service.answer_offer, accepted=accepted), identifier, text)
    await care.world.settle()
    kind = "Accept" if accepted else "Reject"
    return [one for one in remote.received if one["type"] == kind]


async def read(care, identifier):
    async with care.database.reading() as tx:
        return await service.read_enquiry(tx, care.viewer(), identifier)


async def test_a_yes_brings_the_agreement_with_what_was_offered(care, remote, offered):
    offer, identifier = offered
    assert (await read(care, identifier)).offer == offer["id"]
    [accept] = await answered(care, remote, identifier, "Welcome.", accepted=True)

    assert (accept["actor"], accept["to"]) == (care.group, [offer["actor"]])
    assert (accept["object"], accept["content"]) == (offer["id"], "<p>Welcome.</p>")
    agreed = accept["result"]
    assert (agreed["type"], agreed["attributedTo"]) == ("Agreement", care.group)
    for name in ("stipulates", "stipulatesReciprocal"):
        ours = dict(agreed[name])
        assert ours.pop("id").startswith(accept["id"])
        assert ours == offer["object"][name]
    assert (await remote.get(accept["id"], signer=offer["actor"]))[1]["id"] == accept["id"]
    page = await read(care, identifier)
    assert (page.offer, page.state.value, page.lines[-1].text) == ("", "answered", "Welcome.")
    with pytest.raises(Conflict):
        await answered(care, remote, identifier, accepted=True)


async def test_after_a_no_another_offer_may_be_made(care, remote, offered):
    offer, identifier = offered
    [reject] = await answered(care, remote, identifier, accepted=False)
    assert (reject["object"], "result" in reject) == (offer["id"], False)
    assert reject["content"] == "<p>No, thank you.</p>"

    job = (await read(care, identifier)).job
    again = offer_on(remote, offer["actor"], job, number=2, quantity=("hour", "2"))
    await send(care, remote, again, offer["actor"])
    assert (await read(care, identifier)).offer == again["id"]


async def test_what_is_no_offer_or_was_taken_back_waits_for_no_yes(care, remote, offered):
    offer, identifier = offered
    undo = remote.activity("Undo", offer["actor"], offer)
    words = note(remote, offer["actor"], reply_to=(await read(care, identifier)).job)
    await tell(care, remote, "Create", offer["actor"], words, signer=offer["actor"])
    assert (await read(care, identifier)).offer == offer["id"]
    await send(care, remote, undo, offer["actor"])
    assert (await read(care, identifier)).offer == ""


async def test_only_a_leader_says_yes_on_the_page(care, remote, offered):
    _, identifier = offered
    path, yes = f"/enquiries/{identifier}", {"answer": "yes"}
    member, leader = await care.browser(care.member), await care.browser(care.leader)
    assert (await member.ask(f"{path}/offer", yes))[0] == 404
    assert "Yes, agreed" in (await leader.ask(path))[2]
    assert (await leader.ask(f"{path}/offer", yes))[0] == 303
    assert "Yes, agreed" not in (await leader.ask(path))[2]
    assert (await leader.ask(f"{path}/offer", yes))[0] == 422
