"""The board: per opening who comes, who was asked, what allies fill, and what is open."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.consent import service as consent
from instance.errors import NotFound
from instance.jobs import service as jobs
from instance.jobs.views import NewOpening
from instance.staffing import service as staffing
from instance.staffing.board import staffing_page
from tests.instance.staffing.stage import Counting, a_job, staff
from tests.staged import ally, coop, lend, viewer


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def say_yes(world, one, opening, person, **more):
    """Ask somebody who says yes at once."""
    invite = await one.invite(opening, person, **more)
    await world.settle()
    await one.answer(invite, person)
    await world.settle()
    return invite


async def test_it_counts_everybody_by_how_far_it_has_come(world, care, tomorrow):
    ana, bea, cem, dot = await staff(world, care, "ana", "bea", "cem", "dot")
    job = await a_job(care, tomorrow, NewOpening("ironing", 3))
    opening = job.shifts[0].openings[0].iri
    await say_yes(world, care, opening, ana)
    filled = await care.ask(staffing.opening, opening)
    await care.lead(staffing.set_auto_confirm, filled, on=False)
    await say_yes(world, care, opening, bea)
    await care.invite(opening, cem)
    refused = await care.invite(opening, dot)
    await world.settle()
    await care.answer(refused, dot, yes=False)
    await world.settle()

    [line] = await care.ask(staffing.job_board, job.iri)
    counts = (line.wanted, line.confirmed, line.answered, line.invited, line.open)
    assert counts == (3, 1, 1, 1, 2)
    assert (line.state, line.auto_confirm) == ("open", False)
    assert [(one.name, one.state) for one in line.people] == [
        ("Cem", "invited"),
        ("Bea", "answered"),
        ("Ana", "confirmed"),
    ]
    assert [(one.name, one.state) for one in line.past] == [("Dot", "declined")]


async def test_an_ally_is_looking_until_it_names_somebody(world, care, tomorrow):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    wei, _ = await staff(world, wash, "wei", "xin")
    job = await a_job(care, tomorrow, NewOpening("ironing", 3))
    opening = job.shifts[0].openings[0].iri
    agreement = await lend(world, care, wash, opening, places=2)

    [line] = await care.ask(staffing.job_board, job.iri)
    assert (line.promised, line.named, line.places, line.open) == (2, 0, 1, 1)
    await say_yes(world, wash, opening, wei, agreement=agreement)

    [line] = await care.ask(staffing.job_board, job.iri)
    assert (line.promised, line.named, line.open) == (1, 1, 1)
    assert [(one.name, one.state, one.ally) for one in line.people] == [
        ("wei@wash.test", "named", "Wash Commune")
    ]
    [lent] = await wash.ask(staffing.board, wash.group, tomorrow, tomorrow + timedelta(days=1))
    assert (lent.borrower, lent.wanted, lent.confirmed, lent.open) == ("Care Commune", 2, 1, 1)
    assert [one.name for one in lent.people] == ["Wei"]


async def test_a_moved_shift_counts_nobody_twice(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    await say_yes(world, care, job.shifts[0].openings[0].iri, ana)
    later = tomorrow + timedelta(hours=1)
    await care.lead(jobs.move_shift, job.shifts[0].id, later, later + timedelta(hours=4))
    await world.settle()

    [line] = await care.ask(staffing.job_board, job.iri)
    assert (line.confirmed, line.invited, line.open) == (1, 1, 1)
    again = next(one.invite for one in line.people if one.state == "invited")
    await care.answer(again, ana)
    await world.settle()
    [line] = await care.ask(staffing.job_board, job.iri)
    assert (line.confirmed, line.invited, line.open) == (1, 0, 1)
    assert [(one.state, one.invite) for one in line.people] == [("confirmed", again)]


async def test_open_places_come_first_and_called_off_shifts_not_at_all(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    filled = await a_job(care, tomorrow)
    unfilled = await a_job(care, tomorrow + timedelta(hours=20))
    gone = await a_job(care, tomorrow)
    await say_yes(world, care, filled.shifts[0].openings[0].iri, ana)
    await care.lead(jobs.call_off_shift, gone.shifts[0].id)

    lines = await care.ask(staffing.board, care.group, tomorrow, tomorrow + timedelta(days=1))
    assert [(one.job, one.state) for one in lines] == [
        (unfilled.iri, "open"),
        (filled.iri, "filled"),
    ]


async def test_the_page_says_what_comes_next(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    opening = job.shifts[0].openings[0].iri

    async def step():
        return (await care.ask(staffing_page, care.view, job.iri, "")).step

    assert await step() == "find"
    await staffing.find_people(care.database, care.view, job.iri)
    assert await step() == "invite"
    filled = await care.ask(staffing.opening, opening)
    await care.lead(staffing.set_auto_confirm, filled, on=False)
    invite = await care.invite(opening, ana)
    await world.settle()
    assert await step() == "wait"
    await care.answer(invite, ana)
    await world.settle()
    assert await step() == "confirm"
    await care.lead(staffing.confirm, invite)
    await world.settle()
    assert await step() == "done"


async def test_who_lets_the_leader_answer_for_her_is_rung_up(world, care, tomorrow):
    ana, bea = await staff(world, care, "ana", "bea")
    await care.do(consent.name_concierge, ana, care.leader)
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    for person in (ana, bea):
        await care.invite(job.shifts[0].openings[0].iri, person)
    view = await care.ask(staffing_page, care.view, job.iri, "")
    assert {one.name: one.ring for one in view.openings[0].people} == {"Ana": True, "Bea": False}


async def test_the_page_is_for_the_groups_leaders_alone(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    for somebody in (viewer(ana), viewer(ana, (care.group,))):
        with pytest.raises(NotFound):
            await care.ask(staffing_page, somebody, job.iri, "")


async def test_a_board_of_many_takes_as_many_queries_as_a_board_of_few(world, care, tomorrow):
    everybody = await staff(world, care, *(f"member{number}" for number in range(6)))
    await a_job(care, tomorrow)
    with Counting(care.database) as few:
        await care.ask(staffing.board, care.group, tomorrow, tomorrow + timedelta(days=1))
    for _ in range(4):
        job = await a_job(care, tomorrow, NewOpening("ironing", 6), NewOpening("ironing", 2, 1))
        for person in everybody:
            await care.invite(job.shifts[0].openings[0].iri, person)
    with Counting(care.database) as many:
        lines = await care.ask(staffing.board, care.group, tomorrow, tomorrow + timedelta(days=1))
    assert (len(lines), sum(one.invited for one in lines)) == (9, 24)
    assert many.number <= few.number + 1 <= 16
