import re
from xml.etree import ElementTree as ET

from matching import AllyOption, plan, problem_from_json
from matching.draw_neighbours import MOST, MOST_GROUPS, Words, draw_neighbours
from matching.neighbours import STATES, Neighbour, Neighbours, neighbours_of
from tests.matching.test_pictures import EXAMPLE

SVG = "{http://www.w3.org/2000/svg}"
FEW = "1–2"  # noqa: RUF001  the label as agreed between allies


def person(name, state="suggested", group="care"):
    return Neighbour(id=name, group=group, state=state)


def near(*people, allies=(), places=2):
    found = tuple(AllyOption(group=one, alliance=one, label=FEW) for one in allies)
    return Neighbours(opening="o1", group="care", places=places, people=people, allies=found)


ALL = near(
    person("ana", "comes"),
    person("bea", "asked"),
    person("chi"),
    person("dan", "eligible"),
    person("eva", "comes", "green"),
    allies=("wash",),
)


def drawn(*given, **more):
    return ET.fromstring(draw_neighbours(*given, **more))


def groups(picture):
    return [one for one in picture.iter(f"{SVG}g") if one.get("class") == "neighbours-group"]


def words(part):
    return [one.text for one in part.iter(f"{SVG}text")]


def marks(part, state):
    return [one for one in part.iter(f"{SVG}g") if one.get("class") == f"near-{state}"]


def test_people_stand_with_their_group_and_allies_with_their_count():
    assert [words(one) for one in groups(drawn(ALL))] == [
        ["ana", "bea", "chi", "dan", "care"],
        ["eva", "green"],
        ["wash", f"{FEW} could come"],
    ]


def test_each_state_has_a_mark_and_a_line_of_its_own():
    (own, *_) = groups(drawn(ALL))
    shapes, lines = set(), set()
    for state in STATES:
        (mark,) = marks(own, state)
        shapes.add((mark[0].tag, mark[0].get("fill")))
        line = next(one for one in own.findall(f"{SVG}path") if one.get("class") == f"near-{state}")
        lines.add((line.get("stroke-width"), line.get("stroke-dasharray")))
    assert (len(shapes), len(lines)) == (4, 4)


def test_the_legend_names_what_occurs():
    legend = [one.text for one in drawn(near(person("ana"))).findall(f"{SVG}text")]
    assert legend == ["suggested", "places", "2"]


def test_a_line_leads_from_each_group_to_the_places():
    picture = drawn(ALL)
    box = [one for one in picture.findall(f"{SVG}rect") if one.get("width") == "28"]
    middle = float(box[0].get("y")) + 14
    for group in groups(picture):
        ends = [one.get("d") for one in group.findall(f"{SVG}path") if "H" in one.get("d")]
        assert ends == [one for one in ends if f"V{middle:g}H330" in one]
        assert len(ends) == 1


def test_never_more_than_forty_nodes_are_drawn_and_the_rest_is_counted():
    crowd = [person(f"p{n}", "eligible", f"g{n % 3}") for n in range(99)] + [person("last")]
    picture = drawn(near(*crowd, allies=[f"ally{n}" for n in range(20)]))
    people = sum(len(marks(one, state)) for one in groups(picture) for state in STATES)
    assert people + len(groups(picture)) + 1 == MOST
    assert len(groups(picture)) == MOST_GROUPS
    told = [one for one in picture.iter(f"{SVG}text") if one.text.startswith("+")]
    left = [int(one.text.split()[0]) for one in told]
    assert sum(left) == 100 - people + (4 + 20 - MOST_GROUPS)
    assert "last" in words(groups(picture)[0]), "whoever is suggested is drawn first"


def test_the_picture_has_a_title_and_a_summary_for_those_who_hear_it():
    picture = drawn(ALL, name="o1")
    told = {one.get("id"): one.text for one in picture.iter() if one.get("id")}
    assert picture.get("role") == "img"
    summary = (
        "Places: 2. Comes: 2; was asked: 1; suggested: 1; could be asked: 1. "
        "Allies that could lend: 1."
    )
    assert [told[name] for name in picture.get("aria-labelledby").split()] == [
        "Who is near these places",
        summary,
    ]


def test_long_names_are_cut_short_and_said_in_full():
    name = "Maria de los Angeles Fernandez"
    (label,) = [
        one
        for one in drawn(near(person("ana")), Words(labels={"ana": name})).iter(f"{SVG}text")
        if one.findtext(f"{SVG}title")
    ][:1]
    assert (label.text, label.findtext(f"{SVG}title")) == ("Maria de los …", name)


def test_a_chinese_name_is_cut_where_it_takes_as_much_room():
    label = draw_neighbours(near(person("ana")), Words(labels={"ana": "觀塘清潔洗衣合作社"}))
    assert ">觀塘清潔洗衣…<" in label


def test_nobody_at_all_can_be_drawn():
    assert groups(drawn(near())) == []


def test_the_picture_obeys_a_strict_content_security_policy():
    assert not re.search(r"style|script|href|\son[a-z]+=|url\(|@import", draw_neighbours(ALL))


def test_hostile_words_stay_words():
    hostile = '"><script>alert(1)</script>\x00'
    hurt = Words(title=hostile, suggested=hostile, labels={"ana": hostile, "care": hostile})
    picture = drawn(near(person("ana")), hurt)
    assert not [one for one in picture.iter() if one.tag.endswith("script")]
    assert picture.findtext(f"{SVG}title").startswith('"><script>')


def test_the_example_problem_is_drawn_the_same_every_time():
    asked = problem_from_json(EXAMPLE.read_bytes())
    found = neighbours_of(asked, plan(asked), asked.openings[0].id)
    assert draw_neighbours(found) == draw_neighbours(found)
    assert found.people


def test_the_name_of_a_group_may_take_two_lines():
    care = {"care": "Shatin Care Commune 沙田照顧公社"}
    (own,) = groups(drawn(near(person("ana")), Words(labels=care)))
    assert words(own)[1:] == ["沙田照顧公社", "Shatin Care Commune"]
    long = {"care": "A" * 40, "ana": "Ana"}
    (own,) = groups(drawn(near(person("ana")), Words(labels=long)))
    assert words(own) == ["Ana", "A" * 19 + "…"]
