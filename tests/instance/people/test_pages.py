"""What a stranger, a worker and a leader are shown."""

from __future__ import annotations

import html
import re

import pytest

from instance import personal

PUBLIC = [
    "/",
    "/about",
    "/privacy",
    "/sign-in",
    "/sign-in?way=code",
    "/sign-in?way=link",
    "/transparency",
    "/ns/skills",
]


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", ["en", "zh-Hant"])
async def test_a_stranger_reads_what_hangs_on_the_walls(coop, path, language):
    page = await (await coop.browser()).get(path, Accept_Language=language)
    assert page.status == 200, page.text
    assert page.text.count("<h1>") == 1
    identifiers = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(identifiers) == len(set(identifiers))


@pytest.mark.parametrize("path", ["/me", "/me/tokens"])
async def test_a_stranger_is_led_to_the_door(coop, path):
    page = await (await coop.browser()).get(path)
    assert (page.status, page.to) == (303, f"/sign-in?next={path}")


@pytest.mark.parametrize("path", ["/me", "/me/tokens", *PUBLIC[1:]])
async def test_a_worker_reads_her_own_pages(coop, path):
    page = await (await coop.browser(coop.ana)).get(path)
    assert page.status == 200, page.text
    assert "Ana Pérez" in page.text
    identifiers = re.findall(r'\sid="([^"]+)"', page.text)
    assert len(identifiers) == len(set(identifiers))


async def test_every_form_on_these_pages_is_described_to_programs(coop):
    async with coop.client.get(f"{coop.origin}/openapi.json") as answer:
        described = await answer.json()
    operations = [one for path in described["paths"].values() for one in path.values()]
    identifiers = [one["operationId"] for one in operations]
    assert len(identifiers) == len(set(identifiers))
    patterns = [re.sub(r"\\?{\w+\\?}", "[^/]+", path) for path in described["paths"]]
    browser = await coop.browser(coop.mei)
    pages = ["/me", "/me/tokens", "/sign-in", "/sign-in?way=code", "/sign-in?way=link"]
    for path in [*pages, coop.ana.removeprefix(coop.origin)]:
        page = await browser.get(path)
        for action in re.findall(r'method="post" action="([^"]+)"', page.text):
            assert any(re.fullmatch(one, f"{action}.json") for one in patterns), action


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
async def test_the_privacy_notice_says_of_everything_kept_what_for_and_until_when(coop, language):
    page = await (await coop.browser()).get("/privacy", Accept_Language=language)
    shown = html.unescape(page.text)
    for one in personal.REGISTER:
        assert f">{one.why(language)}</td>" in shown
    assert shown.count('data-label="') == 2 * len(personal.REGISTER)
