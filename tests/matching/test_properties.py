import os
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import explain, plan, problem_from_json, problem_hash, to_json
from matching.eligibility import Circumstances, first_failing
from matching.explaining import Explainer
from matching.intervals import minutes_within, too_close
from tests.matching.worlds import crowded, few, problems

RULED_OUT = {
    "missing_skill", "skill_level", "missing_certificate", "certificate_expires",
    "missing_language", "too_young", "already_asked", "said_no", "no_availability", "not_free",
    "already_promised", "rest_too_short", "weekly_cap", "not_a_member",
}  # fmt: skip
EXAMPLE = Path(__file__).parent / "problem.json"


def shuffled(value, shuffle):
    """Put every list of a JSON value into another order, but for the one whose order is voted."""
    if isinstance(value, dict):
        return {
            key: one if key == "priorities" else shuffled(one, shuffle)
            for key, one in value.items()
        }
    if isinstance(value, list):
        return shuffle([shuffled(one, shuffle) for one in value])
    return value


@few
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_changes_no_byte(asked, chance):
    turned = shuffled(
        msgspec.json.decode(to_json(asked)), lambda items: chance.sample(items, len(items))
    )
    again = problem_from_json(msgspec.json.encode(turned))
    assert to_json(again) == to_json(asked)
    assert to_json(plan(again)) == to_json(plan(asked))


@few
@given(problems())
def test_nobody_is_in_two_places_and_rest_and_cap_are_kept(asked):
    rules = asked.rules
    openings = {one.id: one for one in asked.openings}
    made = plan(asked)
    for person in asked.workers:
        given_to_her = [
            openings[a.opening].interval for a in made.assignments if a.worker == person.id
        ]
        for one, other in combinations(given_to_her, 2):
            assert not too_close(one, other, rules.rest_minutes)
        for one in given_to_her:
            assert not any(too_close(one, kept, rules.rest_minutes) for kept in person.promised)
            for week in rules.weeks if rules.weekly_cap_minutes is not None else ():
                if minutes_within(one, week):
                    told = sum(w.minutes for w in person.weeks if w.start == week.start)
                    known = sum(minutes_within(kept, week) for kept in person.promised)
                    planned = sum(minutes_within(each, week) for each in given_to_her)
                    assert max(told, known) + planned <= rules.weekly_cap_minutes


@few
@given(problems())
def test_only_eligible_people_are_suggested_and_never_more_than_there_are_places(asked):
    made = plan(asked)
    workers = {one.id: one for one in asked.workers}
    now = Circumstances.of(asked)
    for work in asked.openings:
        chosen = [one.worker for one in made.assignments if one.opening == work.id]
        missing = sum(one.places for one in made.unfilled if one.opening == work.id)
        assert len(chosen) == len(set(chosen))
        assert len(chosen) + missing == work.places
        assert all(first_failing(workers[name], work, now) is None for name in chosen)


@few
@given(problems())
def test_every_worker_has_exactly_one_reason_for_every_opening(asked):
    made = plan(asked)
    everybody = [one.id for one in asked.workers]
    for work, explained in zip(asked.openings, explain(asked, made), strict=True):
        assert explained.opening == work.id
        assert [one.worker for one in explained.told] == everybody
        chosen = sorted(one.worker for one in made.assignments if one.opening == work.id)
        assert [one.worker for one in explained.told if one.suggested] == chosen
        now = Circumstances.of(asked)
        for one, person in zip(explained.told, asked.workers, strict=True):
            reason = first_failing(person, work, now)
            assert reason is None or one.reason == reason
            assert (one.reason.code in RULED_OUT) == (reason is not None)


def fill_is_maximal(asked, made):
    """No open place can be filled by somebody free, nor by one person who leaves another place."""
    draft = Explainer(asked, made).draft
    for opening in range(len(asked.openings)):
        if draft.missing(opening) <= 0:
            continue
        for edge in draft.edges(opening):
            assert not draft.fits(edge)
            for left in draft.in_the_way(edge):
                other = draft.opening_of[left]
                draft.take_back(left)
                draft.give(edge)
                assert not any(
                    draft.fits(one)
                    for one in draft.edges(other)
                    if draft.worker_of[one] != draft.worker_of[edge]
                )
                draft.take_back(edge)
                draft.give(left)


def nobody_is_overtaken(asked, made):
    """Nobody free for a place stands before somebody who is suggested for it."""
    explainer = Explainer(asked, made)
    draft = explainer.draft
    for opening, filled in enumerate(draft.filled):
        turns = [explainer.turn(edge) for edge in filled.values()]
        for edge in draft.edges(opening):
            if draft.worker_of[edge] not in filled and draft.fits(edge):
                assert draft.missing(opening) == 0 or not draft.places[opening]
                assert all(turn < explainer.turn(edge) for turn in turns)


@few
@given(problems())
def test_every_place_that_one_swap_could_fill_is_filled(asked):
    fill_is_maximal(asked, plan(asked))


@few
@given(problems())
def test_nobody_free_for_a_place_stands_before_one_who_is_suggested_for_it(asked):
    nobody_is_overtaken(asked, plan(asked))


@pytest.mark.parametrize("number", range(12))
def test_a_crowded_week_is_as_full_and_as_fair_as_a_small_one(number):
    asked = crowded(number)
    made = plan(asked)
    fill_is_maximal(asked, made)
    nobody_is_overtaken(asked, made)


def test_crowded_weeks_leave_places_open_and_people_behind_others():
    made = [plan(crowded(number)) for number in range(12)]
    assert any(one.unfilled for one in made)
    codes = {
        told.reason.code
        for number, one in enumerate(made)
        for explained in explain(crowded(number), one)
        for told in explained.told
    }
    assert "others_first" in codes


@few
@given(problems())
def test_a_problem_survives_being_written_and_read(asked):
    again = problem_from_json(to_json(asked))
    assert again == asked
    assert problem_hash(again) == problem_hash(asked)


@few
@given(problems())
def test_data_that_no_opening_asks_for_changes_no_suggestion(asked):
    more = msgspec.structs.replace(
        asked,
        workers=tuple(
            msgspec.structs.replace(one, languages=(*one.languages, "qu")) for one in asked.workers
        ),
    )
    assert plan(more).assignments == plan(asked).assignments
    assert explain(more, plan(more)) == explain(asked, plan(asked))


def test_a_replay_in_other_processes_gives_the_same_bytes():
    program = (
        "import sys, matching, matching.draw as d;"
        "p = matching.problem_from_json(sys.stdin.buffer.read()); q = matching.plan(p);"
        "sys.stdout.buffer.write(matching.to_json(q) + d.draw(p, q).encode())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=EXAMPLE.read_bytes(),
            capture_output=True,
            check=True,
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "77")
    }
    (answer,) = answers
    assert to_json(plan(problem_from_json(EXAMPLE.read_bytes()))) == answer[: answer.index(b"<svg")]
