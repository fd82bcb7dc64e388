"""People before a screen: they open pages, press what stands there, and fill in forms.

What they look for is named in English and looked up in their own language, so that one story is
walked in both. Every page that comes up must fit the screen and, where scripts run, keep the rules
of axe-core (WCAG and good practice); on a phone, every button, field and link that stands alone
must be big enough for a thumb.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Locator, Page

from instance.language import translate
from instance.people import service as people
from instance.people import signin

AXE = Axe()
VIOLATIONS = {"resultTypes": ["violations"]}
THUMB = 44
CONTAINERS = "article, li.person, tr, section, form, fieldset, div.place"
SMALL = """(least) => {
  const seen = (one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && one.checkVisibility({ visibilityProperty: true });
  };
  const target = (one) => one.closest("label, .paint td") ?? one;
  return [...document.querySelectorAll("a, button, input, select, textarea, summary")]
    .filter((one) => getComputedStyle(one).display !== "inline" && !one.closest(".unseen"))
    .filter((one) => seen(one) && seen(target(one)))
    .filter((one) => {
      const box = target(one).getBoundingClientRect();
      return box.height < least - 0.5 || box.width < least - 0.5;
    })
    .map((one) => one.outerHTML.slice(0, 120));
}"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@dataclass(eq=False)
class Screen:
    """Somebody's phone or laptop: one page of a browser, and how often she pressed something."""

    page: Page
    origin: str
    language: str
    phone: bool
    pressed: int = 0

    @property
    def address(self) -> str:
        """Return where she is, without the place on the page."""
        return self.page.url.partition("#")[0]

    def say(self, words: str, **values: object) -> str:
        """Return words as her pages say them."""
        return translate(self.language, words, **values)

    # Going from page to page ---------------------------------------------------------------------

    async def opens(self, address: str) -> None:
        """Open an address: a bookmark, or a link that somebody sent."""
        await self.page.goto(address if "://" in address else f"{self.origin}{address}")
        await self.looks()

    async def follows(self, words: str, within: str = "") -> None:
        """Press a link, the first of those that are called so."""
        links = self._place(within).get_by_role("link", name=self.say(words), exact=True)
        await self._goes(links.first)

    async def turns_to(self, words: str) -> None:
        """Press a link at the top of every page."""
        await self.follows(words, ".top")

    async def is_told(self, words: str, act: str) -> None:
        """Look into what she was told, and press what a notice leads to."""
        await self._goes(self.page.locator(".bell"))
        await self.follows(act, words)

    async def presses(self, words: str, within: str = "", **values: object) -> None:
        """Press a button that leads on."""
        await self._goes(self.button(words, within, **values))

    async def presses_twice(self, words: str, again: str, within: str = "") -> None:
        """Press a button that asks whether she is sure, and once more."""
        await self.button(words, within).click()
        self.pressed += 1
        await self.presses(again, within)

    async def presses_in_place(self, words: str) -> None:
        """Press a button that leaves the page standing."""
        await self.button(words).click()
        self.pressed += 1

    async def _goes(self, what: Locator) -> None:
        async with self.page.expect_event("domcontentloaded"):
            await what.click()
        self.pressed += 1
        await self.looks()

    async def looks(self) -> None:
        """Look at the page that came up."""
        assert await self.page.evaluate(FITS), f"{self.page.url} is wider than the screen"
        if self.phone:
            small = await self.page.evaluate(SMALL, THUMB)
            assert not small, f"too small for a thumb on {self.page.url}: {small}"
        if await self.page.evaluate("'htmx' in window"):  # where scripts run
            found = await AXE.run(self.page, options=VIOLATIONS)
            assert not found.violations_count, f"{self.page.url}: {found.generate_report()}"

    async def changes_to_chinese(self) -> None:
        """Have all pages in Chinese from now on."""
        await self.page.locator(".languages summary").click()
        await self.follows("繁體中文")
        self.language = "zh-Hant"

    # Forms ---------------------------------------------------------------------------------------

    async def fills(self, within: str = "", **fields: str) -> None:
        """Fill in fields by their names in the form."""
        for name, value in fields.items():
            field = self._place(within).locator(f'[name="{name.replace("__", ".")}"]')
            await field.fill(value)

    async def ticks(self, words: str, within: str = "") -> None:
        """Tick a box, or choose one of a few, by the words beside it."""
        await self._place(within).get_by_label(self.say(words)).first.check()
        self.pressed += 1

    async def unfolds(self, words: str, within: str = "", **values: object) -> None:
        """Open what is folded up."""
        summary = self._place(within).locator("summary")
        await summary.filter(has_text=self.say(words, **values)).first.click()
        self.pressed += 1

    async def picks(self, within: str, *names: str) -> None:
        """Choose exactly these people of a list, folded or not."""
        place = self._place(within)
        for summary in await place.locator("details:not([open]):has(.pick) > summary").all():
            await summary.click()
            self.pressed += 1
        for row in await place.locator("li.person:has(.pick)").all():
            wanted = any([name in await row.inner_text() for name in names])
            if wanted != await row.get_by_role("checkbox").is_checked():
                await row.get_by_role("checkbox").click()
                self.pressed += 1

    async def chooses(self, name: str, words: str) -> None:
        """Choose from a list."""
        await self.page.locator(f'select[name="{name}"]').select_option(label=words)
        self.pressed += 1

    # Reading -------------------------------------------------------------------------------------

    def button(self, words: str, within: str = "", **values: object) -> Locator:
        """Return a button by what stands on it, in the innermost part that has the words too."""
        button = self.page.get_by_role("button", name=self.say(words, **values), exact=True)
        if not within or within[0] in "#.":
            return button if not within else self.page.locator(within).locator(button)
        parts = self.page.locator(CONTAINERS).filter(has_text=within).filter(has=button)
        return parts.last.locator(button)

    def _place(self, within: str) -> Any:
        """Return the innermost part of the page that has some words in it, or all of it."""
        if not within:
            return self.page
        if within[0] in "#.":
            return self.page.locator(within)
        return self.page.locator(CONTAINERS).filter(has_text=within).last

    async def text(self, within: str = "") -> str:
        """Read the page, or a part of it."""
        place = self._place(within) if within else self.page.locator("main")
        return " ".join((await place.inner_text()).split())

    async def reads(self, *words: str, within: str = "") -> None:
        """Find words on the page."""
        text = await self.text(within)
        for one in words:
            assert self.say(one) in text, f"{self.say(one)!r} not in {text!r}"

    async def misses(self, *words: str) -> None:
        """Look for words in vain."""
        text = await self.text()
        for one in words:
            assert self.say(one) not in text, f"{self.say(one)!r} in {text!r}"


async def sit_down(context: BrowserContext, coop: Any, username: str, to: str = "/") -> Screen:
    """Sign somebody in by a link, as the program prints it for her first day."""
    async with coop.running.database.transaction() as tx:
        person = await people.person_named(tx, username)
        link = await signin.make_link(tx, person.iri, to=to)
    screen = await open_screen(context, coop, person.language)
    await screen.opens(link)
    await screen.presses("Sign in")
    screen.pressed = 0
    return screen


async def open_screen(context: BrowserContext, coop: Any, language: str) -> Screen:
    """Open a page at a co-op without being anybody."""
    page = await context.new_page()
    narrow = (page.viewport_size or {"width": 0})["width"] < 600
    return Screen(page, coop.origin, language, phone=narrow)


def link_in(mail: Any) -> str:
    """Return the address in a mail by which its reader answers."""
    return re.search(r"http://\S+/answer/\S+", mail.get_content())[0]
