"""The pages in a real browser: strict policy kept, at the width of a phone."""

from __future__ import annotations

import pytest

from tests.browser import PHONE, browser


@pytest.mark.browser
@pytest.mark.parametrize("language", ["en", "zh-HK"])
async def test_the_way_in_fits_a_phone(world, language):
    care = await world.instance("care")

    async with browser(world, size=PHONE, language=language) as context:
        page = await context.new_page()
        await page.goto(f"{care.origin}/sign-in")
        width = await page.evaluate("document.documentElement.scrollWidth")
        heading = await page.locator("h1").inner_text()

    assert width <= 320
    assert heading
