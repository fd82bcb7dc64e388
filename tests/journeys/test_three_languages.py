"""The main pages in every language: the rules of axe-core, text of twice the size, and no mouse."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.language import LANGUAGES, tag
from instance.people import service as people
from tests.browser import PHONE, devices
from tests.journeys.screen import FITS, open_screen, sit_down
from tests.staged import coop, join

pytestmark = pytest.mark.browser

WORKERS = ("/week", "/record", "/notices", "/me", "/me/sharing", "/groups", "/jobs")
LEADERS = ("/today", "/jobs", "/jobs/new", "/allies", "/hours", "/balances")
STRANGERS = ("/", "/sign-in", "/sign-in?way=code", "/about", "/style")

LANGUAGE_AND_DIRECTION = "[document.documentElement.lang, document.documentElement.dir]"
LARGE = "document.documentElement.style.fontSize = '200%'"
CUT_OFF = """() => [...document.querySelectorAll("main :is(h1, h2, p, .button, label)")]
  .filter((one) => !one.closest(".unseen") && one.checkVisibility())
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const outside = box.left < -1 || box.right > innerWidth + 1;
    return box.width && outside && !one.closest(".scroll, .table");
  })
  .map((one) => one.outerHTML.slice(0, 120))"""
HIDDEN_FOCUS = """() => {
  const one = document.activeElement;
  if (one === document.body) return "";
  const shown = one.matches(".paint input") ? one.closest("td") : one;
  const [box] = shown.getClientRects();
  const look = getComputedStyle(shown);
  if (look.outlineStyle === "none" && look.boxShadow === "none") return `no ring: ${one.outerHTML}`;
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  if (shown.contains(at) || at?.contains(shown)) return "";
  return `${one.outerHTML.slice(0, 120)} lies under ${at?.outerHTML.slice(0, 120)}`;
}"""


@pytest.fixture
async def staged(world, clock):
    """A co-op whose leader asked a worker of hers to come tomorrow."""
    care = await coop(world, "care")
    ana, bea = [await care.worker(name) for name in ("ana", "bea")]
    await join(world, care, care, ana, bea)
    opening = await care.opening(clock().replace(hour=1) + timedelta(days=1), places=2)
    await care.invite(opening, ana)
    await world.settle()
    return care, ana


async def opens_all(screen, addresses):
    """Open pages one after the other; each is looked at, in its own size and in twice that."""
    for address in addresses:
        await screen.opens(address)
        if screen.phone:
            await screen.page.evaluate(LARGE)
            assert await screen.page.evaluate(FITS), f"{address} is too wide with large text"
            assert await screen.page.evaluate(CUT_OFF) == [], address


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_main_pages_keep_the_rules_in_every_language_and_with_large_text(
    world, staged, language
):
    care, ana = staged
    await care.do(people.change_person, ana, language=language)
    await care.do(people.change_person, care.leader, language=language)
    async with devices(world) as device:
        phone = await sit_down(await device(size=PHONE, language=language), care, "ana")
        await opens_all(phone, WORKERS)
        expected = [tag(language), "rtl" if language == "ar" else "ltr"]
        assert await phone.page.evaluate(LANGUAGE_AND_DIRECTION) == expected
        await phone.opens("/week")
        await phone.opens(await phone.page.locator("#asked h3 a").get_attribute("href"))
        leader = await sit_down(await device(language=language), care, "lead_care")
        await opens_all(leader, LEADERS)
        stranger = await open_screen(await device(size=PHONE, language=language), care, language)
        await opens_all(stranger, STRANGERS)


async def walks_to(screen, words):
    """Press the tabulator until a button is reached; whatever has the focus must be seen."""
    for _ in range(120):
        await screen.page.keyboard.press("Tab")
        assert not (hidden := await screen.page.evaluate(HIDDEN_FOCUS)), hidden
        text = await screen.page.evaluate("document.activeElement.innerText || ''")
        if text.strip() == screen.say(words):
            return
    raise AssertionError(f"{words} was not reached")


async def presses_enter(screen):
    async with screen.page.expect_event("domcontentloaded"):
        await screen.page.keyboard.press("Enter")
    await screen.looks()


@pytest.mark.parametrize("language", ["en", "ar"])
async def test_a_worker_answers_by_keyboard_and_sees_where_she_is(world, staged, language):
    care, ana = staged
    await care.do(people.change_person, ana, language=language)
    async with devices(world) as device:
        phone = await sit_down(await device(size=PHONE, language=language), care, "ana")
        await phone.opens("/week")
        await walks_to(phone, "Yes, I'll come")
        await presses_enter(phone)
        await phone.reads("Yes is said. The time is held for you until it is confirmed.")


async def test_a_leader_finds_people_and_asks_them_by_keyboard(world, staged):
    care, _ana = staged
    async with devices(world) as device:
        laptop = await sit_down(await device(), care, "lead_care")
        await laptop.opens("/jobs")
        await walks_to(laptop, "Find people")
        await presses_enter(laptop)
        await walks_to(laptop, "Find people")
        await presses_enter(laptop)
        await walks_to(laptop, "Ask those chosen")
        await presses_enter(laptop)
        await laptop.reads("Bea")
