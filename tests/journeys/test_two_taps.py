"""In a browser: a worker's yes by the link in her mail, and a leader's ask of an ally."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from instance.app import POSTMAN
from instance.loans import service as loans
from instance.people import service as people
from instance.people import signin
from tests.browser import LAPTOP, PHONE, browser
from tests.instance.notices.mail_server import MailServer
from tests.staged import ally, coop, coop_at, join

pytestmark = pytest.mark.browser


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1) + timedelta(days=1)


@pytest.fixture
async def mail():
    server = MailServer()
    yield server
    await server.stop()


async def a_home_with_mail(world, mail):
    given = {"smtp_host": "127.0.0.1", "smtp_from": "home@mail.example"}
    return await coop_at(
        await world.instance("home", smtp_port=await mail.start(), **given), "home"
    )


async def fits(page):
    return await page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


async def test_a_worker_says_yes_by_the_link_in_her_mail_in_two_taps(world, tomorrow, mail):
    care, home = await coop(world, "care"), await a_home_with_mail(world, mail)
    ana = await home.worker("ana")
    await home.do(people.change_person, ana, email="ana@mail.example")
    await join(world, home, care, ana)
    invite = await care.invite(await care.opening(tomorrow), ana)
    await world.settle()
    await home.running.app[POSTMAN].step()
    [letter] = [one for one in mail.mails if "/answer/" in one.get_content()]
    link = re.search(r"http://home\.test/answer/\S+", letter.get_content())[0]

    async with browser(world, size=PHONE, script=False) as context:
        page = await context.new_page()
        await page.goto(link)  # the first tap
        assert await fits(page)
        assert "Home from hospital" in await page.locator("main").inner_text()
        await page.get_by_role("button", name="Yes, I'll come").click()  # the second
        await page.get_by_text("Yes is said").wait_for()
        assert await fits(page)
    await world.settle()
    assert await care.state(invite) == "confirmed"


async def test_an_ally_is_asked_in_three_clicks_when_nobody_is_found(world, tomorrow):
    care, wash = await coop(world, "care"), await coop(world, "wash")
    await join(world, wash, wash, await wash.worker("bea"))
    await ally(world, care, wash)
    opening = await care.opening(tomorrow, places=2)
    job = opening.partition("#")[0]
    async with care.database.transaction() as tx:
        link = await signin.make_link(tx, care.leader, to=f"{job.partition('.test')[2]}/staffing")
    async with browser(world, size=LAPTOP) as context:
        page = await context.new_page()
        await page.goto(link)
        await page.locator("main form button").first.click()
        await page.wait_for_url(f"{job}/staffing")

        await page.get_by_role("button", name="Find people").first.click()
        await page.wait_for_url(f"{job}/staffing#places")
        await page.get_by_role("link", name="Ask allies").first.click()
        await page.wait_for_url(f"{job}/ask?o1=2")
        await page.get_by_role("button", name="Ask", exact=False).first.click()
        await page.wait_for_load_state()
        assert "was asked" in await page.locator("#said").inner_text()
    await world.settle()
    [ask] = await wash.ask(loans.asks, wash.group, loans.Side.LENDER)
    assert [(one.opening, one.places) for one in ask.places] == [(opening, 2)]
