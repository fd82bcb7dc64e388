import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from matching.draw_rotation import HEIGHT, WIDTH, Words, draw_rotation
from matching.rotation import rotate
from tests.matching.worlds import HOUR, opening, problem, worker

SVG = "{http://www.w3.org/2000/svg}"
EQUAL = rotate(problem([worker("a"), worker("b")], [opening()]), weeks=2)
NOTHING = rotate(problem([worker("a"), worker("b")], []), weeks=3)
PARTS = ("most", "three_quarters", "half", "quarter", "least")


def weeks(count=6, people=5):
    team = [worker(f"w{n}") for n in range(people)]
    return rotate(problem(team, [opening(count=2)]), weeks=count)


def drawn(found, **more):
    return ET.fromstring(draw_rotation(found, **more))


def line(picture, part):
    (group,) = [one for one in picture.iter(f"{SVG}g") if one.get("class") == f"rotation-{part}"]
    points = group.find(f"{SVG}polyline").get("points").split()
    return group, [tuple(map(float, point.split(","))) for point in points]


def test_each_line_has_a_point_for_each_week_and_a_name_at_its_end():
    picture = drawn(weeks(6))
    for part in PARTS:
        group, points = line(picture, part)
        assert len(points) == 6
        assert group.findtext(f"{SVG}text") == getattr(Words(), part)
        assert all(0 <= across <= WIDTH and 0 <= down <= HEIGHT for across, down in points)


def test_more_hours_are_drawn_higher():
    found = weeks(6)
    picture = drawn(found)
    for (_, most), (_, half), (_, least) in zip(
        line(picture, "most")[1], line(picture, "half")[1], line(picture, "least")[1], strict=True
    ):
        assert most <= half <= least
    assert line(picture, "most")[1][0][1] < line(picture, "least")[1][0][1]


def test_lines_differ_by_more_than_their_colour():
    picture = drawn(weeks())
    shapes = {
        (one.get("stroke-dasharray"), one.get("stroke-width"))
        for one in picture.iter(f"{SVG}polyline")
    }
    assert len(shapes) == 4, "the two quarters are one shape, and bound the area between them"


@pytest.mark.parametrize("found", [EQUAL, NOTHING], ids=["at the top", "at the bottom"])
def test_names_at_the_ends_of_lines_do_not_cover_each_other(found):
    picture = drawn(found)
    ends = {line(picture, part)[1][-1] for part in PARTS}
    assert len(ends) == 1
    downs = [float(line(picture, part)[0].find(f"{SVG}text").get("y")) for part in PARTS]
    assert all(later - sooner >= 12 for sooner, later in pairwise(downs))
    assert 0 < downs[0] < downs[-1] < HEIGHT - 40, "above the numbers of the weeks"


def test_the_picture_has_a_title_and_a_summary_for_those_who_hear_it():
    picture = drawn(EQUAL)
    told = {one.get("id"): one.text for one in picture.iter() if one.get("id")}
    assert picture.get("role") == "img"
    summary = (
        "After 2 weeks, 2 people who are alike had from 10.0 % to 10.0 % of the hours they asked "
        "for; half of them had 10.0 % or more."
    )
    assert [told[name] for name in picture.get("aria-labelledby").split()] == [
        "Hours of people who are alike, week by week",
        summary,
    ]


def test_the_picture_obeys_a_strict_content_security_policy():
    assert not re.search(r"style|script|href|\son[a-z]+=|url\(|@import", draw_rotation(weeks()))


def test_hostile_words_stay_words():
    hostile = '"><script>alert(1)</script>\x00'
    words = Words(**dict.fromkeys((*PARTS, "title", "across", "up", "quarters"), hostile))
    picture = drawn(weeks(), words=words)
    assert not [one for one in picture.iter() if one.tag.endswith("script")]
    assert picture.findtext(f"{SVG}title").startswith('"><script>')


def test_one_week_or_no_hours_at_all_can_be_drawn():
    assert len(line(drawn(weeks(1)), "half")[1]) == 1
    assert {down for _, down in line(drawn(NOTHING), "most")[1]} == {HEIGHT - 48.0}


def test_people_who_are_not_there_cannot_be_drawn():
    with pytest.raises(IndexError):
        draw_rotation(weeks(1, people=1))


def test_the_picture_of_other_people_is_drawn_by_their_number():
    team = [worker(f"a{n}") for n in range(3)]
    team += [worker(f"b{n}", age_ok=False, minutes_wanted=HOUR) for n in range(2)]
    found = rotate(problem(team, [opening()]), weeks=2)
    assert "2 people" in draw_rotation(found, 1)
    assert draw_rotation(found, 0) != draw_rotation(found, 1)
