"""`ayni match`: what it says besides the plan."""

import json

import pytest

from tests.instance.commands.test_commands import ROOT, run

PROBLEM = ROOT / "tests" / "matching" / "problem.json"


def test_a_match_says_of_one_opening_why_each_person_is_suggested_or_not():
    opening = json.loads(PROBLEM.read_bytes())["openings"][0]["id"]
    said = json.loads(run("match", PROBLEM, "--explain", opening))
    everybody = [one["id"] for one in json.loads(PROBLEM.read_bytes())["workers"]]
    assert [one["worker"] for one in said["told"]] == sorted(everybody)
    assert all(one["reason"]["code"] for one in said["told"])
    assert "There is no opening o9" in run("match", PROBLEM, "--explain", "o9", code=1)


@pytest.mark.parametrize("more", [(), ("--improve",)])
def test_a_match_says_how_many_places_no_plan_passes(tmp_path, more):
    plan = tmp_path / "plan.json"
    said = run("match", PROBLEM, "--bound", "--plan", plan, *more)
    assert said == "3 of 5 places are filled; no plan fills more than 3.\n"
    assert json.loads(plan.read_bytes())["at_most"] == 3


def test_a_match_without_a_problem_says_how_one_looks():
    assert "--schema prints what it looks like" in run("match", code=2)
    parts = json.loads(run("match", "--schema"))["$defs"]
    for name in ("problem", "plan"):
        example = json.loads(PROBLEM.with_name(f"{name}.json").read_bytes())
        assert set(parts[name.title()]["required"]) <= set(example)
        assert set(example) <= set(parts[name.title()]["properties"])
        assert parts[name.title()]["additionalProperties"] is False
