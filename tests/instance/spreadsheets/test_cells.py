"""What a cell means, in the many ways people write it."""

from datetime import date

import pytest

from instance.spreadsheets import cells, words
from instance.spreadsheets.faults import Wrong, shown
from instance.spreadsheets.openings import Wanted, openings
from instance.spreadsheets.weekdays import weekdays

TODAY = date(2027, 1, 1)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026/11/3", date(2026, 11, 3)),
        ("03/11/2026", date(2026, 11, 3)),
        ("3.11.2026", date(2026, 11, 3)),
        ("3-11-2026", date(2026, 11, 3)),
        ("2026年11月3日", date(2026, 11, 3)),
        ("2026 年 11 月 3 日", date(2026, 11, 3)),
        ("３／１１／２０２６", date(2026, 11, 3)),  # noqa: RUF001  # wide digits, as typed
        ("3 Nov 2026", date(2026, 11, 3)),
        ("3-Nov-2026", date(2026, 11, 3)),
        ("November 3, 2026", date(2026, 11, 3)),
        ("46329", date(2026, 11, 3)),
        ("2026-11-03 00:00:00", date(2026, 11, 3)),
    ],
)
def test_a_date_is_understood(cell, meant):
    assert cells.day(cell) == meant


@pytest.mark.parametrize(
    "cell", ["11/23/2026", "2026-02-30", "3/11/26", "soon", "20261103", "9999"]
)
def test_a_date_that_is_none_is_refused_with_what_to_write(cell):
    with pytest.raises(Wrong, match="2026-11-03"):
        cells.day(cell)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [
        ("08:30", 510),
        ("8:30", 510),
        ("8.30", 510),
        ("0830", 510),
        ("8:30:00", 510),
        ("8", 480),
        ("8:30 pm", 1230),
        ("12 am", 0),
        ("12:00 pm", 720),
        ("上午8時30分", 510),
        ("下午2時", 840),
        ("晚上8時半", 1230),
        ("中午12時", 720),
        ("14時", 840),
        ("24:00", 1440),
        ("0.375", 540),
    ],
)
def test_a_time_of_day_is_understood(cell, minutes):
    assert cells.clock(cell) == minutes


@pytest.mark.parametrize("cell", ["25:00", "8:75", "13 pm", "noon-ish", "830", "24:30", "-1"])
def test_a_time_that_is_none_is_refused_with_what_to_write(cell):
    with pytest.raises(Wrong, match="08:30"):
        cells.clock(cell)


@pytest.mark.parametrize(
    ("cell", "minutes"),
    [("20", 1200), ("34.5", 2070), ("34,5", 2070), ("20 hours", 1200), ("20小時", 1200)],
)
def test_hours_are_read_with_a_decimal_point_or_comma(cell, minutes):
    assert cells.weekly_minutes(cell) == minutes


@pytest.mark.parametrize(
    ("cell", "cents"),
    [
        ("75", 7500),
        ("75.5", 7550),
        ("$75", 7500),
        ("HK$ 75.50", 7550),
        ("1,075", 107500),
        ("75元", 7500),
    ],
)
def test_money_is_read_to_the_cent(cell, cents):
    assert cells.cents(cell) == cents


@pytest.mark.parametrize("cell", ["-5", "200", "about twenty", "1e9", "nan"])
def test_hours_no_week_has_are_refused(cell):
    with pytest.raises(Wrong):
        cells.weekly_minutes(cell)


@pytest.mark.parametrize(
    ("cell", "ticked"),
    [("✓", True), ("是", True), ("Yes", True), ("Ｙ", True), ("否", False), ("no", False)],  # noqa: RUF001  # a wide Y, as typed
)
def test_a_tick_is_understood(cell, ticked):
    assert cells.tick(cell) is ticked


@pytest.mark.parametrize(
    ("cell", "days"),
    [
        ("Mon", (0,)),
        ("monday", (0,)),
        ("Tues.", (1,)),
        ("星期三", (2,)),
        ("週四", (3,)),
        ("禮拜日", (6,)),
        ("星期天", (6,)),
        ("Mon-Fri", (0, 1, 2, 3, 4)),
        ("Friday to Monday", (0, 4, 5, 6)),
        ("星期一至五", (0, 1, 2, 3, 4)),
        ("星期一、三、五", (0, 2, 4)),
        ("逢星期六日", (5, 6)),
        ("Mon, Wed and Sat", (0, 2, 5)),
        ("weekdays", (0, 1, 2, 3, 4)),
        ("每日", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_weekdays_are_understood(cell, days):
    assert weekdays(cell) == days


def test_a_weekday_nobody_knows_is_refused():
    with pytest.raises(Wrong, match="is no weekday"):
        weekdays("Someday")


def test_skills_are_found_by_key_label_or_alias_in_either_language():
    cell = "home-care; Medication reminders、陪診，Pruning (3)\nlawn mowing"  # noqa: RUF001  # a wide comma
    assert words.skills(cell) == (
        ("home-care", 2),
        ("medication-reminder", 2),
        ("hospital-escort", 2),
        ("pruning", 3),
        ("grass-mowing", 2),
    )


def test_a_misspelt_word_is_refused_with_the_nearest_one():
    with pytest.raises(Wrong, match=r"'brush cuting' is not known; did you mean 'Brush cutting'\?"):
        words.skills("brush cuting")


@pytest.mark.parametrize(
    "cell",
    [
        "first aid 31/05/2027",
        "First aid certificate 2027-05-31",
        "First aid (until 31.5.2027)",
        "急救證書 2027年5月31日",
        "first aid: 46538",
    ],
)
def test_a_certificate_may_end_in_its_last_valid_day(cell):
    assert words.certificates(cell, TODAY) == (("first-aid-certificate", date(2027, 5, 31)),)


def test_a_word_that_holds_a_comma_is_one_word():
    cell = "First aid, Driving licence class 2, light goods vehicle 2027-05-31, 平安咭"
    assert [key for key, _ in words.certificates(cell, TODAY)] == [
        "first-aid-certificate",
        "driving-licence-light-goods",
        "construction-safety-card",
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "2\u00d7 home care [First aid]; 1\u00d7 van driver",
        "2 x home care (First aid); van driver",
        "2*home care【急救證書】；1*van driver",  # noqa: RUF001  # a wide semicolon
        "2x home care [First aid], 1x van driver",
        "2個 home care [First aid]\n1 van driver",
    ],
)
def test_openings_are_understood(cell):
    assert openings(cell) == (
        Wanted("home-care", 2, ("first-aid-certificate",)),
        Wanted("van-driving", 1),
    )


@pytest.mark.parametrize(
    "cell", ["0x home care", "2x [First aid]", "500x home care", "2x home care [levitation]", ";"]
)
def test_openings_that_cannot_be_filled_are_refused(cell):
    with pytest.raises(Wrong):
        openings(cell)


def test_the_apostrophe_by_which_a_spreadsheet_marks_text_is_no_part_of_it():
    assert cells.phone("'+852 0103 0001") == "+852 0103 0001"


@pytest.mark.parametrize("cell", ["a\u202eb", "a\x07b", "=1+1", "@SUM(1)", "<b>", "\uff1d1"])
def test_a_name_hides_nothing_and_calls_nothing(cell):
    with pytest.raises(Wrong):
        cells.name(cell)


def test_what_is_shown_of_a_cell_is_short_and_visible():
    assert shown("a\u202eb\n") == "a<U+202E>b<U+000A>"
    assert len(shown("x" * 5000)) == 61
