"""Agreements: given field by field, kept as receipts, ended in one act."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from instance.consent import service as consent
from instance.errors import Invalid, NotFound
from instance.notices.models import Notice
from instance.people import service as people

GROUP = "http://other.test/groups/one"


@pytest.fixture
async def care(world):
    return await world.instance("care")


@pytest.fixture
async def mei(care):
    async with care.database.transaction() as tx:
        return await people.add_person(tx, people.NewPerson(username="mei", name="Mei"))


async def agree(care, person, fields, **more):
    async with care.database.transaction() as tx:
        return await consent.agree(
            tx,
            person,
            GROUP,
            fields,
            tx.now + timedelta(days=30),
            asked=[consent.Asked("name", True), consent.Asked("phone")],
            **more,
        )


async def shared(care, person, group=GROUP):
    async with care.database.reading() as tx:
        return await consent.shared_fields(tx, person, group)


async def test_what_was_agreed_is_shared_with_that_group_alone(care, mei):
    await agree(care, mei, ["name", "phone"])
    assert await shared(care, mei) == {"name", "phone"}
    assert await shared(care, mei, "http://other.test/groups/two") == frozenset()


async def test_nothing_is_shared_by_somebody_who_never_agreed(care, mei):
    assert await shared(care, mei) == frozenset()


async def test_a_field_outside_the_catalogue_cannot_be_agreed_to(care, mei):
    with pytest.raises(Invalid, match="religion"):
        await agree(care, mei, ["religion"])


async def test_an_agreement_ends_with_its_time_even_if_nothing_happens(care, mei, clock):
    await agree(care, mei, ["name"])
    clock.advance(days=30)
    assert await shared(care, mei) == frozenset()


async def test_a_new_agreement_takes_the_place_of_the_old_one_and_both_stay_as_receipts(care, mei):
    await agree(care, mei, ["name", "phone"])
    await agree(care, mei, ["name"])
    assert await shared(care, mei) == {"name"}
    async with care.database.reading() as tx:
        receipts = await consent.receipts(tx, mei)
    assert [one.ended is None for one in receipts] == [True, False]


async def test_ending_takes_one_act_and_a_second_changes_nothing(care, mei):
    await agree(care, mei, ["name"])
    for _ in range(2):
        async with care.database.transaction() as tx:
            await consent.end(tx, mei, GROUP)
    assert await shared(care, mei) == frozenset()


async def test_a_person_may_share_less_and_again_more_but_only_what_was_asked(care, mei):
    await agree(care, mei, ["name"])
    async with care.database.transaction() as tx:
        await consent.narrow(tx, mei, GROUP, ["name", "phone"])
    assert await shared(care, mei) == {"name", "phone"}
    with pytest.raises(Invalid):
        async with care.database.transaction() as tx:
            await consent.narrow(tx, mei, GROUP, ["email"])
    async with care.database.transaction() as tx:
        await consent.narrow(tx, mei, GROUP, [])
    assert await shared(care, mei) == frozenset()
    with pytest.raises(NotFound):
        async with care.database.transaction() as tx:
            await consent.narrow(tx, mei, GROUP, ["name"])


async def test_what_was_agreed_on_paper_waits_for_her_word(care, mei):
    await agree(care, mei, ["name"], source="paper")
    async with care.database.transaction() as tx:
        [receipt] = await consent.waiting(tx, mei)
        assert receipt.source == "paper"
        await consent.keep(tx, mei, GROUP)
    async with care.database.reading() as tx:
        assert await consent.waiting(tx, mei) == []


async def told(care):
    """What people were told since, kind by kind."""
    async with care.database.reading() as tx:
        return [one.kind for one in (await tx.session.scalars(sa.select(Notice))).all()]


async def waiting(care, person):
    async with care.database.reading() as tx:
        return await consent.waiting(tx, person)


async def keep(care, person):
    async with care.database.transaction() as tx:
        await consent.keep(tx, person, GROUP)


async def test_what_ends_soon_waits_for_her_word_and_goes_on_for_as_long_again(care, mei, clock):
    await agree(care, mei, ["name"])
    assert await waiting(care, mei) == []
    clock.advance(days=23)
    await care.courier.step()
    assert await told(care) == ["sharing_ends_soon"]
    [soon] = await waiting(care, mei)
    await keep(care, mei)
    assert await waiting(care, mei) == []
    async with care.database.reading() as tx:
        kept = await consent.receipt(tx, mei, GROUP)
        assert kept.until == tx.now + timedelta(days=30)
    assert (kept.fields, kept.asked, kept.days) == (soon.fields, soon.asked, 30)
    clock.advance(days=10)
    await care.courier.step()
    assert await shared(care, mei) == {"name"}
    assert await told(care) == ["sharing_ends_soon"]


async def test_what_ran_out_is_told_and_can_be_taken_up_again(care, mei, clock):
    await agree(care, mei, ["name"], source="paper", days=100)
    clock.advance(days=31)
    await care.courier.step()
    assert await told(care) == ["sharing_ran_out"]
    assert await shared(care, mei) == frozenset()
    assert [one.ended is not None for one in await waiting(care, mei)] == [True]
    await keep(care, mei)
    assert await shared(care, mei) == {"name"}
    async with care.database.reading() as tx:
        kept = await consent.receipt(tx, mei, GROUP)
        assert (kept.source, kept.until - tx.now) == ("join", timedelta(days=100))


async def test_what_she_ended_herself_is_never_offered_again(care, mei, clock):
    await agree(care, mei, ["name"])
    clock.advance(days=31)
    await care.courier.step()
    async with care.database.transaction() as tx:
        await consent.end(tx, mei, GROUP)
    assert await waiting(care, mei) == []
    with pytest.raises(NotFound):
        await keep(care, mei)


async def test_what_ran_out_long_ago_is_not_taken_up_again(care, mei, clock):
    await agree(care, mei, ["name"])
    clock.advance(days=121)
    await care.courier.step()
    assert await waiting(care, mei) == []
    with pytest.raises(NotFound):
        await keep(care, mei)


async def test_narrowing_what_is_shared_shortens_nothing(care, mei, clock):
    await agree(care, mei, ["name", "phone"])
    clock.advance(days=25)
    async with care.database.transaction() as tx:
        await consent.narrow(tx, mei, GROUP, ["name"])
    clock.advance(days=4)
    await keep(care, mei)
    async with care.database.reading() as tx:
        assert (await consent.receipt(tx, mei, GROUP)).until == tx.now + timedelta(days=30)


async def test_a_reading_is_noted_once_a_day_with_all_that_was_read(care, mei, clock):
    reader = "http://other.test/people/lead"
    for fields in (["name"], ["phone"]):
        async with care.database.transaction() as tx:
            await consent.note_read(tx, mei, GROUP, reader, fields)
    clock.advance(days=1)
    async with care.database.transaction() as tx:
        await consent.note_read(tx, mei, GROUP, reader, ["name"])
    async with care.database.reading() as tx:
        found = await consent.readings(tx, mei)
    assert [one.fields for one in found] == [("name",), ("name", "phone")]


async def test_only_a_leader_of_hers_whom_she_named_may_answer_for_her(care, mei):
    group = f"{care.origin}/groups/one"
    async with care.database.transaction() as tx:
        leader = await people.add_person(tx, people.NewPerson(username="lead", name="Lee"))
        other = await people.add_person(tx, people.NewPerson(username="other", name="Ho"))
        await people.grant(tx, leader, group, people.Role.LEADER, "init")
        await people.grant(tx, mei, group, people.Role.MEMBER, "init")
        with pytest.raises(Invalid):
            await consent.name_concierge(tx, mei, other)
        assert not await consent.may_answer_for(tx, leader, mei)
        await consent.name_concierge(tx, mei, leader)
        assert await consent.may_answer_for(tx, leader, mei)
        assert not await consent.may_answer_for(tx, other, mei)
        assert await consent.people_of_concierge(tx, leader) == (mei,)
        await people.revoke(tx, leader, group, people.Role.LEADER)
        assert not await consent.may_answer_for(tx, leader, mei)
        await people.grant(tx, leader, group, people.Role.LEADER, "init")
        await consent.end_concierge(tx, mei)
        assert not await consent.may_answer_for(tx, leader, mei)
