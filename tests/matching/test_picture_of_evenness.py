from xml.etree import ElementTree as ET

import pytest

from matching.draw_priorities import HEIGHT, WIDTH, Point, draw_priorities, points_of
from matching.draw_spread import draw_spread
from matching.report import exchanges
from matching.shares import spread_of
from tests.matching.worlds import HOUR, opening, problem, worker

SVG = "{http://www.w3.org/2000/svg}"
BEFORE = spread_of([(hours * HOUR, 20 * HOUR) for hours in (0, 0, 10)])
AFTER = spread_of([(hours * HOUR, 20 * HOUR) for hours in (5, 10, 10)])


def circles(picture):
    """Return the rings and the dots of a picture, from left to right, as places."""
    every = [one for one in picture.iter(f"{SVG}circle") if float(one.get("cx")) > 40]
    where = {
        kind: sorted(
            (float(one.get("cx")), float(one.get("cy")))
            for one in every
            if (one.get("fill") == "none") == (kind == "rings")
        )
        for kind in ("rings", "dots")
    }
    return where["rings"], where["dots"]


def said(picture):
    return [one.text for one in picture.iter(f"{SVG}text")]


def test_everybody_stands_in_order_with_what_she_has_and_what_the_plan_adds():
    picture = ET.fromstring(draw_spread(BEFORE, AFTER))
    rings, dots = circles(picture)
    assert len(rings) == len(dots) == 11
    for (left, was), (right, will) in zip(rings, dots, strict=True):
        assert left == right
        assert will <= was, "more is higher"
    assert [down for _, down in dots] == sorted((down for _, down in dots), reverse=True)


def test_the_summary_says_what_the_one_in_the_middle_has():
    picture = ET.fromstring(draw_spread(BEFORE, AFTER))
    assert picture.findtext(f"{SVG}desc") == (
        "Of 3 people, the one in the middle has 0 % of the hours she asked for, and 50 % with "
        "the plan."
    )


def test_a_share_above_what_was_asked_for_stays_in_the_picture():
    much = spread_of([(60 * HOUR, 20 * HOUR)])
    rings, dots = circles(ET.fromstring(draw_spread(much, much)))
    assert min(down for _, down in (*rings, *dots)) > 0


def test_where_nobody_asked_for_hours_there_is_nothing_to_draw():
    with pytest.raises(ValueError, match="nobody asked"):
        draw_spread(spread_of([]), spread_of([]))


def test_orders_that_come_to_the_same_share_a_point_and_the_one_in_force_has_a_ring():
    points = [Point(1, 4000, 0.1), Point(2, 4000, 0.1, in_force=True), Point(3, 1000, 0.3)]
    picture = ET.fromstring(draw_priorities(points))
    rings, dots = circles(picture)
    assert len(dots) == 2
    assert len(rings) == 1
    [(left, high), (right, low)] = dots
    assert left < right, "nearer lies left"
    assert high < low, "more uneven lies higher"
    assert rings == [(right, low)]
    assert {"3", "1, 2"} <= set(said(picture))
    assert all(0 < across < WIDTH and 0 < down < HEIGHT for across, down in dots)


def test_one_point_alone_is_drawn_and_none_is_not():
    assert len(circles(ET.fromstring(draw_priorities([Point(1, 500, 0.0)])))[1]) == 1
    with pytest.raises(ValueError, match="no way"):
        draw_priorities([])


def test_orders_whose_way_is_not_known_have_no_point():
    asked = problem([worker()], [opening()])
    assert points_of(exchanges(asked), asked.priorities) == ()
    near = problem([worker(district="tai-po")], [opening(district="tai-po")])
    points = points_of(exchanges(near), near.priorities)
    assert [one.number for one in points] == [1, 2, 3, 4, 5]
    assert [one.number for one in points if one.in_force] == [3]
    assert {one.metres for one in points} == {0}
