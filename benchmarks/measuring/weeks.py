"""The plan of a week, asked for by a leader of a large co-op: what each step takes."""

from __future__ import annotations

import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.measuring.coop import has_a_week
from benchmarks.measuring.instances import LEADER, founded, has_people, running
from federation.iri import Iri
from instance.db import Database
from instance.people import service as people
from instance.staffing.week import planned, week_asking
from instance.viewer import Viewer
from tests.journeys.processes import Server

ROUNDS = 5
SECOND = 1.0
"""What a page may take at most."""


GROWTH = 2.0
"""How much longer it may take for each person, in a co-op that is much larger."""


@dataclass(frozen=True)
class Line:
    """Something that was measured: seconds, beside a floor, or a bare ratio; the most it may be."""

    what: str
    took: float
    floor: float | None = None
    most: float | None = None
    unit: str = "s"

    @property
    def missed(self) -> bool:
        """Whether it is above its target."""
        return self.most is not None and self.took > self.most

    @property
    def text(self) -> str:
        """The line as it is printed."""
        said = f"{self.what:58} {self.took:8.3f} {self.unit}"
        if self.floor:
            said += f"   floor {self.floor:6.3f} s   ratio {self.took / self.floor:6.1f}"
        if self.most is not None:
            said += f"   at most {self.most:g}{'   MISSED' if self.missed else ''}"
        return said


class Leader:
    """Fetches pages as a browser does, one after the other."""

    def __init__(self, origin: str, client: aiohttp.ClientSession) -> None:
        self._origin, self._client = origin, client

    async def get(self, path: str) -> tuple[float, int]:
        """Fetch a page; return the seconds until all of it was there, and its bytes."""
        begun = time.perf_counter()
        async with self._client.get(f"{self._origin}{path}") as answer:
            body = await answer.read()
            assert answer.status == 200, (path, answer.status, body[:500])
        return time.perf_counter() - begun, len(body)

    async def post(self, path: str, **values: Any) -> tuple[float, Any]:
        """Press a button; return the seconds until it was answered, and what was."""
        begun = time.perf_counter()
        async with self._client.post(f"{self._origin}{path}.json", json=values) as answer:
            said = await answer.json()
            assert answer.status < 300, (path, answer.status, said)
        return time.perf_counter() - begun, said

    async def read(self, path: str, query: str) -> Any:
        """Read what a page shows, as a program does."""
        async with self._client.get(f"{self._origin}{path}.json?{query}") as answer:
            return await answer.json()

    async def usual(self, path: str) -> float:
        """Fetch a page some times; return the seconds in the middle."""
        return statistics.median([(await self.get(path))[0] for _ in range(ROUNDS)])


async def measured(folder: Path, count: int, shifts: int) -> dict[str, Line]:
    """Measure a co-op of so many people with so many shifts in a week."""
    server = await founded(folder)
    monday = await has_a_week(server, await has_people(server, count), shifts)
    apart = await alone(server, monday)
    given = {
        "Host": server.origin.partition("://")[2],
        "Authorization": f"Bearer {server.tokens[LEADER]}",
    }
    async with running(server), aiohttp.ClientSession(headers=given) as client:
        path = f"/groups/{server.group.rpartition('/')[2]}/plan"
        leader = Leader(f"http://127.0.0.1:{server.port}", client)
        return await _pages(leader, path, monday, f"{count} people, {apart.places} places", apart)


@dataclass(frozen=True)
class Alone:
    """What reading and planning the same week takes here, and how many places are open."""

    reading: float
    computing: float
    places: int


async def _pages(leader: Leader, path: str, monday: date, of: str, apart: Alone) -> dict[str, Line]:
    week, floor = f"{path}?from={monday}", apart.reading + apart.computing
    bare = await leader.usual("/about")
    await leader.get(week)
    before = await leader.usual(week)
    slowest, made, pressed, under_way = await _planning(leader, path, monday)
    after = await leader.usual(week)
    _, size = await leader.get(week)
    asked, told, beside = await _asking(leader, path, monday)
    then = await leader.usual(week)
    return {
        "before": Line(f"{of}: the page before there is a plan", before, bare, SECOND),
        "pressed": Line(f"{of}: the button is answered", pressed, bare, SECOND),
        "under way": Line(f"{of}: the page meanwhile, the slowest", under_way, bare, SECOND),
        "others": Line(f"{of}: another page meanwhile, the slowest", slowest, bare, SECOND),
        "made": Line(f"{of}: until the plan stands", made, floor),
        "after": Line(f"{of}: the page with the plan ({size // 1000} KB)", after, bare, SECOND),
        "asked": Line(f"{of}: asking all {len(told['invites'])}", asked, floor),
        "beside": Line(f"{of}: another page meanwhile, the slowest", beside, bare, SECOND),
        "then": Line(f"{of}: the page once they are asked", then, bare, SECOND),
    }


async def _planning(leader: Leader, path: str, monday: date) -> tuple[float, float, float, float]:
    """Ask for a plan, and look at pages until it stands."""
    others: list[float] = []
    begun = time.perf_counter()
    pressing = asyncio.create_task(leader.post(path, monday=monday.isoformat()))
    while not pressing.done():
        others.append((await leader.get("/about"))[0])
    pressed, progress = await pressing
    meanwhile = [0.0]
    while progress and progress.get("stage"):
        meanwhile.append((await leader.get(f"{path}?from={monday}"))[0])
        others.append((await leader.get("/about"))[0])
        progress = (await leader.read(path, f"from={monday}"))["progress"]
    return max(others), time.perf_counter() - begun, pressed, max(meanwhile)


async def _asking(leader: Leader, path: str, monday: date) -> tuple[float, Any, float]:
    """Ask everybody, and look at another page until it is done."""
    others = [0.0]
    every = {"monday": monday.isoformat(), "all": True}
    asking = asyncio.create_task(leader.post(f"{path}/ask", **every))
    while not asking.done():
        others.append((await leader.get("/about"))[0])
    took, told = await asking
    return took, told, max(others)


async def alone(server: Server, monday: date) -> Alone:
    """Read and plan the same week here: what no server can leave out."""
    database = Database(server.settings)
    try:
        async with database.reading() as tx:
            leader = await people.person_named(tx, LEADER)
            rights = tuple(Iri(one.group) for one in await people.rights_of(tx, leader.iri))
            viewer = Viewer(leader.iri, LEADER, LEADER, "en", leads=rights)
            begun = time.perf_counter()
            asked = await week_asking(tx, viewer, Iri(server.group), monday)
            read = time.perf_counter()
    finally:
        await database.close()
    planned(asked.problem)  # what computes is loaded now
    again = time.perf_counter()
    planned(asked.problem)
    places = sum(one.places for one in asked.problem.openings)
    return Alone(read - begun, time.perf_counter() - again, places)


def growth(small: dict[str, Line], large: dict[str, Line], times: float) -> list[Line]:
    """Say how much longer each takes for each person of the larger co-op."""
    return [
        Line(
            f"a person of the larger beside one of the smaller: {name}",
            large[name].took / small[name].took / times,
            most=GROWTH,
            unit="",
        )
        for name in large
        if small[name].took
    ]
