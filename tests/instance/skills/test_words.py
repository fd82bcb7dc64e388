"""Words are found by whatever people write, and shown in the reader's language."""

from __future__ import annotations

import csv
import io
import json

import pytest

from instance.skills import service as skills


@pytest.mark.parametrize(
    ("kind", "text", "key"),
    [
        ("skill", "抹窗", "window-cleaning"),
        ("skill", "洗窗", "window-cleaning"),
        ("skill", "  WINDOW   cleaning ", "window-cleaning"),
        ("skill", "\uff37indow cleaning", "window-cleaning"),
        ("skill", "irioning", "ironing"),
        ("certificate", "平安咭", "construction-safety-card"),
        ("occupation", "看更", "building-caretaker"),
        ("language", "Putonghua", "language-cmn"),
        ("language", "ironing", None),
        ("skill", "telepathy", None),
        ("nonsense", "ironing", None),
        ("skill", "", None),
    ],
)
def test_a_word_is_found_by_key_label_or_alias_within_its_kind(kind, text, key):
    found = skills.vocabulary().find(kind, text)
    assert (found.key if found else None) == key


def test_labels_are_in_the_readers_language_and_never_missing():
    words = skills.vocabulary()
    assert words.label("window-cleaning", "zh-Hant") == "抹窗"
    assert words.label("window-cleaning", "en") == "Window cleaning"
    assert words.label("local-skill", "en") == "local-skill"


def test_the_skills_of_an_occupation_are_those_that_name_it():
    found = {one.key for one in skills.vocabulary().skills_of("window-cleaner")}
    assert "window-cleaning" in found
    assert all(skills.vocabulary().term(key).kind == "skill" for key in found)
    assert skills.vocabulary().skills_of("nobody") == ()


def test_an_address_leads_back_to_its_key_whoever_wrote_it():
    iri = skills.iri_of("https://coop.example", "ironing")
    assert iri == "https://coop.example/ns/skills#ironing"
    assert skills.key_of(iri) == "ironing"
    assert skills.key_of("https://other.example/ns/skills#ironing") == "ironing"


@pytest.mark.parametrize("text", ["灣仔", "wan chai", "WAN  CHAI", "wan-chai"])
def test_a_place_is_found_in_both_languages(text):
    assert skills.places().find(text).key == "wan-chai"


def test_a_place_lies_in_a_district():
    places = skills.places()
    assert places.district("wan-chai", "zh-Hant") == "灣仔區"
    assert places.district_key("wan-chai") == "wan-chai-district"
    assert places.label("wan-chai", "en") == "Wan Chai"
    assert places.label("Wan Chai", "zh-Hant") == "灣仔", "as another co-op wrote it"
    assert places.find("atlantis") is None
    assert places.label("atlantis", "en") == "atlantis"


@pytest.fixture
async def client(world):
    await world.instance("care")
    async with world.network.client(base_url="http://care.test") as found:
        yield found


async def test_a_program_reads_the_words_as_linked_data(client):
    headers = {"Accept": "application/ld+json"}
    async with client.get("/ns/skills", headers=headers) as answer:
        scheme = json.loads(await answer.text())
    concepts = {one["id"]: one for one in scheme["hasTopConcept"]}
    ironing = concepts["http://care.test/ns/skills#window-cleaning"]
    assert ironing["prefLabel"] == {"en": "Window cleaning", "zh-Hant": "抹窗"}
    assert set(ironing["related"]) <= set(concepts)
    assert len(concepts) == len(
        [term for kind in skills.KINDS for term in skills.vocabulary().terms(kind)]
    )


async def test_a_person_searches_the_words_in_her_language(client):
    headers = {"Accept": "text/html", "Accept-Language": "zh-HK"}
    async with client.get("/ns/skills?kind=skill&search=窗", headers=headers) as answer:
        page = await answer.text()
    assert '<th scope="row" data-label="Word">抹窗</th>' in page.replace("詞語", "Word")
    assert 'id="ironing"' not in page


@pytest.mark.parametrize("query", ["kind=nonsense", "search=%3Cscript%3E", "search=" + "x" * 900])
async def test_odd_questions_are_answered_calmly(client, query):
    async with client.get(f"/ns/skills?{query}", headers={"Accept": "text/html"}) as answer:
        assert answer.status == 200
        assert "<script>" not in await answer.text()


async def test_the_words_are_a_csv_that_reads_back(client):
    async with client.get("/ns/skills.csv") as answer:
        text = (await answer.read()).decode("utf-8-sig")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["window-cleaning"]["zh_hant"] == "抹窗"


async def test_the_places_are_a_csv_with_the_keys_that_servers_tell_each_other(client):
    async with client.get("/ns/places.csv") as answer:
        text = (await answer.read()).decode("utf-8-sig")
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(text))}
    assert rows["sha-tin-district"]["district_zh_hant"] == "沙田區"
    assert len(rows) == len(list(skills.places()))
