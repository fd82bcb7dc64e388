"""The hours of a group's week as a picture and a table: what is filled, asked for and open."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from instance.jobs.views import NewOpening
from instance.language import LANGUAGES, PARTIAL
from instance.people import signin
from instance.settings import Settings
from instance.staffing.hours import hours_picture
from instance.staffing.week_views import HoursAt
from tests.browser import PHONE, browser
from tests.instance.staffing.stage import Page, a_job, staff
from tests.instance.staffing.test_week import base_of, planned
from tests.staged import ally, coop, lend

SVG = "{http://www.w3.org/2000/svg}"
MONDAY = date(2027, 10, 25)
COOP = Settings(origin="https://care.example", name="Care", database="sqlite+aiosqlite://")
NOTHING = {"own": 0, "borrowed": 0, "uncertain": 0}


@pytest.fixture
def monday(clock):
    """The next Monday, at nine on the place's clock."""
    now = clock().replace(hour=1, minute=0, second=0, microsecond=0)
    return now + timedelta(days=7 - now.weekday())


@pytest.fixture
async def care(world):
    return await coop(world, "care")


def words(picture):
    return [one.text for one in ET.fromstring(picture.svg).iter(f"{SVG}text")]


def at(start: datetime, hours: int, **more) -> HoursAt:
    return HoursAt(start=start, end=start + timedelta(hours=hours), **(NOTHING | more))


async def test_a_week_tells_who_comes_is_lent_was_asked_and_is_suggested(world, care, monday):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    ana, bea, _ = await staff(world, care, "ana", "bea", "chi")
    job = await a_job(care, monday, NewOpening("ironing", 6))
    opening = job.shifts[0].openings[0].iri
    await lend(world, care, wash, opening)
    invite = await care.invite(opening, ana)
    await care.invite(opening, bea)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()
    page = await Page(world, care).of(care.leader)

    (told,) = (await planned(page, care, monday))["hours"]

    assert datetime.fromisoformat(told.pop("start")) == monday
    assert datetime.fromisoformat(told.pop("end")) == monday + timedelta(hours=4)
    assert told == {"wanted": 6, "own": 1, "borrowed": 1, "uncertain": 2}
    _, _, text = await page.ask(f"{base_of(care)}?from={monday.date().isoformat()}")
    (row,) = [one for one in re.findall(r"<tr>.*?</tr>", text, re.DOTALL) if ">morning<" in one]
    figures = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert figures == ["18 h", "3 h", "3 h", "6 h", "6 h", "2"], "from nine to noon"


async def test_shifts_of_the_same_hours_are_told_together_and_more_asked_than_wanted_once(
    world, care, monday
):
    people = await staff(world, care, "ana", "bea")
    job = await a_job(care, monday)
    await a_job(care, monday, NewOpening("ironing", 2))
    for person in people:
        await care.invite(job.shifts[0].openings[0].iri, person)
    await world.settle()
    page = await Page(world, care).of(care.leader)
    (told,) = (await planned(page, care, monday))["hours"]
    assert (told["wanted"], told["uncertain"]) == (3, 1)


async def test_only_leaders_of_the_group_see_its_hours(world, care, monday):
    [ana] = await staff(world, care, "ana")
    await a_job(care, monday)
    status, _, text = await (await Page(world, care).of(ana)).ask(base_of(care))
    assert (status, "picture" in text) == (404, False)


def test_a_week_without_work_has_no_picture():
    empty = at(datetime(2027, 10, 25, 1, tzinfo=UTC), 4, wanted=0)
    assert hours_picture([empty], MONDAY, "en", COOP) is None


def test_all_seven_days_are_drawn_and_the_morning_after_the_last_night():
    work = at(datetime(2027, 10, 31, 14, tzinfo=UTC), 8, wanted=1)
    picture = hours_picture([work], MONDAY, "en", COOP)
    days = [one for one in words(picture) if re.match("[MTWFS]", one)]
    assert [days[0], days[6], days[7:]] == ["Mon 25 Oct", "Sun 31 Oct", ["Mon 1 Nov"]]
    assert [(str(day), one.part) for day, one in picture.rows] == [
        ("2027-10-31", "evening"),
        ("2027-11-01", "night"),
    ]


def test_hours_are_those_of_the_places_clock_also_when_it_is_set_back():
    there = replace(COOP, timezone="Europe/Berlin")
    # from half past two of summer to a quarter past two of winter, an hour shown twice
    work = HoursAt(
        start=datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        end=datetime(2027, 10, 31, 1, 15, tzinfo=UTC),
        wanted=1,
        **NOTHING,
    )
    ((day, one),) = hours_picture([work], MONDAY, "en", there).rows
    assert (day, one.part, one.wanted) == (date(2027, 10, 31), "night", 1)


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - PARTIAL))
def test_every_word_of_the_picture_is_the_readers(language):
    work = at(datetime(2027, 10, 25, 1, tzinfo=UTC), 4, wanted=4, own=1, borrowed=1, uncertain=1)
    picture = hours_picture([work], MONDAY, language, COOP)
    said = {
        "en": ["our people", "borrowed", "asked or suggested", "still open"],
        "zh-Hant": ["自己人", "借來的人", "已邀請或推薦", "仍空缺"],
    }
    assert words(picture)[:4] == said[language]
    assert not re.search("[{}]", picture.svg), "every place of every sentence is filled"


@pytest.mark.browser
async def test_the_picture_fits_a_phone(world, care, monday):
    await staff(world, care, "ana")
    await a_job(care, monday, NewOpening("ironing", 2))
    to = f"{base_of(care)}?from={monday.date().isoformat()}"
    async with care.database.transaction() as tx:
        link = await signin.make_link(tx, care.leader, to=to)
    async with browser(world, size=PHONE) as context:
        page = await context.new_page()
        await page.goto(link)
        await page.locator("main form button").first.click()
        picture = page.locator("figure.picture > svg")
        assert await picture.is_visible()
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await page.evaluate(fits)
