"""Accounts: who somebody is, what she can do, and what she may."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from instance.errors import Conflict, Invalid, NotFound
from instance.network import service as network
from instance.people import service as people

MEI = people.NewPerson(
    username="mei",
    name="Chan Mei Ling",
    language="zh-Hant",
    email="mei@mail.example",
    weekly_minutes=1200,
    district="tai-po",
    skills=(("ironing", 2), ("window-cleaning", 3)),
    certificates=(("first-aid-certificate", date(2027, 8, 21)), ("construction-safety-card", None)),
    languages=("language-yue", "language-en"),
)


@pytest.fixture
async def care(world):
    return await world.instance("care")


async def add(care, new=MEI):
    async with care.database.transaction() as tx:
        return await people.add_person(tx, new)


async def test_a_person_is_kept_with_all_that_she_can_do(any_world):
    care = await any_world.instance("care")
    iri = await add(care)
    async with care.database.reading() as tx:
        mei = await people.require_person(tx, iri)
    assert (mei.username, mei.name, mei.acct) == ("mei", "Chan Mei Ling", "mei@care.test")
    assert mei.skills == MEI.skills
    assert dict(mei.certificates) == dict(MEI.certificates)
    assert set(mei.languages) == set(MEI.languages)
    assert (mei.district, mei.weekly_minutes, mei.language) == ("tai-po", 1200, "zh-Hant")


async def test_the_world_learns_a_name_only_if_she_makes_it_public(care):
    iri = await add(care)
    async with care.database.transaction() as tx:
        assert (await network.require_actor(tx, iri)).name == ""
        await people.change_person(tx, iri, name_public=True)
    async with care.database.reading() as tx:
        assert (await network.require_actor(tx, iri)).name == "Chan Mei Ling"


async def test_a_username_is_never_given_twice(care):
    await add(care)
    with pytest.raises(Conflict):
        await add(care, replace(MEI, username="MEI"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("skills", (("telepathy", 2),)),
        ("skills", (("ironing", 9),)),
        ("certificates", (("ironing", None),)),
        ("languages", ("klingon",)),
        ("district", "atlantis"),
        ("language", "tlh"),
        ("email", "nobody"),
        ("name", "  "),
        ("weekly_minutes", 99_999),
    ],
)
async def test_what_nobody_knows_is_refused_with_its_field(care, field, value):
    with pytest.raises(Invalid) as refused:
        await add(care, replace(MEI, **{field: value}))
    assert refused.value.field == field


async def test_changing_a_person_tells_the_features_above(care):
    heard = []
    iri = await add(care)
    async with care.database.transaction() as tx:
        await people.change_person(tx, iri, skills=(("ironing", 1),), weekly_minutes=60)
        heard += tx._events
    assert [type(one).__name__ for one in heard] == ["PersonChanged"]
    async with care.database.reading() as tx:
        mei = await people.require_person(tx, iri)
    assert (mei.skills, mei.weekly_minutes) == ((("ironing", 1),), 60)
    assert set(mei.languages) == set(MEI.languages)


async def test_people_of_other_homes_are_not_people_here(care):
    iri = await add(care)
    async with care.database.reading() as tx:
        found = await people.people(tx, [iri, "http://wash.test/people/x"])
        assert list(found) == [iri]
        with pytest.raises(NotFound):
            await people.require_person(tx, "http://wash.test/people/x")
