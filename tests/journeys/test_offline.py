"""A telephone without a network: My week opens, answers wait, and each is given exactly once."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from instance.agenda import service as agenda
from tests.browser import LAPTOP, PHONE, devices
from tests.journeys.cable import Cable
from tests.journeys.screen import sit_down
from tests.staged import coop, join

pytestmark = pytest.mark.browser

KEPT = """async () => {
  await navigator.serviceWorker.ready;
  for (let turn = 0; turn < 100; turn += 1) {
    const cache = await caches.open("ayni-mine");
    const pages = (await cache.keys()).map((one) => new URL(one.url).pathname);
    const asked = document.querySelectorAll("#asked h3 a").length;
    if (pages.includes("/week") && pages.length > asked) return pages;
    await new Promise((done) => setTimeout(done, 100));
  }
  return [];
}"""
LEFT = """async () => {
  const pages = await (await caches.open("ayni-mine")).keys();
  const opened = await new Promise((done) => {
    const opening = indexedDB.open("ayni", 1);
    opening.onupgradeneeded = () =>
      opening.result.createObjectStore("answers", { keyPath: "path" });
    opening.onsuccess = () => done(opening.result);
  });
  const answers = await new Promise((done) => {
    const asked = opened.transaction("answers").objectStore("answers").getAll();
    asked.onsuccess = () => done(asked.result);
  });
  opened.close();
  return [pages.map((one) => new URL(one.url).pathname), answers.map((one) => one.words)];
}"""


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1) + timedelta(days=1)


@asynccontextmanager
async def on_the_road(world, tomorrow, *, shifts: int = 1, size=PHONE):
    """Have Ana look at her week once; yields her screen, the cable and her invitations."""
    care = await coop(world, "care")
    ana = await care.worker("ana")
    await care.worker("bea")
    await join(world, care, care, ana)
    starts = [tomorrow + timedelta(days=number) for number in range(shifts)]
    asked = [await care.invite(await care.opening(start), ana) for start in starts]
    await world.settle()
    async with Cable(world.network, "care.test") as cable, devices(world) as device:
        screen = await sit_down(await device(size=size), care, "ana", "/week")
        assert await screen.page.evaluate("isSecureContext")
        assert "/week" in await screen.page.evaluate(KEPT)
        yield care, screen, cable, asked


async def back(screen, cable, words):
    """Have the network again, and see what came of what waited."""
    cable.plug()
    await screen.page.goto(f"{screen.origin}/week")
    await screen.page.locator("#kept").get_by_text(words).wait_for()
    await screen.page.wait_for_load_state()
    await screen.looks()


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
async def test_my_week_and_the_next_shift_open_without_a_network(world, tomorrow, size):
    async with on_the_road(world, tomorrow, size=size) as (_, screen, cable, _):
        [path] = [one for one in await screen.page.evaluate(KEPT) if one != "/week"]
        cable.pull()
        await screen.opens("/week")
        await screen.reads("Home from hospital")
        assert "you have no network" in await screen.page.locator("#said").inner_text()
        await screen.opens("/")
        assert screen.address.endswith("/week")
        await screen.opens(path)
        await screen.reads("Can you come?")
        await screen.opens("/record")
        await screen.reads("You have no network")


async def test_a_yes_without_a_network_waits_and_is_given_once_when_there_is_one(world, tomorrow):
    async with on_the_road(world, tomorrow) as (care, screen, cable, [invite]):
        cable.pull()
        await screen.opens("/week")
        await screen.presses("Yes, I'll come")
        assert screen.address.endswith("/week")
        await screen.page.get_by_text("Waits on this telephone").wait_for()
        await screen.looks()
        assert await care.promised(invite) == "invited"

        await back(screen, cable, "The time is held for you")
        await world.settle()
        assert await care.state(invite) == "confirmed"
        await screen.presses_in_place("I have read it")
        await screen.opens("/week")
        assert not await screen.page.locator("#kept").is_visible()


async def test_a_yes_whose_answer_was_lost_on_the_way_is_not_given_twice(world, tomorrow):
    async with on_the_road(world, tomorrow) as (care, screen, cable, [invite]):
        cable.loses_answers = True
        await screen.presses("Yes, I'll come")
        await screen.page.get_by_text("Waits on this telephone").wait_for()
        assert await care.promised(invite) == "held"

        await back(screen, cable, "Sent.")
        await world.settle()
        assert await care.state(invite) == "confirmed"


async def test_an_answer_that_came_too_late_says_so(world, tomorrow, clock):
    async with on_the_road(world, tomorrow) as (care, screen, cable, [invite]):
        cable.pull()
        await screen.opens("/week")
        await screen.presses("Yes, I'll come")
        await screen.page.get_by_text("Waits on this telephone").wait_for()
        promised = await care.ask(agenda.promise, invite)
        clock.advance(seconds=(promised.reply_by - clock()).total_seconds() + 1)
        await back(screen, cable, "The time to answer has passed.")
        assert await care.promised(invite) != "held"


async def test_the_next_person_on_the_same_telephone_finds_nothing_of_hers(world, tomorrow):
    async with on_the_road(world, tomorrow) as (care, screen, cable, [invite]):
        cable.pull()
        await screen.opens("/week")
        await screen.presses("Yes, I'll come")
        await screen.page.get_by_text("Waits on this telephone").wait_for()
        await screen.page.context.clear_cookies()  # her session ends without her signing out
        cable.plug()
        other = await sit_down(screen.page.context, care, "bea", "/week")
        await other.misses("Home from hospital")
        await world.settle()
        assert await care.promised(invite) == "invited"
        pages, answers = await other.page.evaluate(LEFT)
        assert ([one for one in pages if one != "/week"], answers) == ([], [])
        cable.pull()
        await other.opens("/week")
        await other.misses("Home from hospital", "Waits on this telephone")


async def test_signing_out_leaves_nothing_on_the_telephone(world, tomorrow):
    async with on_the_road(world, tomorrow) as (_, screen, cable, _):
        cable.pull()
        await screen.opens("/week")
        await screen.presses("Yes, I'll come")
        await screen.page.get_by_text("Waits on this telephone").wait_for()
        await screen.presses("Sign out")  # without a network: the telephone forgets her at once
        assert await screen.page.evaluate(LEFT) == [[], []]
        cable.plug()
        await screen.opens("/week")
        await screen.presses("Sign out")
        assert await screen.page.evaluate(LEFT) == [[], []]


async def test_a_form_of_another_site_does_not_wait_here(world, tomorrow):
    async with on_the_road(world, tomorrow) as (care, screen, cable, [invite]):
        path = (await screen.page.locator("form.answer").get_attribute("action")) or ""
        form = (
            f'<form method=post action="{screen.origin}{path}">'
            "<input name=kept value=x><input name=answer value=yes><button>Go</button></form>"
        )
        strange = await screen.page.context.new_page()
        await strange.route(
            "http://strange.test/",
            lambda one: one.fulfill(body=form, content_type="text/html"),
        )
        await strange.goto("http://strange.test/")
        cable.pull()
        await strange.get_by_role("button").click()
        await strange.wait_for_timeout(500)
        _, answers = await screen.page.evaluate(LEFT)
        assert answers == []
        assert await care.promised(invite) == "invited"
