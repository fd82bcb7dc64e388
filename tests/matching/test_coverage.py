from hypothesis import given
from hypothesis import strategies as st

from matching import Alliance, plan
from matching.coverage import KINDS, PARTS, Stretch, coverage_of, covered, steps_of
from tests.matching.worlds import (
    AFTERNOON,
    DAY,
    HOUR,
    MORNING,
    WEEK,
    Interval,
    few,
    opening,
    problem,
    problems,
    worker,
)


def stretch(start, end, wanted, **filled):
    return Stretch(interval=Interval(start * HOUR, end * HOUR), wanted=wanted, **filled)


@st.composite
def stretches(draw):
    start = draw(st.integers(0, 7 * 24 - 1))
    places = st.integers(0, 4)
    return stretch(
        start,
        start + draw(st.integers(1, 30)),
        draw(places),
        own=draw(places),
        others=draw(places),
        borrowed=draw(places),
        uncertain=draw(places),
    )


def test_each_place_counts_for_those_who_fill_it():
    treaty = Alliance(id="treaty", lender="green", borrower="care", minutes_left=99 * HOUR)
    team = [worker(), worker("wen", groups=("wash",)), worker("bo", groups=("green",))]
    asked = problem(team, [opening(count=5, taken=1)], alliances=(treaty,))
    assert coverage_of(asked, plan(asked)) == (
        Stretch(interval=MORNING, wanted=5, own=2, others=1, borrowed=1),
    )


def test_more_taken_than_wanted_fill_no_more_than_is_wanted():
    asked = problem([], [opening(count=1, taken=3)])
    assert coverage_of(asked, plan(asked))[0].own == 1


def test_hours_are_those_that_the_clock_of_the_place_shows():
    asked = problem([], [opening()])
    (shown,) = coverage_of(asked, plan(asked), lambda minute: minute + 8 * HOUR)
    assert shown.interval == Interval(16 * HOUR, 20 * HOUR)


def test_a_shift_in_which_the_clock_is_set_back_still_lasts():
    asked = problem([], [opening(interval=Interval(100, 130))])
    (shown,) = coverage_of(asked, plan(asked), lambda minute: minute - 60 * (minute >= 120))
    assert shown.interval == Interval(100, 101)


def test_what_goes_on_at_the_same_time_adds_up():
    steps = steps_of([stretch(8, 12, 3, own=2), stretch(10, 14, 2, borrowed=1)], WEEK)
    assert steps == [
        stretch(8, 10, 3, own=2),
        stretch(10, 12, 5, own=2, borrowed=1),
        stretch(12, 14, 2, borrowed=1),
    ]


def test_shifts_that_follow_each_other_are_one_step_and_a_gap_parts_them():
    same = {"wanted": 2, "own": 1}
    steps = steps_of(
        [stretch(8, 10, **same), stretch(10, 12, **same), stretch(13, 14, **same)], WEEK
    )
    assert steps == [stretch(8, 12, **same), stretch(13, 14, **same)]


def test_a_place_too_many_at_one_opening_leaves_the_other_open():
    (step,) = steps_of([stretch(8, 12, 1, own=3), stretch(8, 12, 2)], WEEK)
    assert (step.own, step.open) == (3, 2)


def test_hours_are_told_by_day_and_part_of_day():
    told = covered([stretch(10, 15, 3, own=2), stretch(46, 50, 1)])
    assert [(one.day, one.part, one.wanted, one.own, one.open, one.missing) for one in told] == [
        (0, "morning", 6 * HOUR, 4 * HOUR, 2 * HOUR, 1),
        (0, "afternoon", 9 * HOUR, 6 * HOUR, 3 * HOUR, 1),
        (1, "evening", 2 * HOUR, 0, 2 * HOUR, 1),
        (2, "night", 2 * HOUR, 0, 2 * HOUR, 1),
    ]
    assert covered([]) == ()


@few
@given(st.lists(stretches(), max_size=6))
def test_the_parts_add_up_to_what_the_stretches_hold(given_stretches):
    counting = [one for one in given_stretches if one.wanted]
    told = covered(given_stretches)
    for kind in KINDS:
        held = sum(getattr(one, kind) * one.interval.minutes for one in counting)
        assert sum(getattr(one, kind) for one in told) == held
    assert all(one.wanted == sum(getattr(one, kind) for kind in KINDS) for one in told)
    order = [(one.day, PARTS.index(one.part)) for one in told]
    assert order == sorted(set(order))


@few
@given(problems())
def test_a_plan_leaves_open_what_it_says(asked):
    made = plan(asked)
    found = coverage_of(asked, made)
    assert sum(one.open for one in found) == sum(one.places for one in made.unfilled)
    by_way = sum(one.others + one.borrowed for one in found)
    assert by_way == sum(one.via is not None for one in made.assignments)


def test_nothing_is_told_of_hours_outside():
    day = Interval(DAY, 2 * DAY)
    assert steps_of([Stretch(interval=AFTERNOON, wanted=2)], day) == []
    assert steps_of([stretch(20, 30, 2)], day) == [stretch(24, 30, 2)]
