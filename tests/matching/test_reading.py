import json
from pathlib import Path

import pytest

from matching import (
    Alliance,
    Interval,
    Rules,
    UnreadableProblem,
    explain,
    plan,
    plan_from_json,
    problem_from_json,
    to_json,
)
from matching import reading as reading_module
from tests.matching.worlds import MORNING, opening, problem, worker

EXAMPLE = Path(__file__).parent / "problem.json"
KEPT = Path(__file__).parent / "plan.json"


def broken(change):
    document = json.loads(EXAMPLE.read_bytes())
    change(document)
    return json.dumps(document).encode()


def test_the_example_gives_the_plan_that_was_kept():
    made = plan(problem_from_json(EXAMPLE.read_bytes()))
    assert to_json(made) + b"\n" == KEPT.read_bytes()
    assert plan_from_json(KEPT.read_bytes()) == made


def test_the_example_shows_what_matching_is_for():
    asked = problem_from_json(EXAMPLE.read_bytes())
    made = plan(asked)
    assert len(made.assignments) == 3
    assert [(one.places, [ally.group for ally in one.ally_options]) for one in made.unfilled] == [
        (2, ["https://wash.example/groups/kwun-tong"])
    ]
    codes = {one.reason.code for at in explain(asked, made) for one in at.told}
    assert {"others_first", "needed_elsewhere", "free_and_qualified"} <= codes


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda d: d.pop("seed"), "missing required field `seed`"),
        (lambda d: d["workers"][0].update(gender="f"), "unknown field `gender`"),
        (lambda d: d["workers"][0].update(rating=5), "unknown field `rating`"),
        (lambda d: d["workers"][0].update(minutes_had=-1), r"\$\.workers\[0\]\.minutes_had"),
        (lambda d: d["workers"].append(d["workers"][0]), "is there twice"),
        (lambda d: d["openings"].append(d["openings"][0]), "is there twice"),
        (lambda d: d["openings"][0].update(interval={"start": 5, "end": 5}), "end after it starts"),
        (lambda d: d["openings"][0].update(count=1.5), "Expected `int`"),
        (lambda d: d["rules"].update(weeks=[]), "lies in none of the rules' weeks"),
        (lambda d: d.update(priorities=["fairness", "fill"]), "priorities must begin with fill"),
        (lambda d: d["asked"].append(dict(d["asked"][0], state="declined")), "is there twice"),
        (lambda d: d.update(teams=[{"id": "t", "openings": ["none"]}]), "there is no opening none"),
        (
            lambda d: d.update(
                teams=[
                    {
                        "id": "t",
                        "openings": [d["openings"][0]["id"]],
                        "rules": [{"least": 90, "requirement": {"languages": ["yue"]}}],
                    }
                ]
            ),
            "a rule that asks for more",
        ),
        (
            lambda d: d.update(
                standing=[{"worker": "x", "opening": d["openings"][0]["id"], "kind": "pinned"}]
            ),
            "there is no worker x",
        ),
    ],
)
def test_a_problem_that_cannot_be_used_is_refused_with_the_place_and_the_cause(change, sentence):
    with pytest.raises(UnreadableProblem, match=sentence):
        problem_from_json(broken(change))


@pytest.mark.parametrize("document", [b"", b"{", b"\xff\xfe", b'{"id":"\\ud800"}', b"[" * 100_000])
def test_what_is_no_json_is_refused_with_a_sentence(document):
    with pytest.raises(UnreadableProblem, match=r"^This problem .+\.$"):
        problem_from_json(document)


def test_a_huge_file_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr(reading_module, "MOST_BYTES", 10)
    with pytest.raises(UnreadableProblem, match="larger than"):
        problem_from_json(EXAMPLE.read_bytes())


def test_a_broken_plan_is_refused_too():
    with pytest.raises(UnreadableProblem, match="This plan cannot be used"):
        plan_from_json(b"{}")


def test_values_that_contradict_themselves_cannot_be_made():
    with pytest.raises(ValueError, match="end after it starts"):
        Interval(5, 5)
    with pytest.raises(ValueError, match="is there twice"):
        problem([worker(), worker()])
    with pytest.raises(ValueError, match="none of the rules' weeks"):
        problem(
            [],
            [opening()],
            rules=Rules(weekly_cap_minutes=1, weeks=(Interval(0, MORNING.end - 1),)),
        )
    named = Alliance(id="wash", lender="green", borrower="care", minutes_left=1)
    with pytest.raises(ValueError, match="wash bears the name of a group"):
        problem(alliances=(named,))


def test_there_is_one_way_to_write_a_value():
    one = worker(languages=("yue", "en", "yue"), free=(Interval(5, 9), Interval(0, 5)))
    other = worker(languages=("en", "yue"), free=(Interval(0, 9),))
    assert to_json(one) == to_json(other)
    assert b" " not in to_json(one)
