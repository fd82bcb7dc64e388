"""Where work has a simple shape, no plan is fairer: against every plan there is."""

from itertools import product
from random import Random

import pytest

import matching
from matching import Alliance, Asked, District, Group, HeldSkill, Interval, Rules, Standing
from matching.fairest import shape_of
from matching.planning import Planner
from tests.matching.worlds import DAY, HOUR, MORNING, opening, people, problem, worker

DISTRICTS = (District("a", 0, 0), District("b", 900, 1_200))
SKILLS = ("lifting", "cooking", "weeding")
SHIFT = 4 * HOUR


def on(day, begins=8):
    start = day * DAY + begins * HOUR
    return Interval(start, start + SHIFT)


def week(number):
    """Some days with openings that all last four hours and lie too close within each day."""
    pick = Random(number).choice
    team = [
        worker(
            f"w{one}",
            skills=tuple(HeldSkill(key) for key in SKILLS if pick([True, True, False])),
            groups=pick([("care",), ("care",), ("wash",), ("green",)]),
            minutes_wanted=pick([8 * HOUR, 12 * HOUR, 20 * HOUR, 0]),
            minutes_had=pick([0, 0, 4 * HOUR, 5 * HOUR]),
            district=pick(["a", "b", "b", None]),
            worked_with=pick([(), ("x",)]),
        )
        for one in range(pick([2, 3, 4]))
    ]
    work = [
        opening(
            f"o{day}-{one}",
            on(day, pick([7, 8, 10])),
            skill=pick(SKILLS),
            count=pick([1, 1, 2]),
            district=pick(["a", None]),
            people=pick([(), ("x",)]),
        )
        for day in range(pick([2, 3]))
        for one in range(pick([1, 2]))
    ]
    green = Alliance(
        id="green", lender="green", borrower="care", minutes_left=1_000 * HOUR, owed_minutes=60
    )
    cap = pick([None, 8 * HOUR, 11 * HOUR])
    later = list(matching.DEFAULT_PRIORITIES[1:])
    Random(number).shuffle(later)
    return problem(
        team,
        work,
        rules=Rules(rest_minutes=11 * HOUR, weekly_cap_minutes=cap, weeks=(Interval(0, 7 * DAY),)),
        alliances=(green,),
        districts=DISTRICTS,
        groups=(Group(id="care", others=("wash",)),),
        priorities=("fill", *later) if pick([True, False]) else matching.DEFAULT_PRIORITIES,
        seed=str(number),
    )


def every_plan(draft):
    """Every legal choice of edges, person by person and day by day."""
    shape = shape_of(draft)
    by = {}
    for edge, who in enumerate(draft.worker_of):
        by.setdefault((who, shape.day_of[draft.opening_of[edge]]), []).append(edge)
    for chosen in product(*([None, *some] for some in by.values())):
        edges = [one for one in chosen if one is not None]
        full = [0] * len(draft.places)
        had = {}
        for edge in edges:
            full[draft.opening_of[edge]] += 1
            had[draft.worker_of[edge]] = had.get(draft.worker_of[edge], 0) + SHIFT
        if all(map(int.__le__, full, draft.places)) and all(
            minutes <= cap.left[who] for cap in draft.caps for who, minutes in had.items()
        ):
            yield edges


def worth(draft, edges):
    """What each priority makes of a plan, the first first; less is better."""
    found = [-len(edges)]
    for name in draft.order:
        if name == "fairness":
            found += fairness(draft, edges)
        else:
            found.append(int(sum(draft.facts[name][edge] for edge in edges)))
    return found


def fairness(draft, edges):
    nothing_asked = shares = late = 0
    had = dict(enumerate(draft.had))
    for edge in edges:
        who = draft.worker_of[edge]
        if draft.wanted[who]:
            shares += had[who] / draft.wanted[who]
        else:
            nothing_asked += 1
            late += had[who]
        had[who] += SHIFT
    return [nothing_asked, round(shares, 9), late]


@pytest.mark.parametrize("number", range(120))
def test_no_plan_of_a_week_of_equal_shifts_is_better_by_the_voted_order(number):
    asked = week(number)
    draft = Planner(asked).empty()
    plan = matching.plan(asked)
    assert matching.check(asked, plan) == ()
    if shape_of(draft) is None:  # nobody could do two of these
        assert plan.tier == "exact"
        return
    assert plan.tier == "fairest"
    edges = list(Planner(asked).given_by(plan, draft))
    assert worth(draft, edges) == min(worth(draft, some) for some in every_plan(draft))


def test_turns_alone_are_not_always_as_fair():
    numbers = range(120)
    better = 0
    for number in numbers:
        planner = Planner(week(number))
        draft = planner.empty()
        if shape_of(draft) is not None:
            turns = [edge for filled in planner.fair().filled for edge in filled.values()]
            best = list(planner.given_by(matching.plan(week(number)), draft))
            better += worth(draft, best) < worth(draft, turns)
    assert better


def shaped(**changes):
    given = {"workers": [worker("a"), worker("b")], "openings": [opening("o1"), opening("o2")]}
    given |= changes
    return shape_of(Planner(problem(**given)).empty())


def test_what_has_another_shape_is_left_to_turns():
    assert shaped() is not None
    later = opening("o2", Interval(MORNING.start + DAY, MORNING.end + DAY + HOUR))
    assert shaped(openings=[opening("o1"), later]) is None  # not equally long
    early, late = opening("o2", on(0, 5)), opening("o3", on(0, 11))
    assert shaped(openings=[opening("o1"), early, late]) is None  # one day, two that go together
    planned = (Standing(worker="a", opening="o1", kind="planned"),)
    assert shaped(standing=planned) is None
    short = Alliance(id="x", lender="green", borrower="care", minutes_left=SHIFT)
    assert shaped(workers=[worker("a", groups=("green",))], alliances=(short,)) is None
    assert shaped(openings=[opening("o1")]) is None  # turns are as fair as can be


def test_what_a_leader_pinned_stays():
    pinned = (Standing(worker="b", opening="o1", kind="pinned"),)
    team = [worker("a"), worker("b", minutes_had=20 * HOUR)]
    asked = problem(team, [opening("o1"), opening("o2", on(1))], standing=pinned)
    plan = matching.plan(asked)
    assert plan.tier == "fairest"
    assert people(plan) == {("o1", "b"), ("o2", "a")}


def test_who_said_no_is_left_out():
    said_no = (Asked(worker="a", opening="o1", state="declined"),)
    asked = problem([worker("a")], [opening("o1"), opening("o2", on(1))], asked=said_no)
    assert people(matching.plan(asked)) == {("o2", "a")}
