import hashlib
import json

import pytest

from matching import (
    AllyCapacity,
    CapacityCount,
    HeldSkill,
    Interval,
    Rules,
    WeekMinutes,
    explain,
    plan,
)
from matching.chains import Chains
from matching.columns import columns_of
from matching.draft import Draft
from matching.fairness import lot, share_of
from matching.join import edges_of
from tests.matching.worlds import (
    AFTERNOON,
    DAY,
    HOUR,
    MORNING,
    WEEK,
    opening,
    people,
    problem,
    worker,
)

FEW = "1–2"  # noqa: RUF001  the label as agreed between allies
EVENING = Interval(18 * HOUR, 22 * HOUR)
NEXT_DAY = Interval(MORNING.start + DAY, MORNING.end + DAY)


def why(asked, name, work="o1"):
    (explained,) = explain(asked, plan(asked), [work])
    (reason,) = (one.reason for one in explained.told if one.worker == name)
    return reason.code, dict(reason.values)


def test_who_has_had_least_of_her_asked_for_hours_goes_first():
    team = [
        worker("much-of-much", minutes_wanted=40 * HOUR, minutes_had=10 * HOUR),
        worker("much-of-little", minutes_wanted=4 * HOUR, minutes_had=2 * HOUR),
    ]
    asked = problem(team, [opening()])
    assert people(plan(asked)) == {("o1", "much-of-much")}
    code, values = why(asked, "much-of-little")
    assert (code, values["decided_by"]) == ("others_first", "fairness")


def test_shares_are_compared_without_rounding():
    assert share_of(1, 3) == share_of(2, 6)
    assert share_of(3_333_333, 10_000_000) < share_of(1, 3)
    assert share_of(5, 1) < share_of(0, 0) < share_of(1, 0)
    assert share_of(0, 0) != share_of(0, 1)


def test_hours_given_in_the_plan_count_for_the_next_place():
    asked = problem([worker("a"), worker("b")], [opening("o1"), opening("o2", NEXT_DAY)])
    assert {name for _, name in people(plan(asked))} == {"a", "b"}


def test_own_members_go_first_however_many_hours_they_had_and_wherever_they_live():
    team = [
        worker("guest", groups=("wash",)),
        worker("member", groups=("far", "care"), minutes_had=30 * HOUR),
    ]
    asked = problem(team, [opening()])
    assert people(plan(asked)) == {("o1", "member")}
    assert why(asked, "guest")[1]["decided_by"] == "own_group"


def test_a_place_is_not_left_open_when_only_a_guest_can_fill_it():
    asked = problem([worker("guest", groups=("wash",))], [opening()])
    assert people(plan(asked)) == {("o1", "guest")}


def test_the_same_district_decides_only_among_equals():
    near = worker("near", district="shatin")
    far = worker("far", district="tai-po")
    work = opening(district="shatin")
    assert people(plan(problem([near, far], [work]))) == {("o1", "near")}
    tired = worker("near", district="shatin", minutes_had=1)
    assert people(plan(problem([tired, far], [work]))) == {("o1", "far")}


def test_the_voted_order_of_priorities_is_followed():
    near = worker("near", district="shatin", minutes_had=HOUR)
    order = ("fill", "travel", "own_group", "reciprocity", "fairness", "team")
    asked = problem([near, worker("far")], [opening(district="shatin")], priorities=order)
    assert people(plan(asked)) == {("o1", "near")}


def test_the_lot_decides_last_and_anybody_can_draw_it_again():
    document = json.dumps(["seed", "mei", "o1"], separators=(",", ":")).encode()
    assert lot("seed", "mei", "o1") == hashlib.sha256(document).digest()
    team = [worker(f"w{n}") for n in range(5)]
    first = min(team, key=lambda one: lot("seed", one.id, "o1")).id
    asked = problem(team, [opening()])
    assert people(plan(asked)) == {("o1", first)}
    code, values = why(asked, first)
    assert (code, values["lot_position"], values["lot_of"]) == ("free_and_qualified", "1", "5")
    others = {person.id for person in team} - {first}
    assert {why(asked, name)[1]["decided_by"] for name in others} == {"lot"}


def test_another_seed_draws_another_lot():
    team = [worker(f"w{n}") for n in range(5)]
    chosen = {
        one
        for seed in ("a", "b", "c", "d", "e", "f")
        for one in people(plan(problem(team, [opening()], seed=seed)))
    }
    assert len(chosen) > 1


def test_the_scarce_opening_gets_its_only_person():
    team = [worker("both", skills=(HeldSkill("lifting"), HeldSkill("driving"))), worker("one")]
    asked = problem(team, [opening("a-lift"), opening("b-drive", skill="driving")])
    assert people(plan(asked)) == {("a-lift", "one"), ("b-drive", "both")}
    code, values = why(asked, "both", "a-lift")
    assert (code, values["opening"]) == ("needed_elsewhere", "b-drive")


def test_a_chain_of_moves_fills_what_choosing_alone_leaves_open():
    def able(name, *keys):
        return worker(name, skills=tuple(HeldSkill(key) for key in keys))

    # Three openings are equally scarce; whichever two choose first, all three can be filled.
    team = [able("w1", "a", "b"), able("w2", "b", "c"), able("w3", "c", "a")]
    for seed in "abcdefgh":
        work = [opening(f"o-{key}", skill=key) for key in "abc"]
        assert len(people(plan(problem(team, work, seed=seed)))) == 3


def test_a_chain_of_moves_moves_nobody_twice():
    rules = Rules(weekly_cap_minutes=10 * HOUR, weeks=(WEEK,))
    team = [
        worker("only", skills=(HeldSkill("lifting"), HeldSkill("driving"))),
        worker("other", weeks=(WeekMinutes(0, 5 * HOUR),)),
    ]
    target = opening("target", Interval(13 * HOUR, 17 * HOUR), skill="driving")
    early = opening("early", Interval(9 * HOUR, 14 * HOUR))
    late = opening("late", Interval(15 * HOUR, 18 * HOUR))
    asked = problem(team, [target, early, late], rules=rules)
    columns = columns_of(asked)
    draft = Draft(columns, edges_of(columns))
    numbers = {one.id: number for number, one in enumerate(asked.openings)}
    for name, person in (("early", 0), ("late", 1)):
        draft.give(next(e for e in draft.edges(numbers[name]) if draft.worker_of[e] == person))
    # To fill the target, "only" leaves early to "other"; late would then need "only" once more.
    assert not Chains(draft).mend(numbers.values())


@pytest.mark.parametrize(
    ("second", "rules", "because"),
    [
        (Interval(MORNING.end - 1, MORNING.end + HOUR), Rules(), "overlap"),
        (AFTERNOON, Rules(rest_minutes=11 * HOUR), "rest_too_short"),
        (NEXT_DAY, Rules(weekly_cap_minutes=7 * HOUR, weeks=(WEEK,)), "weekly_cap"),
    ],
)
def test_what_the_plan_gives_counts_for_overlap_rest_and_cap(second, rules, because):
    asked = problem([worker()], [opening("o1"), opening("o2", second)], rules=rules)
    made = plan(asked)
    ((given, _),) = people(made)
    (missing,) = made.unfilled
    assert (missing.places, missing.reason.code) == (1, "all_needed_elsewhere")
    assert why(asked, "mei", missing.opening) == (
        "needed_elsewhere",
        {"opening": given, "because": because},
    )


def test_two_shifts_in_a_day_are_one_persons_when_the_rules_let_her():
    asked = problem([worker()], [opening("o1"), opening("o2", AFTERNOON)])
    assert len(plan(asked).assignments) == 2


def test_taken_places_are_not_filled_again():
    asked = problem([worker("a"), worker("b")], [opening(count=2, taken=1), opening("o2", taken=5)])
    made = plan(asked)
    assert len(made.assignments) == 1
    assert made.unfilled == ()
    assert why(asked, "a", "o2")[0] == "no_place_left"


def test_an_open_place_says_why_and_which_allies_may_help():
    half_days = (Interval(0, 12 * HOUR), Interval(12 * HOUR, DAY))

    def ally(name, *counts, left=40 * HOUR, owed=0):
        told = tuple(
            CapacityCount(skill="lifting", window=window, at_least=least, label=label)
            for window, (least, label) in zip(half_days, counts, strict=False)
        )
        return AllyCapacity(
            group=name, alliance=f"with-{name}", minutes_left=left, owed_minutes=owed, counts=told
        )

    allies = (
        ally("wash", (6, "6+"), (1, FEW)),
        ally("green", (1, FEW), (6, "6+"), owed=HOUR),
        ally("spent", (6, "6+"), (6, "6+"), left=HOUR),
        ally("nobody", (6, "6+"), (0, "0")),
        ally("untold", (6, "6+")),
    )
    long = Interval(9 * HOUR, 15 * HOUR)
    asked = problem([worker()], [opening(interval=long, count=3)], allies=allies)
    (missing,) = plan(asked).unfilled
    assert (missing.places, missing.reason.code) == (2, "too_few_eligible")
    assert [(one.group, one.label) for one in missing.ally_options] == [
        ("green", FEW),
        ("wash", FEW),
    ]


def test_an_ally_counted_in_the_morning_alone_may_help_until_one_but_not_until_three():
    halves = {Interval(0, 12 * HOUR): (1, FEW), Interval(12 * HOUR, DAY): (0, "0")}
    told = tuple(
        CapacityCount(skill="lifting", window=window, at_least=least, label=label)
        for window, (least, label) in halves.items()
    )
    ally = AllyCapacity(group="wash", alliance="x", minutes_left=DAY, counts=told)
    for hour, found in ((13, ["wash"]), (15, [])):
        shift = opening(interval=Interval(9 * HOUR, hour * HOUR))
        (missing,) = plan(problem([], [shift], allies=(ally,))).unfilled
        assert [one.group for one in missing.ally_options] == found


def test_a_suggestion_says_why_in_figures_of_her_own():
    asked = problem([worker(district="shatin")], [opening(district="shatin")])
    code, values = why(asked, "mei")
    assert code == "free_and_qualified"
    assert values == {
        "far": "own",
        "lot_of": "1",
        "lot_position": "1",
        "metres": "0",
        "minutes_had": "0",
        "minutes_planned": "0",
        "minutes_wanted": str(20 * HOUR),
    }


def test_reasons_are_asked_of_the_plans_own_problem():
    made = plan(problem([worker()], [opening()]))
    with pytest.raises(ValueError, match="another problem"):
        explain(problem([worker(), worker("new")], [opening()]), made)


def test_nobody_to_plan_with_and_nothing_to_plan_are_plans_too():
    assert plan(problem()).assignments == ()
    assert plan(problem([], [opening()])).unfilled[0].reason.code == "nobody_eligible"
