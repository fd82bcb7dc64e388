"""What a leader is told of allies leads to what it is about, not to a list of everything."""

from __future__ import annotations

from datetime import timedelta

from instance.alliances import service as alliances
from instance.loans import service as loans
from instance.notices import service as notices
from tests.staged import ally, coop, join, lend


async def led_to(at, kind):
    """Return where a notice of this kind leads a co-op's leader."""
    page = await at.ask(notices.notices, at.view)
    [one] = [notice for notice in page.notices if notice.kind == kind]
    return one.link


async def test_a_notice_of_an_alliance_leads_to_its_terms(world):
    care, wash = await coop(world, "care"), await coop(world, "wash")

    await ally(world, care, wash)

    for at, kind in ((wash, "alliance_proposed"), (care, "alliance_made")):
        [alliance] = await at.ask(alliances.alliances, at.view, at.group)
        assert await led_to(at, kind) == f"/allies/{alliance.id}"


async def test_each_notice_of_a_loan_leads_to_what_can_be_done_next(world, clock):
    care, wash = await coop(world, "care"), await coop(world, "wash")
    bea = await wash.worker("bea")
    await join(world, wash, wash, bea)
    await ally(world, care, wash)
    opening = await care.opening(clock() + timedelta(days=2))

    agreement = await lend(world, care, wash, opening)

    [ask] = await wash.ask(loans.asks, wash.group, loans.Side.LENDER)
    offered = await care.ask(loans.loan, agreement, loans.Side.BORROWER)
    lent = await wash.ask(loans.loan, agreement, loans.Side.LENDER)
    assert await led_to(wash, "asked_by_ally") == f"/allies/requests/{ask.id}"
    assert await led_to(care, "loan_offered") == f"/loans/{offered.id}"
    assert await led_to(wash, "loan_accepted") == f"/loans/{lent.id}/staffing"

    invite = await wash.invite(opening, bea, agreement=agreement)
    await world.settle()
    await wash.answer(invite, bea)
    await world.settle()
    await wash.withdraw(invite, bea)
    await world.settle()
    page = await wash.ask(notices.notices, wash.view)
    [opened] = [one for one in page.notices if one.kind == "place_opened"]
    assert opened.link == f"/loans/{lent.id}/cover/{opening.rpartition('#')[2]}"
    assert opened.words.title == "A place is open again: Home from hospital"
