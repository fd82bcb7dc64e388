"""A lender asks her people for all that was lent, in one press."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from instance.errors import Conflict, NotFound
from instance.jobs.views import NewOpening
from instance.loans import service as loans
from instance.staffing.lending import ask_my_people
from instance.staffing.models import Placement
from tests.browser import PHONE, browser
from tests.instance.staffing.stage import Page, a_job, staff
from tests.journeys.screen import sit_down
from tests.staged import ally, coop, lend, viewer


@pytest.fixture
async def care(world):
    return await coop(world, "care")


@pytest.fixture
async def wash(world, care):
    found = await coop(world, "wash")
    await ally(world, care, found)
    return found


async def lent(world, care, wash, *counts, days=3):
    """Let an ally lend places at openings of one job; returns its loan."""
    start = world.clock().replace(hour=1, minute=0, second=0) + timedelta(days=days)
    job = await a_job(care, start, *(NewOpening("ironing", count) for count in counts))
    openings = [one.iri for one in job.shifts[0].openings]
    agreement = await lend(world, care, wash, *openings)
    return await wash.ask(loans.loan, agreement, loans.Side.LENDER)


async def placements(wash):
    async with wash.database.reading() as tx:
        return list(await tx.session.scalars(select(Placement)))


async def asked(wash):
    return [one.person for one in await placements(wash)]


async def test_one_press_asks_people_for_every_place_in_fair_order(world, care, wash):
    hired = await staff(world, wash, "kim", "lam", "mok", "nga")
    loan = await lent(world, care, wash, 1, 1)

    to = await ask_my_people(wash.database, wash.view, loan.id)
    assert to == f"/loans/{loan.id}/staffing"
    assert await asked(wash) == [], "for half a minute it can be undone"
    world.clock.advance(seconds=31)
    await world.settle()
    assert set(await asked(wash)) <= set(hired)
    openings = {one.opening for one in await placements(wash)}
    assert len(openings) == 2
    with pytest.raises(Conflict):
        await ask_my_people(wash.database, wash.view, loan.id)


@pytest.mark.parametrize(("hours", "minutes"), [(6, 10), (30, 60), (80, 240)])
async def test_people_have_the_longer_to_answer_the_further_ahead_it_is(
    world, care, wash, hours, minutes
):
    await staff(world, wash, "kim")
    start = world.clock() + timedelta(hours=hours)
    job = await a_job(care, start, NewOpening("ironing", 1))
    agreement = await lend(world, care, wash, job.shifts[0].openings[0].iri)
    loan = await wash.ask(loans.loan, agreement, loans.Side.LENDER)
    await ask_my_people(wash.database, wash.view, loan.id)
    world.clock.advance(seconds=31)
    await world.settle()
    [placed] = await placements(wash)
    assert placed.reply_by - placed.invited == timedelta(minutes=minutes)


async def test_nobody_but_the_lenders_leaders_begins_it(world, care, wash):
    [kim] = await staff(world, wash, "kim")
    loan = await lent(world, care, wash, 1)
    for who in (viewer(kim), care.view):
        with pytest.raises(NotFound):
            await ask_my_people(wash.database, who, loan.id)
    page = await Page(world, wash).of(kim)
    assert (await page.ask(f"/loans/{loan.id}/staffing/ask", {}))[0] == 404


async def test_without_anybody_to_ask_the_page_says_so(world, care, wash):
    loan = await lent(world, care, wash, 1)
    page = await Page(world, wash).of(wash.leader)
    status, _, text = await page.ask(f"/loans/{loan.id}/staffing/ask", {})
    assert status == 422
    assert "nobody left to ask" in text


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 800}], ids=["320", "1280"])
async def test_an_ask_becomes_people_asked_in_three_clicks(world, care, wash, script, size):
    await staff(world, wash, "kim", "lam")
    start = world.clock().replace(hour=1, minute=0, second=0) + timedelta(days=3)
    job = await a_job(care, start, NewOpening("ironing", 1))
    opening = job.shifts[0].openings[0].iri
    until = start - timedelta(hours=5)
    ask = await care.lead(loans.ask_ally, care.group, wash.group, job.iri, {opening: 1}, until)
    await world.settle()
    card = await wash.ask(loans.ask, ask, loans.Side.LENDER)

    async with browser(world, size=size, script=script) as context:
        screen = await sit_down(context, wash, "lead_wash", f"/allies/requests/{card.id}")
        clauses = ("Left within the limit", "Pay", "Employer", "Insurance", "Notice")
        await screen.reads(*clauses, within="You and")
        await screen.looks()
        screen.pressed = 0
        await screen.presses("Offer these people")
        await world.settle()
        states = (loans.LoanState.OFFERED,)
        [offered] = await wash.ask(loans.loans, wash.group, loans.Side.LENDER, states)
        await care.lead(loans.accept_loan, offered.offer)
        await world.settle()
        await screen.opens(f"/loans/{offered.id}")
        screen.pressed += 1  # the notice that leads there
        await screen.looks()
        await screen.presses("Ask my people")
        assert screen.pressed == 3
        await screen.looks()
        await screen.reads("for half a minute you can undo it")
    world.clock.advance(seconds=31)
    await world.settle()
    assert len(await asked(wash)) == 2
    page = await Page(world, wash).of(wash.leader)
    _, _, twin = await page.ask(f"/loans/{offered.id}.json")
    assert msgspec.json.decode(twin)["loan"]["state"] == "standing"
