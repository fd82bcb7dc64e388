"""Acting on the plan of a week: in whole or in part, once, and never against what holds now."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from federation import Federation
from instance.agenda import service as agenda
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.jobs.views import NewOpening
from instance.staffing import service as staffing
from tests.instance.staffing.stage import Counting, Page, a_job, staff
from tests.instance.staffing.test_week import base_of, made, planned
from tests.staged import coop, viewer

DAY = timedelta(days=1)


@pytest.fixture
def monday(clock):
    """The next Monday, at nine on the place's clock."""
    now = clock().replace(hour=1, minute=0, second=0, microsecond=0)
    return now + timedelta(days=7 - now.weekday())


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def suggested(care, monday):
    """Plan the week, and return who is suggested where, as (id, person, opening)."""
    await made(care, monday)
    view = await care.ask(staffing.week_view, care.view, care.group, monday.date(), None, None)
    return [(one.id, one.person, line.opening) for line in view.lines for one in line.suggested]


async def accept(care, monday, chosen=None):
    return await accept_as(care, care.view, monday, chosen)


async def accept_as(care, asker, monday, chosen=None):
    return await staffing.accept_week(care.database, asker, care.group, monday.date(), chosen, DAY)


async def asked_at(care, job):
    return {
        each.person for one in await care.ask(staffing.job_board, job.iri) for each in one.people
    }


async def test_a_leader_asks_those_she_chose_and_then_all_others(world, care, monday):
    await staff(world, care, "ana", "bea", "eve")
    job = await a_job(care, monday, NewOpening("ironing", 3))
    page = await Page(world, care).of(care.leader)
    view = await planned(page, care, monday)
    first, *others = view["lines"][0]["suggested"]
    base, week = base_of(care), monday.date().isoformat()

    form = {"monday": week, "places[]": first["id"], "reply": "1d"}
    status, headers, _ = await page.ask(f"{base}/ask", form)
    assert (status, headers["Location"]) == (303, f"{base}?from={week}")
    await world.settle()
    assert await asked_at(care, job) == {first["person"]}
    _, _, text = await page.ask(f"{base}?from={week}")
    assert "1 asked, no answer yet" in text

    whole = {"monday": week, "all": True}
    _, _, text = await page.ask(f"{base}/ask.json", json=whole)
    told = msgspec.json.decode(text)
    assert (len(told["invites"]), told["already"], told["refused"]) == (2, 1, [])
    await world.settle()
    assert await asked_at(care, job) == {one["person"] for one in (first, *others)}


async def test_doing_it_twice_asks_nobody_twice(any_world, monday):
    care = await coop(any_world, "care")
    await staff(any_world, care, "ana", "bea")
    await a_job(care, monday, NewOpening("ironing", 2))
    chosen = [one for one, _, _ in await suggested(care, monday)]
    first = await accept(care, monday, chosen)
    again = await accept(care, monday, chosen)
    assert (len(first.invites), first.already) == (2, 0)
    assert (again.invites, again.already, again.refused) == ((), 2, ())
    await any_world.settle()
    assert await suggested(care, monday) == []
    assert (await accept(care, monday)).already == 2


async def test_each_is_told_why_she_is_asked_and_answers_in_time(world, care, monday):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, monday)
    await suggested(care, monday)
    [invite] = (await accept(care, monday)).invites
    placement = await care.placement(invite)
    assert (placement.person, placement.why) == (ana, ["free_and_qualified"])
    assert placement.reply_by == world.clock() + DAY
    await world.settle()
    view = await care.ask(staffing.why_of_job, viewer(ana), job.iri)
    [told] = view.openings
    assert (told.state, told.why) == ("invited", ("free_and_qualified",))
    assert (told.suggested, told.code, view.found) == (True, "free_and_qualified", world.clock())
    assert "lot_position" not in told.values
    await suggested(care, monday)
    [again] = (await care.ask(staffing.why_of_job, viewer(ana), job.iri)).openings
    assert again == told


async def test_what_has_become_illegal_is_refused_with_its_word_and_the_rest_is_asked(
    world, care, monday
):
    people = await staff(world, care, "ana", "bea", "eve", "gil")
    work = [await a_job(care, monday, title=f"Job {number}") for number in range(4)]
    found = {opening: person for _, person, opening in await suggested(care, monday)}
    assert set(found.values()) == set(people)
    gone, taken, busy, fine = work
    await care.lead(jobs.call_off_job, gone.iri)
    spare = (await staff(world, care, "tom"))[0]
    await _comes(world, care, taken, spare)
    async with care.database.transaction() as tx:
        await agenda.paint_week(tx, found[_place(busy)], [agenda.Hours(6, 0, 60)])
    world.clock.advance(minutes=1)
    await world.settle()

    asked = await accept(care, monday)
    assert len(asked.invites) == 1
    assert (await care.placement(asked.invites[0])).opening == _place(fine)
    words = {one.title: one.code for one in asked.refused}
    assert words == {"": "called_off", "Job 1": "place_taken", "Job 2": "not_free"}


async def test_the_page_says_who_was_not_asked_and_why(world, care, monday):
    await staff(world, care, "ana")
    job = await a_job(care, monday)
    page = await Page(world, care).of(care.leader)
    await suggested(care, monday)
    await care.lead(jobs.call_off_job, job.iri)
    week = {"monday": monday.date().isoformat(), "all": "true"}
    status, _, text = await page.ask(f"{base_of(care)}/ask", week)
    assert (status, "the shift was moved or called off" in text) == (201, True)


async def test_only_who_leads_the_group_asks(world, care, monday):
    [ana] = await staff(world, care, "ana")
    await a_job(care, monday)
    await suggested(care, monday)
    with pytest.raises(NotFound):
        await accept_as(care, viewer(ana), monday)


async def test_the_number_of_queries_does_not_grow_with_people_or_places(
    world, care, monday, monkeypatch
):
    await staff(world, care, *(f"w{number}" for number in range(8)))
    numbers = []
    for week, places in ((0, 2), (1, 8)):
        start = monday + timedelta(weeks=week)
        for number in range(places // 2):
            await a_job(care, start, NewOpening("ironing", 2), title=f"Job {number}")
        await suggested(care, start)
        with Counting(care.database) as counted, monkeypatch.context() as silent:
            silent.setattr(Federation, "send", _nothing)
            asked = await accept(care, start)
        assert len(asked.invites) == places
        numbers.append(counted.number)
    assert numbers[0] == numbers[1]


def _place(job):
    return job.shifts[0].openings[0].iri


async def _comes(world, care, job, person):
    """Let somebody be asked for a place and say yes."""
    [invite] = await care.lead(staffing.invite, _place(job), [person])
    await world.settle()
    await care.answer(invite, person)
    await world.settle()


async def _nothing(*_given, **_named):
    """Say nothing: what federation writes for each message is its own."""
