"""What if: beside a plan that stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import matching
from matching import Alliance, Assignment, HeldSkill, to_json
from matching.supposing import also, limited, suppose, without
from tests.matching.networks import by_chance
from tests.matching.worlds import AFTERNOON, HOUR, few, opening, people, problem, worker


def supposed(asked, other):
    return suppose(asked, matching.plan(asked), other)


def test_who_is_not_there_is_stood_in_for_and_all_others_keep_their_places():
    team = [worker("a"), worker("b", minutes_had=60), worker("c", minutes_had=600)]
    asked = problem(team, [opening("o1"), opening("o2", AFTERNOON)])
    found = supposed(asked, without(asked, "a"))
    assert found.filled == found.filled_before == 2
    assert {one.worker for one in found.fewer} == {"a"}
    assert "a" not in {one.worker for one in found.more}


def test_without_anybody_else_her_place_is_open():
    asked = problem([worker("a")], [opening()])
    found = supposed(asked, without(asked, "a"))
    assert (found.filled, found.filled_before, found.more) == (0, 1, ())
    assert found.fewer == (Assignment(opening="o1", worker="a"),)
    assert found.plan.unfilled[0].opening == "o1"


def test_one_opening_more_is_filled_by_moving_somebody_where_nobody_is_free():
    both = HeldSkill("x"), HeldSkill("y")
    team = [worker("a", skills=both), worker("b", skills=(HeldSkill("x"),), minutes_had=600)]
    asked = problem(team, [opening("o-x", skill="x")])
    assert people(matching.plan(asked)) == {("o-x", "a")}
    found = supposed(asked, also(asked, opening("o-y", skill="y")))
    assert people(found.plan) == {("o-x", "b"), ("o-y", "a")}
    assert found.filled - found.filled_before == 1
    assert found.fewer == (Assignment(opening="o-x", worker="a"),)


def test_an_alliance_that_lends_four_hours_more_fills_one_place_more():
    lent = [worker(one, groups=("wash",)) for one in ("a", "b")]
    alliance = Alliance(id="from-wash", lender="wash", borrower="care", minutes_left=4 * HOUR)
    asked = problem(lent, [opening(count=2)], groups=(), alliances=(alliance,))
    found = supposed(asked, limited(asked, "from-wash", 8 * HOUR))
    assert (found.filled_before, found.filled, len(found.more)) == (1, 2, 1)
    none = supposed(asked, limited(asked, "from-wash", 0))
    assert (none.filled, len(none.fewer)) == (0, 1)


@pytest.mark.parametrize(
    "change", [lambda one: without(one, "x"), lambda one: limited(one, "x", 1)]
)
def test_what_nothing_bears_cannot_be_supposed(change):
    with pytest.raises(KeyError):
        change(problem([worker("a")], [opening()]))


def test_a_plan_of_another_problem_is_refused():
    asked, other = problem([worker("a")], [opening()]), problem([worker("b")], [opening()])
    with pytest.raises(ValueError, match="another problem"):
        suppose(asked, matching.plan(other), asked)


@few
@given(st.integers(0, 10**6))
def test_supposing_nothing_changes_nothing(number):
    asked = by_chance(number)
    plan = matching.plan(asked)
    found = suppose(asked, plan, asked)
    assert found.plan.assignments == plan.assignments
    assert found.more == found.fewer == ()


@few
@given(st.integers(0, 10**6), st.integers(0, 100))
def test_what_is_supposed_is_legal_and_touches_neither_problem_nor_plan(number, which):
    asked = by_chance(number)
    plan = matching.plan(asked)
    before = to_json(asked), to_json(plan)
    worlds = [without(asked, one.id) for one in asked.workers]
    worlds += [also(asked, opening("new", group="wash"))]
    worlds += [limited(asked, one.id, minutes) for one in asked.alliances for minutes in (0, 900)]
    other = worlds[which % len(worlds)]
    found = suppose(asked, plan, other)
    assert matching.check(other, found.plan) == ()
    assert (to_json(asked), to_json(plan)) == before
    assert found.filled == found.filled_before + len(found.more) - len(found.fewer)


@few
@given(st.integers(0, 10**6))
def test_no_place_is_lost_where_only_more_becomes_possible(number):
    asked = by_chance(number)
    plan = matching.plan(asked)
    other = asked
    for one in asked.alliances:
        other = limited(other, one.id, one.minutes_left + 600)
    assert suppose(asked, plan, other).filled >= len(plan.assignments)
