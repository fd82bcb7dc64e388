"""The vocabulary and the places: what the importer and the pages look words up in."""

import csv
import re
import unicodedata
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from instance.skills import service as skills

SKILLS = Path(__file__).parents[3] / "instance" / "skills"
COLUMNS = ["key", "kind", "isco", "esco_uri", "en", "zh_hant", "aliases", "occupations"]
LEAST = {"occupation": 44, "skill": 130, "certificate": 10, "language": 14}
REGIONS = {"hong-kong-island", "kowloon", "new-territories"}
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
HAN = re.compile(r"[\u3400-\u9fff]")


def read(name: str) -> list[dict[str, str]]:
    with (SKILLS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def folded(word: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def parts(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def words(row: dict[str, str]) -> set[str]:
    named = chain([row["key"], row["en"], row["zh_hant"]], parts(row["aliases"]))
    return {folded(word) for word in named}


@pytest.fixture(scope="module")
def vocabulary() -> list[dict[str, str]]:
    return read("vocabulary.csv")


@pytest.fixture(scope="module")
def places() -> list[dict[str, str]]:
    return read("places.csv")


def test_every_row_has_exactly_the_columns(vocabulary):
    assert list(vocabulary[0]) == COLUMNS
    assert all(set(row) == set(COLUMNS) and None not in row.values() for row in vocabulary)


def test_every_kind_has_at_least_its_number_of_rows(vocabulary):
    counts = Counter(row["kind"] for row in vocabulary)
    assert set(counts) == set(LEAST)
    assert {kind for kind, least in LEAST.items() if counts[kind] < least} == set()


def test_keys_are_unique_over_the_file_and_fit_for_an_address(vocabulary):
    counts = Counter(row["key"] for row in vocabulary)
    assert [key for key, count in counts.items() if count > 1] == []
    assert [key for key in counts if not KEY.fullmatch(key)] == []


def test_every_row_has_a_label_in_both_languages(vocabulary):
    assert [row["key"] for row in vocabulary if not row["en"].isascii() or not row["en"]] == []
    assert [row["key"] for row in vocabulary if not HAN.search(row["zh_hant"])] == []


def test_cells_have_no_stray_space_and_no_empty_or_repeated_alias(vocabulary):
    cells = [cell for row in vocabulary for cell in chain.from_iterable(map(parts, row.values()))]
    assert [cell for cell in cells if cell != cell.strip() or not cell] == []
    for row in vocabulary:
        aliases = [folded(alias) for alias in parts(row["aliases"])]
        assert len(set(aliases)) == len(aliases), row["key"]


def test_a_word_means_one_thing_within_a_kind(vocabulary):
    meanings: dict[tuple[str, str], set[str]] = {}
    for row in vocabulary:
        for word in words(row):
            meanings.setdefault((row["kind"], word), set()).add(row["key"])
    assert {word: keys for word, keys in meanings.items() if len(keys) > 1} == {}


def test_occupations_alone_carry_a_four_digit_isco_code(vocabulary):
    for row in vocabulary:
        pattern = r"\d{4}" if row["kind"] == "occupation" else ""
        assert re.fullmatch(pattern, row["isco"]), row["key"]


def test_skills_alone_name_occupations_and_all_of_them_exist(vocabulary):
    occupations = {row["key"] for row in vocabulary if row["kind"] == "occupation"}
    named = {row["key"]: parts(row["occupations"]) for row in vocabulary}
    assert set(chain.from_iterable(named.values())) == occupations
    for row in vocabulary:
        assert bool(named[row["key"]]) == (row["kind"] == "skill"), row["key"]


def test_a_language_key_ends_in_its_bcp_47_tag(vocabulary):
    keys = {row["key"] for row in vocabulary if row["kind"] == "language"}
    assert all(re.fullmatch(r"language-[a-z]{2,3}", key) for key in keys)
    assert {"language-yue", "language-cmn", "language-en", "language-hks"} <= keys


@pytest.mark.parametrize(
    ("kind", "word", "key"),
    [
        ("skill", "ironing", "ironing"),
        ("skill", "irioning", "ironing"),
        ("skill", "抹窗", "window-cleaning"),
        ("certificate", "平安咭", "construction-safety-card"),
        ("certificate", "Green Card", "construction-safety-card"),
        ("occupation", "看更", "building-caretaker"),
        ("language", "Putonghua", "language-cmn"),
    ],
)
def test_everyday_words_find_their_key(vocabulary, kind, word, key):
    found = [r["key"] for r in vocabulary if r["kind"] == kind and folded(word) in words(r)]
    assert found == [key]


def test_an_esco_address_when_there_is_one_is_an_esco_address(vocabulary):
    given = [row["esco_uri"] for row in vocabulary if row["esco_uri"]]
    assert [uri for uri in given if not uri.startswith("http://data.europa.eu/esco/")] == []


def test_the_eighteen_districts_and_their_places_are_listed(places):
    districts = [row for row in places if row["key"].endswith("-district")]
    assert len(districts) == 18
    assert len(places) - len(districts) >= 60
    assert {row["region"] for row in places} == REGIONS


def test_a_place_name_means_one_place(places):
    for column in ("key", "en", "zh_hant"):
        counts = Counter(folded(row[column]) for row in places)
        assert [name for name, count in counts.items() if count > 1] == []


def test_every_place_lies_in_a_listed_district_of_its_region(places):
    districts = {
        (row["district_en"], row["district_zh_hant"], row["region"])
        for row in places
        if row["key"].endswith("-district")
    }
    assert {(r["district_en"], r["district_zh_hant"], r["region"]) for r in places} == districts
    for row in places:
        assert KEY.fullmatch(row["key"])
        assert HAN.search(row["zh_hant"])


def test_every_district_has_a_middle_and_near_ones_are_nearer_than_far_ones():
    known = skills.places()
    districts = [one.key for one in known if one.is_district]
    middles = {key: known.middle(key) for key in districts}
    assert None not in middles.values()
    assert len({(one.east, one.north) for one in middles.values()}) == len(districts)

    def way(one, other):
        here, there = (middles[f"{each}-district"] for each in (one, other))
        return ((here.east - there.east) ** 2 + (here.north - there.north) ** 2) ** 0.5

    assert way("sha-tin", "wong-tai-sin") < way("sha-tin", "tsuen-wan") < way("sha-tin", "tuen-mun")
    assert 4_000 < way("kwun-tong", "wong-tai-sin") < 5_000
    assert known.middle("mong-kok") is None
