"""What allies say of loans: proven over a socket, by who may say it, taken once."""

from __future__ import annotations

import pytest

from instance.jobs.checking import MOST_CENTS
from instance.loans import service as loans
from tests.instance.loans.talk import (
    BORROWER,
    LENDER,
    asked_by_care,
    asks_care,
    borrowed_by_care,
    count,
    lent_by_care,
    loan_states,
    offered_by_care,
)


async def seen(care):
    """Return all that care keeps of asks and loans, as far as it can change."""
    asks = await care.see(loans.asks, care.group, LENDER, tuple(loans.AskState))
    lent = await care.see(loans.loans, care.group, LENDER, tuple(loans.LoanState))
    borrowed = await care.see(loans.loans, care.group, BORROWER, tuple(loans.LoanState))
    return [
        (one.state.value, [place.places for place in one.places])
        for one in [*asks, *lent, *borrowed]
    ]


async def an_ask(care, green):
    return green.ask(care.group), [("open", [2])]


async def a_changed_ask(care, green):
    await asks_care(care, green)
    green.world.clock.advance(minutes=1)
    return green.ask(care.group, "Update", places=1), [("open", [1])]


async def a_withdrawn_ask(care, green):
    await asks_care(care, green)
    gone = {"id": green.proposal()["id"], "type": "Tombstone", "formerType": "Proposal"}
    return green.remote.activity("Delete", green.group, gone), [("withdrawn", [2])]


async def an_accept(care, green):
    offer = await offered_by_care(care, green)
    accept = green.answer("Accept", offer, result=green.agreement(offer["object"]))
    return accept, [("open", [2]), ("standing", [2])]


async def a_reject(care, green):
    offer = await offered_by_care(care, green)
    reject = green.answer("Reject", offer, code="loan.refused")
    return reject, [("open", [2]), ("refused", [2])]


async def a_change(care, green):
    offer, _ = await lent_by_care(care, green)
    green.world.clock.advance(minutes=1)
    agreement = green.agreement(offer["object"])
    agreement["stipulates"] = [{**agreement["stipulates"][0], "resourceQuantity": count(1)}]
    return green.remote.activity("Update", green.group, agreement), [
        ("open", [2]),
        ("standing", [1]),
    ]


async def an_undone_accept(care, green):
    _, accept = await lent_by_care(care, green)
    stub = {**accept, "object": {**accept["object"], "object": {"type": "Agreement"}}}
    del stub["result"]
    return green.remote.activity("Undo", green.group, stub), [("open", [2]), ("ended", [2])]


async def an_offer(care, green):
    ask = await asked_by_care(care, green)
    return green.offer_places(care.group, ask), [("offered", [1])]


async def an_undone_offer(care, green):
    _, offer = await borrowed_by_care(care, green)
    return green.answer("Undo", offer, code="taken_back"), [("ended", [2])]


EVERY = [
    an_ask,
    a_changed_ask,
    a_withdrawn_ask,
    an_accept,
    a_reject,
    a_change,
    an_undone_accept,
    an_offer,
    an_undone_offer,
]


@pytest.mark.parametrize("write", EVERY)
async def test_without_a_signature_nothing_is_taken(care, green, write):
    activity, _ = await write(care, green)
    before = await seen(care)

    status = await green.remote.post(f"{care.group}/inbox", activity)
    await care.world.settle()

    assert (status, await seen(care)) == (401, before)


@pytest.mark.parametrize("write", EVERY)
async def test_with_a_forged_signature_nothing_is_taken(care, green, write):
    activity, _ = await write(care, green)
    before = await seen(care)
    eve = green.remote.actor("eve", kind="Group")

    status = await green.say(activity, care.group, signer=eve)

    assert (status, await seen(care)) == (401, before)


@pytest.mark.parametrize("write", EVERY)
async def test_what_somebody_else_signs_in_her_own_name_changes_nothing(care, green, write):
    activity, _ = await write(care, green)
    before = await seen(care)
    eve = green.remote.actor("eve", kind="Group")

    await green.say({**activity, "actor": eve}, care.group, signer=eve)

    assert await seen(care) == before


@pytest.mark.parametrize("write", EVERY)
async def test_said_twice_it_counts_once(care, green, write):
    activity, after = await write(care, green)

    for _ in range(2):
        assert await green.say(activity, care.group) == 202

    assert await seen(care) == after


async def test_27_an_accept_that_is_replayed_does_not_bring_a_loan_back(care, green):
    _, accept = await lent_by_care(care, green)
    (lent,) = await care.see(loans.loans, care.group, LENDER)
    await care.act(loans.take_back, lent.offer)
    await care.world.settle()

    await green.say({**accept, "id": f"{accept['id']}-again"}, care.group)

    assert await loan_states(care, LENDER) == ["ended"]


async def test_27_changed_quantities_in_a_result_are_refused(care, green):
    offer = await offered_by_care(care, green, places=1)
    for places in (2, 0):
        more = [{**offer["object"]["stipulates"][0], "resourceQuantity": count(places)}]
        result = green.agreement(offer["object"], stipulates=more)
        await green.say(green.answer("Accept", offer, result=result), care.group)

    assert await loan_states(care, LENDER) == ["offered"]


async def test_27_an_offer_for_a_closed_job_is_refused_with_the_reason(care, green):
    from instance.jobs import service as jobs

    ask = await asked_by_care(care, green)
    await care.act(jobs.call_off_job, ask["object"]["job"])
    await care.world.settle()

    await green.say(green.offer_places(care.group, ask), care.group)

    assert await loan_states(care, BORROWER) == ["refused"]
    (reject,) = green.heard("Reject")
    assert reject["code"] in {"job.closed", "ask.withdrawn"}
    assert reject["content"]


async def test_27_offers_beyond_what_was_asked_are_refused(care, green):
    ask = await asked_by_care(care, green)

    await green.say(green.offer_places(care.group, ask, 3), care.group)
    await green.say(green.offer_places(care.group, ask, 2), care.group)
    await green.say(green.offer_places(care.group, ask, 1), care.group)

    assert await loan_states(care, BORROWER) == ["offered", "refused", "refused"]
    assert [one["code"] for one in green.heard("Reject")] == ["ask.places", "ask.places"]


async def test_27_no_more_places_are_accepted_than_an_opening_has(care, green, world):
    from instance.errors import Conflict
    from tests.instance.loans.talk import Lending

    blue = Lending(world, await world.remote("blue"), "blue")
    await blue.ally_with(care)
    ask = await asked_by_care(care, green)
    job = ask["object"]["job"]
    opening = ask["object"]["publishes"][0]["id"]
    shown = await care.see(loans.ask, ask["object"]["id"], BORROWER)
    await care.act(loans.ask_ally, care.group, blue.group, job, {opening: 2}, shown.until)
    await world.settle()
    first = green.offer_places(care.group, ask, 2)
    second = blue.offer_places(care.group, blue.heard("Create", "Proposal")[-1], 1)
    await green.say(first, care.group)
    await blue.say(second, care.group)
    await care.act(loans.accept_loan, first["id"])

    with pytest.raises(Conflict) as refused:
        await care.act(loans.accept_loan, second["id"])

    assert refused.value.code == "loan.room"


async def test_27_an_offer_for_an_older_version_of_the_job_is_refused(care, green):
    ask = await asked_by_care(care, green)
    stale = green.offer_places(care.group, ask, jobUpdated="2026-12-01T00:00:00Z")

    await green.say(stale, care.group)

    assert [one["code"] for one in green.heard("Reject")] == ["ask.changed"]


async def test_27_an_agreement_is_made_larger_by_nobody_alone(care, green):
    offer, _ = await lent_by_care(care, green)
    green.world.clock.advance(minutes=1)
    more = [{**offer["object"]["stipulates"][0], "resourceQuantity": count(3)}]
    larger = green.agreement(offer["object"], stipulates=more)

    await green.say(green.remote.activity("Update", green.group, larger), care.group)

    (lent,) = await care.see(loans.loans, care.group, LENDER)
    assert lent.places[0].places == 2


async def test_a_loan_that_breaks_a_term_is_refused_with_the_clause_by_both_sides(care, green):
    """Care lends 30 hours at most, and borrows 40: 11 places are 44 hours, and so are 12."""
    from instance.errors import Conflict

    asked = await asks_care(care, green, places=11)
    with pytest.raises(Conflict) as refused:
        await care.act(loans.offer_loan, asked.iri, {green.opening: 11})
    assert refused.value.code == "terms.minutes_limit"

    asks = [await asked_by_care(care, green, places=6) for _ in range(2)]
    offers = [green.offer_places(care.group, ask, 6) for ask in asks]
    await green.say(offers[0], care.group)
    await care.act(loans.accept_loan, offers[0]["id"])
    await green.say(offers[1], care.group)

    (reject,) = green.heard("Reject")
    assert reject["code"] == "terms.minutes_limit"
    assert "limit" in reject["content"]


async def test_an_undone_offer_that_comes_first_is_remembered(care, green):
    ask = await asked_by_care(care, green)
    offer = green.offer_places(care.group, ask)

    await green.say(green.answer("Undo", offer), care.group)
    await green.say(offer, care.group)

    assert await loan_states(care, BORROWER) == []


async def test_an_undone_accept_that_comes_first_is_remembered(care, green):
    offer = await offered_by_care(care, green)
    accept = green.answer("Accept", offer, result=green.agreement(offer["object"]))
    stub = {**accept, "object": {**accept["object"], "object": {"type": "Agreement"}}}

    await green.say(green.remote.activity("Undo", green.group, stub), care.group)
    assert await loan_states(care, LENDER) == ["offered"]
    await green.say(accept, care.group)

    assert await loan_states(care, LENDER) == ["ended"]


async def test_a_change_that_comes_before_the_accept_waits_for_it(care, green):
    offer = await offered_by_care(care, green)
    accept = green.answer("Accept", offer, result=green.agreement(offer["object"]))
    green.world.clock.advance(minutes=1)
    fewer = [{**offer["object"]["stipulates"][0], "resourceQuantity": count(1)}]
    smaller = green.agreement(offer["object"], stipulates=fewer)

    await green.say(green.remote.activity("Update", green.group, smaller), care.group)
    await green.say(accept, care.group)
    green.world.clock.advance(minutes=10)
    await care.world.settle()

    (lent,) = await care.see(loans.loans, care.group, LENDER)
    assert lent.places[0].places == 1


async def test_a_withdrawn_ask_that_comes_first_is_remembered(care, green):
    gone = {"id": green.proposal()["id"], "type": "Tombstone", "formerType": "Proposal"}

    await green.say(green.remote.activity("Delete", green.group, gone), care.group)
    await green.say(green.ask(care.group), care.group)

    assert await care.see(loans.asks, care.group, LENDER, tuple(loans.AskState)) == []


async def test_an_offer_of_what_was_not_asked_for_is_refused_by_its_clause(care, green):
    ask = await asked_by_care(care, green)
    elsewhere = green.offer_places(care.group, ask)["object"]["stipulates"]
    for opening in (f"{ask['object']['job']}#o9", "no address"):
        stipulates = [{**elsewhere[0], "satisfies": opening}, *elsewhere]
        offer = green.offer_places(care.group, ask, stipulates=stipulates)
        await green.say(offer, care.group)
        refused = green.heard("Reject")[-1]
        assert (refused["object"]["id"], refused["code"]) == (offer["id"], "ask.places")
        assert (await care.see(loans.loan, offer["id"], BORROWER)).state == "refused"


async def test_whatever_a_job_may_pay_is_asked_of_allies(care, green):
    await green.say(green.ask(care.group, reciprocal=pay("IDR", MOST_CENTS // 100)), care.group)

    (asked,) = await care.see(loans.asks, care.group, LENDER)
    assert (asked.rate_cents_per_hour, asked.currency) == (MOST_CENTS, "IDR")


def pay(currency, amount=75):
    return {
        "resourceConformsTo": f"urn:iso:std:iso:4217:{currency}",
        "resourceQuantity": {"hasUnit": "one", "hasNumericalValue": str(amount)},
    }


async def test_only_allies_ask(care, world):
    from tests.instance.loans.talk import Lending

    stranger = Lending(world, await world.remote("blue"), "blue")

    await stranger.say(stranger.ask(care.group), care.group)

    assert await care.see(loans.asks, care.group, LENDER) == []


@pytest.mark.parametrize(
    "change",
    [
        {"break": {"hasUnit": "hour", "hasNumericalValue": "9999999999"}},
        {"reciprocal": pay("HK")},
        {"reciprocal": pay("hkd")},
        {"reciprocal": pay("minutes")},
        {"hours": {"startTime": "0001-01-01T00:00:00Z"}},
        {"hours": {"endTime": "2027-01-17T01:30:00Z"}},
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_not_kept_as_an_ask(care, green, change):
    asked = green.ask(care.group)
    asked["object"]["publishes"][0] |= change.pop("hours", {})
    asked["object"] |= change

    await green.say(asked, care.group)

    assert await care.see(loans.asks, care.group, LENDER) == []


async def test_nobody_asks_for_somebody_elses_job(care, green):
    other = "http://blue.test/jobs/1"
    await green.say(green.ask(care.group, job=other), care.group)

    assert await care.see(loans.asks, care.group, LENDER) == []


async def test_fewer_places_with_notice_kept_are_accepted_automatically(care, green):
    ask, offer = await borrowed_by_care(care, green)

    await green.say(green.offer_places(care.group, ask, 1, replaces=offer["id"]), care.group)

    assert await loan_states(care, BORROWER) == ["replaced", "standing"]
    first, second = green.heard("Accept", "Offer")
    assert first["result"]["id"] == second["result"]["id"]
    assert second["result"]["stipulates"][0]["resourceQuantity"] == count(1)


async def test_after_the_notice_a_leader_answers_herself(care, green):
    ask, offer = await borrowed_by_care(care, green)
    (loan,) = await care.see(loans.loans, care.group, BORROWER)
    green.world.clock.now = loan.places[0].start.replace(hour=0)

    await green.say(green.offer_places(care.group, ask, 1, replaces=offer["id"]), care.group)

    assert await loan_states(care, BORROWER) == ["offered", "standing"]


async def test_more_places_do_not_replace_fewer(care, green):
    ask, offer = await borrowed_by_care(care, green, 1)

    await green.say(green.offer_places(care.group, ask, 2, replaces=offer["id"]), care.group)

    assert await loan_states(care, BORROWER) == ["refused", "standing"]
    assert green.heard("Reject")[-1]["code"] == "replaces.more"
