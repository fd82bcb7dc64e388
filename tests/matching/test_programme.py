"""The bound that is published with a plan, and the best plan of a small problem."""

from itertools import product

import pytest
from hypothesis import given

import matching
from matching import HeldSkill, Interval, Rules, Standing, Team, TeamRule
from matching.model import Requirement
from matching.planning import Planner, filled
from matching.programme import solved, too_close_sets
from tests.matching.worlds import (
    AFTERNOON,
    DAY,
    HOUR,
    MORNING,
    WEEK,
    crowded,
    few,
    opening,
    people,
    problem,
    problems,
    worker,
)


def able(name, *keys, **changes):
    return worker(name, skills=tuple(HeldSkill(key) for key in keys), **changes)


def best_fill(planner):
    """Try every choice of edges: the most places that any legal plan fills."""
    draft = planner.empty()
    whole = [draft.teams.openings[team] for team in draft.teams.whole()]

    def complete():
        return all(
            len({draft.missing(one) == 0 for one in team if draft.places[one]}) < 2
            and (all(draft.missing(one) == 0 for one in team) or not any(map(filled_at, team)))
            for team in whole
        )

    def filled_at(one):
        return len(draft.filled[one])

    def best(edge):
        if edge == len(draft.worker_of):
            return filled(draft) if complete() else 0
        most = best(edge + 1)
        if draft.missing(draft.opening_of[edge]) > 0 and draft.fits(edge):
            draft.give(edge)
            most = max(most, best(edge + 1))
            draft.take_back(edge)
        return most

    return best(0)


@few
@given(problems())
def test_a_small_problem_is_filled_as_far_as_any_plan_could(asked):
    planner = Planner(asked)
    if len(planner.edges.workers) > 14:
        return
    made = matching.plan(asked)
    assert len(made.assignments) == made.at_most == best_fill(planner)
    assert made.tier == "exact"
    assert matching.bound(asked) >= made.at_most


@pytest.mark.parametrize("number", range(6))
def test_a_crowded_week_is_filled_as_far_as_any_plan_could(number):
    made = matching.plan(crowded(number))
    assert made.tier == "exact"
    assert len(made.assignments) == made.at_most <= matching.bound(crowded(number))


def test_improving_a_large_problem_never_fills_less_and_says_what_no_plan_passes(monkeypatch):
    monkeypatch.setattr("matching.planning.SMALL", 0)
    for number in range(6):
        fair, improved = matching.plan(crowded(number)), matching.improve(crowded(number))
        assert improved.tier == "improved"
        assert len(fair.assignments) <= len(improved.assignments) <= improved.at_most


def test_a_plan_that_leaves_nobody_over_needs_no_proof():
    made = matching.plan(problem([worker("a")], [opening(count=2)]))
    assert (made.tier, made.at_most) == ("exact", 1)


def test_what_is_too_close_is_told_in_the_largest_sets():
    night = Interval(18 * HOUR, 22 * HOUR)
    work = [opening("a", MORNING), opening("b", AFTERNOON), opening("c", night)]
    planner = Planner(problem([worker()], work, rules=Rules(rest_minutes=5 * HOUR)))
    draft = planner.empty()
    sets = list(too_close_sets(draft, range(len(draft.worker_of))))
    assert sorted(sorted(draft.opening_of[edge] for edge in one) for one in sets) == [
        [0, 1],
        [1, 2],
    ]


def test_a_pin_stays_and_the_bound_counts_with_it():
    team = [able("one", "a", "b"), able("two", "a")]
    work = [opening("o-a", skill="a"), opening("o-b", skill="b")]
    pin = (Standing(worker="one", opening="o-a", kind="pinned"),)
    free, pinned = problem(team, work), problem(team, work, standing=pin)
    assert matching.plan(free).at_most == 2
    made = matching.plan(pinned)
    assert people(made) == {("o-a", "one")}
    assert made.at_most == 1


def test_an_earlier_plan_is_moved_only_to_fill_a_place_more():
    team = [worker("had-much", minutes_had=9 * HOUR), worker("had-none")]
    before = (Standing(worker="had-much", opening="o1", kind="planned"),)
    asked = problem(team, [opening()], standing=before)
    assert people(matching.plan(asked)) == {("o1", "had-much")}
    team[0] = able("had-much", "lifting", "driving")
    work = [opening(), opening("o2", skill="driving")]
    asked = problem(team, work, standing=before)
    assert people(matching.plan(asked)) == {("o1", "had-none"), ("o2", "had-much")}


CANTONESE = Requirement(languages=("yue",))
LEADS = Requirement(certificates=("lead",))


def of_a_team(speaks, leads, name="abcd"):
    """Four people of whom some speak Cantonese and some may lead."""
    return [
        worker(
            one,
            languages=("yue",) if one in speaks else (),
            certificates=(matching.HeldCertificate("lead"),) if one in leads else (),
            minutes_had=number * HOUR,
        )
        for number, one in enumerate(name)
    ]


def crew(least, lead, count=3, **changes):
    rules = (
        TeamRule(least=least, requirement=CANTONESE),
        TeamRule(least=lead, requirement=LEADS),
    )
    return opening(count=count), Team(id="crew", openings=("o1",), rules=rules, **changes)


def test_the_lead_may_be_one_of_the_two_who_speak_the_language():
    work, team = crew(2, 1)
    asked = problem(of_a_team(speaks="cd", leads="d"), [work], teams=(team,))
    assert people(matching.plan(asked)) == {("o1", "a"), ("o1", "c"), ("o1", "d")}


def test_places_are_kept_for_those_whom_a_rule_still_needs():
    work, team = crew(2, 0)
    asked = problem(of_a_team(speaks="d", leads=""), [work], teams=(team,))
    made = matching.plan(asked)
    assert people(made) == {("o1", "a"), ("o1", "d")}
    assert made.unfilled[0].reason.code == "team_rule"
    (explained,) = matching.explain(asked, made)
    assert {one.reason.code for one in explained.told if not one.suggested} == {"team_rule"}


def test_a_whole_team_comes_complete_or_frees_its_people():
    work, team = crew(0, 0, count=3, whole=True)
    crowd = [able("a", "lifting"), able("b", "lifting", "driving")]
    asked = problem(crowd, [work, opening("o2", skill="driving")], teams=(team,))
    made = matching.plan(asked)
    assert people(made) == {("o2", "b")}
    assert {one.reason.code for one in made.unfilled} == {"team_incomplete"}
    crowd.append(able("c", "lifting"))
    asked = problem(crowd, [work], teams=(team,))
    assert len(matching.plan(asked).assignments) == 3


def test_an_alliance_lends_no_more_hours_than_it_has_left():
    lent = matching.Alliance(id="x", lender="wash", borrower="care", minutes_left=8 * HOUR)
    guests = [worker(f"g{n}", groups=("wash",)) for n in range(3)]
    days = [Interval(n * DAY + MORNING.start, n * DAY + MORNING.end) for n in range(3)]
    work = [opening(f"o{n}", day) for n, day in enumerate(days)]
    asked = problem(guests, work, alliances=(lent,), groups=())
    made = matching.plan(asked)
    assert [one.via for one in made.assignments] == ["x", "x"]
    assert made.at_most == 2
    assert made.unfilled[0].reason.code == "alliance_used_up"


def test_a_problem_is_cut_where_nothing_is_shared(monkeypatch):
    monkeypatch.setattr("matching.programme.TOGETHER", 1)
    team = [able(f"w{n}", f"s{n % 3}") for n in range(9)]
    work = [opening(f"o{n}", skill=f"s{n}", count=2) for n in range(3)]
    rules = Rules(weekly_cap_minutes=10 * HOUR, weeks=(WEEK,))
    planner = Planner(problem(team, work, rules=rules))
    for whole in (False, True):
        found = solved(planner.empty(), whole=whole)
        assert found.at_most == 6
        assert found.values.sum() == pytest.approx(6)


def test_every_small_mix_of_people_and_rules_is_planned_as_well_as_can_be():
    for speaks, leads, whole in product(("", "a", "bc", "abd"), ("", "d", "ab"), (False, True)):
        work, team = crew(2, 1, whole=whole)
        asked = problem(of_a_team(speaks, leads), [work], teams=(team,))
        made = matching.plan(asked)
        assert len(made.assignments) == made.at_most == best_fill(Planner(asked))
