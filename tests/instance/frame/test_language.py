"""Moments, hours and money as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from instance.language import Writer, chosen, direction, listed, translate

MOMENT = datetime(2027, 1, 9, 1, 30, tzinfo=UTC)


def writer(language="en"):
    return Writer(language, "Asia/Hong_Kong", "HKD")


@pytest.mark.parametrize(
    ("minutes", "english", "chinese"),
    [
        (480, "8 h", "8 小時"),
        (210, "3 h 30", "3 小時 30 分"),
        (45, "45 min", "45 分鐘"),
        (-65, "\N{MINUS SIGN}1 h 05", "\N{MINUS SIGN}1 小時 5 分"),
    ],
)
def test_hours_are_written_for_reading(minutes, english, chinese):
    assert (writer().hours(minutes), writer("zh-Hant").hours(minutes)) == (english, chinese)


def test_moments_are_written_in_the_time_of_the_place():
    assert writer().when(MOMENT) == "Sat, 9 January 09:30"
    assert writer("zh-Hant").when(MOMENT).endswith("09:30")
    assert "1月9日" in writer("zh-Hant").day(date(2027, 1, 9))


def test_a_day_is_written_short_where_there_is_little_room():
    assert writer().short_day(MOMENT) == "Sat 9 Jan"
    assert writer("zh-Hant").short_day(date(2027, 1, 9)) == "1月9日 六"


def test_money_is_given_in_cents():
    assert writer().money(7550) == "HK$75.50"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("zh-HK,zh;q=0.9", "zh-Hant"),
        ("fr, en;q=0.5", "en"),
        ("fr", "zh-Hant"),
        ("", "zh-Hant"),
        ("ar-EG", "ar"),
    ],
)
def test_the_browser_chooses_the_language_of_strangers(header, language):
    assert chosen(header, "zh-Hant") == language


def test_a_sentence_keeps_its_values():
    assert translate("en", "%(name)s is taken.", name="ana") == "ana is taken."


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (60, "ساعة"),
        (120, "ساعتان"),
        (480, "8 ساعات"),
        (690, "11 ساعة و30 دقيقة"),
        (5, "5 دقائق"),
        (0, "0 دقيقة"),
        (-60, "\u200e\N{MINUS SIGN}ساعة"),
    ],
)
def test_arabic_has_words_for_one_two_a_few_and_many_hours(minutes, words):
    assert writer("ar").hours(minutes) == words


def test_arabic_days_have_arabic_names_and_the_digits_of_the_other_languages():
    assert writer("ar").when(MOMENT) == "السبت، 9 يناير 09:30"
    assert writer("ar").short_day(MOMENT) == "السبت 9 يناير"
    assert writer("ar").money(7550) == "\u2066HK$75.50\u2069"
    assert listed("ar", ["أ", "ب"]) == "أ، ب"


def test_arabic_is_written_from_the_right():
    assert (direction("ar"), direction("zh-Hant")) == ("rtl", "ltr")
