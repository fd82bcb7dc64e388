"""A plan from the command line, and the question whether one is legal."""

from __future__ import annotations

import json

import msgspec
import pytest

import matching
from tests.instance.commands.test_commands import run
from tests.matching.worlds import AFTERNOON, opening, problem, worker


@pytest.fixture
def asked(tmp_path):
    """Two places, and one who could take one of them."""
    path = tmp_path / "problem.json"
    path.write_bytes(matching.to_json(problem([worker("mei")], [opening(count=2)])))
    return path


@pytest.fixture
def made(asked, tmp_path):
    path = tmp_path / "plan.json"
    run("match", asked, "--plan", path)
    return path


def rewritten(path, **changes):
    plan = matching.plan_from_json(path.read_bytes())
    path.write_bytes(matching.to_json(msgspec.structs.replace(plan, **changes)))


def test_a_plan_is_printed_or_written_in_the_same_bytes(asked, made):
    assert run("match", asked).strip() == made.read_text()


def test_a_plan_of_ours_is_legal_and_its_places_are_counted(asked, made):
    said = run("match", asked, "--check", made)
    assert said == "This plan is legal.\n1 of 2 places are filled; no plan can fill more than 1.\n"


def test_the_bound_that_a_plan_tells_is_said_beside_what_it_fills(asked, made):
    rewritten(made, at_most=1)
    assert "1 of 2 places are filled; no plan can fill more than 1." in run(
        "match", asked, "--check", made
    )


def test_each_fault_is_a_sentence_and_the_command_fails(asked, made):
    rewritten(made, seed="another", unfilled=())
    said = run("match", asked, "--check", made, code=1)
    assert said.splitlines() == [
        "The plan says seed another, and for this problem that is seed.",
        "Of o1 places are left: 1; the plan lists 0.",
    ]


def test_a_pin_that_was_not_kept_is_told_of_a_legal_plan(asked, made):
    document = json.loads(asked.read_bytes())
    document["standing"] = [{"worker": "mei", "opening": "o1", "kind": "pinned"}]
    asked.write_text(json.dumps(document))
    of = matching.problem_hash(matching.problem_from_json(asked.read_bytes()))
    open_places = matching.plan_from_json(made.read_bytes()).unfilled
    two_left = (msgspec.structs.replace(open_places[0], places=2),)
    rewritten(made, problem_hash=of, assignments=(), unfilled=two_left)
    *_, counted, pin = run("match", asked, "--check", made).splitlines()
    assert counted == "0 of 2 places are filled; no plan can fill more than 1."
    assert pin == "mei was pinned to o1, may do it, and is not in the plan for it."


def test_what_is_no_plan_is_refused_with_a_sentence(asked):
    assert "This plan cannot be used" in run("match", asked, "--check", asked, code=1)


@pytest.mark.parametrize("option", ["--plan", "--svg"])
def test_checking_makes_no_plan(asked, made, tmp_path, option):
    new = tmp_path / "new"
    assert "leave out the other options" in run(
        "match", asked, "--check", made, option, new, code=2
    )
    assert not new.exists()


def test_what_is_supposed_is_told_beside_the_plan(asked, tmp_path):
    found = json.loads(run("match", asked, "--without", "mei"))
    assert (found["filled_before"], found["filled"]) == (1, 0)
    assert found["fewer"] == [{"opening": "o1", "via": None, "worker": "mei"}]
    more = tmp_path / "opening.json"
    more.write_bytes(matching.to_json(opening("o2", AFTERNOON)))
    found = json.loads(run("match", asked, "--also", more))
    assert found["more"] == [{"opening": "o2", "via": None, "worker": "mei"}]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--without", "nobody"], "There is no nobody in this problem."),
        (["--limit", "nowhere", "60"], "There is no nowhere in this problem."),
    ],
)
def test_what_cannot_be_supposed_is_said_in_a_sentence(asked, options, sentence):
    assert sentence in run("match", asked, *options, code=1)


def test_an_opening_that_cannot_be_read_or_is_there_already_cannot_be_supposed(asked, tmp_path):
    more = tmp_path / "opening.json"
    more.write_bytes(b"{")
    assert "This opening is not JSON" in run("match", asked, "--also", more, code=1)
    more.write_bytes(matching.to_json(opening("o1")))
    assert "the opening o1 is there twice" in run("match", asked, "--also", more, code=1)


@pytest.mark.parametrize(
    ("wanted", "title"),
    [
        ((), "Places filled and open"),
        (("--picture", "hours"), "Hours of the week, filled and open"),
        (("--picture", "allies"), "Hours that allies lend each other"),
        (("--picture", "evenness"), "How evenly hours are shared out"),
        (("--around", "o1"), "Who is near these places"),
    ],
)
def test_the_picture_that_was_asked_for_is_drawn_into_a_file(asked, tmp_path, wanted, title):
    drawn = tmp_path / "drawn.svg"
    run("match", asked, "--plan", tmp_path / "plan.json", "--svg", drawn, *wanted)
    assert f">{title}</title>" in drawn.read_text(encoding="utf-8")


def test_an_opening_that_is_not_there_is_named_instead_of_drawn(asked, tmp_path):
    said = run("match", asked, "--svg", tmp_path / "drawn.svg", "--around", "o9", code=1)
    assert "There is no opening o9 in this problem." in said


def test_ways_that_nobody_knows_are_said_instead_of_drawn(asked, tmp_path):
    said = run("match", asked, "--svg", tmp_path / "drawn.svg", "--picture", "priorities", code=1)
    assert "Nobody's way is known in this problem." in said
