"""Allies are asked by their counts alone, and answer beside their own plans."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from matching import (
    Alliance,
    AllyCapacity,
    CapacityCount,
    HeldSkill,
    Interval,
    Standing,
    asks,
    check,
    plan,
    to_json,
)
from matching.asking import Ask, answer, beside
from matching.asking import asks as asks_of
from matching.intervals import minutes_within
from tests.matching.networks import networks
from tests.matching.worlds import (
    AFTERNOON,
    DAY,
    HOUR,
    few,
    opening,
    problem,
    problems,
    worker,
)

NOON = 12 * HOUR
AM, PM = Interval(0, NOON), Interval(NOON, DAY)
LABELS = {0: "0", 1: "1–2", 3: "3–5", 6: "6+"}  # noqa: RUF001  the labels as agreed


def ally(name="wash", *, am=1, pm=1, left=40 * HOUR, **changes):
    return AllyCapacity(
        group=name,
        alliance=f"with-{name}",
        minutes_left=left,
        counts=tuple(
            CapacityCount(skill="lifting", window=window, at_least=count, label=LABELS[count])
            for window, count in ((AM, am), (PM, pm))
            if count is not None
        ),
        **changes,
    )


def asked(openings, *allies, without=(), at_once=1):
    question = problem([], openings, allies=allies)
    return [
        (one.group, one.opening, one.places)
        for one in asks_of(question, plan(question), without, at_once=at_once)
    ]


def test_an_ally_is_asked_for_a_place_that_its_own_people_leave_open():
    question = problem([], [opening()], allies=(ally(),))
    wanted = Ask(group="wash", alliance="with-wash", opening="o1", places=1)
    assert asks(question, plan(question)) == (wanted,)
    filled = problem([worker()], [opening()], allies=(ally(),))
    assert asks(filled, plan(filled)) == ()


def test_an_ally_that_has_nobody_or_has_not_told_is_not_asked():
    assert asked([opening()], ally(am=0)) == []
    assert asked([opening()], ally(am=None)) == []
    assert asked([opening(skill="cooking")], ally()) == []
    assert asked([opening()], ally(left=4 * HOUR - 1)) == []
    assert asked([opening()], ally(left=4 * HOUR)) == [("wash", "o1", 1)]


def test_a_half_day_of_which_a_shift_takes_less_than_three_hours_is_not_looked_at():
    early = opening(interval=Interval(6 * HOUR, 14 * HOUR))
    assert asked([early], ally(pm=0)) == [("wash", "o1", 1)]
    assert asked([early], ally(pm=None)) == [("wash", "o1", 1)]
    long = opening(interval=Interval(7 * HOUR, 15 * HOUR))
    assert asked([long], ally(pm=0)) == []
    assert asked([long], ally(pm=None)) == []
    short = opening(interval=Interval(11 * HOUR, 13 * HOUR + 30))
    assert asked([short], ally(am=0)) == [("wash", "o1", 1)]
    assert asked([short], ally(pm=0)) == []


def test_what_was_tried_is_not_asked_again():
    pair = ("with-wash", "o1")
    assert asked([opening()], ally(), ally("green"), without=[pair]) == [("green", "o1", 1)]
    assert asked([opening(), opening("o2", AFTERNOON)], ally(), without=[pair]) == [
        ("wash", "o2", 1)
    ]


def test_counts_are_used_up_by_what_is_asked():
    assert asked([opening(count=5)], ally(am=3)) == [("wash", "o1", 3)]
    assert asked([opening(), opening("o2", AFTERNOON)], ally()) == [
        ("wash", "o1", 1),
        ("wash", "o2", 1),
    ]
    assert asked([opening(), opening("o2")], ally()) == [("wash", "o1", 1)]


def test_minutes_left_are_shared_by_all_that_is_asked():
    work = [opening(count=2), opening("o2", AFTERNOON, count=2)]
    assert asked(work, ally(am=6, pm=6, left=12 * HOUR)) == [("wash", "o1", 2), ("wash", "o2", 1)]


def test_who_owes_us_most_is_asked_first_until_it_would_owe_less_than_another():
    owing = ally("green", am=6, owed_minutes=10 * HOUR)
    assert asked([opening(count=2)], ally(am=6), owing) == [("green", "o1", 2)]
    spread = dict.fromkeys(["green", "wash"], 2)
    owing = replace(owing, owed_minutes=2)
    assert {who: places for who, _, places in asked([opening(count=4)], ally(am=6), owing)} == (
        spread
    )


def test_among_allies_that_owe_alike_the_lot_decides():
    chosen = {
        asks(question, plan(question))[0].group
        for seed in "abcdefgh"
        for question in [problem([], [opening()], allies=(ally(), ally("green")), seed=seed)]
    }
    assert chosen == {"wash", "green"}


def test_the_opening_that_fewest_could_fill_is_asked_for_first():
    cooks = AllyCapacity(
        group="green",
        alliance="with-green",
        minutes_left=4 * HOUR,
        counts=tuple(
            CapacityCount(skill=skill, window=AM, at_least=count, label=LABELS[count])
            for skill, count in (("lifting", 3), ("cooking", 1))
        ),
    )
    work = [opening(), opening("o2", skill="cooking")]
    assert asked(work, cooks, ally()) == [("green", "o2", 1), ("wash", "o1", 1)]


def test_two_allies_may_be_asked_for_one_place_and_none_twice():
    found = asked([opening()], ally(am=6), ally("green", am=6), ally("care2", am=0), at_once=3)
    assert sorted(found) == [("green", "o1", 1), ("wash", "o1", 1)]


@st.composite
def asking(draw):
    question = draw(problems())
    counts = st.sampled_from(sorted(LABELS))
    skill = st.sampled_from(["lifting", "cooking", "driving"])
    allies = tuple(
        AllyCapacity(
            group=f"ally{number}",
            alliance=f"alliance{number}",
            minutes_left=draw(st.sampled_from([0, 9, 20, 100])) * HOUR,
            owed_minutes=draw(st.sampled_from([-5, 0, 5])) * HOUR,
            counts=tuple(
                CapacityCount(skill=one, window=half, at_least=count, label=LABELS[count])
                for one in draw(st.sets(skill))
                for half in (Interval(n * NOON, (n + 1) * NOON) for n in range(16))
                for count in [draw(counts)]
            ),
        )
        for number in range(draw(st.integers(0, 3)))
    )
    return replace(question, allies=allies)


@few
@given(asking(), st.integers(1, 3))
def test_no_limit_is_passed_however_much_is_asked(question, at_once):
    made = plan(question)
    found = asks_of(question, made, at_once=at_once)
    work = {one.id: one for one in question.openings}
    missing = {one.opening: one.places for one in made.unfilled}
    for one in question.allies:
        mine = [ask for ask in found if ask.alliance == one.alliance]
        minutes = sum(ask.places * work[ask.opening].interval.minutes for ask in mine)
        assert minutes <= one.minutes_left
        for count in one.counts:
            mostly = [
                ask.places
                for ask in mine
                if work[ask.opening].requirement.skill == count.skill
                and minutes_within(work[ask.opening].interval, count.window) >= 3 * HOUR
            ]
            assert sum(mostly) <= count.at_least
    for name, total in Counter(ask.opening for ask in found for _ in range(ask.places)).items():
        assert total <= missing[name] * at_once
    assert all(1 <= ask.places <= missing[ask.opening] for ask in found)
    assert len({(ask.alliance, ask.opening) for ask in found}) == len(found)


@few
@given(asking(), st.randoms(use_true_random=False))
def test_the_same_is_asked_in_whatever_order_things_are_written_down(question, chance):
    def shuffled(values):
        return tuple(chance.sample(values, len(values)))

    other = replace(
        question,
        openings=shuffled(question.openings),
        allies=shuffled(
            [replace(one, counts=shuffled(one.counts)) for one in shuffled(question.allies)]
        ),
    )
    assert to_json(asks(other, plan(other))) == to_json(asks(question, plan(question)))


# The ally's side ---------------------------------------------------------------------------------


def lending(borrower="care", left=40 * HOUR, **changes):
    given = {"id": f"to-{borrower}", "lender": "wash", "borrower": borrower, "minutes_left": left}
    return Alliance(**(given | changes))


def washing(people, work=(), **changes):
    question = problem(people, work, group="wash", groups=(), **changes)
    return beside(question, plan(question))


def washer(name="mei", **changes):
    return worker(name, groups=("wash",), **changes)


def offered(answered):
    return [(one.alliance, one.opening, one.places) for one in answered.offers]


def test_an_ally_offers_the_places_that_it_has_people_for():
    question = washing([washer(), washer("ana")])
    found = answer(question, [(lending(), opening("theirs", count=3))])
    assert offered(found) == [("to-care", "theirs", 2)]
    assert {one.worker for one in found.plan.assignments} == {"mei", "ana"}
    assert check(found.problem, found.plan) == ()


def test_own_places_come_first_and_keep_their_people():
    question = washing([washer()], [opening("ours")])
    assert offered(answer(question, [(lending(), opening("theirs"))])) == []


def test_somebody_is_moved_among_own_places_where_that_fills_an_allys():
    cook = washer(skills=(HeldSkill("lifting"), HeldSkill("cooking")))
    question = washing([cook], [opening("ours")])
    assert len(question.standing) == 1
    question = replace(question, workers=(*question.workers, washer("ana")))
    found = answer(question, [(lending(), opening("theirs", skill="cooking"))])
    assert offered(found) == [("to-care", "theirs", 1)]
    assert {(one.opening, one.worker) for one in found.plan.assignments} == {
        ("ours", "ana"),
        ("theirs", "mei"),
    }


def test_several_who_ask_share_the_people_and_each_alliance_its_minutes():
    people = [washer(f"w{number}") for number in range(4)]
    found = answer(
        washing(people),
        [
            (lending("care", left=8 * HOUR), opening("cares", count=4)),
            (lending("green", left=4 * HOUR), opening("greens", count=4)),
        ],
    )
    assert offered(found) == [("to-care", "cares", 2), ("to-green", "greens", 1)]


def test_an_alliance_lends_only_its_skills_and_with_its_notice():
    tomorrow = opening("theirs", Interval(DAY, DAY + 4 * HOUR))
    question = washing([washer()])
    assert offered(answer(question, [(lending(skills=("cooking",)), tomorrow)])) == []
    assert offered(answer(question, [(lending(notice_minutes=2 * DAY), tomorrow)])) == []
    assert offered(answer(question, [(lending(notice_minutes=DAY), tomorrow)])) != []


def test_somebody_in_both_groups_comes_by_the_alliance_and_counts_against_it():
    question = washing([worker(groups=("care", "wash"))])
    theirs = opening("theirs")
    assert offered(answer(question, [(lending(left=4 * HOUR), theirs)])) != []
    assert offered(answer(question, [(lending(left=4 * HOUR - 1), theirs)])) == []


def test_by_an_alliance_of_another_lender_nothing_is_answered():
    with pytest.raises(ValueError, match="another group lends"):
        answer(washing([washer()]), [(lending(lender="green"), opening("theirs"))])


def test_pinned_people_stay_pinned_beside_a_plan():
    pin = Standing(worker="mei", opening="o1", kind="pinned")
    question = problem([worker(), worker("ana")], [opening(count=2)], standing=(pin,))
    assert [(one.worker, one.kind) for one in beside(question, plan(question)).standing] == [
        ("ana", "planned"),
        ("mei", "pinned"),
    ]


@few
@given(networks())
def test_no_own_place_is_emptied_for_an_ally_and_all_is_legal(question):
    group = question.group
    own = tuple(one for one in question.openings if one.group in {None, group})
    theirs = [one for one in question.openings if one.group not in {None, group}]
    names = {one.id for one in own}
    question = replace(
        question,
        openings=own,
        alliances=(),
        teams=tuple(one for one in question.teams if names.issuperset(one.openings)),
        standing=tuple(one for one in question.standing if one.opening in names),
    )
    made = plan(question)
    alliance = Alliance(id="lent", lender=group, borrower="theirs", minutes_left=12 * HOUR)
    found = answer(beside(question, made), [(alliance, one) for one in theirs])
    assert check(found.problem, found.plan) == ()
    before = Counter(one.opening for one in made.assignments)
    after = Counter(one.opening for one in found.plan.assignments)
    assert all(after[name] >= count for name, count in before.items())
    places = {one.id: one.places for one in theirs}
    assert all(one.places <= places[one.opening] for one in found.offers)
