"""Whole files: encodings, separators, headings; and that nothing breaks the reading."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from instance.csvfile import csv_text
from instance.spreadsheets.columns import Sheet, columns
from instance.spreadsheets.export import EXAMPLES, example
from instance.spreadsheets.rows import read_availability, read_jobs, read_people
from instance.spreadsheets.tables import MOST_BYTES, read_table

ODD = Path(__file__).parents[2] / "data"
DATA = Path(__file__).parents[3] / "instance" / "demo" / "data"
TODAY = date(2027, 1, 1)
READERS = {
    Sheet.PEOPLE: read_people,
    Sheet.AVAILABILITY: read_availability,
    Sheet.JOBS: read_jobs,
}
PEOPLE = "name,handle,phone,skills\n張三,zhang,+852 0103 0001,陪診\n"


def faults_of(text: str, read=read_people) -> list[str]:
    return [str(one) for one in read(text.encode(), TODAY).faults]


@pytest.mark.parametrize("coop", ["care", "wash", "green"])
@pytest.mark.parametrize("sheet", list(Sheet))
def test_the_demonstration_files_read_without_a_fault(coop, sheet):
    reading = READERS[sheet]((DATA / f"{coop}_{sheet}.csv").read_bytes(), TODAY)
    assert reading.faults == ()
    assert reading.remarks == ()
    assert len(reading.rows) > 5


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "big5", "big5hkscs"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_encoding_separator_and_line_end_reads_alike(encoding, delimiter, newline):
    text = PEOPLE.replace(",", delimiter).replace("\n", newline)
    reading = read_people(text.encode(encoding), TODAY)
    assert reading.faults == ()
    assert [(one.name, one.handle) for one in reading.rows] == [("張三", "zhang")]


def test_columns_are_found_by_many_names_in_any_order():
    text = "聯絡電話 Tel;代號;Full Name (as on ID card)\n0103 0001;zhang;張三\n"
    (row,) = read_people(text.encode(), TODAY).rows
    assert (row.name, row.handle, row.phone) == ("張三", "zhang", "0103 0001")


def test_lines_above_the_headings_and_a_separator_line_are_passed_over():
    text = f"sep=,\nMembers of our co-op,,,\n\n{PEOPLE}"
    reading = read_people(text.encode(), TODAY)
    assert [(one.line, one.handle) for one in reading.rows] == [(5, "zhang")]


def test_a_column_nobody_uses_is_named_and_left_out():
    reading = read_people(PEOPLE.replace("skills", "T-shirt").encode(), TODAY)
    assert [str(one) for one in reading.remarks] == [
        "line 1: The column 'T-shirt' is not used here and is left out."
    ]


def test_a_misspelt_heading_is_refused_rather_than_left_out():
    assert faults_of(PEOPLE.replace("skills", "skilz")) == [
        "line 1, skilz: No column is called 'skilz'; did you mean 'skills'?"
    ]


def test_two_columns_of_one_meaning_are_refused():
    assert "Two columns mean phone" in faults_of(PEOPLE.replace("skills", "Telephone"))[0]


def test_a_missing_column_is_named():
    assert faults_of(PEOPLE.replace("handle", "T-shirt"))[0].startswith(
        "line 1, handle: There is no column handle"
    )


def test_a_fault_says_line_column_what_stands_there_and_the_remedy():
    text = PEOPLE + '"Lee,\nWai",lee,0103 0002,Home care\nHo,ho,0103 0003,brush cuting\n'
    assert faults_of(text) == [
        "line 5, skills: 'brush cuting' is not known; did you mean 'Brush cutting'?"
    ]


def test_the_odd_files_read_as_their_makers_meant_them():
    big5 = read_people((ODD / "people_big5.csv").read_bytes(), TODAY)
    assert big5.faults == ()
    assert [one.role for one in big5.rows] == ["leader", "member", "member", "member"]
    assert [one.agreed for one in big5.rows[-2:]] == [date(2026, 11, 3), TODAY]
    marked = read_people((ODD / "people_semicolon_bom.csv").read_bytes(), TODAY)
    assert marked.faults == ()
    assert [one.name for one in marked.rows] == [
        "Okonkwo, Grace",
        "李慧詩 Lee Wai Sze",
        'Rana "Bobby" Shrestha',
    ]
    assert marked.rows[0].weekly_minutes == 1110
    assert [key for key, _ in marked.rows[1].skills] == ["grass-mowing", "pruning"]


def test_every_bad_row_is_refused_by_its_line_and_the_good_ones_are_not():
    raw = (ODD / "people_bad_rows.csv").read_bytes()
    records = csv.reader(io.StringIO(raw.decode(), newline=""))
    begins, last = {}, 0
    for record in records:
        begins[last + 1] = record[1] if len(record) > 1 else ""
        last = records.line_num
    refused = {one.line for one in read_people(raw, TODAY).faults}
    left = {handle for line, handle in begins.items() if line not in refused}
    # three are judged by who is here: whether she can be reached, her group, her agreement
    others = {"missing_contact", "unknown_group", "no_agreement"}
    assert left == {"handle", "good_first", "good_last", "", *others}


def test_a_file_that_is_too_large_or_none_at_all_is_refused_as_a_whole():
    assert read_people(b"x" * (MOST_BYTES + 1), TODAY).faults[0].line == 0
    assert "save it as CSV" in str(read_people(b"PK\x03\x04rest", TODAY).faults[0])
    assert "cannot be read" in str(read_people(b"name\n\xff\xff\xff", TODAY).faults[0])
    assert "no headings" in str(read_people(b"", TODAY).faults[0])
    assert "no row" in str(read_people(b"name,handle\n", TODAY).faults[0])


def test_too_many_rows_are_refused():
    text = "name,handle\n" + "".join(f"a,a{n}\n" for n in range(6000))
    assert "more than 5000 rows" in faults_of(text)[-1]


@pytest.mark.parametrize("sheet", list(Sheet))
def test_the_template_reads_in_again(sheet):
    reading = READERS[sheet](csv_text(*example(sheet)).encode(), TODAY)
    assert reading.faults == ()
    assert len(reading.rows) == 1
    assert set(EXAMPLES[sheet]) <= set(columns(sheet).keys)


def check(reading):
    assert reading.rows or reading.faults
    for fault in reading.faults:
        assert fault.line >= 0
        assert fault.message
        assert str(fault).isprintable()


HEADINGS = ",".join(columns(Sheet.PEOPLE).keys)
CELL = st.text(max_size=12) | st.sampled_from(
    [
        "=1",
        "是",
        "2026-11-03",
        "Home care",
        "care",
        '"',
        "a\nb",
        ";",
        "34,5",
        "\u202e",
        "\x00",
        "'+1",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(list(Sheet)))
def test_no_bytes_break_the_reading(data, sheet):
    check(READERS[sheet](data, TODAY))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(CELL, max_size=14), min_size=1, max_size=4), st.sampled_from(list(Sheet)))
def test_no_cells_break_the_reading(table, sheet):
    written = io.StringIO(newline="")
    csv.writer(written).writerows([columns(sheet).keys, *table])
    check(READERS[sheet](written.getvalue().encode(errors="replace"), TODAY))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_no_text_below_the_headings_breaks_the_reading(text):
    check(read_people(f"{HEADINGS}\n{text}".encode(errors="replace"), TODAY))


def test_a_table_keeps_the_line_on_which_each_row_begins():
    table = read_table(b'handle,name\n\na,"b\nc"\nd,e\n', columns(Sheet.PEOPLE))
    assert [one.number for one in table.lines] == [3, 5]
