"""Hundreds of schedules drawn from seeds: late, doubled and overtaking letters change nothing.

`AYNI_TEST_SCHEDULES` multiplies how many; with 4 there are a thousand.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from instance.agenda import promises
from instance.clock import PretendClock
from tests.conftest import SharedKeys
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


async def play_batches(take, give_back, seeds, keys) -> None:
    """Play a batch for each seed on three fresh databases."""
    clock = PretendClock()
    urls = [await take() for _ in NAMES]
    play, workers = await stage(urls, clock, SharedKeys(keys))
    for seed in seeds:
        await batch(play, workers, clock, seed)
    await close(list(play.wire.instances.values()))
    for url in urls:
        await give_back(url)


def seeds(name: str, count: int) -> list[str]:
    return [f"{name} {number}" for number in range(count * TIMES)]


@pytest.mark.parametrize("name", ["first", "second", "third"])
async def test_schedules_on_sqlite(name, databases, spare_keys, monkeypatch):
    run_inline(monkeypatch)
    await play_batches(databases.file, databases.give_back, seeds(name, 3), spare_keys)


@pytest.mark.postgresql
async def test_schedules_on_postgresql(databases, spare_keys):
    await play_batches(databases.on_server, databases.give_back, seeds("fourth", 2), spare_keys)


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
