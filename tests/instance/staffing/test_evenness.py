"""How evenly a group shares out hours: told to its leaders, and what another order would change."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import msgspec
import pytest

import matching
from instance.consent import service as consent
from instance.errors import NotFound
from instance.jobs.views import NewOpening
from instance.staffing import evenness as module
from instance.staffing import service as staffing
from instance.staffing.remembered import Remembered
from tests.instance.staffing.stage import EVERYTHING, Page, a_job, hire, staff, take_in
from tests.matching.worlds import opening, problem, worker
from tests.staged import coop, viewer

WHERE = (*EVERYTHING, "district")
HOURS = {"weekly_minutes": 20 * 60}


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def evenness(one):
    """Return what the leader reads, once it is worked out."""
    for _ in range(100):
        view = await staffing.evenness(one.database, one.view, one.group)
        if view.ready or not view.coming:
            return view
        await asyncio.sleep(0.05)
    raise AssertionError("it was never worked out")


def path_of(one, name="evenness"):
    return f"/groups/{one.group.rpartition('/')[2]}/{name}"


async def near_and_far(world, care, tomorrow):
    """Let who lives near have had hours yesterday, and who lives far have had none."""
    near = await hire(care, "near", share=WHERE, district="sha-tin-district", **HOURS)
    await hire(care, "far", share=WHERE, district="tuen-mun-district", **HOURS)
    await take_in(world, care)
    first = await a_job(care, tomorrow, NewOpening("ironing", 1), district="sha-tin-district")
    invite = await care.invite(first.shifts[0].openings[0].iri, near)
    await world.settle()
    await care.answer(invite, near)
    await world.settle()
    await a_job(
        care, tomorrow + timedelta(days=2), NewOpening("ironing", 1), district="sha-tin-district"
    )


async def test_a_leader_reads_what_fairness_costs_in_ways(any_world, clock):
    care = await coop(any_world, "care")
    tomorrow = clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)
    await near_and_far(any_world, care, tomorrow)

    found = await evenness(care)
    assert found.differs
    [in_force] = [one for one in found.orders if one.in_force]
    last = found.orders[-1]
    assert in_force.priorities.index("fairness") < in_force.priorities.index("travel")
    assert last.priorities.index("fairness") > last.priorities.index("travel")
    assert (in_force.metres > 20_000, last.metres) == (True, 0)
    assert in_force.gini < last.gini
    assert (in_force.filled, last.filled) == (1, 1)

    page = await Page(any_world, care).of(care.leader)
    for before in ("/jobs", path_of(care, "")[:-1]):
        assert f'{path_of(care)}"' in (await page.ask(before))[2], before
    status, _, text = await page.ask(path_of(care))
    assert status == 200
    assert "as it is now" in text
    assert "1 offer of work would be made: one for every" in text
    assert text.count('<svg xmlns="http://www.w3.org/2000/svg"') == 2
    _, _, twin = await page.ask(f"{path_of(care)}.json")
    assert len(msgspec.json.decode(twin)["orders"]) == 5


async def test_who_waits_is_named_and_who_never_worked_comes_first(world, care, tomorrow, clock):
    yesterday = await hire(care, "earlier", **HOURS)
    await hire(care, "never", skills=(), **HOURS)
    await take_in(world, care)
    first = await a_job(care, tomorrow, NewOpening("ironing", 1))
    invite = await care.invite(first.shifts[0].openings[0].iri, yesterday)
    await world.settle()
    await care.answer(invite, yesterday)
    await world.settle()
    clock.advance(days=200)
    await a_job(care, tomorrow + timedelta(days=201), NewOpening("oral-care", 1))

    found = await evenness(care)
    assert [(one.name, one.worked) for one in found.waiting] == [
        ("Never", None),
        ("Earlier", tomorrow + timedelta(hours=4)),
    ]
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(path_of(care))
    assert "has not worked with us yet" in text
    assert "last worked with us on" in text


async def test_where_ways_are_not_known_or_nobody_asked_for_hours_the_page_says_so(
    world, care, tomorrow
):
    await staff(world, care, "ana", "bea", share=[one for one in WHERE if one != "weekly_hours"])
    await a_job(care, tomorrow)
    found = await evenness(care)
    assert (found.after.people, found.differs) == (0, False)
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(path_of(care))
    for said in (
        "Nobody has said how many hours she would like",
        "Nobody waits",
        "every order comes to the same",
    ):
        assert said in text


async def test_without_coming_shifts_nothing_is_computed(world, care):
    await staff(world, care, "ana")
    view = await staffing.evenness(care.database, care.view, care.group)
    assert (view.coming, view.ready) == (0, False)
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(path_of(care))
    assert "No shift is coming up" in text


async def test_what_takes_long_is_said_to_be_worked_out(world, care, tomorrow, monkeypatch):
    release = threading.Event()

    def slowly(problem):
        release.wait(10)
        return module._found(problem)

    monkeypatch.setattr(module.ahead, "PATIENCE", 0.01)
    monkeypatch.setattr(module, "_FOUND", Remembered(slowly))
    await staff(world, care, "ana")
    await a_job(care, tomorrow)
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(path_of(care))
    assert "This is being worked out" in text
    assert f'data-hx-get="{path_of(care)}"' in text
    release.set()
    assert (await evenness(care)).ready


async def test_that_what_members_share_was_read_is_noted_for_them(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    await a_job(care, tomorrow)
    await evenness(care)
    [read] = await care.ask(consent.readings, ana)
    assert read.reader == care.leader


async def test_only_leaders_of_the_group_read_it(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    await a_job(care, tomorrow)
    page = await Page(world, care).of(ana)
    for path in (path_of(care), f"{path_of(care)}.json", f"/groups/{'a' * 20}/evenness"):
        assert (await page.ask(path))[0] == 404
    with pytest.raises(NotFound):
        await staffing.evenness(care.database, viewer(ana), care.group)


async def test_whoever_asks_the_same_meanwhile_waits_for_the_same_computation():
    begun, release = [], threading.Event()

    def compute(problem):
        begun.append(problem.id)
        release.wait(10)
        return matching.plan(problem)

    remembered = Remembered(compute)
    asked = problem([worker()], [opening()])
    assert await remembered.within(asked, 0.01) is None
    waiting = [asyncio.create_task(remembered.within(asked, 10)) for _ in range(3)]
    await asyncio.sleep(0.05)
    release.set()
    plans = await asyncio.gather(*waiting)
    assert len(begun) == 1
    assert all(one == matching.plan(asked) for one in plans)
    assert await remembered.within(asked, 0) == plans[0]


async def test_what_fails_is_told_to_who_waits_and_tried_again():
    tries = []

    def compute(problem):
        tries.append(problem.id)
        if len(tries) == 1:
            raise ArithmeticError("once")
        return 7

    remembered = Remembered(compute)
    asked = problem([worker()], [opening()])
    with pytest.raises(ArithmeticError):
        await remembered.within(asked, 5)
    assert await remembered.within(asked, 5) == 7
