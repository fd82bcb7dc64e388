"""One invitation over real sockets: held, confirmed, expired; and never two places at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from instance.agenda import service as agenda
from instance.errors import Conflict, NotFound
from instance.jobs import service as jobs
from instance.staffing import service as staffing
from tests.staged import coop, join, viewer


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1) + timedelta(days=1)


@pytest.fixture
async def care(any_world):
    return await coop(any_world, "care")


@pytest.fixture
async def home(any_world):
    return await coop(any_world, "home")


@pytest.fixture
async def ana(any_world, care, home):
    person = await home.worker("ana")
    await join(any_world, home, care, person)
    return person


async def test_a_worker_is_asked_says_yes_is_confirmed_and_promises(
    any_world, care, home, ana, tomorrow
):
    opening = await care.opening(tomorrow)
    invite = await care.invite(opening, ana)
    await any_world.settle()

    [asked] = await home.ask(agenda.invitations, ana)
    assert (asked.invite, asked.group, asked.title) == (invite, care.group, "Home from hospital")
    assert (asked.start, asked.minutes, asked.skill) == (tomorrow, 240, "ironing")
    assert asked.group_name == "Care Commune"
    assert asked.clashes == ()

    answer = await home.answer(invite, ana)
    assert answer.state == "held"
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("confirmed", "confirmed")
    placement = await care.placement(invite)
    assert placement.create["actor"] == ana
    assert placement.create["object"]["attributedTo"] == ana
    [promise] = await home.ask(agenda.promises, ana, tomorrow, tomorrow + timedelta(hours=1))
    assert promise.details["address"] == "Flat 8, Fir Estate"
    assert promise.commitment == placement.commitment


async def test_a_no_frees_nobody_and_is_told(any_world, care, home, ana, tomorrow):
    invite = await care.invite(await care.opening(tomorrow), ana)
    await any_world.settle()
    await home.answer(invite, ana, yes=False)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("declined", "declined")
    assert (await care.placement(invite)).code == "declined"


async def test_two_leaders_of_two_instances_get_the_same_yes_in_the_same_second(
    any_world, care, home, ana, tomorrow
):
    hill = await coop(any_world, "hill")
    await join(any_world, home, hill, ana)
    here, there = await care.opening(tomorrow), await hill.opening(tomorrow + timedelta(hours=2))
    asked = {care: await care.invite(here, ana), hill: await hill.invite(there, ana)}
    await any_world.settle()

    answers = await asyncio.gather(*(home.answer(one, ana) for one in asked.values()))
    assert sorted(one.state.value for one in answers) == ["held", "refused"]
    await any_world.settle()

    states = {one: await one.state(invite) for one, invite in asked.items()}
    assert sorted(states.values()) == ["confirmed", "declined"]
    loser = next(one for one, state in states.items() if state == "declined")
    placement = await loser.placement(asked[loser])
    assert placement.code == "rule"
    assert await loser.ask(staffing.taken, placement.opening, None) == 0
    busy = await home.ask(agenda.busy, ana, tomorrow, tomorrow + timedelta(days=1))
    assert [one.minutes for one in busy] == [240]


async def test_she_is_told_before_the_button_that_she_has_promised_this_time(
    any_world, care, home, ana, tomorrow
):
    first = await care.invite(await care.opening(tomorrow), ana)
    await any_world.settle()
    await home.answer(first, ana)
    await any_world.settle()
    second = await care.invite(await care.opening(tomorrow + timedelta(hours=3)), ana)
    await any_world.settle()

    [clash] = await home.ask(agenda.would_clash, ana, second)
    assert (clash.kind, clash.blocks) == ("overlap", True)
    [asked] = await home.ask(agenda.invitations, ana)
    assert asked.is_blocked


async def test_less_rest_than_the_rules_want_is_refused_where_they_block(
    any_world, care, home, ana, tomorrow
):
    invites = []
    for hours in (0, 10):
        opening = await care.opening(tomorrow + timedelta(hours=hours))
        invites.append(await care.invite(opening, ana))
    await any_world.settle()

    assert (await home.answer(invites[0], ana)).state == "held"
    answer = await home.answer(invites[1], ana)

    assert answer.state == "refused"
    assert [(one.kind, one.minutes, one.limit) for one in answer.clashes] == [
        ("rest_minutes", 360, 660)
    ]


async def test_a_hold_that_nobody_confirms_expires(any_world, clock, care, home, ana, tomorrow):
    opening = await care.opening(tomorrow)
    filled = await care.ask(staffing.opening, opening)
    await care.lead(staffing.set_auto_confirm, filled, on=False)
    invite = await care.invite(opening, ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await any_world.settle()
    assert await care.state(invite) == "answered"

    clock.advance(minutes=30)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("expired", "expired")
    assert await home.ask(agenda.busy, ana, tomorrow, tomorrow + timedelta(hours=1)) == ()


async def test_a_confirmation_that_comes_too_late_changes_nothing(
    any_world, clock, care, home, ana, tomorrow
):
    invite = await care.invite(await care.opening(tomorrow), ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await home.running.courier.step()
    await care.running.courier.step()
    way_back = any_world.network.vanish("home.test")
    await care.running.courier.settle()
    assert await care.state(invite) == "confirming"

    clock.advance(minutes=31)
    await home.running.courier.settle()
    assert await home.promised(invite) == "expired"
    any_world.network.names["home.test"] = way_back
    await any_world.settle()
    clock.advance(days=1)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("expired", "lost")


async def test_a_leader_cannot_confirm_in_the_last_minute_of_a_hold(
    any_world, clock, care, home, ana, tomorrow
):
    opening = await care.opening(tomorrow)
    filled = await care.ask(staffing.opening, opening)
    await care.lead(staffing.set_auto_confirm, filled, on=False)
    invite = await care.invite(opening, ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await any_world.settle()
    clock.advance(minutes=29, seconds=30)

    with pytest.raises(Conflict, match="no longer held"):
        await care.lead(staffing.confirm, invite)


async def test_an_invitation_that_nobody_answers_is_called_off(
    any_world, clock, care, home, ana, tomorrow
):
    due = clock() + timedelta(hours=1)
    invite = await care.invite(await care.opening(tomorrow), ana, reply_by=due)
    await any_world.settle()
    clock.advance(hours=1)
    assert await home.ask(agenda.invitations, ana) == []
    with pytest.raises(Conflict, match="time to answer"):
        await home.answer(invite, ana)

    clock.advance(minutes=1)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("called off", "called off")
    assert (await care.placement(invite)).code == "expired"


async def test_the_second_yes_to_one_place_is_not_needed(any_world, care, home, ana, tomorrow):
    bob = await home.worker("bob")
    await join(any_world, home, care, bob)
    opening = await care.opening(tomorrow)
    first, second = await care.lead(staffing.invite, opening, [ana, bob])
    await any_world.settle()
    await asyncio.gather(home.answer(first, ana), home.answer(second, bob))
    await any_world.settle()

    states = {await care.state(first), await care.state(second)}
    assert states == {"confirmed", "not needed"}
    promises = {await home.promised(first), await home.promised(second)}
    assert promises == {"confirmed", "released"}


async def test_she_drops_out_and_her_place_is_open_again(any_world, care, home, ana, tomorrow):
    opening = await care.opening(tomorrow)
    invite = await care.invite(opening, ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await any_world.settle()
    await home.withdraw(invite, ana)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("withdrawn", "dropped out")
    assert await care.ask(staffing.taken, opening, None) == 0
    [told] = await home.ask(
        agenda.promises, ana, tomorrow, tomorrow + timedelta(hours=1), list(agenda.PromiseState)
    )
    assert told.details is None


async def test_she_changes_her_mind_before_the_confirmation(any_world, care, home, ana, tomorrow):
    invite = await care.invite(await care.opening(tomorrow), ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await home.withdraw(invite, ana)
    await any_world.settle()

    assert await home.promised(invite) == "withdrawn held"
    assert await care.state(invite) in {"expired", "lost"}


async def test_the_leader_calls_off_and_her_time_is_hers_again(
    any_world, care, home, ana, tomorrow
):
    invite = await care.invite(await care.opening(tomorrow), ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await any_world.settle()
    await care.lead(staffing.call_off, invite)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("called off", "called off")
    assert await home.ask(agenda.busy, ana, tomorrow, tomorrow + timedelta(hours=1)) == ()


async def test_nobody_calls_off_after_the_shift_has_started_and_then_it_is_done(
    any_world, clock, care, home, ana, tomorrow
):
    invite = await care.invite(await care.opening(tomorrow), ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await any_world.settle()
    clock.now = tomorrow

    with pytest.raises(Conflict, match="started"):
        await care.lead(staffing.call_off, invite)
    with pytest.raises(Conflict, match="started"):
        await home.withdraw(invite, ana)

    clock.advance(hours=4)
    await any_world.settle()
    assert (await home.promised(invite), await care.state(invite)) == ("done", "done")


async def test_a_moved_shift_is_asked_anew_and_the_old_promise_gives_way(
    any_world, care, home, ana, tomorrow
):
    opening = await care.opening(tomorrow)
    first = await care.invite(opening, ana)
    await any_world.settle()
    await home.answer(first, ana)
    await any_world.settle()

    _, shift, _ = await care.shift(opening)
    later = tomorrow + timedelta(hours=1)
    await care.lead(jobs.move_shift, shift.id, later, later + timedelta(hours=4))
    await any_world.settle()

    [asked] = await home.ask(agenda.invitations, ana)
    assert (asked.replaces, asked.start) == (first, later)
    assert asked.clashes == ()
    assert await home.promised(first) == "confirmed"
    assert await care.ask(staffing.taken, opening, None) == 1

    await home.answer(asked.invite, ana)
    assert await care.ask(staffing.taken, opening, None) == 1
    await any_world.settle()

    assert (await home.promised(first), await care.state(first)) == ("replaced", "replaced")
    again = asked.invite
    assert (await home.promised(again), await care.state(again)) == ("confirmed", "confirmed")
    busy = await home.ask(agenda.busy, ana, tomorrow, tomorrow + timedelta(days=1))
    assert [(one.start, one.minutes) for one in busy] == [(later, 240)]


async def test_a_moved_shift_that_she_refuses_leaves_the_old_promise(
    any_world, care, home, ana, tomorrow
):
    opening = await care.opening(tomorrow)
    first = await care.invite(opening, ana)
    await any_world.settle()
    await home.answer(first, ana)
    await any_world.settle()
    _, shift, _ = await care.shift(opening)
    later = tomorrow + timedelta(hours=1)
    await care.lead(jobs.move_shift, shift.id, later, later + timedelta(hours=4))
    await any_world.settle()
    [asked] = await home.ask(agenda.invitations, ana)
    await home.answer(asked.invite, ana, yes=False)
    await any_world.settle()

    assert (await home.promised(first), await care.state(first)) == ("confirmed", "confirmed")
    await care.lead(staffing.call_off, first, "moved")
    await any_world.settle()
    assert (await home.promised(first), await care.state(first)) == ("called off", "called off")
    assert (await care.placement(first)).code == "moved"


async def test_a_shift_that_is_called_off_calls_everybody_off(any_world, care, home, ana, tomorrow):
    opening = await care.opening(tomorrow)
    invite = await care.invite(opening, ana)
    await any_world.settle()
    await home.answer(invite, ana)
    await any_world.settle()
    _, shift, _ = await care.shift(opening)
    await care.lead(jobs.call_off_shift, shift.id)
    await any_world.settle()

    assert (await home.promised(invite), await care.state(invite)) == ("called off", "called off")


async def test_everything_is_asked_again_when_people_are_invited(
    any_world, clock, care, home, ana, tomorrow
):
    opening = await care.opening(tomorrow)
    stranger = await home.worker("bob")
    with pytest.raises(NotFound):
        await care.invite(opening, stranger)
    with pytest.raises(NotFound):
        await care.do(staffing.invite, viewer(ana), opening, [ana])

    await care.invite(opening, ana)
    with pytest.raises(Conflict, match="asked already"):
        await care.invite(opening, ana)
    clock.now = tomorrow
    with pytest.raises(Conflict, match="too soon"):
        await care.invite(opening, ana)
