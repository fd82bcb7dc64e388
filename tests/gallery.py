"""Takes a picture of every main page, at two widths and in each language, for somebody to look at.

Run by `./ayni screenshots`. The pages are those of the demonstration, which is begun beside the
pictures unless it is running already. What is wider than its screen, or makes the browser
complain, is said at the end, and the program then exits with 1.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.async_api import BrowserContext, Page, async_playwright

from instance.demo.coops import people_of
from instance.language import LANGUAGES
from tests.browser import FLAGS
from tests.conftest import chromium

WIDTHS = (320, 1280)
STRANGER = {
    "welcome": "/",
    "sign-in": "/sign-in",
    "sign-in-by-code": "/sign-in?way=code",
    "not-there": "/nowhere",
    "about": "/about",
    "style": "/style",
}
ASKED = {
    "week-asked": "/week",
    "invitation": "/week a[href^='/invitations/']",
    "me": "/me",
    "sharing": "/me/sharing",
}
WORKED = {
    "week-promised": "/week",
    "record": "/record",
    "groups": "/groups",
    "jobs-of-a-worker": "/jobs",
    "job-of-a-worker": "/jobs main a[href^='/jobs/']:not([href$=followed])",
    "notices": "/notices",
    "calendar": "/week/calendar",
}
NEWCOMER = {"record-empty": "/record", "notices-empty": "/notices"}
LEADER = {
    "today": "/today",
    "jobs": "/jobs",
    "job": "/jobs main td a[href^='/jobs/']:not([href$=staffing])",
    "staffing": "/jobs main a[href$='/staffing']",
    "new-job": "/jobs/new",
    "fill-the-week": "/today main a[href*='/plan']",
    "gaps": "/today main a[href$='/gaps']",
    "evenness": "/today main a[href$='/evenness']",
    "allies": "/allies",
    "ally": "/allies main a[href^='/allies/']:not([href$=requests])",
    "asks-and-loans": "/allies/requests",
    "balances": "/balances",
    "hours": "/hours",
}


@dataclass
class Gallery:
    """The pictures taken so far, and what was wrong."""

    folder: Path
    door: str
    given: argparse.Namespace
    taken: dict[str, set[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    async def show(self, page: Page, origin: str, pages: dict[str, str]) -> None:
        """Take pictures of some pages in every language."""
        found = {name: await _address(page, origin, where) for name, where in pages.items()}
        for language in self.given.languages:
            await page.goto(f"{origin}/language?to={language}&next=/about")
            for name, address in found.items():
                if address and (not self.given.only or name in self.given.only):
                    await page.goto(address)
                    await self._take(page, name, language)

    async def _take(self, page: Page, name: str, language: str) -> None:
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 640 if width < 600 else 800})
            if self.given.text != 100:
                await page.evaluate(f"document.documentElement.style.fontSize='{self.given.text}%'")
            wide = await page.evaluate("document.documentElement.scrollWidth") > width
            if wide:
                self.faults.append(f"{name} in {language} is wider than {width} pixels")
            picture = f"{name}-{language}-{width}.png"
            await page.screenshot(path=self.folder / picture, full_page=True)
            self.taken.setdefault(name, set()).add(picture)

    def hang(self) -> Path:
        """Write the page of all pictures."""
        rows = []
        for name, pictures in self.taken.items():
            images = "".join(
                f'<a href="{one}"><img src="{one}" alt="{one}" loading="lazy" '
                f'width="{160 if one.endswith("-320.png") else 420}"></a>'
                for one in sorted(pictures)
            )
            rows.append(f"<h2>{escape(name)}</h2><p>{images}</p>")
        look = "body{font:1rem system-ui;margin:2rem}img{margin:.5rem;border:1px solid #999}"
        top = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Pages</title>'
        index = self.folder / "index.html"
        index.write_text(
            f"{top}<style>{look} p{{display:flex;flex-wrap:wrap}}</style>{''.join(rows)}"
        )
        return index


async def _address(page: Page, origin: str, where: str) -> str:
    """Return the address of a page: its path, or where the first link of another leads."""
    path, _, link = where.partition(" ")
    if not link:
        return origin + path
    await page.goto(origin + path)
    links = page.locator(link)
    found = await links.first.get_attribute("href") if await links.count() else ""
    return f"{origin}{found}" if found else ""


async def _come_in(gallery: Gallery, context: BrowserContext, coop: str, handle: str) -> Page:
    """Sign somebody in by the demonstration's door."""
    page = await context.new_page()
    page.on("pageerror", lambda error: gallery.faults.append(str(error)))
    await page.goto(f"{gallery.door}/be/{coop}/{handle}")
    async with page.expect_navigation():
        await page.locator("main form button").last.click()
    return page


async def _ask_somebody(gallery: Gallery, context: BrowserContext) -> str:
    """Have a leader ask somebody to come, once; returns the worker's handle."""
    kept = gallery.folder / "asked"
    if kept.exists():
        return kept.read_text()
    page = await _come_in(gallery, context, "green", "cypress")
    await page.goto(await _address(page, _origin(page), "/jobs main a[href$='/staffing']"))
    async with page.expect_navigation():
        await page.get_by_role("button", name="Find people").first.click()
    chosen = page.locator("form", has=page.locator(".pick :checked")).first
    name = (
        await chosen.locator(".person", has=page.locator(":checked"))
        .first.locator("b")
        .inner_text()
    )
    async with page.expect_navigation():
        await chosen.get_by_role("button", name="Ask those chosen").click()
    await page.close()
    handle = next(one["handle"] for one in people_of("green") if one["name"] == name)
    kept.write_text(handle)
    return handle


def _origin(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


async def take(gallery: Gallery) -> None:
    """Walk through the demonstration as five people and take all pictures."""
    given = gallery.given
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=chromium(), args=FLAGS)

        async def device() -> BrowserContext:
            scheme = "dark" if given.dark else "light"
            forced = "active" if given.forced else "none"
            return await opened.new_context(
                locale="en",
                color_scheme=scheme,
                forced_colors=forced,  # type: ignore[arg-type]  # both are literals
            )

        asked = await _ask_somebody(gallery, await device())
        somebody = (("green", asked, ASKED), ("green", "chrysanthemum", WORKED))
        for coop, handle, pages in (
            *somebody,
            ("green", "peony", NEWCOMER),
            ("care", "koel", LEADER),
        ):
            if given.only and not set(given.only) & set(pages):
                continue
            page = await _come_in(gallery, await device(), coop, handle)
            await gallery.show(page, _origin(page), pages)
        page = await (await device()).new_page()
        await gallery.show(page, f"http://care.localhost:{given.port}", STRANGER)
        await opened.close()


@contextlib.contextmanager
def demonstration(folder: Path, port: int) -> Iterator[str]:
    """Return where the demonstration's door is, having begun it where it was not running."""
    door = f"http://localhost:{port + 3}"
    running = False
    with contextlib.suppress(OSError):
        urlopen(door, timeout=5).close()
        running = True
    if running:
        yield door
        return
    data = os.environ | {"AYNI_DEMO_DATA": str(folder / "world")}
    command = [sys.executable, "-m", "instance", "demo", "--json", "--port", str(port)]
    with subprocess.Popen(command, env=data, stdout=subprocess.PIPE, text=True) as begun:
        try:
            assert begun.stdout is not None
            json.loads(begun.stdout.readline())
            yield door
        finally:
            begun.terminate()


def main(arguments: list[str]) -> int:
    """Take the pictures; returns 1 when something was wrong."""
    parser = argparse.ArgumentParser(prog="ayni screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", default="screenshots", type=Path)
    parser.add_argument("--only", nargs="*", default=[], help="Names of pages, such as week-asked.")
    parser.add_argument("--languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--dark", action="store_true", help="As a telephone in its dark scheme.")
    parser.add_argument("--forced", action="store_true", help="With colours forced by the system.")
    parser.add_argument("--text", type=int, default=100, help="The size of text, in per cent.")
    parser.add_argument("--port", type=int, default=8201, help="The demonstration's first port.")
    given = parser.parse_args(arguments)
    given.folder.mkdir(parents=True, exist_ok=True)
    with demonstration(given.folder, given.port) as door:
        gallery = Gallery(given.folder, door, given)
        asyncio.run(take(gallery))
    print(f"{sum(map(len, gallery.taken.values()))} pictures: {gallery.hang()}")  # noqa: T201
    for fault in gallery.faults:
        print(f"  {fault}")  # noqa: T201
    return 1 if gallery.faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
