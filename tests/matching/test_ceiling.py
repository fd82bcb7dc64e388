"""The bound that takes a moment: never below what a plan fills, seldom far above the best."""

import pytest
from hypothesis import given

import matching
from benchmarks.planning.generator import Size, made
from matching import HeldSkill, Interval, Rules
from tests.matching.worlds import (
    AFTERNOON,
    DAY,
    HOUR,
    MORNING,
    WEEK,
    crowded,
    few,
    opening,
    problem,
    problems,
    worker,
)


@few
@given(problems())
def test_no_plan_fills_more_than_the_ceiling(asked):
    assert matching.bound(asked) <= matching.ceiling(asked)


@pytest.mark.parametrize("number", range(8))
def test_nor_where_there_is_more_work_than_hands(number):
    asked = crowded(number)
    assert matching.bound(asked) <= matching.ceiling(asked)


def test_it_counts_what_one_person_can_do_in_a_day_and_in_a_week():
    mornings = [
        opening(f"o{day}", Interval(day * DAY + 8 * HOUR, day * DAY + 12 * HOUR))
        for day in range(7)
    ]
    assert matching.ceiling(problem([worker()], mornings)) == 7
    capped = Rules(weekly_cap_minutes=9 * HOUR, weeks=(WEEK,))
    assert matching.ceiling(problem([worker()], mornings, rules=capped)) == 2
    one_day = [opening("o1", MORNING), opening("o2", AFTERNOON)]
    assert matching.ceiling(problem([worker()], one_day)) == 2
    rested = Rules(rest_minutes=11 * HOUR)
    assert matching.ceiling(problem([worker()], one_day, rules=rested)) == 1


def test_it_sends_those_who_are_able_to_what_nobody_else_can_do():
    able = (HeldSkill("lifting", 2), HeldSkill("cooking", 2))
    work = [opening("o1"), opening("o2", skill="cooking")]
    assert matching.ceiling(problem([worker("ana", skills=able), worker("bea")], work)) == 2
    assert matching.ceiling(problem([worker("bea")], work)) == 1


@pytest.mark.parametrize("number", range(3))
def test_those_suggested_are_told_what_explaining_tells_them(number):
    asked = crowded(number)
    plan = matching.plan(asked)
    explained = [
        (one.opening, told)
        for one in matching.explain(asked, plan)
        for told in one.told
        if told.suggested
    ]
    assert list(matching.suggestions(asked, plan)) == explained


@pytest.mark.parametrize("shifts", [60, 150])
def test_it_is_the_bound_of_the_programme_or_little_above_for_a_co_ops_week(shifts):
    asked = made(Size(200, shifts, 4))
    bound, ceiling = matching.bound(asked), matching.ceiling(asked)
    assert bound <= ceiling <= bound * 1.1
