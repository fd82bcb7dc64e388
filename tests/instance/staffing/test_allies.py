"""What allies could lend, as the leader who looks for people reads it: fresh, and never awaited."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web

from instance.alliances import activities as alliances_wire
from instance.alliances import service as alliances
from instance.jobs.views import NewOpening
from instance.wire import instant
from tests.instance.alliances.pair import Stranger
from tests.instance.staffing.stage import Page, a_job, staff
from tests.staged import TERMS, ally, coop


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


class Silent(Stranger):
    """An ally whose server takes a question for counts and never answers it."""

    asked = 0
    over: asyncio.Event

    async def ally_with(self, care):
        await self.say(self.offer(care.group, TERMS), care.group)
        async with care.database.transaction() as tx:
            every = await alliances.alliances(tx, care.view, care.group)
            offered = next(one for one in every if one.ally == self.group)
            await alliances.accept(tx, care.view, offered.id)
        await self.world.settle()
        self.counts(self.hang)

    def counts(self, answer):
        self.remote.documents[f"/users/{self.group.rpartition('/')[2]}/capacity"] = answer

    async def hang(self, _request):
        self.asked += 1
        await self.over.wait()
        return web.Response()


@pytest.fixture
async def silent(world, care):
    """Let allies be there that do not answer while the test runs."""
    over = asyncio.Event()

    async def be_there(name):
        found = Silent(world, await world.remote(name), name)
        found.over = over
        await found.ally_with(care)
        return found

    yield be_there
    over.set()


async def page_of(world, care, job):
    """Let the leader find people; returns the answer to the click and the page after it."""
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"
    status, headers, _ = await page.ask(f"{base}/find", {})
    assert (status, headers["Location"]) == (303, f"{base}#places")
    _, _, text = await page.ask(base)
    _, _, told = await page.ask(f"{base}.json")
    return text, told


async def test_finding_people_asks_the_allies_whose_counts_are_old(world, care, tomorrow):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    await staff(world, wash, "wei", "xin")
    for _ in range(2):
        world.clock.advance(minutes=1)
        await world.settle()
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))

    text, told = await page_of(world, care, job)

    assert "1–2" in text  # noqa: RUF001  # the dash that pages show
    assert "As of" in text
    assert "wei" not in text + told
    assert world.clock().strftime("%Y-%m-%dT%H:%M") in told


async def test_an_ally_that_does_not_answer_is_shown_as_unheard_and_is_not_awaited(
    world, care, silent, tomorrow, monkeypatch
):
    monkeypatch.setattr(alliances_wire, "PATIENCE", 0.3)
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    await staff(world, wash, "wei")
    for _ in range(2):
        world.clock.advance(minutes=1)
        await world.settle()
    mute = [await silent(name) for name in ("green", "moss", "fern")]
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))

    begun = asyncio.get_running_loop().time()
    text, _ = await page_of(world, care, job)
    first = asyncio.get_running_loop().time() - begun
    await page_of(world, care, job)

    assert first < 5  # half of what a fetch may take when nobody hurries
    assert "1–2" in text  # noqa: RUF001  # the same
    assert text.count("Has not answered yet") == 3
    assert [one.asked for one in mute] == [1, 1, 1]


async def test_the_last_word_of_a_silent_ally_stays_with_its_hour(
    world, care, silent, tomorrow, monkeypatch
):
    monkeypatch.setattr(alliances_wire, "PATIENCE", 0.3)
    green = await silent("green")
    half = timedelta(hours=12)
    midnight = tomorrow.replace(hour=16) - timedelta(days=1)
    green.counts(
        {
            "id": f"{green.group}/capacity",
            "type": "Collection",
            "attributedTo": green.group,
            "asOf": instant(world.clock()),
            "items": [
                {
                    "resourceConformsTo": f"{green.remote.origin}/ns/skills#ironing",
                    "startTime": instant(midnight + half * number),
                    "endTime": instant(midnight + half * (number + 1)),
                    "count": "3–5",  # noqa: RUF001  # the same
                }
                for number in range(3)
            ],
        }
    )
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    text, _ = await page_of(world, care, job)
    assert "3–5" in text  # noqa: RUF001  # the same
    assert "Not heard since" not in text
    green.counts(green.hang)
    world.clock.advance(minutes=6)

    text, _ = await page_of(world, care, job)
    assert "3–5" in text  # noqa: RUF001  # the same
    assert "Not heard since" in text
