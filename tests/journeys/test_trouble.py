"""Co-ops that are killed, and co-ops that are away: nothing is lost, nothing happens twice."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from benchmarks import lending
from tests.journeys.story import found_coop

SHIFT = {"start": "09:00", "end": "12:00"}


def test_killed_co_ops_lend_people_and_their_books_agree():
    done = subprocess.run(
        [sys.executable, str(Path(lending.__file__)), "1", "1", "--sqlite", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=560,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    [(killed, amiss)] = re.findall(r"killed +(\d+)  faults (\d+)", done.stdout)
    assert int(killed) > 0
    assert amiss == "0"


async def test_while_a_peer_is_away_work_goes_on_and_everything_arrives_when_it_is_back(any_world):
    care = await found_coop(any_world, "care", "Care", "koel")
    green = await found_coop(any_world, "green", "Green", "mangrove")
    await green.imports("Seh Mei Lin,peony,peony@mail.example,,ironing,,30,yes,yes")
    await care.imports("Poon Siu,poon,poon@mail.example,,ironing,,30,yes,yes")
    await green.peony.joins("@care@care.test", "name", "skills", "availability")
    await any_world.settle()
    await care.koel.takes_in()
    await any_world.settle()

    way_back = any_world.network.vanish("green.test")
    gone = any_world.clock()
    places = [{"skill": "ironing", "count": 2}]
    job = await care.koel.posts(
        title="Ironing", shifts=[{"day": "2027-01-08", **SHIFT, "openings": places}]
    )
    opening = await job.opening()
    found = (await job.find())[opening]["suggested"]
    assert len(found) == 2
    await job.invite(opening, *(one["person"] for one in found))
    any_world.clock.advance(minutes=1)
    await any_world.settle()
    await care.poon.answers()
    await any_world.settle()
    assert await job.states(opening) == {"Poon Siu": "confirmed", "Seh Mei Lin": "invited"}
    [peer] = (await care.koel.get("/peers"))["peers"]
    assert peer["origin"] == green.origin
    assert gone <= datetime.fromisoformat(peer["failing_since"]) <= any_world.clock()
    assert peer["waiting"] >= 2
    assert [one["origin"] for one in (await care.koel.get("/today"))["unheard"]] == [green.origin]

    any_world.network.names["green.test"] = way_back
    any_world.clock.advance(hours=1)
    await any_world.settle()
    await green.peony.answers(group="Care")
    await any_world.settle()
    assert set((await job.states(opening)).values()) == {"confirmed"}
    [peer] = (await care.koel.get("/peers"))["peers"]
    assert (peer["failing_since"], peer["waiting"]) == (None, 0)
