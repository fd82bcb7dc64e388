import pytest
from msgspec.structs import replace

from matching import (
    FADING,
    Asked,
    HeldCertificate,
    HeldSkill,
    Interval,
    Rules,
    Standing,
    plan,
    to_json,
)
from matching.rotation import Rotation, had_of, rotate, week_of
from tests.matching.worlds import DAY, HOUR, WEEK, opening, problem, worker

SHIFT = 4 * HOUR
TEN = [f"w{n}" for n in range(10)]


def three_places(team, **changes):
    work = [
        opening(f"o{day}", Interval(day * DAY + 8 * HOUR, day * DAY + 12 * HOUR))
        for day in range(3)
    ]
    return problem(team, work, **changes)


def apart(rotation: Rotation):
    minutes = [given for _, given in rotation.minutes]
    return max(minutes) - min(minutes)


@pytest.mark.parametrize("seed", range(5))
def test_ten_who_are_alike_have_hours_within_one_shift_of_each_other_after_half_a_year(seed):
    asked = three_places([worker(name) for name in TEN], seed=str(seed))
    found = rotate(asked)
    assert found.alike == (tuple(TEN),)
    assert sum(given for _, given in found.minutes) == 26 * 3 * SHIFT
    assert apart(found) <= SHIFT
    assert all(week.filled == week.places == 3 for week in found.weeks)


@pytest.mark.parametrize("seed", range(3))
def test_where_a_turn_comes_each_half_year_nobody_has_three_more_than_another(seed):
    team = [worker(f"w{number:02}") for number in range(20)]
    found = rotate(problem(team, [opening()], seed=str(seed)), weeks=52)
    assert apart(found) <= 2 * SHIFT


@pytest.mark.parametrize("seed", range(5))
def test_nobody_waits_for_long(seed):
    asked = three_places([worker(name) for name in TEN], seed=str(seed))
    found = rotate(asked, weeks=10)
    assert min(given for _, given in found.minutes) >= 2 * SHIFT


def test_each_week_counts_three_quarters_of_the_next_and_none_is_lost_to_rounding():
    assert had_of([4 * HOUR] * len(FADING)) == 4 * HOUR
    assert had_of([400]) == 100
    assert had_of([0, 400]) == had_of([300]) == 75
    assert had_of([*[0] * (len(FADING) - 1), HOUR]) == 1
    assert had_of([*[0] * len(FADING), HOUR]) == had_of([]) == 0


def test_who_asked_for_unequal_hours_comes_to_have_the_same_share_of_them():
    hours = [10, 10, 10, 15, 15, 20, 20, 20, 40, 40]
    team = [worker(name, minutes_wanted=n * HOUR) for name, n in zip(TEN, hours, strict=True)]
    bands = [week.bands[0] for week in rotate(three_places(team)).weeks]
    first, last = bands[0], bands[-1]
    assert last.most - last.least < (first.most - first.least) / 5
    assert last.three_quarters - last.quarter < 0.05
    assert last.least > 0


def test_who_had_more_before_the_first_week_waits_until_the_others_caught_up():
    team = [worker(name, minutes_had=SHIFT if name == "w0" else 0) for name in TEN]
    found = dict(rotate(three_places(team), weeks=4).minutes)
    assert found["w0"] == 0
    assert rotate(three_places(team), weeks=26).weeks[-1].bands[0].least > 0


def test_the_first_week_is_the_plan_of_the_problem_itself():
    asked = three_places([worker(name) for name in TEN])
    found = rotate(asked, weeks=1)
    given = {one.worker for one in plan(asked).assignments}
    assert {name for name, minutes in found.minutes if minutes} == given


def test_each_week_draws_its_own_lot():
    asked = three_places([worker(name) for name in TEN])
    weeks = [week_of(asked, number, dict.fromkeys(TEN, 0), {}) for number in range(4)]
    assert len({one.seed for one in weeks}) == 4
    assert len({frozenset(a.worker for a in plan(one).assignments) for one in weeks}) > 1


def test_rest_after_the_last_shift_of_a_week_is_kept_in_the_next():
    work = [
        opening("monday", Interval(0, 4 * HOUR)),
        opening("sunday", Interval(164 * HOUR, WEEK.end)),
    ]
    asked = problem([worker()], work, rules=Rules(rest_minutes=11 * HOUR))
    assert [week.filled for week in rotate(asked, weeks=3).weeks] == [2, 1, 1]


def test_the_weekly_cap_counts_each_week_anew():
    work = [opening(f"o{day}", Interval(day * DAY, day * DAY + SHIFT)) for day in range(3)]
    asked = problem([worker()], work, rules=Rules(weekly_cap_minutes=2 * SHIFT, weeks=(WEEK,)))
    assert [week.filled for week in rotate(asked, weeks=3).weeks] == [2, 2, 2]


def test_a_certificate_runs_out_when_it_does():
    who = worker(certificates=(HeldCertificate("aid", 12 * DAY),))
    asked = problem([who], [opening(certificates=("aid",))])
    assert [week.filled for week in rotate(asked, weeks=3).weeks] == [1, 1, 0]


def test_what_was_asked_or_pinned_is_for_the_first_week_alone():
    work = [opening("no"), opening("yes", Interval(DAY, DAY + SHIFT))]
    asked = problem(
        [worker("a"), worker("b", minutes_had=SHIFT)],
        work,
        asked=(Asked(worker="a", opening="no", state="declined"),),
        standing=(Standing(worker="a", opening="yes", kind="pinned"),),
    )
    later = week_of(asked, 1, {"a": 0, "b": 0}, {})
    assert (later.asked, later.standing) == ((), ())
    assert rotate(replace(asked, workers=(worker("a"),)), weeks=2).weeks[1].filled == 2


def test_only_people_who_differ_in_nothing_but_hours_are_alike():
    team = [
        worker("a", minutes_wanted=HOUR),
        worker("b", minutes_had=HOUR),
        worker("c", skills=(HeldSkill("lifting", 3),)),
        worker("d", minutes_wanted=0),
    ]
    assert rotate(three_places(team), weeks=1).alike == (("a", "b"),)


def test_there_must_be_a_week_to_plan():
    with pytest.raises(ValueError, match="a week at least"):
        rotate(three_places([worker()]), 0)


def test_the_same_problem_gives_the_same_weeks_to_the_byte():
    asked = three_places([worker(name) for name in TEN])
    turned = replace(asked, workers=asked.workers[::-1], openings=asked.openings[::-1])
    assert to_json(rotate(asked, weeks=5)) == to_json(rotate(turned, weeks=5))
