"""The week as it is printed: one sheet for an ordinary group, and nothing to press on it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from instance.people import sessions
from instance.staffing import service as staffing
from instance.staffing.models import Placement
from tests.browser import LAPTOP, browser
from tests.staged import coop, join

pytestmark = pytest.mark.browser

NAMES = ["chan_siu_ming", "wong_ka_yan", "ana_perez", "ho_lai_fong", "muhammad_saleem"]


@pytest.fixture
def monday(clock):
    now = clock().replace(hour=1, minute=0, second=0, microsecond=0)
    return now + timedelta(days=7 - now.weekday())


async def a_week_of_twenty(world, monday):
    """Twenty people who come on each of seven days."""
    care = await coop(world, "care")
    workers = [
        await care.worker(
            f"{NAMES[number % 5].lower().replace(' ', '_').replace('é', 'e')}{number}"
        )
        for number in range(20)
    ]
    await join(world, care, care, *workers)
    starts = [monday + timedelta(days=day) for day in range(7)]
    for opening in await care.openings(*starts, places=21):
        await care.lead(staffing.invite, opening, workers)
    async with care.database.transaction() as tx:
        await tx.session.execute(sa.update(Placement).values(state="confirmed"))
    return care


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


async def test_a_week_of_twenty_people_prints_on_one_sheet_of_a4_across(world, monday):
    care = await a_week_of_twenty(world, monday)
    async with care.database.transaction() as tx:
        cookie = await sessions.start(tx, care.leader, "password", "test")
    for language in ("en", "zh-Hant"):
        async with browser(world, size=LAPTOP, language=language) as context:
            held = {"name": "ayni_session", "value": cookie, "url": care.origin}
            await context.add_cookies([held])
            page = await context.new_page()
            await page.goto(f"{care.group}/board?by=people&week={monday.date()}")
            assert await page.locator(".roster tbody tr").count() == 22
            pdf = await page.pdf(prefer_css_page_size=True)
            assert pages(pdf) == 1
            assert re.search(rb"/MediaBox\s*\[0 0 84[12]\S* 59[45]", pdf), "across"
            await page.emulate_media(media="print")
            for hidden in ("nav", "form", ".button", ".actions"):
                assert await page.locator(f"{hidden}:visible").count() == 0, hidden
