"""The same as people see it: pages for joining, sharing, leading and moving, in a browser."""

from __future__ import annotations

import pytest

from instance.groups import service as groups
from instance.people import service as people
from instance.people import signin
from tests.browser import LAPTOP, PHONE, browser
from tests.instance.groups.living import MEI, a_group, a_member, a_worker, reads, viewer

pytestmark = pytest.mark.browser


async def signed_in(context, one, person):
    """Sign somebody in by a link, as on her first day."""
    async with one.database.transaction() as tx:
        link = await signin.make_link(tx, person, to="/groups")
    page = await context.new_page()
    await page.goto(link)
    await page.locator("main form button").first.click()
    await page.wait_for_url(f"{one.origin}/groups")
    return page


async def fits(page):
    """Tell whether a page is no wider than the screen."""
    return await page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


async def test_a_worker_joins_by_her_phone_and_a_leader_accepts_by_her_laptop(world):
    green, care = await world.instance("green"), await world.instance("care")
    (group, leader), mei = await a_group(care), await a_worker(green)

    async with browser(world, size=PHONE) as context:
        page = await signed_in(context, green, mei)
        await page.goto(f"{green.origin}/groups")
        assert await fits(page)
        await page.fill("#field-address", "care@care.test")
        await page.get_by_role("button", name="Find").click()
        assert await page.locator("h1").inner_text() == "Shatin Care Commune"
        assert await fits(page)
        await page.get_by_text("Your district").click()
        await page.get_by_role("button", name="Agree and ask to join").click()
        assert "on its way to Shatin Care Commune" in await page.locator("#said").inner_text()
    await world.settle()

    async with browser(world, size=LAPTOP) as context:
        page = await signed_in(context, care, leader)
        await page.goto(f"{group}/members")
        request = page.locator("#requests")
        assert "Chan Mei Ling" in await request.inner_text()
        assert "District" in await request.inner_text()
        await request.get_by_role("button", name="Accept").click()
        await page.wait_for_load_state()
    await world.settle()

    assert await reads(care, groups.is_member, group, mei)
    async with browser(world, size=PHONE) as context:
        page = await signed_in(context, green, mei)
        await page.goto(f"{green.origin}/groups")
        assert "Shatin Care Commune" in await page.locator("#mine").inner_text()
        await page.goto(f"{green.origin}/me/sharing")
        assert await fits(page)
        await page.get_by_role("button", name="Share nothing more").click()
        await page.wait_for_load_state()
    await world.settle()
    assert await reads(care, groups.shares, group) == []


async def test_a_poster_leads_somebody_of_another_co_op_to_her_own(world):
    green, care = await world.instance("green"), await world.instance("care")
    (group, leader), mei = await a_group(care), await a_worker(green)
    async with care.database.transaction() as tx:
        link = await groups.invite_link(tx, viewer(leader), group)

    async with browser(world, size=PHONE, script=False) as context:
        page = await signed_in(context, green, mei)
        await page.goto(link.url)
        assert await fits(page)
        await page.fill("#field-home", "mei@green.test")
        await page.get_by_role("button", name="Show me the way").click()
        assert page.url.startswith(care.origin)
        await page.get_by_role("link", name="Go to green.test").click()
        await page.wait_for_url(f"{green.origin}/groups/find?**")
        assert await page.locator("h1").inner_text() == "Shatin Care Commune"
        await page.get_by_role("button", name="Agree and ask to join").click()
        await page.wait_for_load_state()
    await world.settle()
    [request] = await reads(care, groups.requests, group)
    assert request.by_link


async def test_a_leader_adds_somebody_by_hand_whose_first_page_asks_her(world):
    care = await world.instance("care")
    group, leader = await a_group(care)
    async with browser(world, size=PHONE) as context:
        page = await signed_in(context, care, leader)
        await page.goto(f"{group}/members")
        assert await fits(page)
        form = page.locator("#add")
        await form.get_by_label("Name", exact=True).fill("Wong Lan")
        await form.get_by_label("Username").fill("lan")
        await form.get_by_label("Telephone").fill("5555 0000")
        await form.get_by_label("She agreed on paper").check()
        await form.get_by_role("button", name="Add").click()
        assert "Wong Lan" in await page.locator("#said").inner_text()
        await page.get_by_role("button", name="Make a link").click()
        assert await page.locator("svg.qr").count() == 1
        assert await fits(page)
    await world.settle()
    lan = (await reads(care, people.person_named, "lan")).iri
    async with browser(world, size=PHONE) as context:
        page = await signed_in(context, care, lan)
        await page.goto(f"{care.origin}/groups")
        assert "This was agreed on paper" in await page.locator("main").inner_text()
        await page.get_by_role("button", name="Keep").click()
        assert "Kept. Until when stands below." in await page.locator("#said").inner_text()


async def test_two_accounts_become_one_by_the_pages_alone(world):
    green, care = await world.instance("green"), await world.instance("care")
    group, leader = await a_group(care)
    old, kept = await a_worker(care), await a_worker(green, MEI)
    await a_member(world, care, care, old, group, leader)
    async with browser(world, size=PHONE) as context:
        here = await signed_in(context, care, old)
        await here.goto(f"{care.origin}/me/home")
        assert await fits(here)
        await here.fill("#field-address", "mei@green.test")
        await here.get_by_role("button", name="Go on").click()
        there = await signed_in(context, green, kept)
        await there.goto(f"{green.origin}/me/home")
        await there.fill("#field-other", "mei@care.test")
        await there.get_by_role("button", name="Yes, that is me too").click()
        await here.goto(f"{care.origin}/me/home")
        await here.get_by_role("button", name="I have confirmed: finish").click()
        assert "You have moved to mei@green.test" in await here.locator("main").inner_text()
    await world.settle()
    assert [one.person for one in await reads(care, groups.members, group)] == [kept]
