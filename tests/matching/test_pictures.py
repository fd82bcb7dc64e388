import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from matching import AllyCapacity, CapacityCount, plan, problem_from_json
from matching.draw import Words, draw
from matching.graph import graph_of
from tests.matching.worlds import HOUR, Interval, opening, people, problem, worker
from tests.pictures.draw import FOLDER, pictures

EXAMPLE = Path(__file__).parent / "problem.json"
SVG = "{http://www.w3.org/2000/svg}"
FEW = "1–2"  # noqa: RUF001  the label as agreed between allies


def places(picture, state):
    return [one for one in picture.iter(f"{SVG}g") if one.get("class") == f"place place-{state}"]


def drawn(asked, words=None):
    return ET.fromstring(draw(asked, plan(asked), words))


def test_every_place_is_drawn_once_with_a_word_and_a_shape_of_its_own():
    picture = drawn(problem([worker()], [opening(count=4, taken=2)]))
    shapes = {}
    for state, count in (("filled", 1), ("taken", 2), ("open", 1)):
        marks = places(picture, state)
        assert len(marks) == count + 1, "one more stands in the legend"
        shapes[state] = (marks[0][1].tag, marks[0][1].get("fill") == "none")
        assert marks[0].findtext(f"{SVG}title")
    assert len(set(shapes.values())) == 3


def test_the_picture_has_a_title_and_a_summary_for_those_who_hear_it():
    picture = drawn(problem([worker()], [opening(count=3)]))
    named = picture.get("aria-labelledby").split()
    told = {one.get("id"): one.text for one in picture.iter() if one.get("id")}
    assert picture.get("role") == "img"
    assert [told[name] for name in named] == [
        "Places filled and open",
        "1 of 3 places have a suggestion, 0 were taken, 2 open.",
    ]


def test_the_picture_obeys_a_strict_content_security_policy():
    asked = problem_from_json(EXAMPLE.read_bytes())
    text = draw(asked, plan(asked))
    assert not re.search(r"style|script|href|\son[a-z]+=|url\(|@import", text)


def test_hostile_words_stay_words():
    name = '"><script>alert(1)</script>\x00\x1b'
    picture = drawn(problem([], [opening(name)]), Words(title="<b>&", labels={name: name}))
    assert not [one for one in picture.iter() if one.tag.endswith("script")]
    assert picture.findtext(f"{SVG}title") == "<b>&"


def test_a_long_line_says_how_many_places_it_does_not_draw():
    asked = problem([], [opening(count=100)])
    assert len(places(drawn(asked), "open")) == 61
    assert ">+40<" in draw(asked, plan(asked))


@pytest.mark.parametrize("name", pictures())
def test_the_pictures_of_the_documents_are_those_that_are_drawn_today(name):
    drawn_before = (FOLDER / name).read_text(encoding="utf-8")
    assert drawn_before == pictures()[name], "run: .venv/bin/python -m tests.pictures.draw"


def test_the_graph_holds_who_belongs_where_and_who_can_reach_what():
    window = Interval(0, 24 * HOUR)
    counts = (CapacityCount(skill="lifting", window=window, at_least=1, label=FEW),)
    ally = AllyCapacity(group="wash", alliance="treaty", minutes_left=9 * HOUR, counts=counts)
    asked = problem([worker(), worker("old", skills=())], [opening()], allies=(ally,))
    graph = graph_of(asked)
    kinds = {(one, other): kind for one, other, kind in graph.edges(data="kind")}
    assert kinds == {
        ("worker:mei", "group:care"): "member",
        ("worker:old", "group:care"): "member",
        ("worker:mei", "opening:o1"): "eligible",
        ("group:wash", "group:care"): "ally",
        ("group:wash", "opening:o1"): "could_lend",
    }
    reason = graph.edges["worker:mei", "opening:o1"]["reason"]
    assert (reason.code, dict(reason.values)["level"]) == ("eligible", "2")
    assert graph.edges["group:wash", "group:care"]["alliance"] == "treaty"


def test_the_graph_reaches_everybody_whom_the_plan_suggests_and_comes_in_one_order():
    asked = problem_from_json(EXAMPLE.read_bytes())
    graph = graph_of(asked)
    for work, name in people(plan(asked)):
        assert graph.edges[f"worker:{name}", f"opening:{work}"]["kind"] == "eligible"
    assert list(graph.edges) == list(graph_of(asked).edges)
