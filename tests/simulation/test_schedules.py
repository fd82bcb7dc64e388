"""A thousand schedules drawn from seeds: late, doubled and overtaking letters change nothing.

They are played in two processes, side by side. `AYNI_TEST_SCHEDULES` multiplies how many.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import uuid
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from federation.keypool import make_keys
from instance.agenda import promises
from instance.clock import PretendClock
from tests.conftest import SharedKeys
from tests.databases import POSTGRESQL, on_server
from tests.simulation.inline import run_inline
from tests.simulation.schedule import Asked, Play, Schedule
from tests.simulation.stage import Chance, SocketWire, Wire, close, instance
from tests.staged import Coop, ally, coop_at, join, lend

WORKERS = 24
TIMES = int(os.environ.get("AYNI_TEST_SCHEDULES", "1"))
NAMES = ("home", "care", "hill")


async def stage(urls, clock, keys, workers=WORKERS):
    """Set up three co-ops whose letters are put into each other's inboxes without sockets."""
    made = [await instance(name, url, clock, keys) for name, url in zip(NAMES, urls, strict=True)]
    return await people(Wire(made, clock), workers)


async def people(wire, workers):
    """Set up workers of the first co-op who belong to the other two, and an alliance of those."""
    made = wire.instances.values()
    home, care, hill = [await coop_at(one, name) for one, name in zip(made, NAMES, strict=True)]
    workers = [await home.worker(f"worker{number}") for number in range(workers)]
    await wire.introduce()
    await join(wire, home, care, *workers)
    await join(wire, home, hill, *workers)
    await ally(wire, hill, care)
    return Play(wire, wire.clock, home, care, hill), workers


async def batch(play: Play, workers, clock, seed) -> None:
    """Play one schedule for each worker, all at once."""
    clock.now = clock.now.replace(hour=0, minute=0) + timedelta(days=6)
    care, hill = play.care, play.hill
    start, quarter = clock.now + timedelta(days=1), len(workers) // 4
    own = await openings(care, start, quarter) + await openings(care, start, quarter)
    later = start + timedelta(hours=2)
    rival = await openings(hill, later, quarter) + await openings(hill, later, quarter)
    borrowed = await openings(hill, start, 2 * quarter)
    agreement = await lend(play.wire, hill, care, *borrowed)
    mine = [Asked(care, one) for one in own]
    rivals = [Asked(hill, one) for one in rival]
    lent = [Asked(care, one, agreement, hill) for one in borrowed]
    asked = {
        "rivals": lambda: [mine.pop(), rivals.pop()],
        "moved": lambda: [mine.pop()],
        "lent": lambda: [lent.pop(), rivals.pop()],
        "lent and moved": lambda: [lent.pop()],
    }
    schedules = []
    for number, worker in enumerate(workers):
        kind = list(asked)[number % len(asked)]
        drawn = Chance(f"{seed} {number}")
        schedules.append(Schedule(kind, worker, asked[kind](), drawn))
    try:
        await play.run(schedules, Chance(seed))
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from error


async def openings(coop: Coop, start, count: int):
    starts = [start + timedelta(minutes=5 * number) for number in range(count)]
    return await coop.openings(*starts)


async def play_batches(urls, seeds) -> int:
    """Play a batch for each seed on three fresh databases; returns how many schedules."""
    clock, keys = PretendClock(), SharedKeys([make_keys() for _ in range(3)])
    play, workers = await stage(urls, clock, keys)
    for seed in seeds:
        await batch(play, workers, clock, seed)
    await close(list(play.wire.instances.values()))
    return len(seeds) * len(workers)


def in_memory_files(folder: str, seeds) -> int:
    """Play in a process of its own, in files that lie in memory where there is such a place."""
    with pytest.MonkeyPatch.context() as patch:
        run_inline(patch)
        shared = Path("/dev/shm")
        place = shared if shared.is_dir() else Path(folder)
        files = [place / f"ayni_{uuid.uuid4().hex}.db" for _ in range(3)]
        try:
            urls = [f"sqlite+aiosqlite:///{one}" for one in files]
            return asyncio.run(play_batches(urls, seeds))
        finally:
            for one in files:
                for left in place.glob(f"{one.name}*"):
                    left.unlink()


def on_postgresql(seeds) -> int:
    """Play in a process of its own, on a PostgreSQL server."""
    return asyncio.run(_on_postgresql(seeds))


async def _on_postgresql(seeds) -> int:
    names = [f"ayni_test_{uuid.uuid4().hex}" for _ in range(3)]
    for name in names:
        await on_server(f'CREATE DATABASE "{name}"')
    try:
        server = POSTGRESQL.rpartition("/")[0]
        return await play_batches([f"{server}/{name}" for name in names], seeds)
    finally:
        for name in names:
            await on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def side_by_side(*plays) -> int:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(plays), mp_context=context) as pool:
        return sum(one.result() for one in [pool.submit(*play) for play in plays])


def seeds(name: str, count: int) -> list[str]:
    return [f"{name} {number}" for number in range(count * TIMES)]


def test_schedules_on_sqlite(tmp_path):
    halves = [seeds("first", 18), seeds("second", 18)]
    played = side_by_side(*((in_memory_files, str(tmp_path), half) for half in halves))
    assert played == 36 * WORKERS * TIMES


@pytest.mark.postgresql
def test_schedules_on_postgresql():
    halves = [seeds("third", 3), seeds("fourth", 3)]
    played = side_by_side(*((on_postgresql, half) for half in halves))
    assert played == 6 * WORKERS * TIMES


async def test_schedules_over_sockets(any_world):
    wire = SocketWire(any_world, [await any_world.instance(name) for name in NAMES])
    play, workers = await people(wire, 4)
    for seed in seeds("fifth", 2):
        await batch(play, workers, any_world.clock, seed)


async def test_a_home_that_does_not_look_is_found_out(tmp_path, spare_keys, monkeypatch):
    async def nothing_stands_against(_tx, rows):
        return {row.invite: () for row in rows}

    run_inline(monkeypatch)
    monkeypatch.setattr(promises, "standing", nothing_stands_against)
    urls = [f"sqlite+aiosqlite:///{tmp_path}/{name}.db" for name in NAMES]
    clock = PretendClock()
    play, workers = await stage(urls, clock, SharedKeys(spare_keys), 12)

    with pytest.raises(AssertionError, match="two places at once"):
        await batch(play, workers, clock, "does not look")
    await close(list(play.wire.instances.values()))
