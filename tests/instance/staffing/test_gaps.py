"""What a group lacks: told to its leaders, in words, by what members share and no more."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

import matching
from instance.consent import service as consent
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs.views import NewOpening
from instance.people import service as people
from instance.staffing import service as staffing
from tests.instance.staffing.stage import EVERYTHING, Counting, Page, a_job, hire, staff, take_in
from tests.staged import coop, viewer

FIRST_AID = "first-aid-certificate"


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def gaps(one):
    """Return what the leader reads of her group's coming weeks, once it is worked out."""
    for _ in range(100):
        view = await staffing.gaps(one.database, one.view, one.group)
        if view.ready:
            return view
        await asyncio.sleep(0.05)
    raise AssertionError("it was never worked out")


def path_of(one, name="gaps"):
    """Return the address of the page."""
    return f"/groups/{one.group.rpartition('/')[2]}/{name}"


async def test_a_leader_reads_what_is_missing_and_who_could_learn_it(any_world, clock):
    care = await coop(any_world, "care")
    tomorrow = clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)
    await staff(any_world, care, "ana", "bea")
    await a_job(care, tomorrow, NewOpening("ironing", 3, certificates=(FIRST_AID,)))
    await a_job(care, tomorrow + timedelta(days=2), NewOpening("ironing", 1))

    found = await gaps(care)
    assert (found.coming, found.places, found.suggested, found.people) == (2, 4, 1, 2)
    [lacking] = found.missing
    assert (lacking.kind, lacking.key, lacking.places, lacking.people) == (
        "certificate",
        FIRST_AID,
        2,
        2,
    )
    assert {one.name for one in found.trainings} == {"Ana", "Bea"}
    assert found.gained == 2

    page = await Page(any_world, care).of(care.leader)
    for before in ("/today", "/jobs", path_of(care, "")[:-1]):
        assert f'{path_of(care)}"' in (await page.ask(before))[2], before
    status, _, text = await page.ask(path_of(care))
    assert status == 200
    for said in (
        "First aid certificate",
        "2 people lack only this.",
        "With all of this learnt, 2 places more could be filled",
    ):
        assert said in text
    _, _, twin = await page.ask(f"{path_of(care)}.json")
    assert msgspec.json.decode(twin)["missing"][0]["places"] == 2


async def test_on_whom_work_depends_is_told_before_and_after_she_has_the_place(
    world, care, tomorrow
):
    carer = await hire(care, "carer", skills=(("oral-care", 3),))
    await hire(care, "bea")
    await take_in(world, care)
    job = await a_job(care, tomorrow, NewOpening("oral-care", 1))
    await a_job(care, tomorrow + timedelta(days=2), NewOpening("ironing", 1))

    before = await gaps(care)
    invite = await care.invite(job.shifts[0].openings[0].iri, carer)
    await world.settle()
    await care.answer(invite, carer)
    await world.settle()
    after = await gaps(care)

    assert (before.places, after.places) == (2, 1)
    for found in (before, after):
        by_name = {one.names: one for one in found.depends}
        assert set(by_name) == {("Carer",), ("Bea",)}
        assert by_name["Carer",].wanted == (("skill", "oral-care", 0),)
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(path_of(care))
    assert "Nobody else who is free brings:" in text


async def test_nothing_is_told_that_is_not_shared(world, care, tomorrow):
    some = [one for one in EVERYTHING if one != "certificates"]
    await hire(care, "ana", share=some, certificates=((FIRST_AID, None),))
    shy = await hire(care, "shy")
    await take_in(world, care)
    await care.do(consent.end, shy, care.group)
    await world.settle()
    await a_job(care, tomorrow, NewOpening("ironing", 2, certificates=(FIRST_AID,)))

    found = await gaps(care)
    assert [one.name for one in found.trainings] == ["Ana"]
    assert (found.people, found.hidden, found.missing[0].people) == (1, 1, 1)


async def test_that_what_members_share_was_read_is_noted_for_them(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    await a_job(care, tomorrow)
    await gaps(care)
    [read] = await care.ask(consent.readings, ana)
    assert read.reader == care.leader


async def test_only_leaders_of_the_group_read_it(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    await a_job(care, tomorrow)
    async with care.database.transaction() as tx:
        group = await groups.create_group(tx, "second", "Second Commune")
        wai = await people.add_person(tx, people.NewPerson("wai", "Wai"))
        await people.grant(tx, wai, group, people.Role.LEADER, "init")
    for person in (ana, wai):
        page = await Page(world, care).of(person)
        for path in (path_of(care), f"{path_of(care)}.json", f"/groups/{'a' * 20}/gaps"):
            assert (await page.ask(path))[0] == 404
    with pytest.raises(NotFound):
        await staffing.gaps(care.database, viewer(ana), care.group)


async def test_a_page_without_anything_says_so(world, care, tomorrow):
    await staff(world, care, "ana", "bea")
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(path_of(care))
    assert "No shift is coming up" in text

    await a_job(care, tomorrow)
    _, _, text = await page.ask(path_of(care))
    assert "Nothing is missing" in text
    assert "On nobody alone" in text

    await a_job(care, tomorrow, NewOpening("oral-care", 1, 3, (FIRST_AID,)))
    _, _, text = await page.ask(path_of(care))
    assert "No single skill would help" in text


async def test_it_is_computed_once_and_loaded_in_as_many_queries_for_many(
    world, care, tomorrow, monkeypatch
):
    await staff(world, care, "ana")
    await a_job(care, tomorrow)
    computed = []
    points = matching.single_points
    monkeypatch.setattr(
        matching,
        "single_points",
        lambda problem, plan: computed.append(problem) or points(problem, plan),
    )
    with Counting(care.database) as few:
        first = await gaps(care)
    assert await gaps(care) == first
    assert len(computed) == 1
    for number in range(6):
        await hire(care, f"member{number}")
    await take_in(world, care)
    for day in range(4):
        await a_job(care, tomorrow + timedelta(days=day), NewOpening("ironing", 2, 3))
    with Counting(care.database) as many:
        await gaps(care)
    assert many.number <= few.number + 1
