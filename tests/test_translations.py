"""Traditional Chinese is complete, Arabic where workers read, and every translation fits."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatch

import pytest
from babel.messages.catalog import Catalog, Message

from instance import catalogue
from instance.language import LANGUAGES, PARTIAL, translate, worded

PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w+)\}|%%")
WORKERS_READ = (
    "templates/base.html",
    "templates/macros/*.html",
    "templates/mail/*.txt",
    "templates/errors/error.html",
    "templates/about/welcome.html",
    "templates/people/sign_in*.html",
    "templates/people/me.html",
    "templates/home/week.html",
    "templates/home/invitation.html",
    "templates/home/parts.html",
    "templates/home/calendar.html",
    "templates/records/here.html",
    "templates/records/mine.html",
    "templates/notices/notices.html",
    "templates/notices/reaching.html",
    "templates/consent/sharing.html",
    "templates/groups/groups.html",
    "templates/groups/find.html",
    "templates/groups/group.html",
    "templates/groups/leave.html",
    "templates/jobs/jobs.html",
    "templates/jobs/job.html",
    "templates/jobs/parts.html",
    "templates/staffing/own.html",
    "templates/staffing/why.html",
    "instance/agenda/*.py",
    "instance/consent/*.py",
    "instance/errors.py",
    "instance/gate.py",
    "instance/home/calendar.py",
    "instance/home/routes/__init__.py",
    "instance/home/routes/calendar.py",
    "instance/home/routes/offline.py",
    "instance/jobs/wording.py",
    "instance/notices/*.py",
    "instance/people/routes/*.py",
    "instance/people/service.py",
    "instance/people/signin.py",
    "instance/records/*.py",
    "instance/spoken.py",
    "instance/web.py",
)
"""What a worker meets on an ordinary day: a language that is begun has words for all of it."""

OTHERS = [one for one in LANGUAGES if one != "en"]


def ids(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def words(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def translated(language: str) -> list[Message]:
    found: Catalog = catalogue.read(language)
    return [one for one in found if one.id and any(words(one))]


def test_every_sentence_has_words_in_traditional_chinese():
    assert catalogue.missing("zh-Hant") == []


@pytest.mark.parametrize("language", sorted(PARTIAL))
def test_what_workers_read_on_an_ordinary_day_has_words_in_every_language(language):
    places = {where for one in catalogue.sentences() for where, _line in one.locations}
    assert [one for one in WORKERS_READ if not any(fnmatch(each, one) for each in places)] == []
    lacking = [
        ids(one)[0]
        for one in catalogue.sentences()
        if one.id
        and ids(one)[0] not in worded(language)
        and any(fnmatch(where, read) for where, _line in one.locations for read in WORKERS_READ)
    ]
    assert lacking == []


@pytest.mark.parametrize("language", sorted(PARTIAL))
def test_no_page_of_a_worker_is_shown_in_english(language):
    shown = {f"templates/{page}" for page, _number in catalogue.pages_without_words(language)}
    assert [one for one in sorted(shown) if any(fnmatch(one, read) for read in WORKERS_READ)] == []
    assert "templates/staffing/staffing.html" in shown, "a leader's page has no words yet"


@pytest.mark.parametrize("language", OTHERS)
def test_every_translation_keeps_the_places_of_its_sentence(language):
    for message in translated(language):
        wanted = {name for one in ids(message) for name in PLACE.findall(one)}
        for one in words(message):
            found = set(PLACE.findall(one))
            assert found <= wanted, message.id
            if len(ids(message)) == 1:
                assert found == wanted, message.id


def test_arabic_has_a_word_for_none_one_two_a_few_and_many():
    for message in translated("ar"):
        if len(ids(message)) > 1:
            assert len(words(message)) == 6, message.id
            assert all(words(message)), message.id
            few, hundreds, many = words(message)[3:]
            assert "%(num)s" in few, message.id
            assert "%(num)s" in hundreds, message.id
            assert "%(num)s" in many, message.id


def test_arabic_is_written_in_arabic_letters_and_in_the_digits_of_the_other_languages():
    for message in translated("ar"):
        for one in words(message):
            letters = {unicodedata.name(each, "") for each in PLACE.sub("", one)}
            if PLACE.sub("", ids(message)[0]).strip(": \n"):
                assert any(each.startswith("ARABIC LETTER") for each in letters), one
            assert not any("ARABIC-INDIC DIGIT" in each for each in letters), one


def test_an_english_sentence_between_arabic_ones_keeps_its_full_stop_at_its_end():
    assert "A job was published." not in worded("ar")
    assert translate("ar", "A job was published.") == "\u2066A job was published.\u2069"
    assert translate("zh-Hant", "A job was published.") != "A job was published."


def test_no_translation_uses_simplified_characters():
    simplified = set("们个这为会说过还没时间实现资讯签约单义务应报")
    for message in catalogue.read("zh-Hant"):
        assert not simplified & set(str(message.string)), message.string
