"""The hours between a group and its allies, as a picture, a table and figures: the leader's own."""

from __future__ import annotations

import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import msgspec
import pytest

from instance.language import LANGUAGES, PARTIAL
from instance.ledger import service as ledger
from instance.loans.hours import hours_between
from instance.people import signin
from tests.browser import PHONE, browser
from tests.instance.staffing.stage import Page, a_job, hire
from tests.staged import TERMS, ally, coop, lend

SVG = "{http://www.w3.org/2000/svg}"
LIMIT = TERMS.minutes_limit_borrow


@pytest.fixture
async def allied(world, clock):
    """Let care owe wash three hours, and wash promise care two places of four hours."""
    care, wash = await coop(world, "care"), await coop(world, "wash")
    await ally(world, care, wash)
    job = await a_job(care, clock() + timedelta(days=1))
    await lend(world, care, wash, job.shifts[0].openings[0].iri, places=1)
    for one in (care, wash):
        async with one.database.transaction() as tx:
            cause = f"{care.origin}/activities/cause"
            await ledger.post(tx, cause, care.group, wash.group, 180, ledger.MINUTES, tx.now)
    return care, wash


async def test_each_side_reads_what_is_owed_promised_and_left(allied):
    care, wash = allied
    ours = await care.ask(hours_between, care.group, wash.group)
    theirs = await wash.ask(hours_between, wash.group, care.group)
    borrows = {"owed": 180, "promised": 240, "left": LIMIT - 180 - 240}
    lends = {"owed": 0, "promised": 0, "left": LIMIT + 180}
    assert msgspec.to_builtins(ours) == {"borrows": borrows, "lends": lends}
    assert msgspec.to_builtins(theirs) == {"borrows": lends, "lends": borrows}


async def test_there_are_none_between_groups_that_are_no_allies(world, allied):
    care, _ = allied
    moss = await coop(world, "moss")
    assert await care.ask(hours_between, care.group, moss.group) is None


async def test_the_page_draws_them_beside_a_table_and_tells_programs(world, allied):
    care, _ = allied
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask("/allies")
    assert "we borrow: owed 3 h, promised 4 h, left 1493 h" in text
    row = re.search(r"<tr>.*?we borrow.*?</tr>", text, re.DOTALL)
    assert row
    cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row[0].rpartition("<tr>")[2])
    assert cells == ["Wash Commune", "we borrow", "3 h", "4 h", "1,493 h"]
    _, _, told = await page.ask("/allies.json")
    (active,) = msgspec.json.decode(told)["active"]
    assert active["hours"]["borrows"]["promised"] == 240


async def test_who_leads_nothing_and_who_leads_another_group_reads_none_of_it(world, allied):
    care, _ = allied
    moss = await coop(world, "moss")
    _, _, text = await (await Page(world, moss).of(moss.leader)).ask("/allies")
    assert "we borrow" not in text
    ana = await hire(care, "ana")
    status, _, text = await (await Page(world, care).of(ana)).ask("/allies")
    assert (status, "we borrow" in text) == (404, False)


@pytest.mark.browser
@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - PARTIAL))
async def test_the_picture_fits_a_phone_in_every_language(world, allied, language):
    care, _ = allied
    async with care.database.transaction() as tx:
        link = await signin.make_link(tx, care.leader, to="/allies")
    async with browser(world, size=PHONE) as context:
        page = await context.new_page()
        await page.goto(link)
        await page.locator("main form button").first.click()
        await page.wait_for_url(f"{care.origin}/allies")
        if language != "en":
            await page.locator(".languages summary").click()
            await page.get_by_role("link", name="繁體中文").click()
        picture = page.locator("figure.picture > svg")
        drawn = ET.fromstring(await picture.evaluate("one => one.outerHTML"))
        assert not re.search("[{}]", "".join(drawn.itertext())), "every place is filled"
        assert ("we borrow" in "".join(drawn.itertext())) is (language == "en")
        outside = """svg => [...svg.querySelectorAll("text")].filter(one => {
            const box = one.getBBox();
            return box.x < 0 || box.x + box.width > 360;
        }).map(one => one.textContent)"""
        assert await picture.evaluate(outside) == []
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert await page.evaluate(fits)
