import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from matching.coverage import KINDS, Stretch
from matching.draw_coverage import LEFT, MOST_DAYS, RIGHT, WIDTH, Words, draw_coverage
from tests.matching.worlds import DAY, HOUR, Interval

SVG = "{http://www.w3.org/2000/svg}"


def stretch(start, end, wanted, **filled):
    return Stretch(interval=Interval(start * HOUR, end * HOUR), wanted=wanted, **filled)


SUMMARY = (
    "24 of 56 hours of work are filled, 4 are not certain yet, 28 are open; at most 2 places are "
    "open at once."
)
WEEK = [
    stretch(8, 12, 6, own=2, others=1, borrowed=1, uncertain=1),
    stretch(24 + 9, 24 + 17, 3, own=1),
    stretch(48 + 22, 72 + 6, 1),
]


def drawn(*given, **more):
    return ET.fromstring(draw_coverage(*given, **more))


def days(picture):
    return [one for one in picture.iter(f"{SVG}g") if one.get("class") == "coverage-day"]


def marks(part, kind):
    found = [one for one in part.iter(f"{SVG}g") if one.get("class") == f"kind-{kind}"]
    return [{key: float(one[0].get(key)) for key in ("x", "y", "width", "height")} for one in found]


def words(part):
    return [one.text for one in part.iter(f"{SVG}text")]


def test_each_day_has_a_row_with_what_is_filled_of_what_is_wanted():
    rows = days(drawn(WEEK))
    assert [words(row) for row in rows] == [
        ["01-01", "4/6"],
        ["01-02", "1/3"],
        ["01-03", "0/1"],
        ["01-04", "0/1"],
    ]


def test_a_bar_is_as_long_as_its_hours_and_as_high_as_its_places():
    first, second, evening, night = days(drawn(WEEK))
    (own,), (others,), (open_,) = (marks(first, kind) for kind in ("own", "others", "open"))
    assert own["height"] == pytest.approx(2 * others["height"], abs=0.2)
    assert others["height"] == open_["height"]
    assert marks(second, "own")[0]["width"] == pytest.approx(2 * own["width"], abs=0.2)
    assert marks(evening, "open")[0]["x"] + marks(evening, "open")[0]["width"] == WIDTH - RIGHT
    assert marks(night, "open")[0]["x"] == LEFT


def test_a_short_shift_does_not_fill_the_whole_width():
    (day,) = days(drawn([stretch(9, 10, 1)]))
    assert marks(day, "open")[0]["width"] == pytest.approx((WIDTH - LEFT - RIGHT) / 6, abs=0.1)


def test_what_is_filled_and_what_is_open_stand_on_each_other():
    first = days(drawn(WEEK))[0]
    boxes = [marks(first, kind)[0] for kind in KINDS]
    for below, above in pairwise(boxes):
        assert above["y"] + above["height"] == pytest.approx(below["y"])


def test_kinds_differ_by_more_than_their_colour():
    first = days(drawn([stretch(8, 12, 5, own=1, others=1, borrowed=1, uncertain=1)]))[0]
    looks = set()
    for group in [one for one in first.iter(f"{SVG}g") if one.get("class") != "coverage-day"]:
        rect, lines = group.find(f"{SVG}rect"), group.find(f"{SVG}path")
        drawn_with = "".join(sorted(set(lines.get("d")) & set("hvL"))) if lines is not None else ""
        looks.add((drawn_with, rect.get("stroke-dasharray"), rect.get("fill-opacity")))
    assert len(looks) == 5


def test_the_legend_names_what_occurs_and_always_what_is_open():
    assert words(drawn([stretch(8, 12, 1, own=1)]))[:4] == [
        "our people",
        "open",
        "2/3",
        "filled of wanted",
    ]
    every = ["our people", "our other groups", "borrowed", "not certain yet", "open"]
    assert words(drawn(WEEK))[:5] == every


def test_the_days_asked_for_are_drawn_even_where_nothing_is_wanted():
    names = {0: "Thursday", 1: "Friday", 2: "Saturday"}
    picture = drawn(WEEK[:1], Words(days=names), days=range(3))
    assert [words(row)[0] for row in days(picture)] == ["Thursday", "Friday", "Saturday"]
    assert len(days(drawn([]))) == 0


def test_no_more_than_two_weeks_are_drawn_and_the_rest_is_counted():
    long = [stretch(24 * day + 8, 24 * day + 9, 1) for day in range(MOST_DAYS + 3)]
    picture = drawn(long)
    assert len(days(picture)) == MOST_DAYS
    assert words(picture)[-1] == "3 days more"
    assert "17 hours of work" in picture.findtext(f"{SVG}desc"), "the summary counts all"


def test_a_narrow_bar_has_no_number_that_would_touch_others():
    short = [Stretch(interval=Interval(DAY + at, DAY + at + 30), wanted=1) for at in (0, 1380)]
    assert [words(row) for row in days(drawn(short))] == [["01-02"]]


def test_the_picture_has_a_title_and_a_summary_for_those_who_hear_it():
    picture = drawn(WEEK, name="this-week")
    told = {one.get("id"): one.text for one in picture.iter() if one.get("id")}
    assert picture.get("role") == "img"
    assert [told[name] for name in picture.get("aria-labelledby").split()] == [
        "Hours of the week, filled and open",
        SUMMARY,
    ]
    assert all(name.startswith("this-week-") for name in told)


def test_the_order_of_the_stretches_makes_no_difference():
    assert draw_coverage(WEEK) == draw_coverage(WEEK[::-1])


def test_the_picture_obeys_a_strict_content_security_policy():
    assert not re.search(r"style|script|href|\son[a-z]+=|url\(|@import", draw_coverage(WEEK))


def test_hostile_words_stay_words():
    hostile = '"><script>alert(1)</script>\x00'
    hurt = Words(**dict.fromkeys(("title", *KINDS), hostile), days={0: hostile})
    picture = drawn(WEEK, hurt)
    assert not [one for one in picture.iter() if one.tag.endswith("script")]
    assert picture.findtext(f"{SVG}title").startswith('"><script>')
