import re
from xml.etree import ElementTree as ET

import pytest

from matching.draw_alliances import HEAD, LEFT, MOST, RIGHT, THICK, Words, draw_alliances
from matching.exchange import Exchange, Hours
from tests.matching.worlds import HOUR

SVG = "{http://www.w3.org/2000/svg}"
LENGTH = RIGHT - LEFT - HEAD


def ways(owed=0, promised=0, left=0):
    return Hours(owed=owed * HOUR, promised=promised * HOUR, left=left * HOUR)


BOTH = Exchange(here="care", there="wash", lends=ways(12, 4, 24), borrows=ways(0, 6, 14))


def drawn(*exchanges, **more):
    return ET.fromstring(draw_alliances(exchanges, **more))


def pipe(picture, way):
    """The boxes of a pipe as (left, width, height), and where its head points."""
    (group,) = [one for one in picture.iter(f"{SVG}g") if one.get("class") == f"flow-{way}"]
    boxes = [
        tuple(float(one.get(key)) for key in ("x", "width", "height"))
        for one in group
        if one.tag == f"{SVG}rect"
    ]
    (head,) = [one for one in group if one.get("class") == "head"]
    return boxes, re.findall(r"[ML]([\d.]+)", head.get("d"))


def words(part):
    return [one.text for one in part.iter(f"{SVG}text")]


def test_what_is_lent_points_to_the_ally_and_what_is_borrowed_to_us():
    picture = drawn(BOTH)
    assert pipe(picture, "lends")[1] == [str(RIGHT), str(RIGHT - HEAD)]
    assert pipe(picture, "borrows")[1] == [str(LEFT), str(LEFT + HEAD)]


def test_a_pipe_is_filled_from_where_it_comes_with_what_is_owed_promised_and_left():
    (owed, promised, left), _ = pipe(drawn(BOTH), "lends")
    assert owed[:2] == pytest.approx((LEFT, LENGTH * 12 / 40), abs=0.1)
    assert promised[1] == pytest.approx(LENGTH * 4 / 40, abs=0.1)
    assert left[0] + left[1] == RIGHT - HEAD
    (promised, left), _ = pipe(drawn(BOTH), "borrows")
    assert promised[0] + promised[1] == RIGHT
    assert left[0] == LEFT + HEAD


def test_what_is_owed_promised_and_left_differ_by_more_than_their_place():
    (group,) = [one for one in drawn(BOTH).iter(f"{SVG}g") if one.get("class") == "flow-lends"]
    looks = [
        (one.get("fill-opacity"), one.get("stroke-dasharray"))
        for one in group.findall(f"{SVG}rect")
    ]
    assert len(set(looks)) == 3


def test_a_pipe_is_as_wide_as_what_may_flow():
    picture = drawn(BOTH)
    assert pipe(picture, "lends")[0][0][2] == THICK
    assert pipe(picture, "borrows")[0][0][2] == THICK / 2


def test_the_figures_stand_over_each_pipe_and_names_at_its_ends():
    assert words(drawn(BOTH, words=Words(labels={"care": "Care", "wash": "Wash"})))[3:] == [
        "Care",
        "Wash",
        "lends: owed 12 h, promised 4 h, left 24 h",
        "borrows: owed 0 h, promised 6 h, left 14 h",
    ]


def test_where_nothing_may_flow_a_thin_line_points_the_way():
    boxes, head = pipe(drawn(Exchange(here="a", there="b", lends=ways())), "lends")
    assert boxes == []
    assert head == [str(RIGHT), str(RIGHT - HEAD)]


def test_one_way_alone_is_drawn_alone():
    picture = drawn(Exchange(here="a", there="b", borrows=ways(left=1)))
    with pytest.raises(ValueError, match="unpack"):
        pipe(picture, "lends")
    assert pipe(picture, "borrows")[0]


def test_no_more_than_twenty_alliances_are_drawn_and_the_rest_is_counted():
    many = [Exchange(here="a", there=f"b{n}", lends=ways(left=1)) for n in range(MOST + 5)]
    picture = drawn(*many)
    pairs = [one for one in picture.iter(f"{SVG}g") if one.get("class") == "alliances-pair"]
    assert len(pairs) == MOST
    assert words(picture)[-1] == "+5 alliances"


def test_the_picture_has_a_title_and_a_summary_for_those_who_hear_it():
    picture = drawn(BOTH, name="ours")
    told = {one.get("id"): one.text for one in picture.iter() if one.get("id")}
    assert picture.get("role") == "img"
    assert [told[name] for name in picture.get("aria-labelledby").split()] == [
        "Hours that allies lend each other",
        "Alliances: 1. Each shows what is owed, promised and left, each way.",
    ]


def test_the_picture_obeys_a_strict_content_security_policy():
    assert not re.search(r"style|script|href|\son[a-z]+=|url\(|@import", draw_alliances([BOTH]))


def test_hostile_words_stay_words():
    hostile = '"><script>alert(1)</script>\x00'
    hurt = Words(title=hostile, owed=hostile, labels={"care": hostile, "wash": hostile})
    picture = drawn(BOTH, words=hurt)
    assert not [one for one in picture.iter() if one.tag.endswith("script")]
    assert picture.findtext(f"{SVG}title").startswith('"><script>')
