"""Trainings: few that fill much, each kept to what its person has the time for."""

from itertools import combinations

import pytest
from msgspec.structs import replace

from matching import (
    Alliance,
    HeldCertificate,
    HeldSkill,
    Interval,
    Rules,
    Team,
    plan,
    to_json,
)
from matching.attributes import Attribute, with_attribute
from matching.eligibility import Circumstances, first_failing, overfull_week
from matching.intervals import too_close
from matching.remaining import remaining
from matching.training import training_plan
from tests.matching.networks import by_chance
from tests.matching.worlds import AFTERNOON, DAY, HOUR, MORNING, WEEK, opening, problem, worker

COOKING = Attribute(kind="skill", key="cooking")


def trained(asked, most=3):
    return training_plan(asked, plan(asked), most)


@pytest.mark.parametrize("number", range(100))
def test_planning_again_with_all_of_it_learnt_fills_what_was_told(number):
    found = trained(by_chance(number))
    assert found.places >= found.told
    assert len(found.steps) <= 3


@pytest.mark.parametrize("number", range(100))
def test_each_takes_only_what_she_could_and_has_the_time_for(number):
    asked = by_chance(number)
    made = plan(asked)
    left = remaining(asked, made)
    openings = {one.id: one for one in left.openings}
    workers = {one.id: one for one in left.workers}
    now = Circumstances.of(left)
    hers = {}
    for step in training_plan(asked, made, 9).steps:
        assert step.openings
        hers.setdefault(step.worker, []).extend(step.openings)
        able = with_attribute(workers[step.worker], step.attribute)
        for name in step.openings:
            assert first_failing(workers[step.worker], openings[name], now) is not None
            assert first_failing(able, openings[name], now) is None
    for name, given in hers.items():
        stretches = [openings[one].interval for one in given]
        for one, other in combinations(stretches, 2):
            assert not too_close(one, other, left.rules.rest_minutes)
        for number_of, one in enumerate(stretches):
            others = stretches[:number_of] + stretches[number_of + 1 :]
            assert overfull_week(workers[name], one, others, left.rules) is None


@pytest.mark.parametrize("number", range(60))
def test_no_single_training_fills_more_than_the_first(number):
    asked = replace(by_chance(number), teams=(), alliances=())
    made = plan(asked)
    left = remaining(asked, made)
    steps = training_plan(asked, made, 1).steps
    first = len(steps[0].openings) if steps else 0
    now = Circumstances.of(left)
    attributes = {
        Attribute(kind=kind, key=key, level=level)
        for kind, keys in (
            ("skill", ("lifting", "cooking")),
            ("certificate", ("first-aid", "food")),
            ("language", ("yue", "ar")),
        )
        for key in keys
        for level in (range(3) if kind == "skill" else (0,))
    }
    for who in left.workers:
        for able in (with_attribute(who, attribute) for attribute in attributes):
            best = 0
            for size in range(first + 1, len(left.openings) + 1):
                for some in combinations(left.openings, size):
                    best = max(best, size) if possible(who, able, some, now) else best
            assert best <= first


def possible(who, able, openings, now):
    return (
        all(first_failing(who, one, now) for one in openings)
        and not any(first_failing(able, one, now) for one in openings)
        and not any(
            too_close(one.interval, other.interval, now.rules.rest_minutes)
            for one, other in combinations(openings, 2)
        )
        and all(
            overfull_week(
                able, one.interval, [o.interval for o in openings if o is not one], now.rules
            )
            is None
            for one in openings
        )
    )


def test_one_person_who_learns_fills_all_she_has_time_for():
    work = [
        opening("c1", skill="cooking"),
        opening("c2", AFTERNOON, skill="cooking"),
        opening("c3", Interval(DAY, DAY + 4 * HOUR), skill="cooking"),
        opening("d1", Interval(DAY, DAY + 4 * HOUR), skill="driving"),
    ]
    found = trained(problem([worker()], work), 1)
    assert [(one.worker, one.attribute, one.openings) for one in found.steps] == [
        ("mei", COOKING, ("c1", "c2", "c3"))
    ]
    assert (found.told, found.places) == (3, 3)


def test_rest_and_cap_and_what_the_plan_gives_bound_what_she_can_take():
    work = [opening(), opening("c1", AFTERNOON, skill="cooking")]
    assert trained(problem([worker()], work)).told == 1
    assert trained(problem([worker()], work, rules=Rules(rest_minutes=2 * HOUR))).told == 0
    capped = Rules(weekly_cap_minutes=7 * HOUR, weeks=(WEEK,))
    assert trained(problem([worker()], work, rules=capped)).told == 0


def test_the_last_hours_of_an_alliance_are_taken_once():
    lent = Alliance(id="treaty", lender="wood", borrower="care", minutes_left=5 * HOUR)
    team = [worker("a", groups=("wood",)), worker("b", groups=("wood",))]
    work = [opening("c1", skill="cooking"), opening("c2", AFTERNOON, skill="cooking")]
    assert trained(problem(team, work, alliances=(lent,))).told == 1


def test_the_higher_level_is_learnt_only_where_it_opens_more():
    team = [worker(skills=(HeldSkill("lifting", 0),))]
    low = opening("low", level=1)
    (step,) = trained(problem(team, [low, opening("high", AFTERNOON, level=3)]), 1).steps
    assert (step.attribute.level, step.openings) == (3, ("low", "high"))
    (step,) = trained(problem(team, [low, opening("high", MORNING, level=3)]), 1).steps
    assert (step.attribute.level, step.openings) == (1, ("low",))


def test_among_people_who_could_learn_as_much_the_one_who_had_least_goes_first():
    team = [worker("a", minutes_had=9 * HOUR), worker("b", minutes_had=HOUR)]
    (step,) = trained(problem(team, [opening(skill="cooking")])).steps
    assert step.worker == "b"
    alike = [worker("a"), worker("b")]
    drawn = {
        trained(problem(alike, [opening(skill="cooking")], seed=str(seed))).steps[0].worker
        for seed in range(20)
    }
    assert drawn == {"a", "b"}


def test_renewing_a_certificate_is_a_training():
    who = worker(certificates=(HeldCertificate("aid", MORNING.start),))
    found = trained(problem([who], [opening(certificates=("aid",))]))
    assert found.steps[0].attribute == Attribute(kind="certificate", key="aid")
    assert found.places == 1


def test_places_of_a_team_are_not_counted():
    together = Team(id="t", openings=("o1",), whole=True)
    asked = problem([worker()], [opening(skill="cooking", count=2)], teams=(together,))
    assert trained(asked) == training_plan(asked, plan(asked), 0)


def test_the_same_problem_gives_the_same_trainings_to_the_byte():
    asked = by_chance(7)
    turned = replace(asked, workers=asked.workers[::-1], openings=asked.openings[::-1])
    assert to_json(trained(asked)) == to_json(trained(turned))
