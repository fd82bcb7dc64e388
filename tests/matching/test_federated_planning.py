"""Groups that plan apart and ask each other end where every rule is kept."""

import runpy
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from benchmarks.federated.network import Network
from benchmarks.federated.trading import Trade
from benchmarks.planning.generator import Size, made
from matching import Interval, check, plan
from matching.intervals import too_close
from tests.matching.worlds import HOUR, opening, problem, worker

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "federated_matching.py"
TEN = Size(workers=250, openings=50, groups=10)


@pytest.mark.parametrize("load", [1, 3])
@pytest.mark.parametrize("at_once", [1, 2])
def test_every_place_that_ten_groups_filled_together_is_legal(load, at_once):
    whole = made(TEN, load)
    trade = Trade(Network(whole), at_once).run()
    found = trade.network.plan_of(whole, whole.openings)
    assert check(whole, found) == ()
    assert len(found.assignments) == trade.filled > trade.own > 0
    assert trade.lent == sum(one.via is not None for one in found.assignments) > 0
    times = {one.id: one.interval for one in whole.openings}
    given = defaultdict(list)
    for one in found.assignments:
        given[one.worker].append(times[one.opening])
    for intervals in given.values():
        for one, other in combinations(intervals, 2):
            assert not too_close(one, other, 11 * HOUR)
    seeing = plan(whole)
    assert seeing.at_most is not None
    assert 0.9 * seeing.at_most < trade.filled <= seeing.at_most


def test_the_same_network_trades_the_same_way_each_time():
    first, second = (Trade(Network(made(TEN))).run() for _ in range(2))
    assert first.network.placed == second.network.placed
    assert first.said == second.said


def test_a_person_whom_two_groups_want_at_once_says_yes_to_one_and_the_other_place_opens_again():
    both = worker(groups=("care", "wash"))
    work = [opening("cares", group="care"), opening("washs", group="wash")]
    whole = problem([both], work, groups=())
    trade = Trade(Network(whole)).run()
    assert trade.filled == 1
    assert trade.said == Counter(invite=6)
    found = trade.network.plan_of(whole, whole.openings)
    assert check(whole, found) == ()
    other = worker("ana", groups=("care", "wash"))
    trade = Trade(Network(problem([both, other], work, groups=()))).run()
    assert trade.filled == 2


def test_half_days_count_who_is_free_for_three_hours_beside_her_promises():
    work = [opening("mornings", Interval(8 * HOUR, 10 * HOUR), group="care")]
    mei = worker(free=(Interval(7 * HOUR, 15 * HOUR),))
    network = Network(problem([mei], work, groups=()))
    morning, afternoon = Interval(0, 12 * HOUR), Interval(12 * HOUR, 24 * HOUR)
    assert network.capacity("care") == {("lifting", morning): 1, ("lifting", afternoon): 1}
    assert network.place("care", "mornings", "mei", None)
    assert network.capacity("care") == {("lifting", afternoon): 1}


def test_the_program_holds_what_is_reached_against_its_targets():
    program = runpy.run_path(str(PROGRAM))
    point = program["measured"](10, 1)
    assert point.alone < point.filled <= point.yardstick == point.bound
    assert str(point.rounds) in program["row"](point)
    assert program["lines"]([point]) == []
