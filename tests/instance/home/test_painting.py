"""Painting a week in squares keeps to the minute what was left alone."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from instance.home.painting import DAY, PARTS, WEEK, day_hours, merged, repainted, squares_of

MONDAY = date(2027, 1, 4)
STRETCHES = st.lists(
    st.tuples(st.integers(0, WEEK + 299), st.integers(1, 600)).map(
        lambda one: (one[0], one[0] + one[1])
    ),
    max_size=6,
)
SQUARES = st.sets(
    st.sampled_from([f"2027-01-{4 + day:02d}/{part}" for day in range(7) for part in PARTS])
)


def test_a_morning_is_from_five_to_noon_and_a_night_ends_on_the_next_day():
    hours = repainted([], {"2027-01-04/morning", "2027-01-05/night"}, MONDAY)

    assert day_hours(hours, 0) == [(300, 720)]
    assert day_hours(hours, 1) == [(1320, 1440)]
    assert day_hours(hours, 2) == [(0, 300)]


@given(STRETCHES)
def test_keeping_a_week_as_it_is_shown_changes_nothing(hours):
    hours = merged(hours)

    assert repainted(hours, squares_of(hours, MONDAY), MONDAY) == hours


@given(STRETCHES, SQUARES)
def test_what_was_painted_is_what_is_shown(hours, squares):
    assert squares_of(repainted(hours, squares, MONDAY), MONDAY) == squares


@given(STRETCHES, SQUARES)
def test_a_square_that_is_left_alone_keeps_its_hours_to_the_minute(hours, squares):
    before, after = merged(hours), repainted(hours, squares, MONDAY)
    shown = squares_of(before, MONDAY)
    for name in shown & squares:
        number = (date.fromisoformat(name[:10]) - MONDAY).days
        start, end = (number * DAY + one for one in PARTS[name[11:]])
        inside = [
            [
                (max(one[0], start), min(one[1], end))
                for one in each
                if one[0] < end and one[1] > start
            ]
            for each in (before, after)
        ]
        assert inside[0] == inside[1]


@given(STRETCHES)
def test_the_days_of_a_week_hold_all_of_its_hours(hours):
    total = sum(end - start for start, end in merged(hours))
    days = sum(end - start for number in range(9) for start, end in day_hours(hours, number))

    assert total == days
