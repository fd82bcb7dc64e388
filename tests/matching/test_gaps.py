"""What a group lacks, held against functions that go through everybody rule by rule."""

from collections import Counter

import pytest
from hypothesis import given
from msgspec.structs import replace

from matching import (
    Alliance,
    HeldCertificate,
    HeldSkill,
    Interval,
    Requirement,
    Rules,
    Team,
    TeamRule,
    plan,
)
from matching.attributes import Attribute, lacking, with_attribute
from matching.eligibility import Circumstances, first_failing, meets
from matching.gaps import missing_attributes, single_points
from matching.planning import Planner, via_of
from matching.remaining import remaining
from tests.matching.networks import by_chance, networks
from tests.matching.worlds import AFTERNOON, DAY, HOUR, MORNING, few, opening, problem, worker

COOKING = Attribute(kind="skill", key="cooking")


def slow_missing(asked, made):
    """Find per attribute the openings and people, by the rules alone."""
    left = remaining(asked, made)
    now = Circumstances.of(left)
    single = [
        (one, who, lacks[0])
        for one in left.openings
        for who in left.workers
        if len(lacks := lacking(who, one)) == 1
        and first_failing(with_attribute(who, lacks[0]), one, now) is None
    ]
    found = set()
    for attribute in {attribute for *_, attribute in single}:
        those = [
            (one, who)
            for one, who, lack in single
            if (lack.kind, lack.key) == (attribute.kind, attribute.key)
            and lack.level <= attribute.level
        ]
        count = Counter(one.id for one, _ in those)
        open_places = {one.id: one.places for one, _ in those}
        holds = {
            who.id
            for _, who in those
            if attribute.kind == "certificate"
            and attribute.key in {held.key for held in who.certificates}
        }
        places = sum(min(count[one], open_places[one]) for one in count)
        found.add((attribute, places, len({who.id for _, who in those}), len(holds)))
    return found


def told(asked, made):
    return {
        (one.attribute, one.places, one.people, one.expiring)
        for one in missing_attributes(asked, made)
    }


@few
@given(networks())
def test_what_is_missing_is_what_the_rules_find_one_by_one(asked):
    made = plan(asked)
    assert told(asked, made) == slow_missing(asked, made)


@pytest.mark.parametrize("number", range(60))
def test_what_is_missing_in_richer_networks_is_what_the_rules_find(number):
    asked = by_chance(number)
    made = plan(asked)
    assert told(asked, made) == slow_missing(asked, made)


@pytest.mark.parametrize("number", range(60))
def test_what_remains_of_a_problem_is_what_still_fits_beside_its_plan(number):
    asked = replace(by_chance(number), teams=())
    made = plan(asked)
    draft = Planner(asked).empty()
    chosen = {(one.opening, one.worker, one.via) for one in made.assignments}
    names = [(one.id, asked.openings) for one in asked.openings]

    def named(edge):
        who = asked.workers[draft.worker_of[edge]].id
        return names[draft.opening_of[edge]][0], who, via_of(draft, edge)

    edges = range(len(draft.worker_of))
    for edge in edges:
        if named(edge) in chosen:
            draft.give(edge)
    fitting = {
        named(edge)
        for edge in edges
        if draft.missing(draft.opening_of[edge]) > 0 and draft.fits(edge)
    }
    left = Planner(remaining(asked, made))
    after = left.empty()
    found = {
        (
            left.problem.openings[after.opening_of[edge]].id,
            left.problem.workers[after.worker_of[edge]].id,
            via_of(after, edge),
        )
        for edge in range(len(after.worker_of))
    }
    assert found == fitting


def test_a_plan_of_another_problem_is_refused():
    asked = problem([worker()], [opening()])
    with pytest.raises(ValueError, match="another problem"):
        missing_attributes(replace(asked, seed="another"), plan(asked))
    with pytest.raises(ValueError, match="another problem"):
        single_points(replace(asked, seed="another"), plan(asked))


def test_the_attribute_that_opens_most_places_comes_first():
    work = [
        opening("c1", skill="cooking", count=2),
        opening("c2", AFTERNOON, skill="cooking"),
        opening("d", skill="driving"),
    ]
    asked = problem([worker()], work)
    assert told(asked, plan(asked)) == {
        (COOKING, 2, 1, 0),
        (Attribute(kind="skill", key="driving"), 1, 1, 0),
    }
    assert missing_attributes(asked, plan(asked))[0].attribute == COOKING


def test_who_lacks_two_things_is_not_counted():
    asked = problem([worker()], [opening(skill="cooking", languages=("yue",))])
    assert missing_attributes(asked, plan(asked)) == ()


def test_who_is_needed_by_the_plan_is_not_free_for_what_she_could_learn():
    work = [opening(), opening("c", skill="cooking")]
    asked = problem([worker()], work)
    assert missing_attributes(asked, plan(asked)) == ()
    rules = Rules(weekly_cap_minutes=7 * HOUR, weeks=(Interval(0, 7 * DAY),))
    later = problem([worker()], [opening(), opening("c", AFTERNOON, skill="cooking")], rules=rules)
    assert missing_attributes(later, plan(later)) == ()


def test_a_level_counts_for_what_asks_for_less_too():
    work = [opening("o3", level=3, count=2), opening("o4", AFTERNOON, level=4)]
    asked = problem([worker("a"), worker("b")], work)
    level = [Attribute(kind="level", key="lifting", level=n) for n in (3, 4)]
    assert told(asked, plan(asked)) == {(level[0], 2, 2, 0), (level[1], 3, 2, 0)}


def test_a_certificate_that_runs_out_counts_as_lacking_it_and_is_told_apart():
    team = [
        worker("never"),
        worker("once", certificates=(HeldCertificate("aid", MORNING.end - 1),)),
    ]
    asked = problem(team, [opening(certificates=("aid",), count=3)])
    assert told(asked, plan(asked)) == {(Attribute(kind="certificate", key="aid"), 2, 2, 1)}


def test_a_certificate_that_lasts_to_the_end_of_the_shift_is_not_lacking():
    who = worker(certificates=(HeldCertificate("aid", MORNING.end),))
    asked = problem([who], [opening(certificates=("aid",), languages=("yue",))])
    assert told(asked, plan(asked)) == {(Attribute(kind="language", key="yue"), 1, 1, 0)}


def test_the_hours_that_a_plan_borrows_are_not_left():
    lent = Alliance(id="treaty", lender="wood", borrower="care", minutes_left=7 * HOUR)
    work = [opening(), opening("c", AFTERNOON, skill="cooking")]
    asked = problem([worker(groups=("wood",))], work, alliances=(lent,))
    made = plan(asked)
    assert [one.via for one in made.assignments] == ["treaty"]
    assert remaining(asked, made).alliances[0].minutes_left == 3 * HOUR
    assert missing_attributes(asked, made) == ()


def test_an_ally_is_in_reach_only_for_skills_that_it_lends():
    lent = Alliance(
        id="treaty", lender="wood", borrower="care", minutes_left=99 * HOUR, skills=("cooking",)
    )
    work = [opening("c", skill="cooking"), opening("d", AFTERNOON, skill="driving")]
    asked = problem([worker(groups=("wood",))], work, alliances=(lent,))
    assert told(asked, plan(asked)) == {(COOKING, 1, 1, 0)}


# On whom an opening depends -----------------------------------------------------------------------


@pytest.mark.parametrize("number", range(80))
def test_nobody_else_can_take_the_place_of_a_single_point_and_no_such_place_is_left_out(number):
    asked = replace(by_chance(number), teams=())
    made = plan(asked)
    now = Circumstances.of(asked)
    points = single_points(asked, made)
    named = {one: point.workers for point in points for one in point.openings}
    for one in asked.openings:
        able = tuple(w.id for w in asked.workers if first_failing(w, one, now) is None)
        there = tuple(sorted(a.worker for a in made.assignments if a.opening == one.id))
        assert named.get(one.id, ()) == (able if able == there else ())


@pytest.mark.parametrize("number", range(80))
def test_what_a_single_point_brings_is_brought_by_nobody_else_who_is_in_reach(number):
    asked = replace(by_chance(number), teams=())
    now = Circumstances.of(asked)
    openings = {one.id: one for one in asked.openings}
    for point in single_points(asked, plan(asked)):
        for one in (openings[name] for name in point.openings):
            for who in asked.workers:
                able = with_all(who, one)
                if who.id in point.workers or first_failing(able, one, now) is not None:
                    continue
                lacks = {(lack.kind, lack.key) for lack in lacking(who, one)}
                skills = {("level", key) for kind, key in lacks if kind == "skill"}
                assert (lacks | skills) & {(a.kind, a.key) for a in point.attributes}


def with_all(who, one):
    for lack in lacking(who, one):
        who = with_attribute(who, lack)
    return who


def test_the_only_one_with_a_skill_is_told_with_her_group_and_openings():
    team = [worker("mei", skills=(HeldSkill("cooking"),)), worker("ana"), worker("bo")]
    work = [
        opening("c1", skill="cooking"),
        opening("c2", AFTERNOON, skill="cooking"),
        opening("lift", Interval(DAY, DAY + HOUR)),
    ]
    asked = problem(team, work)
    (point,) = single_points(asked, plan(asked))
    assert (point.group, point.attributes) == ("care", (COOKING,))
    assert (point.workers, point.openings) == (("mei",), ("c1", "c2"))


def test_two_who_are_both_needed_at_once_are_a_single_point_together():
    team = [worker("ana", languages=("yue",)), worker("bo", languages=("yue",)), worker("mei")]
    asked = problem(team, [opening(count=2, languages=("yue",))])
    (point,) = single_points(asked, plan(asked))
    assert point.workers == ("ana", "bo")
    assert point.attributes == (Attribute(kind="language", key="yue"),)


def test_where_only_the_whole_is_rare_the_whole_is_told():
    team = [
        worker("both", languages=("yue",)),
        worker("lifts"),
        worker("speaks", skills=(), languages=("yue",)),
    ]
    asked = problem(team, [opening(languages=("yue",))])
    (point,) = single_points(asked, plan(asked))
    assert point.workers == ("both",)
    assert {one.kind for one in point.attributes} == {"skill", "language"}


def test_the_only_one_who_meets_a_rule_of_a_team_is_a_single_point():
    aid = (HeldCertificate("aid"),)
    team = [worker("ana", certificates=aid), worker("bo"), worker("mei"), worker("zoe")]
    rule = TeamRule(least=1, requirement=Requirement(certificates=("aid",)))
    asked = problem(
        team, [opening(count=2)], teams=(Team(id="t", openings=("o1",), rules=(rule,)),)
    )
    (point,) = single_points(asked, plan(asked))
    assert (point.workers, point.openings) == (("ana",), ("o1",))
    assert point.attributes == (Attribute(kind="certificate", key="aid"),)
    assert meets(team[0], rule.requirement, MORNING.end)
    without = replace(asked, workers=tuple(team[1:]))
    assert plan(without).unfilled, "with her away a place stays open"


def test_those_of_a_team_who_are_there_already_count_for_its_rules():
    aid = (HeldCertificate("aid"),)
    team = [worker("ana", certificates=aid), worker("bo", certificates=aid), worker("mei")]
    rule = TeamRule(least=2, met=1, requirement=Requirement(certificates=("aid",)))
    together = Team(id="t", openings=("o1",), rules=(rule,))
    asked = problem(team, [opening(count=3, taken=1)], teams=(together,))
    assert single_points(asked, plan(asked)) == (), "either of two meets what is left of the rule"


def test_where_nobody_else_has_the_skill_its_level_says_nothing_more():
    team = [worker("mei", skills=(HeldSkill("cooking", 2),)), worker("ana")]
    asked = problem(team, [opening(skill="cooking", level=2)])
    (point,) = single_points(asked, plan(asked))
    assert point.attributes == (Attribute(kind="skill", key="cooking", level=2),)
    other = worker("zoe", skills=(HeldSkill("cooking", 1),))
    asked = replace(asked, workers=(*team, other))
    (point,) = single_points(asked, plan(asked))
    assert point.attributes == (Attribute(kind="level", key="cooking", level=2),)
