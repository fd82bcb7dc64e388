"""People are asked a few at a time in fair order; nobody twice, and never past the places open."""

from __future__ import annotations

import asyncio
import random
from contextlib import suppress

import pytest

from instance.agenda import service as agenda
from instance.errors import Conflict, Invalid, NotFound
from instance.notices import service as notices
from instance.people import service as people
from instance.staffing import cascade
from instance.staffing import service as staffing
from instance.staffing.waves import Waves
from tests.instance.staffing.waves import waved
from tests.staged import coop, viewer


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def test_nobody_is_asked_for_half_a_minute_and_not_at_all_if_it_is_undone(world, care):
    place, _ = await waved(world, care, 3)

    await place.begin()
    await place.later(seconds=29)
    assert await place.asked() == []
    assert await care.lead(cascade.stop, place.opening, None) == "undone"
    await place.later(minutes=20)

    assert await place.asked() == []
    assert (await place.row()).outcome == "undone"


async def test_the_first_are_asked_by_themselves_after_half_a_minute(world, care):
    place, people_due = await waved(world, care, 5)

    await place.begin(people=2)
    await place.later(seconds=31)

    assert {one.person for one in await place.asked()} == set(people_due[:2])
    assert (await place.row()).wave == 1


async def test_waves_follow_the_fair_order_and_wait_as_long_as_was_chosen(world, care):
    place, due = await waved(world, care, 5)

    await place.begin_now(people=2, minutes=10, allies=False)
    await place.later(minutes=9)
    assert len(await place.asked()) == 2
    await place.later(minutes=1, seconds=1)
    assert [one.person for one in await place.asked()][2:] == sorted(due[2:4])
    await place.later(minutes=11)
    await place.later(minutes=11)

    assert {one.person for one in await place.asked()} == set(due)
    await place.later(minutes=2)
    row = await place.row()
    assert (row.state, row.outcome, row.queue, row.begun_by) == ("over", "nobody", [], "")
    told = await care.ask(notices.notices, care.view)
    [said] = [one for one in told.notices if one.kind == "nobody_left"]
    assert said.words.title == "Everybody was asked, and a place is still open: Home from hospital"
    assert said.link == f"{place.job.removeprefix(care.origin)}/cover/o1"


async def test_when_all_of_a_wave_said_no_the_next_are_asked_at_once(world, care):
    place, due = await waved(world, care, 4)
    await place.begin_now(people=2)

    for one in due[:2]:
        await place.answer(one, yes=False)

    assert set(await place.states()) == set(due)


async def test_within_the_fair_window_the_first_in_turn_comes_first_not_the_fastest(world, care):
    place, due = await waved(world, care, 3)
    await place.begin_now(people=3)

    await place.answer(due[2])
    await place.answer(due[1])
    assert {(await place.states())[one] for one in due[1:]} == {"answered"}
    await place.later(minutes=3, seconds=1)

    assert [(await place.states())[one] for one in due] == [
        "called off",
        "confirmed",
        "not needed",
    ]
    assert (await place.row()).outcome == "filled"


async def test_who_is_due_first_waits_for_nobody_and_all_others_are_told_at_once(world, care):
    place, due = await waved(world, care, 3)
    await place.begin_now(people=3)

    await place.answer(due[0])

    asked = {one.person: one for one in await place.asked()}
    assert asked[due[0]].state == "confirmed"
    assert {(asked[one].state, asked[one].code) for one in due[1:]} == {("called off", "filled")}
    assert await care.promised(asked[due[1]].invite) == "called off"


async def test_a_yes_that_waited_has_the_place_when_those_before_her_said_no(world, care):
    place, due = await waved(world, care, 3)
    await place.begin_now(people=3)
    await place.answer(due[1])

    await place.answer(due[0], yes=False)

    assert (await place.states())[due[1]] == "confirmed"


async def test_where_the_fastest_is_wanted_nobody_waits(world, care):
    place, due = await waved(world, care, 3)
    await place.begin_now(people=3, first_come=True)

    await place.answer(due[2])

    assert (await place.states())[due[2]] == "confirmed"


async def test_where_the_leader_confirms_every_yes_is_hers_to_confirm(world, care):
    place, due = await waved(world, care, 4)
    filled = await care.ask(staffing.opening, place.opening)
    await care.lead(staffing.set_auto_confirm, filled, False)
    await place.begin_now(people=2, minutes=3)

    await place.answer(due[1])
    await place.later(minutes=4)
    assert len(await place.asked()) == 2  # her yes is held: nobody more is asked for one place
    [waits] = [one for one in await place.asked() if one.person == due[1]]
    assert waits.state == "answered"
    await care.lead(staffing.confirm, waits.invite)
    await world.settle()

    assert (await place.row()).outcome == "filled"


async def test_what_was_stopped_asks_nobody_more_and_those_asked_may_answer(world, care):
    place, due = await waved(world, care, 4)
    await place.begin_now(people=2)

    assert await care.lead(cascade.stop, place.opening, None) == "stopped"
    await place.answer(due[1])
    await place.later(minutes=30)

    assert (await place.states())[due[1]] == "confirmed"
    assert len(await place.asked()) == 2


async def test_a_step_that_comes_twice_or_late_asks_nobody_more(world, care):
    place, _ = await waved(world, care, 5)
    await place.begin_now(people=1, minutes=60)
    row = await place.row()

    for _ in range(3):
        await care.do(cascade.step_due, row.id)
        await care.do(cascade.step_due, "of another")
    assert len(await place.asked()) == 1
    world.clock.advance(hours=2)
    await care.do(cascade.step_due, row.id)
    await care.do(cascade.step_due, row.id)

    assert len(await place.asked()) == 2


async def test_a_cascade_can_be_begun_again_and_asks_those_who_were_only_told(world, care):
    place, due = await waved(world, care, 3)
    await place.begin_now(people=3)
    await place.answer(due[0])
    [first] = [one for one in await place.asked() if one.person == due[0]]
    await care.withdraw(first.invite, due[0])
    await place.later(seconds=1)

    await staffing.find_people(care.database, care.view, place.job)
    await place.begin_now(people=3)

    again = [one.person for one in await place.asked() if one.state == "invited"]
    assert sorted(again) == sorted(due[1:])


async def test_nobody_but_leaders_begins_and_nobody_presses_people(world, care):
    place, due = await waved(world, care, 2)
    stranger = viewer(due[0])

    with pytest.raises(NotFound):
        await care.do(cascade.begin, stranger, place.opening, None, place.job, Waves())
    for wrong in (Waves(minutes=2), Waves(people=0), Waves(people=21), Waves(minutes=241)):
        with pytest.raises(Invalid):
            await care.lead(cascade.begin, place.opening, None, place.job, wrong)
    await place.begin()
    with pytest.raises(Conflict):
        await place.begin()
    with pytest.raises(NotFound):
        await care.do(cascade.stop, stranger, place.opening, None)


async def test_a_cascade_ends_when_the_leader_who_began_it_leads_no_longer(world, care):
    place, _ = await waved(world, care, 3)
    await place.begin()

    await care.do(people.revoke, care.leader, care.group, people.Role.LEADER)
    await place.later(minutes=1)

    assert await place.asked() == []
    assert (await place.row()).outcome == "called_off"


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_nobody_is_asked_twice_nor_more_promised_than_is_open(
    world, care, seed
):
    chance = random.Random(seed)
    places = chance.randint(1, 3)
    place, due = await waved(world, care, 7, places)
    await place.begin_now(people=chance.randint(1, 4), minutes=3, first_come=chance.random() < 0.3)
    invites: dict[str, str] = {}
    for _ in range(25):
        for one in await place.asked():
            assert invites.setdefault(one.person, one.invite) == one.invite
        states = list((await place.states()).values())
        assert sum(one in {"confirming", "confirmed"} for one in states) <= places
        match chance.choice(("yes", "no", "wait", "drop", "again")):
            case "yes" | "no" as said:
                open_now = [one for one in await place.asked() if one.state == "invited"]
                if open_now:
                    one = chance.choice(open_now)
                    with suppress(Conflict):  # she may have been told, or her time is up
                        await care.answer(one.invite, one.person, yes=said == "yes")
            case "wait":
                world.clock.advance(seconds=chance.choice((20, 90, 200)))
            case "drop":
                await world.settle()
                sure = [one for one in await place.asked() if one.state == "confirmed"]
                if sure and (await place.row()).state != "over":
                    await care.do(agenda.withdraw, viewer(sure[0].person), sure[0].invite)
            case "again":
                await care.do(cascade.step_due, (await place.row()).id)
        if chance.random() < 0.7:
            await world.settle()
    await world.settle()
    assert set(invites) <= set(due)


async def test_answers_and_steps_at_once_fill_one_place_on_either_database(any_world):
    care = await coop(any_world, "care")
    place, due = await waved(any_world, care, 6)
    await place.begin_now(people=3, minutes=10)
    asked = {one.person: one.invite for one in await place.asked()}
    for one in due[:3]:
        await care.answer(asked[one], one)
    row = await place.row()

    await asyncio.gather(
        any_world.settle(),
        care.do(cascade.step_due, row.id),
        care.do(cascade.fair_window_over, row.id),
        care.do(cascade.step_due, row.id),
        return_exceptions=True,  # on PostgreSQL one may have to give way to another
    )
    await any_world.settle()

    states = await place.states()
    assert list(states.values()).count("confirmed") == 1
    assert len(await place.asked()) == len(states) == 3
    assert states[due[0]] == "confirmed"
    assert (await place.row()).outcome == "filled"
