"""The page that finds cover: in one click, and out in another; telephones, allies, and rights."""

from __future__ import annotations

import re

import msgspec
import pytest

from instance.consent import service as consent
from instance.people import service as people
from instance.staffing import service as staffing
from tests.instance.staffing.stage import Page
from tests.instance.staffing.waves import waved
from tests.staged import ally, coop


@pytest.fixture
async def care(world):
    return await coop(world, "care")


def cover_of(place):
    token, at = re.search(r"/jobs/(\w+)#(\w+)", place.opening).groups()
    return f"/jobs/{token}/cover/{at}"


async def test_an_open_place_leads_to_people_in_fair_order_and_out_to_them(world, care):
    place, due = await waved(world, care, 5)
    page = await Page(world, care).of(care.leader)
    base = cover_of(place)

    _, _, today = await page.ask("/today?day=2027-01-05")
    assert f'action="{base}/find"' in today
    status, headers, _ = await page.ask(f"{base}/find", {})
    assert (status, headers["Location"]) == (303, base)
    _, _, text = await page.ask(f"{base}.json")
    assert [one["person"] for one in msgspec.json.decode(text)["able"]] == due
    _, _, text = await page.ask(base)
    assert "Ask the first 3, wait 10 min, then the next 3" in text

    asked = {"people": "2", "minutes": "5", "allies": "1"}
    status, headers, _ = await page.ask(f"{base}/begin", asked)
    assert (status, headers["Location"]) == (303, f"{base}#asking")
    _, _, text = await page.ask(base)
    assert "Nobody is asked yet" in text
    await page.ask(f"{base}/now", {})
    await world.settle()
    _, _, text = await page.ask(base)
    assert "Round 1" in text
    assert {one.person for one in await place.asked()} == set(due[:2])
    _, _, today = await page.ask("/today?day=2027-01-05")
    assert "being asked: round 1" in today
    await page.ask(f"{base}/stop", {})
    _, _, text = await page.ask(f"{base}.json")
    view = msgspec.json.decode(text)
    assert view["opening"]["cascade"]["outcome"] == "stopped"
    assert view["waves"] == {"people": 2, "minutes": 5, "allies": True, "first_come": False}


async def test_a_yes_is_confirmed_on_the_page_in_fair_order(world, care):
    place, due = await waved(world, care, 3)
    page, base = await Page(world, care).of(care.leader), cover_of(place)
    filled = await care.ask(staffing.opening, place.opening)
    await care.lead(staffing.set_auto_confirm, filled, False)
    await place.begin_now(people=3)
    for one in (due[2], due[0], due[1]):
        await place.answer(one)

    _, _, text = await page.ask(f"{base}.json")
    waiting = msgspec.json.decode(text)["opening"]["people"]
    assert [one["person"] for one in waiting] == due
    invite = {"invite": waiting[0]["invite"]}
    assert (await page.ask(f"{base}/confirm", invite))[0] == 303
    await world.settle()

    assert [(await place.states())[one] for one in due] == ["confirmed", "not needed", "not needed"]
    _, _, text = await page.ask(base)
    assert "All others who were asked were told" in text


async def test_somebody_without_a_screen_is_rung_up_and_her_answer_is_the_leaders_entry(
    world, care
):
    place, due = await waved(world, care, 2)
    await care.do(people.change_person, due[0], phone="+852 9123 4567")
    await care.do(consent.name_concierge, due[0], care.leader)
    page, base = await Page(world, care).of(care.leader), cover_of(place)
    await place.begin_now(people=2)

    _, _, text = await page.ask(base)
    assert 'href="tel:+85291234567"' in text
    [hers] = [one for one in await place.asked() if one.person == due[0]]
    [other] = [one for one in await place.asked() if one.person == due[1]]
    said = {"invite": hers.invite, "answer": "yes"}
    assert (await page.ask(f"{base}/answer", said))[0] == 303
    assert (await page.ask(f"{base}/answer", said | {"invite": other.invite}))[0] == 404
    await world.settle()

    assert (await place.states())[due[0]] == "confirmed"
    _, _, log = await page.ask("/transparency")
    assert "A leader entered the answer that somebody gave by telephone." in log


async def test_nobody_else_sees_the_page_or_acts_on_it(world, care):
    place, due = await waved(world, care, 2)
    page, base = await Page(world, care).of(due[0]), cover_of(place)

    for address in (base, f"{base}.json", base.replace("/cover/", "/cover/x")):
        assert (await page.ask(address))[0] == 404
    for act in ("find", "begin", "now", "stop", "confirm", "not-needed", "answer", "accept"):
        form = {"invite": place.opening, "answer": "yes", "loan": "a"}
        assert (await page.ask(f"{base}/{act}", form))[0] == 404
    leads = await Page(world, care).of(care.leader)
    assert (await leads.ask(f"{base}x"))[0] == 404
    assert (await leads.ask(f"{base}/accept", {"loan": "a" * 20}))[0] == 404


async def test_allies_are_asked_last_and_their_offer_is_accepted_on_the_page(world, care):
    green = await coop(world, "green")
    await ally(world, care, green)
    place, due = await waved(world, care, 1)
    page, base = await Page(world, care).of(care.leader), cover_of(place)

    await place.begin_now(people=1, minutes=3)
    await place.answer(due[0], yes=False)
    _, _, text = await page.ask(f"{base}.json")
    [line] = msgspec.json.decode(text)["allies"]
    assert (line["group"], line["state"], line["places"]) == (green.group, "asked", 1)
    row = await place.row()
    assert (row.wave, row.asked_allies) == (2, True)
