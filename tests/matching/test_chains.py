"""Places that only a move, another way, or a trade can fill."""

import pytest

import matching
from matching import Alliance, HeldSkill, Interval, Requirement, Standing, Team, TeamRule
from matching import planning as planning_module
from matching.planning import Planner, filled
from matching.solve import settled
from tests.matching.worlds import HOUR, opening, people, problem, worker

EARLY, LATE = Interval(8 * HOUR, 12 * HOUR), Interval(9 * HOUR, 13 * HOUR)
CANTONESE = Requirement(languages=("yue",))


@pytest.fixture(autouse=True)
def _no_solver(monkeypatch):
    """Leave the solver out: what is found here, moves alone have found."""
    monkeypatch.setattr(planning_module, "SMALL", -1)


def able(name, *keys, **changes):
    return worker(name, skills=tuple(HeldSkill(key) for key in keys), **changes)


def lent(name="pact", hours=4, **changes):
    given = {"id": name, "lender": "wash", "borrower": "care", "minutes_left": hours * HOUR}
    return Alliance(**(given | changes))


def test_who_leaves_a_team_leaves_her_room_in_it():
    anybody = opening("o0", EARLY, skill=None, count=2)
    team = Team(id="t", openings=("o0",), rules=(TeamRule(least=1, requirement=CANTONESE),))
    crew = [able("w0", minutes_had=600), able("w1", "lifting")]
    asked = problem(crew, [anybody, opening("o1", LATE)], teams=(team,))
    assert people(matching.plan(asked)) == {("o0", "w0"), ("o1", "w1")}


def test_who_was_lent_leaves_the_hours_to_somebody_else():
    crew = [
        able("w0", groups=("wash",), minutes_had=600),
        able("w1", "lifting", groups=("wash", "own")),
    ]
    work = [opening("o0", EARLY, skill=None, count=2), opening("o1", LATE, group="own")]
    asked = problem(crew, work, alliances=(lent(),), groups=())
    assert people(matching.plan(asked)) == {("o0", "w0"), ("o1", "w1")}


def test_who_may_come_by_another_way_leaves_the_alliance_to_who_may_not():
    order = ("fill", "reciprocity", "own_group", "fairness", "travel", "team")
    crew = [worker("w0", groups=("care", "wash")), worker("w1", groups=("wash",))]
    asked = problem(
        crew,
        [opening("o0", count=2)],
        alliances=(lent(owed_minutes=300),),
        groups=(),
        priorities=order,
    )
    made = matching.plan(asked)
    assert {(one.worker, one.via) for one in made.assignments} == {("w0", None), ("w1", "pact")}


def test_a_pin_is_kept_where_another_may_come_by_another_way():
    long = opening("o0", Interval(10 * HOUR, 15 * HOUR))
    pins = tuple(
        Standing(worker=who, opening=where, kind="pinned")
        for who, where in (("w1", "o1"), ("w2", "o0"))
    )
    asked = problem(
        [worker("w1", groups=("wash",)), worker("w2", groups=("wash",))],
        [long, opening("o1", Interval(13 * HOUR, 17 * HOUR))],
        alliances=(lent("a", 5), lent("b", 4)),
        groups=(),
        standing=pins,
    )
    assert people(matching.plan(asked)) == {("o0", "w2"), ("o1", "w1")}


def test_two_people_may_change_places():
    crew = [able("w0", "easy"), able("w1", "easy", "hard")]
    work = [
        opening("o0", Interval(10 * HOUR, 14 * HOUR), skill="easy"),
        opening("o1", Interval(8 * HOUR, 11 * HOUR), skill="hard"),
        opening("o2", Interval(13 * HOUR, 17 * HOUR), skill="easy"),
    ]
    before = tuple(
        Standing(worker=who, opening=where, kind="planned")
        for who, where in (("w1", "o0"), ("w0", "o2"))
    )
    asked = problem(crew, work, standing=before)
    assert people(matching.plan(asked)) == {("o0", "w0"), ("o1", "w1"), ("o2", "w1")}


@pytest.mark.parametrize("groups", [("care",), ("wash",)])
def test_a_long_shift_gives_way_to_two_short_ones(groups):
    crew = [worker("w0", groups=groups)]
    if groups == ("wash",):
        crew.append(worker("w1", groups=groups))
    work = [
        opening("long", Interval(8 * HOUR, 16 * HOUR)),
        opening("a", Interval(8 * HOUR, 12 * HOUR)),
        opening("b", Interval(12 * HOUR, 16 * HOUR)),
    ]
    asked = problem(crew, work, alliances=(lent(hours=8),), groups=())
    planner = Planner(asked)
    draft = planner.empty()
    begin = [edge for edge in draft.edges(2) if draft.worker_of[edge] == 0]
    assert draft.problem.openings[2].id == "long"
    assert filled(settled(draft, begin)) == 2
