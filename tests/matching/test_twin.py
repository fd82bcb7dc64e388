"""The rules over columns find what the named rules say one by one."""

from hypothesis import given

from matching.columns import columns_of
from matching.distance import metres_between
from matching.eligibility import RULES, Circumstances, first_failing
from matching.join import edges_of, first_failures
from tests.matching.networks import by_chance, networks
from tests.matching.worlds import few


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
