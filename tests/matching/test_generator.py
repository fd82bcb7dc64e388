"""The problems of the benchmark are the same for everybody, and its peers find the same edges."""

from collections import Counter

import numpy as np
import pytest

from benchmarks.planning.child import triples
from benchmarks.planning.generator import SIZES, Size, made
from benchmarks.planning.peers.frames import Frames
from benchmarks.planning.peers.rows import sums, together
from benchmarks.planning.peers.sets import Sets
from matching import Interval, plan, problem_hash
from matching.columns import columns_of
from matching.intervals import too_close
from matching.join import edges_of
from tests.matching.worlds import HOUR, WEEK, opening, problem, worker

TINY = Size(workers=6, openings=4, groups=3)


def edges(question):
    return edges_of(columns_of(question))


def test_one_seed_makes_one_problem_and_another_seed_another():
    assert problem_hash(made("S")) == problem_hash(made("S"))
    assert problem_hash(made("S")) != problem_hash(made("S", seed=2))
    assert problem_hash(made(TINY)) == problem_hash(made(TINY))


@pytest.mark.parametrize("size", [SIZES["S"], TINY])
@pytest.mark.parametrize("load", [1, 3])
def test_a_problem_has_the_size_that_was_asked_for(size, load):
    question = made(size, load)
    groups = {group for one in question.workers for group in one.groups}
    assert len(question.workers) == size.workers
    assert len({one.shift for one in question.openings}) == size.openings * load
    assert {one.group for one in question.openings} | groups <= {
        f"group{number:04}" for number in range(size.groups)
    }


def test_a_small_network_is_about_as_dense_as_the_large_ones():
    found = [len(edges(made("S", seed=seed)).workers) for seed in range(1, 9)]
    assert 225 <= np.mean(found) <= 375


def test_uneven_work_comes_to_some_groups_more_than_to_others():
    most = [
        Counter(one.group for one in made("M", uneven=uneven).openings).most_common(1)[0][1]
        for uneven in (False, True)
    ]
    assert most[1] > 3 * most[0]


def test_alliances_go_both_ways_and_some_lend_only_some_skills():
    alliances = made("M").alliances
    pairs = {(one.lender, one.borrower) for one in alliances}
    assert pairs == {(borrower, lender) for lender, borrower in pairs}
    assert all(8 * HOUR <= one.minutes_left <= 80 * HOUR for one in alliances)
    assert 0.4 < np.mean([bool(one.skills) for one in alliances]) < 0.6


def test_everything_lies_on_half_hours_of_one_week():
    for one in made("S", load=3).openings:
        assert one.interval.start % 30 == one.interval.end % 30 == 0
        assert WEEK.start <= one.interval.start < one.interval.end <= WEEK.end


@pytest.mark.parametrize("seed", [1, 2])
def test_sets_and_frames_find_the_same_edges(seed):
    question = made("S", seed=seed)
    found = triples(edges(question))
    assert found
    assert set(zip(*Sets(question).join(), strict=True)) == found
    assert set(Frames(question).join().rows()) == found


@pytest.mark.parametrize("how", [{}, {"load": 6}, {"uneven": True}])
def test_a_plan_keeps_the_rows_that_solvers_are_told(how):
    question = made("S", **how)
    found = edges(question)
    numbers = {
        (question.openings[one].id, question.workers[who].id, way): edge
        for edge, (one, who, way) in enumerate(
            zip(found.openings, found.workers, found.via, strict=True)
        )
    }
    ways = {None: -1} | {one.id: number for number, one in enumerate(question.alliances)}
    taken = {numbers[one.opening, one.worker, ways[one.via]] for one in plan(question).assignments}
    assert taken
    assert all(len(taken.intersection(some)) <= 1 for some in together(question, found))
    for some, takes, most in sums(question, found):
        assert sum(take for edge, take in zip(some, takes, strict=True) if edge in taken) <= most


def test_two_edges_of_a_worker_are_exclusive_exactly_when_they_are_too_close():
    intervals = [Interval(start * HOUR, end * HOUR) for start, end in HOURS]
    openings = [opening(f"o{number}", one) for number, one in enumerate(intervals)]
    rules = made(TINY).rules
    question = problem([worker()], openings, rules=rules)
    lists = together(question, edges(question))
    for one in range(len(HOURS)):
        for other in range(one):
            close = too_close(intervals[one], intervals[other], rules.rest_minutes)
            assert any({one, other} <= set(some) for some in lists) == close


HOURS = [(6, 10), (8, 12), (20, 24), (23, 27), (31, 35), (38, 40), (50, 54), (53, 60)]
