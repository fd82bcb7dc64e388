"""That no more is shared than was agreed, whatever was agreed, and counts name nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance.consent import service as consent
from instance.groups import service as groups
from instance.groups.activities import find_group
from instance.groups.capacity import coarse, half_days
from instance.groups.documents import read_share, share_document
from instance.groups.views import Shared
from instance.people import service as people
from tests.instance.groups.living import MEI, a_group, a_member, a_worker, reads, viewer
from tests.instance.groups.stage import a_stage

NOW = datetime(2027, 1, 4, 8, tzinfo=UTC)
EVERYTHING = {
    "name": {"name": "Chan Mei Ling"},
    "phone": {"phone": "5555 1234"},
    "email": {"email": "mei@mail.example"},
    "district": {"district": "tai-po"},
    "weekly_hours": {"weekly_minutes": 1200},
    "availability": {"adult": True, "windows": ((NOW, NOW + timedelta(hours=4)),)},
    "skills": {"skills": (("ironing", 2),)},
    "certificates": {"certificates": (("first-aid-certificate", None),)},
    "languages": {"languages": ("language-en",)},
}
KEYS = {
    "weekly_hours": {"weeklyMinutes"},
    "availability": {"adult", "windows"},
}
ALWAYS = {"id", "type", "attributedTo", "audience", "fields", "asOf"}
some_fields = st.sets(st.sampled_from(sorted(EVERYTHING)))


def whole(fields):
    """Everything about mei, with some fields agreed: the worst that a careless caller hands in."""
    values = {name: value for one in EVERYTHING.values() for name, value in one.items()}
    return Shared(
        person="http://green.test/people/mei", fields=frozenset(fields), as_of=NOW, **values
    )


def test_every_field_of_the_catalogue_is_covered_here():
    assert consent.FIELDS.keys() == EVERYTHING.keys()


@given(some_fields)
def test_a_share_holds_the_agreed_fields_and_nothing_else(fields):
    written = share_document("http://green.test", "http://green.test/shares/1", "g", whole(fields))
    allowed = ALWAYS | {key for one in fields for key in KEYS.get(one, {one})}
    assert written.keys() == allowed
    assert set(written["fields"]) == fields


@given(some_fields, some_fields)
def test_refusing_an_optional_field_changes_nothing_but_that_field(more, fewer):
    fewer &= more
    read = [
        read_share(share_document("http://green.test", "i", "g", whole(one)), whole(one).person)
        for one in (more, fewer)
    ]
    for field, values in EVERYTHING.items():
        for name in values:
            if (field in more) == (field in fewer):
                assert getattr(read[0], name) == getattr(read[1], name)
            elif field not in fewer:
                assert not getattr(read[1], name)


@pytest.mark.parametrize("agreed", [["skills"], ["skills", "name"]], ids=str)
async def test_a_name_that_is_not_shared_stands_in_no_byte_that_is_sent(world, agreed):
    stage = await a_stage(world)
    stage.remote.documents["/users/club"]["asks"] += [
        {"field": one} for one in consent.FIELDS if one not in {"skills", "name"}
    ]
    found = await find_group(stage.care.database, stage.club)
    async with stage.care.database.transaction() as tx:
        await groups.ask_to_join(tx, stage.mei, found, agreed)
    await world.settle()
    await stage.say(stage.accept(stage.remote.received[-1]), stage.club)
    async with stage.care.database.transaction() as tx:
        await people.change_person(tx, stage.mei, name="Chan Mei Ling Rose")
    world.clock.advance(minutes=1)
    await world.settle()
    async with stage.care.database.transaction() as tx:
        await groups.leave(tx, viewer(stage.mei), stage.club)
    await world.settle()

    sent = b"".join(msgspec.json.encode(one) for one in stage.remote.received)
    _, actor = await stage.remote.get(stage.mei)
    told = b"Chan" in sent
    assert told == ("name" in agreed)
    assert b"5555" not in sent
    assert b"Chan" not in msgspec.json.encode(actor)
    assert len(stage.remote.received) >= 4 - ("name" not in agreed)


async def test_an_agreement_ends_by_itself_and_the_group_forgets(world, clock):
    green, care = await world.instance("green"), await world.instance("care")
    (group, leader), mei = await a_group(care), await a_worker(green)
    await a_member(world, green, care, mei, group, leader)
    clock.advance(days=364)
    await world.settle()
    assert len(await reads(care, groups.shares, group)) == 1
    clock.advance(days=1, seconds=1)
    await world.settle()
    assert await reads(care, groups.shares, group) == []


async def test_the_weeks_ahead_are_sent_again_before_they_run_out(world, clock):
    green, care = await world.instance("green"), await world.instance("care")
    (group, leader), mei = await a_group(care), await a_worker(green)
    await a_member(world, green, care, mei, group, leader)
    [before] = await reads(care, groups.shares, group)
    clock.advance(days=8)
    await world.settle()
    [after] = await reads(care, groups.shares, group)
    assert after.windows[-1] > before.windows[-1]
    assert after.as_of > before.as_of


async def test_what_does_not_concern_the_group_sends_nothing(world, clock):
    stage = await a_stage(world)
    await stage.let_mei_in()
    count = len(stage.remote.received)
    async with stage.care.database.transaction() as tx:
        await people.change_person(tx, stage.mei, phone="999", weekly_minutes=60)
    clock.advance(minutes=1)
    await world.settle()
    assert len(stage.remote.received) == count


async def test_many_changes_make_one_message(world, clock):
    stage = await a_stage(world)
    await stage.let_mei_in()
    count = len(stage.remote.received)
    for level in (1, 2, 3, 1):
        async with stage.care.database.transaction() as tx:
            await people.change_person(tx, stage.mei, skills=(("ironing", level),))
        clock.advance(seconds=5)
        await world.settle()
    clock.advance(seconds=30)
    await world.settle()
    assert len(stage.remote.received) == count + 1


async def test_only_the_group_fetches_what_is_shared_and_the_reading_is_noted(world):
    stage = await a_stage(world)
    await stage.let_mei_in()
    share = stage.remote.received[-1]["object"]
    status, document = await stage.remote.get(share["id"], signer=stage.club)
    assert status == 200
    assert document["skills"] == share["skills"]
    [reading] = await reads(stage.care, consent.readings, stage.mei)
    assert (reading.reader, reading.fields) == (stage.club, ("skills",))
    assert (await stage.remote.get(share["id"], signer=stage.eve))[0] == 404
    assert (await stage.remote.get(share["id"]))[0] == 404


async def test_the_proof_of_a_membership_is_for_the_member_and_nobody_else(world):
    stage = await a_stage(world)
    await stage.let_ana_in()
    stamp = stage.remote.received[-1]["result"]["id"]
    status, document = await stage.remote.get(stamp, signer=stage.ana)
    assert (status, document["subject"], document["object"]) == (200, stage.ana, stage.group)
    assert (await stage.remote.get(stamp))[0] == 404
    other = await world.remote("other")
    stranger = other.actor("stranger", await world._keys.take())
    assert (await other.get(stamp, signer=stranger))[0] == 404
    await stage.say(stage.remote.activity("Leave", stage.ana, stage.group), stage.ana)
    assert (await stage.remote.get(stamp, signer=stage.ana))[0] == 404


async def test_public_affiliations_name_leaders_and_no_plain_member(world):
    stage = await a_stage(world)
    await stage.let_ana_in()
    status, document = await stage.remote.get(f"{stage.group}/affiliations")
    assert status == 200
    assert [one["subject"] for one in document["orderedItems"]] == [stage.leader]


async def test_a_group_says_in_its_document_what_it_asks_for(world):
    stage = await a_stage(world)
    status, document = await stage.remote.get(stage.group)
    assert (status, document["type"]) == (200, "Group")
    assert {"field": "name", "essential": True, "why": ""} in document["asks"]
    assert document["asksDays"] == 365


async def test_capacity_counts_coarsely_who_could_come(world):
    care = await world.instance("care")
    group, leader = await a_group(care)
    for number in range(4):
        person = await a_worker(care, named(f"p{number}"), free=number > 0)
        async with care.database.transaction() as tx:
            await groups.add_by_import(
                tx, viewer(leader), group, person, ["skills", "availability"], tx.now.date()
            )
    await world.settle()
    start = datetime(2027, 1, 4, 16, tzinfo=UTC)  # midnight in Hong Kong
    counts = await reads(care, groups.capacity, group, start, start + timedelta(days=1))
    assert [(one.skill, one.count) for one in counts] == [
        ("ironing", "3–5"),  # noqa: RUF001
        ("ironing", "0"),
        ("window-cleaning", "3–5"),  # noqa: RUF001
        ("window-cleaning", "0"),
    ]
    assert counts[0].start == start


def named(username):
    return replace(MEI, username=username)


def test_counts_are_coarse():
    assert [coarse(number) for number in (0, 1, 2, 3, 5, 6, 60)] == [
        "0",
        "1–2",  # noqa: RUF001
        "1–2",  # noqa: RUF001
        "3–5",  # noqa: RUF001
        "3–5",  # noqa: RUF001
        "6+",
        "6+",
    ]


def test_half_days_follow_the_clock_of_the_place_over_a_change_of_time():
    start = datetime(2027, 3, 27, 23, tzinfo=UTC)  # the night in which Berlin's clocks change
    halves = half_days(start, start + timedelta(hours=23), "Europe/Berlin")
    assert [(end - begin) / timedelta(hours=1) for begin, end in halves] == [11, 12]
