"""What would change it is true: whoever makes the change sees it come about."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given

import matching
from matching import Alliance, Asked, HeldSkill, Requirement, Team, TeamRule
from matching.planning import Planner, via_of
from matching.solve import settled
from tests.matching.networks import networks
from tests.matching.worlds import AFTERNOON, HOUR, crowded, few, opening, problem, worker

replace = msgspec.structs.replace


def changes(asked, opening="o1"):
    (explained,) = matching.explain(asked, matching.plan(asked), [opening], changes=True)
    return {one.worker: one.change for one in explained.told if one.change}


def changed(items, name, **values):
    return tuple(replace(one, **values) if one.id == name else one for one in items)


def with_change(asked, opening, told):
    """Write a problem down in which what was told of a worker is so."""
    values, code = dict(told.change.values), told.change.code
    work = {one.id: one for one in asked.openings}[opening]
    if code in {"more_places", "fewer_places"}:
        more = int(values["places"]) * (1 if code == "more_places" else -1)
        count = max(work.count, work.taken) + more
        return replace(asked, openings=changed(asked.openings, opening, count=count))
    if code in {"not_elsewhere", "nowhere_else"}:
        others = [values["opening"]] if code == "not_elsewhere" else []
        others = others or [one.id for one in asked.openings if one.id != opening]
        known = {(one.worker, one.opening) for one in asked.asked}
        noes = [
            Asked(worker=told.worker, opening=one, state="declined")
            for one in others
            if (told.worker, one) not in known
        ]
        more = int(values.get("places", 0))
        return replace(
            asked,
            asked=(*asked.asked, *noes),
            openings=changed(asked.openings, opening, count=max(work.count, work.taken) + more),
        )
    if code == "alliance_hours":
        name = values["alliance"]
        (left,) = (one.minutes_left for one in asked.alliances if one.id == name)
        more = left + int(values["minutes"])
        return replace(asked, alliances=changed(asked.alliances, name, minutes_left=more))
    assert code == "team_rules"
    return replace(asked, teams=changed(asked.teams, values["team"], rules=()))


def planned_on(asked, made):
    """Plan a problem on from a plan of another like it."""
    planner = Planner(asked)
    draft = planner.empty()
    given_before = {(one.opening, one.worker, one.via) for one in made.assignments}
    begin = [
        edge
        for edge, number in enumerate(draft.opening_of)
        if (
            asked.openings[number].id,
            asked.workers[draft.worker_of[edge]].id,
            via_of(draft, edge),
        )
        in given_before
    ]
    settled(draft, begin)
    return {
        (asked.openings[number].id, asked.workers[one].id)
        for number, filled in enumerate(draft.filled)
        for one in filled
    }


def assert_true(asked, made, explained):
    for told in explained.told:
        if told.change:
            after = planned_on(with_change(asked, explained.opening, told), made)
            assert ((explained.opening, told.worker) in after) != told.suggested, told


@few
@given(networks())
def test_every_change_that_is_told_comes_about_when_it_is_made(asked):
    made = matching.plan(asked)
    for explained in matching.explain(asked, made, changes=True):
        assert_true(asked, made, explained)


@pytest.mark.parametrize("number", range(3))
def test_in_a_crowded_week_nearly_everybody_hears_what_would_change_it(number):
    asked = crowded(number)
    made = matching.plan(asked)
    told = Counter()
    for explained in matching.explain(asked, made, changes=True)[::4]:
        assert_true(asked, made, explained)
        told.update(
            one.change is not None
            for one in explained.told
            if one.reason.code in {"free_and_qualified", "others_first", "needed_elsewhere"}
        )
    assert told[True] > 9 * told[False]


def test_of_two_who_are_free_each_hears_how_many_places_it_takes():
    team = [worker("a"), worker("b", minutes_had=60), worker("c", minutes_had=120)]
    found = changes(problem(team, [opening()]))
    assert {name: (one.code, dict(one.values)) for name, one in found.items()} == {
        "a": ("fewer_places", {"places": "1"}),
        "b": ("more_places", {"places": "1"}),
        "c": ("more_places", {"places": "2"}),
    }


def test_who_stands_behind_many_hears_about_how_many_places_it_takes():
    team = [worker(f"w{n}") for n in range(20)] + [worker("late", minutes_had=10 * HOUR)]
    found = changes(problem(team, [opening()]))["late"]
    assert (found.code, dict(found.values)) == ("more_places", {"places": "32"})


def test_who_is_needed_elsewhere_hears_where():
    both = worker("both", skills=(HeldSkill("lifting"), HeldSkill("driving")))
    asked = problem([both], [opening("o1"), opening("o2", skill="driving")])
    ((given_to_her, _),) = {(one.opening, one.worker) for one in matching.plan(asked).assignments}
    other = {"o1": "o2", "o2": "o1"}[given_to_her]
    found = changes(asked, other)["both"]
    assert (found.code, dict(found.values)) == ("not_elsewhere", {"opening": given_to_her})


def test_an_alliances_hours_and_a_teams_rules_are_told():
    pact = Alliance(id="pact", lender="wash", borrower="care", minutes_left=4 * HOUR)
    guests = [worker("a", groups=("wash",)), worker("b", groups=("wash",), minutes_had=60)]
    work = [opening("o1"), opening("o2", AFTERNOON)]
    asked = problem(guests, work, alliances=(pact,), groups=())
    found = changes(asked) | changes(asked, "o2")
    assert "alliance_hours" in {one.code for one in found.values()}
    rule = TeamRule(least=1, requirement=Requirement(languages=("yue",)))
    team = Team(id="t", openings=("o1",), rules=(rule,))
    found = changes(problem([worker("a")], [opening()], teams=(team,)))
    assert found == {"a": matching.Reason.of("team_rules", team="t")}
