"""Somebody comes to her work: by the code at its door, at her own group and at an ally."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from instance.errors import Conflict, Invalid, NotFound, TooMany
from instance.records import service as records
from instance.records.models import CheckIn, DoorCode, Side
from instance.viewer import Viewer
from tests.instance.records.shift import lent_shift, own_shift


async def codes_of(shift):
    """Make the codes of her job and return that of her shift, as the leader sees it."""
    await shift.leads(records.make_codes, shift.promise.job)
    sheet = await shift.leads(records.door_sheet, shift.promise.job)
    return next(one.code for one in sheet.shifts if one.start == shift.promise.start)


async def comes(shift, minutes=0):
    """Let it become so many minutes after the begin of the shift."""
    now, then = shift.world.clock(), shift.promise.start + timedelta(minutes=minutes)
    shift.world.clock.advance(seconds=(then - now).total_seconds())
    await shift.world.settle()


async def says(shift, code, at=None):
    said = await shift.does(records.check_in, shift.promise.id, code, at)
    await shift.world.settle()
    return said


async def sheet_of(shift):
    sheet = await shift.leads(records.door_sheet, shift.promise.job)
    return next(one for one in sheet.shifts if one.start == shift.promise.start)


async def rows_at(coop, side):
    async with coop.database.reading() as tx:
        return (await tx.session.scalars(sa.select(CheckIn).where(CheckIn.side == side))).all()


def other_than(code):
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.fixture(params=[own_shift, lent_shift], ids=["own", "lent"])
async def shift(world, request):
    return await request.param(world, over=False)


async def test_who_comes_says_so_by_the_code_and_the_group_knows(any_world):
    shift = await lent_shift(any_world, over=False)
    code = await codes_of(shift)
    await comes(shift, -5)

    said = await says(shift, f"{code[:3]} {code[3:]}")

    assert said.is_here
    [row] = await rows_at(shift.home, Side.WORKER)
    assert row.state.value == "taken"
    [came] = (await sheet_of(shift)).came
    assert came.arrived == shift.promise.start - timedelta(minutes=5)
    assert came.name
    assert not came.late_word


async def test_saying_so_twice_is_once(shift):
    code = await codes_of(shift)
    await comes(shift)
    await says(shift, code)
    [before] = await rows_at(shift.served, Side.GROUP)
    shift.world.clock.advance(minutes=5)
    await says(shift, code)
    await says(shift, code)

    [after] = await rows_at(shift.served, Side.GROUP)
    assert (after.event, after.received) == (before.event, before.received)


async def test_a_wrong_code_is_told_at_once_in_her_own_co_op_and_after_a_moment_elsewhere(world):
    own = await own_shift(world, over=False)
    wrong = other_than(await codes_of(own))
    await comes(own)
    with pytest.raises(Invalid):
        await says(own, wrong)
    assert await rows_at(own.served, Side.GROUP) == []


async def test_a_group_elsewhere_says_that_the_code_is_wrong_and_takes_the_right_one(world):
    shift = await lent_shift(world, over=False)
    code = await codes_of(shift)
    await comes(shift)
    assert (await says(shift, other_than(code))).state == "sent"
    [row] = await rows_at(shift.home, Side.WORKER)
    assert (row.state.value, row.reason) == ("refused", "wrong_code")
    assert await rows_at(shift.served, Side.GROUP) == []

    await says(shift, code)
    [row] = await rows_at(shift.home, Side.WORKER)
    assert (row.state.value, row.reason) == ("taken", "")


async def test_a_moment_by_her_telephone_is_shown_beside_when_it_was_received(shift):
    code = await codes_of(shift)
    await comes(shift, 40)
    await says(shift, code, shift.promise.start + timedelta(minutes=1))

    [came] = (await sheet_of(shift)).came
    assert came.arrived == shift.promise.start + timedelta(minutes=1)
    assert came.received == shift.promise.start + timedelta(minutes=40)
    assert came.late_word


@pytest.mark.parametrize("minutes", [-61, 241])
async def test_nobody_comes_before_the_hour_or_after_the_shift(shift, minutes):
    code = await codes_of(shift)
    await comes(shift, minutes)
    with pytest.raises((Invalid, NotFound)):
        await says(shift, code)


async def test_a_moment_to_come_is_now_and_one_of_the_day_before_is_none(shift):
    code = await codes_of(shift)
    await comes(shift)
    with pytest.raises(Invalid):
        await says(shift, code, shift.promise.start - timedelta(days=1, minutes=1))
    await says(shift, code, shift.promise.start + timedelta(hours=3))
    [came] = (await sheet_of(shift)).came
    assert came.arrived == shift.promise.start


async def test_tries_are_few_at_her_home_and_at_the_group(world):
    shift = await lent_shift(world, over=False)
    code = await codes_of(shift)
    await comes(shift)
    for _ in range(6):
        await shift.does(records.take_try, shift.promise.id)
        await says(shift, other_than(code))
    with pytest.raises(TooMany):
        await shift.does(records.take_try, shift.promise.id)

    await says(shift, code)  # as a home that does not count would let her
    [row] = await rows_at(shift.home, Side.WORKER)
    assert (row.state.value, row.reason) == ("refused", "too_many")

    world.clock.advance(minutes=16)
    await shift.does(records.take_try, shift.promise.id)
    await says(shift, code)
    assert len((await sheet_of(shift)).came) == 1


async def test_nobody_else_says_so_for_her_or_reads_the_codes(world):
    shift = await own_shift(world, over=False)
    code = await codes_of(shift)
    await comes(shift)
    stranger = Viewer(shift.served.leader, "Lee", "lee", "en")
    async with shift.home.database.transaction() as tx:
        with pytest.raises(NotFound):
            await records.check_in(tx, stranger, shift.promise.id, code)
    with pytest.raises(NotFound):
        await shift.does(records.door_sheet, shift.promise.job)
    with pytest.raises(NotFound):
        await shift.does(records.make_codes, shift.promise.job)


async def test_a_code_stays_when_made_again_and_is_forgotten_two_days_after_its_shift(world):
    shift = await own_shift(world, over=False)
    code = await codes_of(shift)
    assert await codes_of(shift) == code
    days = (shift.promise.end - world.clock()) + timedelta(days=2, minutes=1)
    world.clock.advance(seconds=days.total_seconds())
    await world.settle()
    async with shift.served.database.reading() as tx:
        kept = (await tx.session.scalars(sa.select(DoorCode.code))).all()
    assert code not in kept


async def test_her_hours_are_filled_in_from_when_she_came_and_left(shift):
    code = await codes_of(shift)
    await comes(shift, 30)
    await says(shift, code)
    await comes(shift, 200)
    await shift.does(records.leave, shift.promise.id)

    [mine] = (await shift.mine()).to_enter
    planned = shift.promise.start
    assert (mine.start, mine.end) == (planned, shift.promise.end)
    minutes = [
        int(hours) * 60 + int(rest)
        for hours, rest in (one.split(":") for one in (mine.start_clock, mine.end_clock))
    ]
    assert minutes[1] - minutes[0] == 170
    assert mine.minutes == 170 - mine.break_minutes
    assert mine.from_door


async def test_ten_minutes_are_no_difference(shift):
    code = await codes_of(shift)
    await comes(shift, 9)
    await says(shift, code)

    [mine] = (await shift.mine()).to_enter
    assert mine.minutes == shift.promise.minutes
    assert not mine.from_door


async def test_nobody_leaves_who_has_not_come(shift):
    await comes(shift, 10)
    with pytest.raises(Conflict):
        await shift.does(records.leave, shift.promise.id)


async def test_a_check_in_is_forgotten_after_ninety_days(shift):
    code = await codes_of(shift)
    await comes(shift)
    await says(shift, code)
    shift.world.clock.advance(days=91)
    await shift.world.settle()
    assert await rows_at(shift.home, Side.WORKER) == []
    assert await rows_at(shift.served, Side.GROUP) == []
