"""What a page costs over the wire, counted at the wire, and that it asks nobody else."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from instance.people import service as people
from instance.people import sessions
from tests.browser import PHONE, devices
from tests.journeys.cable import Cable
from tests.staged import coop, join

pytestmark = pytest.mark.browser

FIRST, LATER = 50_000, 15_000
KEEPING = 25_000
"""What a telephone fetches once on top, beside the page, to keep it for the road."""


@pytest.fixture
async def care(world, clock):
    made = await coop(world, "care")
    ana = await made.worker("ana")
    await join(world, made, made, ana)
    start = clock().replace(hour=1) + timedelta(days=1)
    for number in range(3):
        await made.invite(await made.opening(start + timedelta(days=number), places=2), ana)
    await world.settle()
    return made


async def enter(care, context, username):
    async with care.database.transaction() as tx:
        person = await people.person_named(tx, username)
        cookie = await sessions.start(tx, person.iri, "password")
    await context.add_cookies(
        [{"name": "ayni_session", "value": cookie, "url": care.origin, "httpOnly": True}]
    )


async def cost(page, cable, address):
    """Open a page; return what came over the wire for it, until it has come to rest."""
    cable.carried = 0
    await page.goto(address, wait_until="load")
    known = -1
    while known != cable.carried:
        known = cable.carried
        await asyncio.sleep(0.7)
    return known


@pytest.mark.parametrize("script", [False], ids=["without"])
async def test_pages_are_short_and_ask_nobody_else(world, care, script):
    asked = set()
    async with Cable(world.network, "care.test") as cable, devices(world) as device:
        context = await device(size=PHONE, script=script)
        page = await context.new_page()
        page.on("request", lambda request: asked.add(request.url.split("/")[2]))
        await enter(care, context, "ana")
        # what is kept for the road comes beside the first page, and is counted with it
        first = await cost(page, cable, f"{care.origin}/week")
        if script:
            await page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        assert first <= FIRST + (KEEPING if script else 0), first

        costs = {"/week": await cost(page, cable, f"{care.origin}/week")}
        one = page.locator(".invitation h3 a").first
        invitation = await one.get_attribute("href")
        costs["invitation"] = await cost(page, cable, f"{care.origin}{invitation}")
        await page.goto(f"{care.origin}/jobs")
        job = await page.locator("main a[href*='/jobs/']").first.get_attribute("href")
        costs["job"] = await cost(page, cable, job if "://" in job else care.origin + job)
        await enter(care, context, "lead_care")
        await page.goto(f"{care.origin}/today")
        costs["/today"] = await cost(page, cable, f"{care.origin}/today")
        assert {name: size for name, size in costs.items() if size > LATER} == {}, costs
    assert asked == {"care.test"}
