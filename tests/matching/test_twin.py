"""The rules over columns find what the named rules say one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Interval, join
from matching.arrays import Stretches
from matching.columns import columns_of
from matching.distance import metres_between
from matching.eligibility import RULES, Circumstances, first_failing
from matching.intervals import covered, merged, too_close
from matching.join import edges_of, first_failures
from tests.matching import worlds
from tests.matching.networks import by_chance, networks
from tests.matching.worlds import DAY, few, problem

SHORT = st.builds(
    lambda start, minutes: Interval(start, start + minutes), st.integers(0, 30), st.integers(1, 9)
)


def named(columns, via):
    """The alliance or the other group that a number stands for; empty for own people."""
    if via >= 0:
        return columns.problem.alliances[via].id
    return "" if via == -1 else columns.groups[-2 - via]


def first_index(worker, opening, now):
    for number, rule in enumerate(RULES):
        if rule(worker, opening, now) is not None:
            return number
    return -1


def agree_on_who_is_excluded(asked):
    columns, now = columns_of(asked), Circumstances.of(asked)
    for number, opening in enumerate(asked.openings):
        expected = [first_index(worker, opening, now) for worker in asked.workers]
        assert first_failures(columns, number).tolist() == expected


def agree_on_the_edges(asked):
    columns = columns_of(asked)
    edges = edges_of(columns)
    rows = zip(edges.openings, edges.workers, edges.far, edges.via, edges.metres, strict=True)
    found = [
        (asked.openings[opening].id, asked.workers[worker].id, far, named(columns, via), metres)
        for opening, worker, far, via, metres in rows
    ]
    assert sorted(found) == sorted(open_ways(asked))
    order = list(zip(edges.openings, edges.far, abs(edges.via), edges.workers, strict=True))
    assert order == sorted(order)
    counts = [sum(one[0] == opening.id for one in found) for opening in asked.openings]
    assert (edges.first[1:] - edges.first[:-1]).tolist() == counts


def open_ways(asked):
    """Every way by which somebody whom no rule excludes may come to an opening."""
    now = Circumstances.of(asked)
    for opening in asked.openings:
        for worker in asked.workers:
            if first_failing(worker, opening, now) is None:
                far = metres_between(worker.district, opening.district, now.districts)
                for way in now.ways.open_to(worker, opening):
                    yield opening.id, worker.id, way.far, way.via or "", -1 if far is None else far


@few
@given(networks())
def test_the_first_rule_that_fails_is_the_same_for_all_at_once_and_one_by_one(asked):
    agree_on_who_is_excluded(asked)


@few
@given(networks())
def test_the_edges_are_every_open_way_of_all_whom_no_rule_excludes(asked):
    agree_on_the_edges(asked)


def test_columns_and_rules_agree_for_many_networks():
    for number in range(400):
        asked = by_chance(number)
        agree_on_who_is_excluded(asked)
        agree_on_the_edges(asked)


@pytest.mark.parametrize("pairs", [1, 2, 5])
def test_columns_and_rules_agree_however_few_pairs_are_looked_at_at_once(monkeypatch, pairs):
    monkeypatch.setattr(join, "AT_ONCE", pairs)
    for number in range(60):
        agree_on_the_edges(by_chance(number))


@pytest.mark.parametrize("days", [(), (0,), (0, 1, 3), (0, 2_700_000)])
def test_columns_and_rules_agree_for_work_on_days_that_lie_apart(days):
    late = [Interval(day * DAY + DAY - 1, day * DAY + DAY + 1) for day in days]
    asked = problem(
        [
            worlds.worker("all", free=(Interval(0, 3_900_000_000),)),
            worlds.worker("some", free=tuple(Interval(one.start, one.end) for one in late[1:])),
            worlds.worker("part", free=tuple(Interval(one.start + 1, one.end) for one in late)),
            worlds.worker("other", free=(), skills=()),
        ],
        [worlds.opening(f"o{number}", one) for number, one in enumerate(late)],
    )
    agree_on_who_is_excluded(asked)
    agree_on_the_edges(asked)
    assert len(edges_of(columns_of(asked)).workers) == max(0, 2 * len(days) - 1)


@few
@given(
    st.lists(st.tuples(st.lists(SHORT, max_size=3), st.lists(SHORT, max_size=3)), max_size=4),
    st.integers(0, 4),
)
def test_work_lies_within_what_promises_leave_when_it_is_free_and_far_enough_from_them(
    all_of, rest
):
    free, promised = ([merged(one[side]) for one in all_of] for side in (0, 1))
    left = Stretches.of(free).without(Stretches.of(promised), rest)
    for who, (windows, promises) in enumerate(zip(free, promised, strict=True)):
        mine = left.only(left.workers == who)
        found = tuple(map(Interval, mine.starts.tolist(), mine.ends.tolist()))
        assert found == tuple(sorted(found))
        for start in range(40):
            work = Interval(start, start + 2)
            assert covered(found, work) == (
                covered(windows, work) and not any(too_close(one, work, rest) for one in promises)
            )
