"""Hours from the worker's page to both ledgers: confirmed, corrected, disputed, late, crossed."""

from __future__ import annotations

import asyncio
from datetime import time

import pytest

from instance.agenda import service as agenda
from instance.errors import Conflict, NotFound
from instance.ledger import service as ledger
from instance.records import service as records
from instance.staffing import service as staffing
from tests.instance.records.shift import PLANNED, lent_shift, own_shift

WORKED = 225
LEVY = WORKED * 7_500 * 5 // 6_000


async def balance(coop, account, counter, unit="minutes"):
    return await coop.see(ledger.balance, account, counter, unit)


async def both_balances(shift, unit="minutes"):
    """Return what the lender is owed, as the lender and as the borrower have it."""
    lender, borrower = shift.home, shift.served
    return (
        await balance(lender, lender.group, borrower.group, unit),
        -await balance(borrower, borrower.group, lender.group, unit),
    )


async def test_lent_hours_move_both_ledgers_by_the_same(any_world):
    shift = await lent_shift(any_world)
    event = await shift.enter()
    await any_world.settle()
    assert await both_balances(shift) == (0, 0)
    assert await shift.state(event, records.Side.LENDER) == "entered"

    waiting = await shift.waiting()
    assert (waiting.person_name, waiting.minutes) == ("ana@wash.test", WORKED)
    assert waiting.placed
    await shift.leads(records.confirm, waiting.id)
    await any_world.settle()

    assert await both_balances(shift) == (WORKED, WORKED)
    assert await both_balances(shift, "HKD") == (LEVY, LEVY)
    for side in records.Side:
        assert await shift.state(event, side) == "confirmed"
    mine = await shift.mine()
    assert [one.minutes for one in mine.confirmed] == [WORKED]
    assert mine.confirmed[0].cents == 28_125
    assert (mine.confirmed[0].group_name, mine.confirmed[0].lender_name) == (
        "Care Co-op",
        "Wash Co-op",
    )
    assert mine.total_minutes == WORKED


async def test_hours_for_her_own_group_are_written_into_its_book_alone(world):
    shift = await own_shift(world)
    await shift.enter()
    await world.settle()

    await shift.leads(records.confirm, (await shift.waiting()).id)
    await world.settle()

    assert await balance(shift.home, shift.person, shift.home.group) == WORKED
    assert await balance(shift.home, shift.person, shift.home.group, "HKD") == 28_313
    async with shift.home.database.reading() as tx:
        assert await ledger.total(tx) == 0


async def test_entering_hours_keeps_the_promise_and_ends_the_placement(world):
    shift = await lent_shift(world, over=False)
    shift.world.clock.advance(
        seconds=(shift.promise.start - world.clock()).total_seconds() + 60 * 60
    )
    await world.settle()
    await shift.enter(records.Hours(time(9, 30), time(10, 15)))
    await world.settle()

    promise = await shift.home.see(agenda.promise, shift.promise.invite)
    placement = await shift.home.see(staffing.known_placement, shift.promise.invite)
    place = await shift.served.see(staffing.known_place, shift.promise.invite)
    assert promise.state is agenda.PromiseState.DONE
    assert placement.state is staffing.PlacementState.DONE
    assert place.state is staffing.PlaceState.DONE


async def test_a_correction_that_she_agrees_with_counts_at_once(world):
    shift = await lent_shift(world)
    event = await shift.enter()
    await world.settle()
    await shift.leads(records.correct, (await shift.waiting()).id, 180, "You left at half past 12.")
    await world.settle()

    (corrected,) = (await shift.mine()).waiting
    assert (corrected.state.value, corrected.proposed) == ("corrected", 180)
    assert corrected.answer == "You left at half past 12."
    assert await shift.state(event, records.Side.LENDER) == "corrected"
    await shift.does(records.agree, corrected.id)
    await world.settle()

    assert await both_balances(shift) == (180, 180)
    assert await shift.state(event, records.Side.WORKER) == "replaced"
    assert (await shift.mine()).waiting == ()
    assert [one.minutes for one in (await shift.hours()).confirmed] == [180]


async def test_of_disputed_hours_the_agreed_part_counts_at_once_and_both_sides_are_told(world):
    shift = await lent_shift(world)
    await shift.enter()
    await world.settle()
    await shift.leads(records.correct, (await shift.waiting()).id, 180, "You left early.")
    await world.settle()
    (corrected,) = (await shift.mine()).waiting
    await shift.does(records.dispute, corrected.id, "I stayed until the end.")
    await world.settle()

    assert await both_balances(shift) == (180, 180)
    (at_group,) = (await shift.hours()).disputed
    (at_lender,) = [
        one for one in (await shift.hours(shift.home)).lent if one.state.value == "disputed"
    ]
    (hers,) = (await shift.mine()).waiting
    for one in (at_group, at_lender, hers):
        assert (one.minutes, one.her_minutes, one.their_minutes) == (45, WORKED, 180)
        assert (one.words, one.their_words) == ("I stayed until the end.", "You left early.")

    await shift.leads(records.confirm, at_group.id)
    await world.settle()
    assert await both_balances(shift) == (WORKED, WORKED)


async def test_she_may_take_the_open_part_back(world):
    shift = await lent_shift(world)
    await shift.enter()
    await world.settle()
    await shift.leads(records.correct, (await shift.waiting()).id, 180, "You left early.")
    await world.settle()
    (corrected,) = (await shift.mine()).waiting
    await shift.does(records.dispute, corrected.id, "No.")
    await world.settle()
    (hers,) = (await shift.mine()).waiting
    await shift.does(records.let_go, hers.id)
    await world.settle()

    assert await both_balances(shift) == (180, 180)
    assert (await shift.mine()).waiting == ()
    assert (await shift.hours()).disputed == ()


async def test_a_leader_may_confirm_after_all_what_was_corrected(world):
    shift = await lent_shift(world)
    await shift.enter()
    await world.settle()
    waiting = await shift.waiting()
    await shift.leads(records.correct, waiting.id, 60, "A mistake.")
    await world.settle()
    await shift.leads(records.confirm, waiting.id)
    await world.settle()

    assert await both_balances(shift) == (WORKED, WORKED)
    assert (await shift.mine()).waiting == ()


async def test_hours_that_she_changes_while_they_are_confirmed_count_as_confirmed(world):
    shift = await lent_shift(world)
    await shift.enter()
    await world.settle()
    (hers,) = (await shift.mine()).waiting
    await shift.does(records.change, hers.id, records.Hours(time(9, 30), time(14), 15))
    await shift.leads(records.confirm, (await shift.waiting()).id)
    await world.settle()

    assert await both_balances(shift) == (WORKED, WORKED)
    assert (await shift.mine()).waiting == ()
    assert (await shift.hours()).to_confirm == ()


async def test_hours_reach_a_sleeping_ally_when_it_wakes(world, clock):
    shift = await lent_shift(world)
    known = world.network.vanish("care.test")
    event = await shift.enter()
    await world.settle()
    world.network.names["care.test"] = known
    clock.advance(minutes=10)
    await world.settle()

    assert await shift.state(event, records.Side.GROUP) == "entered"


async def test_hours_of_a_placement_that_was_called_off_are_shown_and_count_by_the_leaders_word(
    world,
):
    shift = await own_shift(world, over=False)
    start = (shift.promise.start - world.clock()).total_seconds()
    world.clock.advance(seconds=start - 60)
    await world.settle()
    await shift.leads(staffing.call_off, shift.promise.invite)
    world.clock.advance(hours=1)
    await shift.enter(records.Hours(time(9, 30), time(10, 30)))
    await world.settle()

    waiting = await shift.waiting()
    assert (waiting.placed, waiting.minutes) == (False, 60)
    await shift.leads(records.confirm, waiting.id)
    await world.settle()
    assert await balance(shift.home, shift.person, shift.home.group) == 60


async def test_nobody_enters_hours_for_somebody_else_or_before_the_shift(world):
    shift = await own_shift(world, over=False)
    with pytest.raises(Conflict):
        await shift.enter()
    with pytest.raises(NotFound):
        await shift.leads(records.enter, shift.promise.id, PLANNED)


async def test_only_leaders_of_the_group_served_confirm(world):
    shift = await lent_shift(world)
    await shift.enter()
    await world.settle()
    waiting = await shift.waiting()
    with pytest.raises(NotFound):
        await shift.does(records.confirm, waiting.id)
    async with shift.served.database.transaction() as tx:
        with pytest.raises(NotFound):
            await records.confirm(tx, shift.worker, waiting.id)


async def test_hours_entered_twice_at_once_are_stated_once(any_world):
    shift = await own_shift(any_world)
    answers = await asyncio.gather(shift.enter(), shift.enter(), return_exceptions=True)
    assert [type(one) for one in answers if isinstance(one, Exception)] == [Conflict]
    await any_world.settle()
    assert len((await shift.hours()).to_confirm) == 1
