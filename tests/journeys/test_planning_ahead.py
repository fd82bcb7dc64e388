"""In a browser: a repeating job stands on the boards of its weeks; a call is written down."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.browser import LAPTOP, PHONE, browser
from tests.journeys.screen import sit_down
from tests.staged import coop

pytestmark = pytest.mark.browser

KEY, PRESS, THINK = 0.28, 1.2, 1.35
"""Seconds for a key, a click with its way there, and a thought (Card, Moran and Newell's model)."""

SCREENS = [(LAPTOP, True, "en"), (PHONE, False, "zh-Hant"), (PHONE, True, "en")]


@pytest.mark.parametrize(("size", "script", "language"), SCREENS)
async def test_a_job_that_repeats_stands_on_the_boards_of_its_weeks_and_is_printed(
    world, clock, size, script, language
):
    care = await coop(world, "care")
    first = clock() + timedelta(days=8 - clock().weekday())
    async with browser(world, size=size, script=script) as context:
        screen = await sit_down(context, care, "lead_care", "/jobs/new")
        if language != "en":
            await screen.changes_to_chinese()
            await screen.opens("/jobs/new")
        await screen.fills(
            title="Breakfast for Mr Lam",
            pay="70",
            worker_percent="100",
            shifts__0__day=str(first.date()),
            shifts__0__start="08:00",
            shifts__0__end="10:30",
            shifts__0__openings__0__skill="home-carer",
            shifts__0__openings__0__count="2",
        )
        await screen.page.locator('[name="repeat_every"]').select_option("1")
        for day in ("TU", "FR"):
            await screen.page.locator(f'[name="repeat_days[]"][value="{day}"]').check()
        await screen.presses("Publish the job")
        assert "/jobs/repeating/" in screen.address
        await screen.reads("Coming days", "Published", "To come")

        token = care.group.rpartition("/")[2]
        for weeks in (0, 3):
            day = first.date() + timedelta(weeks=weeks)
            await screen.opens(f"/groups/{token}/board?week={day}")
            await screen.reads("Breakfast for Mr Lam")
            assert await screen.page.locator("td .cell").count() == 2
            assert await screen.page.locator("td .cell .tone-bad").count() == 2
        await screen.follows("Week after")
        await screen.follows("By people, to print")
        await screen.reads("Open places")
        pdf = await screen.page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize(("size", "script"), [(LAPTOP, True), (PHONE, True), (PHONE, False)])
async def test_a_customers_call_is_written_down_in_a_minute_and_the_next_in_three_presses(
    world, size, script
):
    care = await coop(world, "care")
    await care.openings(world.clock() + timedelta(days=2))  # the pay is known from a job before
    heard = {
        "customer": "Madam Ho",
        "customer_phone": "9876 5432",
        "shifts__0__openings__0__skill": "home-carer",
        "address": "Flat 8, Sunny House",
    }
    async with browser(world, size=size, script=script) as context:
        screen = await sit_down(context, care, "lead_care", "/today")
        await screen.follows("A customer rings")
        await screen.fills(**heard)
        await screen.presses("Publish the request")
        assert "Asked for by telephone, taken by Lee Wai" in await screen.text()
        keys = sum(map(len, heard.values())) + len(heard)  # and the key that leads to the next
        assert screen.pressed == 2
        assert keys * KEY + screen.pressed * PRESS + len(heard) * THINK < 60

        await screen.opens("/today")
        screen.pressed = 0
        await screen.follows("A customer rings")
        await screen.follows("Madam Ho · Home carer")
        await screen.presses("Publish the request")
        assert screen.pressed == 3
        assert "Asked for by telephone" in await screen.text()
        await screen.opens("/by-telephone")
        await screen.reads("Nobody has named you")
