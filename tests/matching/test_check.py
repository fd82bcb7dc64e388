"""What a plan may not do is found, each by the name it has, and a plan of ours does none of it."""

import ast
import re
from pathlib import Path

import pytest
from hypothesis import given, settings

import matching
from matching import (
    RULE_VERSION,
    Alliance,
    Asked,
    Assignment,
    District,
    Group,
    HeldCertificate,
    HeldSkill,
    Interval,
    Plan,
    Reason,
    Requirement,
    Rules,
    Standing,
    Team,
    TeamRule,
    Unfilled,
    WeekMinutes,
    checking,
    problem_hash,
)
from matching.checking import SENTENCES, moved_pins
from tests.matching.networks import by_chance, networks
from tests.matching.worlds import AFTERNOON, DAY, HOUR, MORNING, few, opening, problem, worker

WEEK = Interval(0, 7 * DAY)
NEXT = Interval(7 * DAY, 14 * DAY)
NOON = Interval(12 * HOUR, 13 * HOUR)
DAYTIME = (opening("o1"), opening("o2", AFTERNOON))
TWO = {"workers": (worker("mei"), worker("lok"))}
AID = ("first-aid",)

MEI = [("o1", "mei")]
MEI_TWICE = [("o1", "mei"), ("o2", "mei")]
MEI_AND_LOK = [("o1", "mei"), ("o1", "lok")]
LENT = [("o1", "lok", "pact")]


def planned(asked, given, **changes):
    """A plan with these places, and with all else as it should be."""
    places = {one.id: one.places - sum(o == one.id for o, *_ in given) for one in asked.openings}
    known = {
        "problem": asked.id,
        "problem_hash": problem_hash(asked),
        "rule_version": RULE_VERSION,
        "seed": asked.seed,
        "tier": "fair",
        "assignments": tuple(
            Assignment(opening=one, worker=who, via=via[0] if via else None)
            for one, who, *via in given
        ),
        "unfilled": tuple(unfilled(one, left) for one, left in places.items() if left > 0),
    }
    return Plan(**(known | changes))


def unfilled(name, places):
    return Unfilled(opening=name, places=places, reason=Reason("nobody_eligible"))


def world(**changes):
    return problem(**({"workers": (worker(),), "openings": (opening(),)} | changes))


def mei(**changes):
    return {"workers": (worker(**changes),)}


def work(**changes):
    return {"openings": (opening(**changes),)}


def lent(groups=("wash",), shift=None, moment=0, **changes):
    """Lok is lent by one alliance that has the minutes for one shift left."""
    pact = {"id": "pact", "lender": "wash", "borrower": "care", "minutes_left": 4 * HOUR} | changes
    return {
        "workers": (worker("lok", groups=groups),),
        "openings": shift or (opening(),),
        "alliances": (Alliance(**pact),),
        "moment": moment,
    }


def led_by(*groups):
    """Lok is in a group whose leader may lead others besides."""
    others = (Group(id="care", others=groups),)
    return {"workers": (worker("lok", groups=("wash",)),), "groups": others}


def far(home, farthest, middle=(1_000, 1_000)):
    districts = (District("there", 0, 0), District("home", *middle))
    who = mei(district=home, farthest_metres=farthest)
    return who | work(district="there") | {"districts": districts}


def rest(minutes, openings=DAYTIME[:1], **changes):
    return mei(**changes) | {"openings": openings, "rules": Rules(rest_minutes=minutes)}


def cap(hours, openings=DAYTIME[:1], told=(), promised=()):
    rules = Rules(weekly_cap_minutes=hours * HOUR, weeks=(WEEK, NEXT))
    return mei(weeks=told, promised=promised) | {"openings": openings, "rules": rules}


def team(*rules, whole=False, **changes):
    """One team of two, with Mei, who speaks nothing, and Lok."""
    one = Team(id="team", openings=("o1",), rules=rules, whole=whole)
    return TWO | work(**({"count": 2} | changes)) | {"teams": (one,)}


def speak(least, met=0):
    return TeamRule(least=least, requirement=Requirement(languages=("yue",)), met=met)


def asked(state):
    return {"asked": (Asked(worker="mei", opening="o1", state=state),)}


LEGAL = [
    ({}, MEI),
    ({}, []),
    (work(group="wash") | mei(groups=("wash",)), MEI),
    (led_by("wash"), [("o1", "lok", "wash")]),
    (lent(), LENT),
    (lent(skills=("cooking", "lifting")), LENT),
    (lent(shift=(opening(skill=None),)), LENT),
    (lent(moment=7 * HOUR, notice_minutes=HOUR), LENT),
    (work(skill=None, level=3) | mei(skills=()), MEI),
    (work(level=2) | mei(skills=(HeldSkill("lifting"), HeldSkill("lifting", 2))), MEI),
    (work(certificates=AID) | mei(certificates=(HeldCertificate("first-aid"),)), MEI),
    (work(certificates=AID) | mei(certificates=(HeldCertificate("first-aid", 12 * HOUR),)), MEI),
    (far("home", 1_414), MEI),
    (far("home", None), MEI),
    (far("there", 0), MEI),
    (far("nobody knows", 0), MEI),
    (far(None, 0), MEI),
    (mei(free=(Interval(0, 9 * HOUR), Interval(9 * HOUR, DAY))), MEI),
    (mei(free=(MORNING,)), MEI),
    (mei(promised=(NOON,)), MEI),
    (rest(HOUR, promised=(AFTERNOON,)), MEI),
    (rest(HOUR, DAYTIME), MEI_TWICE),
    (cap(8, DAYTIME), MEI_TWICE),
    (cap(5, promised=(NOON,)), MEI),
    (cap(9, told=(WeekMinutes(0, 5 * HOUR),), promised=(NOON,)), MEI),
    (cap(4, told=(WeekMinutes(WEEK.end, 99 * HOUR),)), MEI),
    (cap(4, told=(WeekMinutes(0, 99 * HOUR),)), []),
    (team(speak(1)), MEI),
    (team(speak(1, met=1)), MEI_AND_LOK),
    (team(speak(2), count=3, taken=1), []),
    (team(whole=True), MEI_AND_LOK),
    (team(whole=True), []),
]


@pytest.mark.parametrize(("changes", "given"), LEGAL)
def test_a_legal_plan_has_no_fault(changes, given):
    asked = world(**changes)
    assert matching.check(asked, planned(asked, given)) == ()


ILLEGAL = [
    ("unknown_worker", {}, [("o1", "nobody")], {"unfilled": (unfilled("o1", 1),)}),
    ("twice_there", {}, [("o1", "mei"), ("o1", "mei")], {}),
    ("too_many", TWO, MEI_AND_LOK, {}),
    ("too_many", work(taken=1), MEI, {}),
    ("unknown_opening", {}, [("o9", "mei")], {}),
    ("unknown_opening", {}, MEI, {"unfilled": (unfilled("o9", 1),)}),
    ("unfilled_wrong", {}, [], {"unfilled": ()}),
    ("unfilled_wrong", {}, MEI, {"unfilled": (unfilled("o1", 1),)}),
    ("unfilled_wrong", work(count=2), MEI, {"unfilled": (unfilled("o1", 2),)}),
    ("unfilled_twice", work(count=2), [], {"unfilled": (unfilled("o1", 1),) * 2}),
    ("unfilled_needless", {}, MEI, {"unfilled": (unfilled("o1", 0),)}),
    ("above_the_bound", {}, MEI, {"at_most": 0}),
    ("not_in_group", mei(groups=("wash",)), MEI, {}),
    ("not_in_group", work(group="wash"), MEI, {}),
    ("not_in_group", led_by("wash", "green"), [("o1", "lok", "green")], {}),
    ("unknown_way", led_by("green"), [("o1", "lok", "wash")], {}),
    ("unknown_way", {}, [("o1", "mei", "care")], {}),
    ("wrong_lender", lent(groups=("green",)), LENT, {}),
    ("wrong_borrower", lent(borrower="green"), LENT, {}),
    ("skill_not_lent", lent(skills=("cooking",)), LENT, {}),
    ("skill_not_lent", lent(skills=("lifting",), shift=(opening(skill=None),)), LENT, {}),
    ("short_notice", lent(moment=7 * HOUR, notice_minutes=HOUR + 1), LENT, {}),
    ("overdrawn", lent(minutes_left=4 * HOUR - 1), LENT, {}),
    ("overdrawn", lent(shift=DAYTIME), [*LENT, ("o2", "lok", "pact")], {}),
    ("no_skill", mei(skills=(HeldSkill("cooking", 9),)), MEI, {}),
    ("low_level", work(level=3), MEI, {}),
    ("no_certificate", work(certificates=AID), MEI, {}),
    (
        "no_certificate",
        work(certificates=AID) | mei(certificates=(HeldCertificate("first-aid", 12 * HOUR - 1),)),
        MEI,
        {},
    ),
    ("no_language", work(languages=("ar", "yue")) | mei(languages=("ar",)), MEI, {}),
    ("too_young", mei(age_ok=False), MEI, {}),
    ("too_far", far("home", 1_413), MEI, {}),
    ("already_asked", asked("invited"), MEI, {}),
    ("already_asked", asked("declined"), MEI, {}),
    ("not_free", mei(free=()), MEI, {}),
    ("not_free", mei(free=(Interval(0, 12 * HOUR - 1),)), MEI, {}),
    ("not_free", mei(free=(Interval(0, 9 * HOUR), Interval(9 * HOUR + 1, DAY))), MEI, {}),
    ("near_a_promise", rest(HOUR + 1, promised=(AFTERNOON,)), MEI, {}),
    ("near_a_promise", mei(promised=(Interval(0, 8 * HOUR + 1),)), MEI, {}),
    ("near_each_other", rest(HOUR + 1, DAYTIME), MEI_TWICE, {}),
    ("near_each_other", {"openings": (opening("o1"), opening("o2"))}, MEI_TWICE, {}),
    ("over_the_cap", cap(7, DAYTIME), MEI_TWICE, {}),
    ("over_the_cap", cap(4, promised=(NOON,)), MEI, {}),
    ("over_the_cap", cap(8, told=(WeekMinutes(0, 5 * HOUR),), promised=(NOON,)), MEI, {}),
    ("team_out_of_reach", team(speak(1)), MEI_AND_LOK, {}),
    ("team_out_of_reach", team(speak(2, met=1), count=3, taken=1), MEI_AND_LOK, {}),
    ("team_out_of_reach", team(speak(3), count=3, taken=1), MEI, {}),
    ("team_in_part", team(whole=True), MEI, {}),
]


@pytest.mark.parametrize(("code", "changes", "given", "told"), ILLEGAL)
def test_a_plan_that_breaks_one_rule_has_that_fault_alone(code, changes, given, told):
    asked = world(**changes)
    [fault] = matching.check(asked, planned(asked, given, **told))
    assert fault.code == code
    assert fault.sentence.endswith(".")
    assert not re.search(r"None|[{}]", fault.sentence)


@pytest.mark.parametrize("label", ["problem", "problem_hash", "rule_version", "seed"])
def test_a_plan_of_another_problem_is_known_by_each_of_its_labels(label):
    asked = world()
    [fault] = matching.check(asked, planned(asked, MEI, **{label: "another"}))
    assert fault.code == "other_problem"
    assert f"says {label} another," in fault.sentence


def pinned(kind="pinned", **changes):
    return world(standing=(Standing(worker="mei", opening="o1", kind=kind),), **changes)


def test_a_pin_that_is_not_kept_though_it_could_be_is_noted_and_is_no_fault():
    asked = pinned()
    left_out = planned(asked, [])
    [note] = moved_pins(asked, left_out)
    assert note.sentence == "mei was pinned to o1, may do it, and is not in the plan for it."
    assert matching.check(asked, left_out) == ()


def test_a_pin_by_an_alliance_or_another_group_is_a_pin_like_any():
    for changes in (lent(), led_by("wash")):
        asked = world(**changes, standing=(Standing(worker="lok", opening="o1", kind="pinned"),))
        assert len(moved_pins(asked, planned(asked, []))) == 1


@pytest.mark.parametrize(
    ("changes", "given"),
    [
        ({}, MEI),
        ({"kind": "planned"}, []),
        (mei(groups=("elsewhere",)), []),
        (mei(age_ok=False), []),
        (work(taken=1), []),
        (cap(3), []),
    ],
)
def test_a_pin_that_is_kept_or_would_be_illegal_is_not_noted(changes, given):
    asked = pinned(**changes)
    assert moved_pins(asked, planned(asked, given)) == ()


def test_every_sentence_is_said_by_some_test():
    assert set(SENTENCES) == {code for code, *_ in ILLEGAL} | {"other_problem", "pin_moved"}


def test_it_imports_the_values_and_nothing_that_plans():
    found = {}
    for node in ast.walk(ast.parse(Path(checking.__file__).read_text())):
        if isinstance(node, ast.Import):
            assert [one.name for one in node.names] == ["msgspec"]
        if isinstance(node, ast.ImportFrom) and node.module.startswith("matching"):
            found[node.module] = {one.name for one in node.names}
    values = ("answers", "intervals", "model", "problem", "reading")
    assert set(found) == {f"matching.{name}" for name in values}
    assert found["matching.intervals"] == {"Interval"}
    assert found["matching.reading"] == {"problem_hash"}


@settings(few, max_examples=40)
@given(networks())
def test_every_plan_of_ours_is_legal(asked):
    assert matching.check(asked, matching.plan(asked)) == ()


def test_every_plan_of_ours_is_legal_for_many_networks():
    for number in range(600):
        asked = by_chance(number)
        assert matching.check(asked, matching.plan(asked)) == (), number
