"""Lists as CSV: a spreadsheet reads them back and runs nothing."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest

from instance.csvfile import cell, csv_response, csv_text


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
