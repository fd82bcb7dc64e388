"""Lists as CSV: a spreadsheet reads them back and runs nothing."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import get_type_hints

import msgspec
import pytest

from instance.app import FEATURES
from instance.csvfile import cell, csv_response, csv_text, is_list, listed, struct_in

OPERATIONS = [one for feature in FEATURES for one in feature.operations]


@pytest.mark.parametrize(
    "evil",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1+1", "--1"],
)
def test_no_cell_is_a_formula(evil):
    assert cell(evil) == f"'{evil}"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-30, "-30"),
        ("-30", "-30"),
        ("-0.5", "-0.5"),
        (None, ""),
        (True, "yes"),
        (date(2027, 1, 4), "2027-01-04"),
        (datetime(2027, 1, 4, 8, tzinfo=UTC), "2027-01-04T08:00+00:00"),
        ("陳美玲, leader", "陳美玲, leader"),
    ],
)
def test_what_is_no_formula_is_written_as_it_is(value, written):
    assert cell(value) == written


def test_commas_quotes_and_lines_survive():
    row = ["a,b", 'say "yes"', "two\nlines", "平"]
    text = csv_text(["=h", "b", "c", "d"], [row])
    assert text.startswith("\ufeff'=h,")
    assert list(csv.reader(io.StringIO(text, newline="")))[1] == row


def test_the_answer_is_a_file_that_nobody_caches():
    answer = csv_response("log.csv", ["a"], [[1]])
    assert answer.headers["Content-Disposition"] == 'attachment; filename="log.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-store"


class Place(msgspec.Struct):
    skill: str
    count: int
    tags: tuple[str, ...] = ()


class Where(msgspec.Struct):
    district: str


class Shift(msgspec.Struct):
    day: date
    where: Where | None
    places: list[Place]


class Page(msgspec.Struct):
    shifts: tuple[Shift, ...]


DAY = date(2027, 1, 4)
PAGE = Page(
    (
        Shift(
            date(2027, 1, 4), Where("Shatin"), [Place("care", 2, ("am", "pm")), Place("wash", 1)]
        ),
        Shift(date(2027, 1, 5), None, []),
    )
)


def test_a_list_has_a_column_for_each_field_and_a_row_for_each_item():
    header, rows = listed(Page, "shifts", [PAGE])

    assert header == ["day", "where.district"]
    assert rows == [[date(2027, 1, 4), "Shatin"], [date(2027, 1, 5), None]]


def test_a_list_of_a_list_says_what_it_is_in():
    header, rows = listed(Page, "shifts.places", [PAGE, PAGE])

    assert header == ["shifts.day", "shifts.where.district", "skill", "count", "tags"]
    assert rows[:2] == [
        [date(2027, 1, 4), "Shatin", "care", 2, "am; pm"],
        [date(2027, 1, 4), "Shatin", "wash", 1, ""],
    ]
    assert len(rows) == 4


CHOICES = {"Asked", "Scope", "Field", "Leader", "Led"}
"""What may be chosen in a form."""
FORMS = {"/jobs/new", "/import", "/here", "/me/messages", "/style"} | {
    f"/jobs/{{id:[a-z0-9]{{20}}}}{act}"
    for act in (
        "/edit",
        "/call-off",
        r"/shifts/{number:\d{1,3}}/move",
        r"/shifts/{number:\d{1,3}}/call-off",
    )
}
FORMS |= {f"/jobs/repeating/{{id:[a-z0-9]{{20}}}}/{act}" for act in ("edit", "stop")}
"""Pages around a form: what they list is being changed, and is a file on the job's own page.

`/style` lists what pages are made of, and nobody's data.
"""
COVER = "/{kind:jobs|loans}/{id:[a-z0-9]{20}}/cover/{at:[A-Za-z0-9]{1,60}}"
"""The page around one opening: how all openings of the job stand is a file on their own page."""
PART_OF_ONE = re.compile(
    r"(.+\.)?(clashes|pay_split|lacking\.places|ask\.places|job\.shifts(\.openings)?)"
    r"|(repeating\.)?hours(\.openings)?|repeating\.coming"
)
"""What explains the one thing it stands in, and is a file on that thing's own page, if any."""
OWN_FILE = {
    ("/ns/skills", "terms"): "/ns/skills.csv",
    ("/transparency", "lines"): "/transparency.csv",
    ("/jobs", "board"): "/jobs/list.csv",
}


def lists_in(view, before="", kinds=()):
    """Yield the lists of Structs inside a view, as (name, the item's Struct)."""
    hints = get_type_hints(view)
    for field in msgspec.structs.fields(view):
        kind = struct_in(hints[field.name])
        if kind is None or kind in kinds:
            continue
        name = f"{before}{field.name}"
        if is_list(hints[field.name]):
            yield name, kind
        yield from lists_in(kind, f"{name}.", (*kinds, kind))


def is_file(operation, name):
    own = OWN_FILE.get((operation.path, name.partition(".")[0]))
    inside = any(one == name or one.startswith(f"{name}.") for one in operation.lists)
    return inside or own in {one.path for one in OPERATIONS}


def test_every_list_in_a_page_is_a_file():
    missing = [
        f"{operation.path}: {name} ({kind.__name__})"
        for operation in OPERATIONS
        if operation.method == "GET" and operation.view and operation.path not in FORMS
        for name, kind in lists_in(operation.view)
        if not (PART_OF_ONE.fullmatch(name) or kind.__name__ in CHOICES or is_file(operation, name))
        if not (operation.path == COVER and name.startswith("opening"))
    ]
    assert missing == []


def test_every_list_that_is_a_file_is_a_list_of_its_page():
    wrong = [
        f"{one.path}: {name}"
        for one in OPERATIONS
        for name in one.lists
        if name not in dict(lists_in(one.view))
    ]
    assert wrong == []
