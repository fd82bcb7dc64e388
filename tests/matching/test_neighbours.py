import pytest
from hypothesis import given

from matching import Alliance, AllyCapacity, Asked, CapacityCount, Interval, Standing, plan
from matching.neighbours import Neighbour, neighbours_of
from tests.matching.worlds import DAY, HOUR, MORNING, few, opening, problem, problems, worker

FEW = "1–2"  # noqa: RUF001  the label as agreed between allies


def near(asked, name="o1"):
    return neighbours_of(asked, plan(asked), name)


def states(found):
    return {one.id: one.state for one in found.people}


def test_everybody_near_an_opening_is_told_once_with_how_near_she_is():
    team = [worker(name) for name in ("ana", "bea", "chi", "dan")] + [worker("old", skills=())]
    work = [opening(count=2, taken=1, people=("ana",)), opening("o2", skill="cooking")]
    answered = Asked(worker="bea", opening="o1", state="invited")
    found = near(problem(team, work, asked=(answered,)))
    told = states(found)
    assert (told.pop("ana"), told.pop("bea")) == ("comes", "asked")
    assert sorted(told.values()) == ["eligible", "suggested"]
    assert sorted(told) == ["chi", "dan"], "whom a rule excludes is not near"
    assert [one.state for one in found.people] == ["comes", "asked", "suggested", "eligible"]
    assert (found.count("suggested"), found.places, found.group) == (1, 2, "care")


def test_who_declined_is_not_near():
    no = Asked(worker="mei", opening="o1", state="declined")
    assert near(problem([worker()], [opening()], asked=(no,))).people == ()


def test_people_come_by_their_own_group_their_leaders_other_one_or_an_alliance():
    treaty = Alliance(id="treaty", lender="green", borrower="care", minutes_left=99 * HOUR)
    team = [worker(), worker("wen", groups=("wash",)), worker("bo", groups=("green",))]
    found = near(problem(team, [opening(count=3)], alliances=(treaty,)))
    assert {(one.id, one.group, one.alliance) for one in found.people} == {
        ("mei", "care", None),
        ("wen", "wash", None),
        ("bo", "green", "treaty"),
    }


def test_somebody_who_comes_by_a_way_that_is_closed_stands_with_her_group():
    used_up = Alliance(id="treaty", lender="green", borrower="care", minutes_left=0)
    team = [worker("bo", groups=("green",))]
    work = [opening(taken=1, people=("bo", "somebody-unknown"))]
    found = near(problem(team, work, alliances=(used_up,)))
    assert found.people == (Neighbour(id="bo", group="green", state="comes"),)


def test_allies_are_near_by_their_counts():
    counts = (CapacityCount(skill="lifting", window=Interval(0, DAY), at_least=1, label=FEW),)
    ally = AllyCapacity(group="wash", alliance="treaty", minutes_left=9 * HOUR, counts=counts)
    (told,) = near(problem([], [opening()], allies=(ally,))).allies
    assert (told.group, told.label) == ("wash", FEW)


def test_whom_the_second_of_two_alliances_lends_is_near_by_that_one():
    first, second = (
        Alliance(id=name, lender="green", borrower="care", minutes_left=4 * HOUR)
        for name in ("first", "second")
    )
    team = [worker("bo", groups=("green",)), worker("kim", groups=("green",))]
    found = near(problem(team, [opening(count=2)], alliances=(first, second)))
    assert {one.alliance for one in found.people} == {"first", "second"}


def test_what_stands_elsewhere_is_no_trouble():
    pinned = Standing(worker="mei", opening="o2", kind="pinned")
    asked = problem([worker()], [opening(), opening("o2")], standing=(pinned,))
    assert states(near(asked)) == {"mei": "eligible"}


def test_another_opening_at_the_same_time_takes_nobody_away():
    asked = problem([worker()], [opening(), opening("o2", MORNING)])
    assert sorted([*states(near(asked)).values(), *states(near(asked, "o2")).values()]) == [
        "eligible",
        "suggested",
    ]


@few
@given(problems())
def test_whoever_is_suggested_is_near_and_nobody_twice(asked):
    made = plan(asked)
    for one in asked.openings:
        found = neighbours_of(asked, made, one.id)
        assert len(states(found)) == len(found.people)
        suggested = {each.worker for each in made.assignments if each.opening == one.id}
        assert {name for name, state in states(found).items() if state == "suggested"} == suggested


def test_an_opening_that_is_not_there_has_no_neighbours():
    with pytest.raises(KeyError):
        near(problem([], [opening()]), "o9")
