"""Who is near a place, as a picture and a table for leaders: no more than the lists say."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from instance.jobs.views import NewOpening
from instance.language import LANGUAGES, PARTIAL, translate
from instance.people import signin
from instance.staffing.board import staffing_page
from instance.staffing.pictures import near_openings
from tests.browser import PHONE, browser
from tests.instance.staffing.stage import Page, a_job, staff
from tests.staged import ally, coop

SVG = "{http://www.w3.org/2000/svg}"
FEW = "1–2"  # noqa: RUF001  # the label as agreed between allies


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def look(world, care, job, language="en"):
    """Let the leader find people; returns what the pictures of the page are made from."""
    page = await Page(world, care).of(care.leader)
    await page.ask(f"/jobs/{job.token}/staffing/find", {})
    async with care.database.reading() as tx:
        view = await staffing_page(tx, care.view, job.iri, "")
    return near_openings(view, language)


async def test_the_table_and_the_picture_say_who_comes_was_asked_and_is_suggested(
    world, care, tomorrow
):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    await staff(world, wash, "wei")
    ana, bea, _ = await staff(world, care, "ana", "bea", "chi")
    for _ in range(2):
        world.clock.advance(minutes=1)
        await world.settle()
    job = await a_job(care, tomorrow, NewOpening("ironing", 5))
    opening = job.shifts[0].openings[0].iri
    invite = await care.invite(opening, ana)
    await care.invite(opening, bea)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()

    near = (await look(world, care, job))[opening]

    assert [(one.name, one.group, one.state) for one in near.rows] == [
        ("Ana", "Care Commune", "comes"),
        ("Bea", "Care Commune", "asked, not certain"),
        ("Chi", "Care Commune", "suggested"),
        ("people of an ally", "Wash Commune", f"{FEW} could come"),
    ]
    drawn = [one.text for one in ET.fromstring(near.svg).iter(f"{SVG}text")]
    assert {"Ana", "Bea", "Chi", "Care Commune", "Wash Commune"} <= set(drawn)
    assert "wei" not in near.svg, "an ally's people have no names here"


async def test_whom_a_rule_excludes_is_not_drawn(world, care, tomorrow):
    await staff(world, care, "ana")
    await staff(world, care, "old", skills=())
    job = await a_job(care, tomorrow)
    (near,) = (await look(world, care, job)).values()
    assert [one.name for one in near.rows] == ["Ana"]


async def test_where_nobody_could_come_nothing_is_drawn(world, care, tomorrow):
    await staff(world, care, "old", skills=())
    assert await look(world, care, await a_job(care, tomorrow)) == {}


async def test_nothing_is_drawn_before_people_were_found_or_once_all_places_are_taken(
    world, care, tomorrow
):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"
    assert "picture" not in (await page.ask(base))[2]
    assert len(await look(world, care, job)) == 1
    assert 'class="picture"' in (await page.ask(base))[2]
    invite = await care.invite(job.shifts[0].openings[0].iri, ana)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()
    assert 'class="picture"' not in (await page.ask(base))[2]


async def test_only_leaders_get_the_picture(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    await look(world, care, job)
    status, _, text = await (await Page(world, care).of(ana)).ask(f"/jobs/{job.token}/staffing")
    assert (status, "<svg" in text and "near-" in text) == (404, False)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - PARTIAL))
async def test_every_word_of_the_picture_is_the_readers(world, care, tomorrow, language):
    await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    (near,) = (await look(world, care, job, language)).values()
    told = ET.fromstring(near.svg)
    assert told.findtext(f"{SVG}title") == translate(language, "Who could come, and by which group")
    assert not re.search("[{}]", near.svg), "every place of every sentence is filled"
    assert translate(language, "suggested") in {one.text for one in told.iter(f"{SVG}text")}


@pytest.mark.browser
async def test_the_picture_fits_a_phone_and_stands_on_white_paper_though_it_was_folded(
    world, care, tomorrow
):
    await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    await look(world, care, job)
    base = f"/jobs/{job.token}/staffing"
    async with care.database.transaction() as tx:
        link = await signin.make_link(tx, care.leader, to=base)
    async with browser(world, size=PHONE, dark=True) as context:
        page = await context.new_page()
        await page.goto(link)
        await page.locator("main form button").first.click()
        await page.wait_for_url(f"{care.origin}{base}")
        picture = page.locator("figure.picture > svg")
        assert not await picture.is_visible()
        await page.get_by_text("As a picture").click()
        assert await picture.is_visible()
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await page.evaluate(fits)
        await page.get_by_text("As a picture").click()
        light = "getComputedStyle(document.documentElement).getPropertyValue('--paper')"
        on_screen = await page.evaluate(light)
        await page.emulate_media(media="print")
        assert await page.evaluate(light) != on_screen
        box = await picture.bounding_box()
        assert box is not None
        assert box["height"] > 50
