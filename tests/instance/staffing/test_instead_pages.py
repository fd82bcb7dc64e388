"""The borrower's page: an ally looks, own people are shown beside it, and one of them is asked."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from instance.jobs.views import NewOpening
from instance.loans import service as loans
from tests.instance.staffing.stage import Page, a_job, staff
from tests.staged import ally, coop, lend


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


@pytest.fixture
async def wash(world, care):
    made = await coop(world, "wash")
    await ally(world, care, made)
    return made


async def test_own_people_are_shown_and_asked_while_an_ally_looks(world, care, wash, tomorrow):
    ana, _ = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    opening = job.shifts[0].openings[0].iri
    agreement = await lend(world, care, wash, opening, places=2)
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"

    _, _, text = await page.ask(base)
    assert "2 places are promised: our allies are looking" in text
    assert "Fill this with people of your own instead" in text
    assert "Wash Commune looks for 2 people." in text
    assert "See who of your own could come" in text

    await page.ask(f"{base}/find", {})
    _, _, text = await page.ask(base)
    assert "the ally is told at once that it lends one fewer" in text
    assert "Ask those chosen instead" in text
    assert f'name="instead" value="{agreement}"' in text
    assert "stays open" not in text

    asked = {"opening": opening, "people[]": ana, "reply": "1h", "until": "", "instead": agreement}
    status, headers, _ = await page.ask(f"{base}/invite", asked)
    assert (status, headers["Location"]) == (303, base)
    _, _, text = await page.ask(f"{base}.json")
    [line] = msgspec.json.decode(text)["openings"]
    [person] = line["people"]
    assert (person["person"], person["instead"]) == (ana, "Wash Commune")
    placement = await care.placement(person["invite"])
    assert (placement.instead, placement.why) == (agreement, ["free_and_qualified"])
    await world.settle()
    await care.answer(placement.invite, ana)
    await world.settle()

    _, _, text = await page.ask(base)
    assert "1 place is promised: our ally is looking" in text
    assert "Wash Commune looks for 1 person." in text
    assert "instead of somebody" not in text
    lent = await wash.ask(loans.loan, agreement, loans.Side.LENDER)
    assert [one.places for one in lent.places] == [1]


async def test_open_places_come_first_and_nobody_is_suggested_twice(world, care, wash, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow, NewOpening("ironing", 1), NewOpening("ironing", 1))
    lent, free = (one.iri for one in job.shifts[0].openings)
    await lend(world, care, wash, lent)
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"

    await page.ask(f"{base}/find", {})
    _, _, text = await page.ask(f"{base}.json")
    view = msgspec.json.decode(text)

    [found] = view["shortlist"]["openings"]
    assert (found["opening"], [one["person"] for one in found["suggested"]]) == (free, [ana])
    [instead] = view["instead"]["openings"]
    assert (instead["opening"], instead["suggested"], instead["unfilled"]) == (lent, [], 0)
    [passed] = [one for one in instead["passed_over"] if one["person"] == ana]
    assert (passed["code"], passed["values"]) == ("needed_elsewhere", {"opening": free})
    assert passed["choosable"]


async def test_the_lender_and_a_place_with_a_name_show_nothing_to_fill_instead(
    world, care, wash, tomorrow
):
    [wei] = await staff(world, wash, "wei")
    job = await a_job(care, tomorrow)
    opening = job.shifts[0].openings[0].iri
    agreement = await lend(world, care, wash, opening)
    loan = await wash.ask(loans.loan, agreement, loans.Side.LENDER)
    theirs = await Page(world, wash).of(wash.leader)
    _, _, text = await theirs.ask(f"/loans/{loan.id}/staffing")
    assert "of your own instead" not in text

    invite = await wash.invite(opening, wei, agreement=agreement)
    await world.settle()
    await wash.answer(invite, wei)
    await world.settle()
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(f"/jobs/{job.token}/staffing")
    assert "of your own instead" not in text

    status, _, text = await page.ask(
        f"/jobs/{job.token}/staffing/invite",
        json={"opening": opening, "people": [care.leader], "instead": agreement},
    )
    assert status == 409
    assert msgspec.json.decode(text)["code"] == "place.named"
