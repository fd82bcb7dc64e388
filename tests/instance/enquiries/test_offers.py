"""Offers on a job's post, as servers with a marketplace make them (FEP-0837), are enquiries."""

from __future__ import annotations

import pytest

from tests.instance.enquiries.asking import SAID, asked


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
