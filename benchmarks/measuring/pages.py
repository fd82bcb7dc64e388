"""What a page costs: CPU of the server's process, statements, bytes; beside the bare frame."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import event

from benchmarks.measuring.instances import LEADER, founded, running
from benchmarks.measuring.years import Filled, has_years
from federation.iri import Iri
from instance.app import create_app
from instance.pages import Pages
from instance.viewer import VIEWER, Viewer
from instance.web import DATABASE
from tests.journeys.processes import Server

ROUNDS = 60
WARM = 5
MOST = 15.0
"""How many times the bare frame a page may cost, 95 of 100 times."""

REST = 40.0
"""Milliseconds of CPU in a second of a server that nobody asks anything."""

GROWTH = 1.5
"""How much more a page may cost where there are ten times as many people."""


@dataclass(frozen=True)
class Cost:
    """What one page costs: milliseconds of CPU, statements of SQL, bytes over the wire."""

    middle: float
    most: float
    queries: int
    size: int


@dataclass(frozen=True)
class Measured:
    """A co-op's pages, by name, beside what the bare frame costs in the same minutes."""

    people: int
    frame: float
    pages: dict[str, Cost]

    def ratio(self, name: str) -> float:
        """Return how many frames a page costs, 95 of 100 times."""
        return self.pages[name].most / self.frame


async def measured(folder: Path, people: int, groups: int) -> Measured:
    """Measure the pages of somebody in a co-op of so many people and groups."""
    server = await founded(folder)
    filled = await has_years(server, people, groups)
    await server.gives_a_token(LEADER)
    paths = _paths(filled)
    queries = await _queries(server, paths)
    frame = _Frame(server)
    floors: list[float] = []
    found: dict[str, list[float]] = {name: [] for name in paths}
    sizes: dict[str, int] = {}
    async with running(server), aiohttp.ClientSession(headers=_given(server)) as client:
        await _at_rest(server)
        for turn in range(ROUNDS + WARM):
            for name, path in paths.items():
                before = _cpu_of(server.pid)
                async with client.get(f"http://127.0.0.1:{server.port}{path}") as answer:
                    await answer.read()
                    assert answer.status == 200, (path, answer.status)
                    sizes[name] = int(answer.headers.get("Content-Length", 0))
                if turn >= WARM:
                    found[name].append(_cpu_of(server.pid) - before)
                    floors.append(frame.costs())
    return Measured(
        people,
        _most(floors),
        {
            name: Cost(statistics.median(took), _most(took), queries[name], sizes[name])
            for name, took in found.items()
        },
    )


def _paths(filled: Filled) -> dict[str, str]:
    return {
        "my week": "/week",
        "today": "/today",
        "job": filled.job,
        "answer": filled.invitations[0],
    }


def _given(server: Server) -> dict[str, str]:
    host = server.origin.partition("://")[2]
    return {"Host": host, "Authorization": f"Bearer {server.tokens[LEADER]}"}


def _most(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _cpu_of(pid: int) -> float:
    """Add up the milliseconds that every thread of a process was on a processor."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(one.read_text().split()[0]) for one in threads) / 1e6


async def _at_rest(server: Server) -> None:
    """Wait until the process has made its keys ahead, and does nothing by itself."""
    busy = REST
    while busy >= REST:
        before = _cpu_of(server.pid)
        await asyncio.sleep(1)
        busy = _cpu_of(server.pid) - before


class _Frame:
    """The bare frame of every page, written for somebody who leads a group."""

    def __init__(self, server: Server) -> None:
        self._pages = Pages(server.settings)
        self._request = make_mocked_request("GET", "/week", headers=_given(server))
        mei = Iri(f"{server.origin}/people/mei")
        self._request[VIEWER] = Viewer(mei, "Mei", LEADER, "en", leads=(Iri(server.group),))
        self.costs()

    def costs(self) -> float:
        """Write it; return the milliseconds of CPU."""
        begun = time.thread_time()
        self._pages.render(self._request, "base.html", csrf="token")
        return (time.thread_time() - begun) * 1e3


async def _queries(server: Server, paths: dict[str, str]) -> dict[str, int]:
    """Count the statements that each page asks of the database, the second time it is shown."""
    app = create_app(server.settings, courier=False)
    runner = web.AppRunner(app)
    await runner.setup()
    asked = [0]

    def count(*_: object) -> None:
        asked[0] += 1

    database = app[DATABASE]
    for engine in {database._reader.sync_engine, database._writer.sync_engine}:  # noqa: SLF001  # who counts looks inside
        event.listen(engine, "before_cursor_execute", count)
    found = {}
    try:
        for name, path in paths.items():
            for _ in range(2):
                asked[0] = 0
                request = make_mocked_request("GET", path, headers=_given(server), app=app)
                response = await app._handle(request)  # noqa: SLF001  # without a socket
                assert response.status == 200, (path, response.status)
            found[name] = asked[0]
    finally:
        await runner.cleanup()
    return found
