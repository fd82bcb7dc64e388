"""What becomes of stated hours, and how money is split to the cent."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance.records.money import levy_cents, pay_cents, split_cents
from instance.records.statement import (
    COUNTS_FOR_NOTHING,
    Code,
    Heard,
    HoursState,
    becomes,
    begins,
    is_agreed,
    split_minutes,
)
from instance.split import read_split, split_document, split_of, split_of_pay

MINUTES = st.integers(0, 24 * 60)


def test_what_counts_stays_counted_whatever_comes_after():
    assert [heard for heard in Heard if becomes(HoursState.CONFIRMED, heard)] == []


def test_the_groups_word_counts_in_every_state_in_which_it_can_arrive():
    states = set(HoursState) - {HoursState.CONFIRMED}

    assert {becomes(state, Heard.ACCEPT) for state in states} == {HoursState.CONFIRMED}


def test_an_accept_and_a_reject_lead_to_the_same_in_either_order():
    for state in (HoursState.ENTERED, HoursState.DISPUTED):
        ends = set()
        for order in itertools.permutations([Heard.ACCEPT, Heard.REJECT]):
            reached = state
            for heard in order:
                reached = becomes(reached, heard) or reached
            ends.add(reached)
        assert ends == {HoursState.CONFIRMED}


@pytest.mark.parametrize("replaced", [None, *HoursState])
def test_what_replaces_hours_that_count_begins_overtaken(replaced):
    for code in Code:
        began = begins(code, replaced)
        assert (began is HoursState.OVERTAKEN) == (replaced in COUNTS_FOR_NOTHING)


@given(MINUTES, MINUTES)
def test_a_dispute_loses_no_minute_and_agrees_on_the_smaller_figure(stated, proposed):
    split = split_minutes(stated, proposed)

    assert split.agreed + split.open == stated
    assert split.agreed <= proposed
    assert split.open >= 0


@given(MINUTES, MINUTES)
def test_a_group_takes_by_itself_no_more_than_its_leaders_proposed(minutes, proposed):
    taken = is_agreed(Code.AGREED, minutes, proposed)

    assert taken == (minutes <= proposed)
    for code in set(Code) - {Code.AGREED}:
        assert is_agreed(code, minutes, proposed) == (minutes == 0)
    assert is_agreed(Code.AGREED, minutes, None) == (minutes == 0)


@given(st.integers(0, 10**9), st.lists(st.integers(0, 30), max_size=3))
def test_a_split_loses_no_cent_and_the_remainder_is_the_workers(total, others):
    percents = {f"part {number}": one for number, one in enumerate(others)}
    percents["worker"] = 100 - sum(others)

    parts = split_cents(total, percents)

    assert sum(parts.values()) == total
    assert parts["worker"] * 100 >= total * percents["worker"]
    assert all(
        parts[name] * 100 <= total * percent
        for name, percent in percents.items()
        if name != "worker"
    )


@pytest.mark.parametrize("percents", [{"worker": 99}, {"levy": 100}, {"worker": 110, "x": -10}])
def test_parts_that_do_not_add_up_are_refused(percents):
    with pytest.raises(ValueError, match="100 percent"):
        split_cents(1000, percents)


@given(MINUTES, st.integers(0, 100_000), st.integers(0, 50))
def test_pay_is_rounded_for_the_worker_and_the_levy_never_against_anybody(minutes, rate, percent):
    assert 0 <= pay_cents(minutes, rate) * 60 - minutes * rate < 60
    assert 0 <= minutes * rate * percent - levy_cents(minutes, rate, percent) * 6000 < 6000


def test_fifty_minutes_at_one_cent_an_hour_are_one_cent():
    assert pay_cents(50, 1) == 1
    assert levy_cents(50, 1, 50) == 0


@given(st.integers(0, 10_000_000), st.lists(st.integers(0, 33), max_size=3))
def test_a_price_is_its_parts_and_the_worker_has_all_of_her_pay(pay, others):
    percents = {f"part {number}": one for number, one in enumerate(others)}
    percents["worker"] = 100 - sum(others)

    parts = split_of_pay(pay, percents)
    price = sum(parts.values())
    assert parts["worker"] == pay
    assert parts.keys() == percents.keys()
    for name, percent in percents.items():
        assert name == "worker" or 0 <= parts[name] * percents["worker"] <= pay * percent
    assert price * percents["worker"] <= pay * 100 <= (price + len(others)) * percents["worker"]


@pytest.mark.parametrize("percents", [{"worker": 99}, {"worker": 0, "levy": 100}, {"levy": 100}])
def test_a_price_without_the_workers_part_is_none(percents):
    with pytest.raises(ValueError, match="100 percent"):
        split_of_pay(1_000, percents)


@given(st.tuples(*(st.integers(0, 120) for _ in range(4))))
def test_a_split_is_read_as_it_was_written_and_only_if_it_makes_a_hundred(numbers):
    percents = dict(zip(("worker", "insurance", "levy", "fund"), numbers, strict=True))
    told = split_document(split_of(percents))
    right = sum(numbers) == 100 and numbers[0] > 0
    assert read_split(told) == (split_of(percents) if right else ())


@pytest.mark.parametrize(
    "odd", [None, [], "100", {"worker": "-1"}, {"worker": "\uff11\uff10\uff10"}]
)
def test_what_is_no_split_is_none(odd):
    assert read_split(odd) == ()
