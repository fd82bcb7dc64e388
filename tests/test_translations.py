"""Traditional Chinese is complete, and every translation fits its sentence."""

from __future__ import annotations

import re

from instance import catalogue

PLACE = re.compile(r"%\((\w+)\)[sd]|%%")


def test_every_sentence_has_words_in_traditional_chinese():
    assert catalogue.missing("zh-Hant") == []


def test_every_translation_keeps_the_places_of_its_sentence():
    for message in catalogue.read("zh-Hant"):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        words = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = {name for one in ids for name in PLACE.findall(one)}
        for one in words:
            assert set(PLACE.findall(one)) <= wanted, message.id


def test_no_translation_uses_simplified_characters():
    simplified = set("们个这为会说过还没时间实现资讯签约单义务应报")
    for message in catalogue.read("zh-Hant"):
        assert not simplified & set(str(message.string)), message.string
