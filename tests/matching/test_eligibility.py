import pytest

from matching import (
    Asked,
    HeldCertificate,
    HeldSkill,
    Interval,
    Reason,
    Rules,
    WeekMinutes,
    explain,
    plan,
)
from matching.eligibility import RULES, Circumstances, first_failing
from tests.matching.worlds import AFTERNOON, DAY, HOUR, MORNING, WEEK, opening, problem, worker

CAP = Rules(weekly_cap_minutes=10 * HOUR, weeks=(WEEK,))
REST = Rules(rest_minutes=11 * HOUR)


def failing(person, work, rules=None, asked=()):
    now = Circumstances.of(problem([person], [work], rules=rules or Rules(), asked=asked))
    return first_failing(person, work, now)


def test_a_free_and_qualified_worker_fails_no_rule():
    assert failing(worker(), opening()) is None


@pytest.mark.parametrize(
    ("code", "person", "work", "rules"),
    [
        ("missing_skill", worker(skills=(HeldSkill("cooking"),)), opening(), None),
        ("skill_level", worker(), opening(level=3), None),
        ("missing_certificate", worker(), opening(certificates=("aid",)), None),
        (
            "certificate_expires",
            worker(certificates=(HeldCertificate("aid", MORNING.end - 1),)),
            opening(certificates=("aid",)),
            None,
        ),
        ("missing_language", worker(languages=("en",)), opening(languages=("en", "yue")), None),
        ("too_young", worker(age_ok=False), opening(), None),
        ("not_a_member", worker(groups=("elsewhere",)), opening(), None),
        ("no_availability", worker(free=()), opening(), None),
        ("not_free", worker(free=(AFTERNOON,)), opening(), None),
        ("already_promised", worker(promised=(MORNING,)), opening(), None),
        ("rest_too_short", worker(promised=(AFTERNOON,)), opening(), REST),
        ("weekly_cap", worker(weeks=(WeekMinutes(0, 7 * HOUR),)), opening(), CAP),
    ],
)
def test_each_rule_excludes_with_its_own_code(code, person, work, rules):
    reason = failing(person, work, rules)
    assert reason is not None
    assert reason.code == code


@pytest.mark.parametrize(("state", "code"), [("invited", "already_asked"), ("declined", "said_no")])
def test_nobody_is_suggested_again_for_what_she_was_asked(state, code):
    asked = (Asked(worker="mei", opening="o1", state=state),)
    assert failing(worker(), opening(), asked=asked) == Reason(code)
    assert failing(worker(), opening("o2"), asked=asked) is None


@pytest.mark.parametrize(
    ("person", "work", "rules"),
    [
        (worker(), opening(level=2), None),
        (
            worker(certificates=(HeldCertificate("aid", MORNING.end),)),
            opening(certificates=("aid",)),
            None,
        ),
        (
            worker(certificates=(HeldCertificate("aid", 1), HeldCertificate("aid"))),
            opening(certificates=("aid",)),
            None,
        ),
        (worker(free=(MORNING,)), opening(), None),
        (worker(promised=(Interval(MORNING.end, MORNING.end + 1),)), opening(), None),
        (worker(promised=(Interval(MORNING.end + 11 * HOUR, DAY),)), opening(), REST),
        (worker(weeks=(WeekMinutes(0, 6 * HOUR),)), opening(), CAP),
    ],
)
def test_what_just_reaches_is_enough(person, work, rules):
    assert failing(person, work, rules) is None


def test_free_windows_that_touch_are_one_window():
    half = MORNING.start + HOUR
    split = worker(free=(Interval(half, MORNING.end), Interval(0, half)))
    assert failing(split, opening()) is None
    assert split == worker(free=(Interval(0, MORNING.end),))


def test_the_weekly_cap_counts_known_promises_and_the_told_figure_whichever_is_more():
    promised = (Interval(2 * DAY, 2 * DAY + 7 * HOUR),)
    assert failing(worker(promised=promised), opening(), CAP).code == "weekly_cap"
    both = worker(promised=promised[:1], weeks=(WeekMinutes(0, 6 * HOUR),))
    assert failing(both, opening(), CAP).code == "weekly_cap"


def test_a_shift_over_midnight_counts_in_both_weeks():
    night = Interval(WEEK.end - 2 * HOUR, WEEK.end + 4 * HOUR)
    weeks = (WEEK, Interval(WEEK.end, WEEK.end + 7 * DAY))
    rules = Rules(weekly_cap_minutes=3 * HOUR, weeks=weeks)
    free = (Interval(0, 14 * DAY),)
    assert failing(worker(free=free), opening(interval=night), rules).values[-1] == (
        "week",
        str(WEEK.end),
    )


def test_a_reason_never_tells_what_else_she_promised():
    person = worker(promised=(Interval(13 * HOUR, 20 * HOUR),))
    for rules in (REST, CAP):
        values = dict(failing(person, opening(), rules).values)
        assert set(values) <= {"needed", "cap", "week"}


def test_only_the_first_failing_rule_is_told():
    hopeless = worker(skills=(), age_ok=False, free=())
    assert failing(hopeless, opening()) == Reason("missing_skill", (("skill", "lifting"),))
    assert [rule.__name__ for rule in RULES][:2] == ["out_of_reach", "missing_skill"]


def test_those_ruled_out_are_counted_by_rule():
    team = [worker("a"), worker("b", skills=()), worker("c", age_ok=False), worker("d", free=())]
    asked = problem(team, [opening()])
    (explained,) = explain(asked, plan(asked))
    assert explained.ruled_out == (("missing_skill", 1), ("too_young", 1), ("no_availability", 1))
    assert [one.worker for one in explained.told if one.suggested] == ["a"]
