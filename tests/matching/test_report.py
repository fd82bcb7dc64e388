import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from matching import Alliance, District, Interval, plan, to_json
from matching.report import Waiting, exchanges, report
from matching.shares import gini, spread_of
from tests.matching.networks import by_chance
from tests.matching.worlds import AFTERNOON, DAY, HOUR, MORNING, few, opening, problem, worker

shares = st.lists(st.integers(0, 60).map(lambda hours: hours / 20), max_size=30).map(sorted)


@few
@given(shares)
def test_the_gini_is_the_mean_difference_of_all_pairs_by_twice_the_mean(drawn):
    pairs = sum(abs(one - other) for one in drawn for other in drawn)
    expected = pairs / (2 * len(drawn) * sum(drawn)) if sum(drawn) else 0.0
    assert gini(drawn) == pytest.approx(expected)


@few
@given(shares)
def test_the_spread_runs_from_the_least_share_to_the_most(drawn):
    spread = spread_of([(round(share * 1200), 1200) for share in drawn])
    assert spread.people == len(drawn)
    if drawn:
        assert (spread.deciles[0], spread.deciles[-1]) == (drawn[0], drawn[-1])
        assert list(spread.deciles) == sorted(spread.deciles)
        assert set(spread.deciles) <= set(drawn)
    else:
        assert (spread.deciles, spread.median) == ((), 0.0)


def test_the_middle_of_eleven_is_the_sixth():
    assert spread_of([(n, 10) for n in range(11)]).median == 0.5


def test_who_asked_for_no_hours_has_no_share():
    assert spread_of([(60, 0), (30, 60)]).deciles == (0.5,) * 11


def test_hours_and_suggestions_are_told_for_each_hour_that_somebody_was_free():
    team = [worker("a", free=(MORNING,)), worker("b", free=(AFTERNOON,), promised=(AFTERNOON,))]
    asked = problem(team, [opening(), opening("o2", AFTERNOON)])
    told = report(asked, plan(asked)).everybody
    assert (told.people, told.suggestions, told.minutes_planned) == (2, 1, 4 * HOUR)
    assert told.minutes_free == 4 * HOUR, "what is promised already is not free"
    assert (told.suggestions_per_hour_free, told.hours_per_hour_free) == (0.25, 1.0)


def test_free_hours_count_only_from_the_first_opening_to_the_last():
    asked = problem([worker()], [opening(), opening("o2", AFTERNOON)])
    assert report(asked, plan(asked)).everybody.minutes_free == 9 * HOUR


def test_where_nobody_is_free_nothing_is_divided():
    for asked in (problem([worker(free=())], [opening()]), problem([worker()], [])):
        told = report(asked, plan(asked)).everybody
        assert (told.minutes_free, told.hours_per_hour_free) == (0, None)
        assert told.suggestions_per_hour_free is None


def test_the_spread_counts_what_was_had_and_what_is_planned():
    team = [worker("a", minutes_had=5 * HOUR), worker("b", minutes_had=6 * HOUR)]
    asked = problem(team, [opening()])
    told = report(asked, plan(asked)).everybody
    assert (told.before.deciles[0], told.before.deciles[-1]) == (0.25, 0.3)
    assert (told.spread.deciles[0], told.spread.deciles[-1]) == (0.3, 0.45)


def test_those_who_wait_for_their_first_hours_are_named_the_largest_ask_first():
    team = [
        worker("little", minutes_wanted=HOUR, skills=()),
        worker("much", minutes_wanted=30 * HOUR, skills=()),
        worker("some", minutes_wanted=2 * HOUR, skills=()),
        worker("none", minutes_wanted=0, skills=()),
        worker("had", minutes_had=HOUR, skills=()),
        worker("gets", minutes_wanted=HOUR),
    ]
    asked = problem(team, [opening()])
    told = report(asked, plan(asked), 2).everybody
    assert [one.worker for one in told.waiting] == ["much", "some"]
    assert told.waiting[0] == Waiting(worker="much", minutes_wanted=30 * HOUR)
    assert told.waiting_more == 1
    assert report(asked, plan(asked)).everybody.waiting_more == 0


def test_each_group_is_told_of_by_its_own_members():
    team = [worker("a"), worker("b", groups=("care", "wash")), worker("c", groups=("wash",))]
    asked = problem(team, [opening(count=3)])
    groups = dict(report(asked, plan(asked)).groups)
    assert {name: one.people for name, one in groups.items()} == {"care": 2, "wash": 2}
    assert {name: one.suggestions for name, one in groups.items()} == {"care": 2, "wash": 2}


def test_a_plan_of_another_problem_is_refused():
    asked = problem([worker()], [opening()])
    with pytest.raises(ValueError, match="another problem"):
        report(replace(asked, seed="another"), plan(asked))


# Fairness and travel ------------------------------------------------------------------------------


def near_and_far(shifts=4):
    """One lives next door and had her share, the other lives far and had nothing."""
    team = [
        worker("near", district="home", minutes_had=10 * HOUR),
        worker("far", district="away"),
    ]
    work = [
        opening(f"o{day}", Interval(day * DAY, day * DAY + 2 * HOUR), district="home")
        for day in range(shifts)
    ]
    return problem(team, work, districts=(District("home", 0, 0), District("away", 9_000, 0)))


def test_the_exchange_shows_what_fairness_costs_in_metres():
    found = exchanges(near_and_far())
    assert [one.priorities.index("fairness") for one in found] == [1, 2, 3, 4, 5]
    before = [one for one in found if one.priorities.index("fairness") <= 3]
    after = [one for one in found if one.priorities.index("fairness") > 3]
    assert {(one.filled, one.metres) for one in before} == {(4, 9_000)}
    assert {(one.filled, one.metres) for one in after} == {(4, 0)}
    assert max(one.spread.gini for one in before) < min(one.spread.gini for one in after)


def test_the_others_keep_their_voted_order_and_one_point_is_the_plan_itself():
    voted = ("fill", "travel", "team", "fairness", "reciprocity", "own_group")
    asked = replace(near_and_far(), priorities=voted)
    found = exchanges(asked)
    for one in found:
        rest = [name for name in one.priorities if name != "fairness"]
        assert rest == [name for name in voted if name != "fairness"]
    (same,) = [one for one in found if one.priorities == voted]
    assert same.filled == len(plan(asked).assignments)
    assert same.spread == report(asked, plan(asked)).everybody.spread


def test_fairness_before_own_people_borrows_more():
    lent = Alliance(id="treaty", lender="wood", borrower="care", minutes_left=99 * HOUR)
    team = [worker("own", minutes_had=10 * HOUR), worker("lent", groups=("wood",))]
    first, *rest = exchanges(problem(team, [opening()], alliances=(lent,)))
    assert first.borrowed == 1
    assert {one.borrowed for one in rest} == {0}
    assert first.metres is None, "no way is known here"


def test_every_order_fills_as_much_as_can_be():
    for number in range(30):
        asked = by_chance(number)
        assert len({one.filled for one in exchanges(asked)}) == 1


def test_a_report_is_the_same_to_the_byte_whatever_the_order_it_was_written_in():
    asked = by_chance(11)
    turned = replace(asked, workers=asked.workers[::-1], openings=asked.openings[::-1])
    assert to_json(report(asked, plan(asked))) == to_json(report(turned, plan(turned)))
