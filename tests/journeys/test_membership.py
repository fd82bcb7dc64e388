"""A worker of one co-op joins a group of another, shares what she chose, and leaves again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.errors import Conflict
from instance.groups import belonging, moving
from instance.groups import service as groups
from instance.groups.activities import find_group, find_person
from instance.people import service as people
from tests.instance.groups.living import (
    ESSENTIAL,
    MEI,
    a_group,
    a_member,
    a_worker,
    accept,
    ask,
    reads,
    viewer,
)


@pytest.fixture
async def two(any_world):
    return await any_world.instance("green"), await any_world.instance("care")


async def test_a_worker_joins_a_group_of_another_co_op(any_world, two):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)

    found = await find_group(green.database, "@care@care.test")
    assert found.iri == group
    assert found.name == "Shatin Care Commune"
    assert {one.field for one in found.asked if one.essential} == set(ESSENTIAL)
    assert found.asked_days == 365

    await ask(green, mei, group, [*ESSENTIAL, "district"], message="I know Auntie Wong.")
    await any_world.settle()

    [request] = await reads(care, groups.requests, group)
    assert (request.person, request.name, request.handle) == (mei, MEI.name, "mei@green.test")
    assert request.message == "I know Auntie Wong."
    assert request.offered == ("availability", "district", "name", "skills")
    assert request.district == "tai-po"
    assert not await reads(care, groups.is_member, group, mei)
    assert await reads(care, groups.shares, group) == []

    await accept(care, leader, group)
    await any_world.settle()

    [belonging] = await reads(green, groups.belongings, mei)
    assert (belonging.group, belonging.name) == (group, "Shatin Care Commune")
    assert belonging.origin == "http://care.test"
    assert await reads(green, agenda.may_invite, mei, group)
    members = await reads(care, groups.members, group)
    assert [(one.name, one.role) for one in members] == [(MEI.name, "member")]
    [share] = await reads(care, groups.shares, group)
    assert share.skills == (("ironing", 2), ("window-cleaning", 3))
    assert share.adult is True
    assert len(share.windows) == 42
    assert (share.certificates, share.phone) == ((), None)


async def test_a_worker_sees_groups_of_two_co_ops_at_home(any_world, two):
    green, care = two
    (abroad, abroad_leader), (at_home, home_leader) = (
        await a_group(care),
        await a_group(green, "green", "Green Hands"),
    )
    mei = await a_worker(green)
    await a_member(any_world, green, care, mei, abroad, abroad_leader)
    await a_member(any_world, green, green, mei, at_home, home_leader)

    names = [one.name for one in await reads(green, groups.belongings, mei)]
    assert names == ["Green Hands", "Shatin Care Commune"]
    assert len(await reads(green, groups.shares, at_home)) == 1


async def test_what_changes_at_home_reaches_the_group_once_and_withdrawal_ends_it(
    any_world, two, clock
):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)
    await a_member(any_world, green, care, mei, group, leader, [*ESSENTIAL, "district"])

    async with green.database.transaction() as tx:
        await people.change_person(tx, mei, district="sha-tin")
        await agenda.paint_week(tx, mei, [agenda.Hours(0, 600, 720)])
    await any_world.settle()
    [share] = await reads(care, groups.shares, group)
    assert share.district == "tai-po"
    clock.advance(seconds=31)
    await any_world.settle()
    [share] = await reads(care, groups.shares, group)
    assert share.district == "sha-tin"
    assert len(share.windows) == 6

    async with green.database.transaction() as tx:
        await consent.end(tx, mei, group)
    await any_world.settle()
    assert await reads(care, groups.shares, group) == []
    assert await reads(care, groups.name_for, group, mei) == "mei@green.test"
    assert await reads(care, groups.is_member, group, mei)


async def test_a_worker_who_leaves_is_forgotten_and_asked_no_more(any_world, two):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)
    await a_member(any_world, green, care, mei, group, leader)

    async with green.database.transaction() as tx:
        await groups.leave(tx, viewer(mei), group)
    await any_world.settle()

    assert await reads(care, groups.members, group) == []
    assert await reads(care, groups.shares, group) == []
    assert await reads(green, groups.belongings, mei) == []
    assert not await reads(green, agenda.may_invite, mei, group)
    assert await reads(green, consent.shared_fields, mei, group) == frozenset()


async def test_a_refused_worker_is_told_and_nothing_of_hers_is_kept(any_world, two):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)
    await ask(green, mei, group)
    await any_world.settle()
    async with care.database.transaction() as tx:
        [request] = await groups.requests(tx, group)
        await groups.refuse_member(tx, viewer(leader), request.membership)
    await any_world.settle()

    assert await reads(green, groups.standings, mei) == []
    assert await reads(green, consent.shared_fields, mei, group) == frozenset()
    assert await reads(care, groups.name_for, group, mei) == "mei@green.test"


async def test_a_removed_worker_learns_it_and_her_home_lets_the_group_ask_no_more(any_world, two):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)
    await a_member(any_world, green, care, mei, group, leader)
    async with care.database.transaction() as tx:
        [member] = await groups.members(tx, group)
        await groups.remove_member(tx, viewer(leader), member.membership)
    await any_world.settle()

    assert await reads(green, groups.belongings, mei) == []
    assert not await reads(green, agenda.may_invite, mei, group)
    assert await reads(care, groups.shares, group) == []


async def test_a_worker_whom_the_group_asked_itself_is_taken_in_at_once(any_world, two):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)
    found = await find_person(care.database, "mei@green.test")
    async with care.database.transaction() as tx:
        await groups.invite_person(tx, viewer(leader), group, found.iri)
    await any_world.settle()
    [standing] = await reads(green, groups.standings, mei)
    assert (standing.name, standing.state) == ("Shatin Care Commune", "invited")

    await ask(green, mei, group)
    await any_world.settle()
    assert await reads(care, groups.is_member, group, mei)
    assert [one.group for one in await reads(green, groups.belongings, mei)] == [group]


async def test_two_accounts_become_one_and_the_memberships_follow(any_world, two):
    green, care = two
    group, leader = await a_group(care)
    old = await a_worker(care, MEI)
    await a_member(any_world, care, care, old, group, leader, [*ESSENTIAL, "district"])
    kept = await a_worker(green, people.NewPerson(username="mei", name="Chan Mei Ling"))

    named = await find_person(care.database, "mei@green.test")
    async with care.database.transaction() as tx:
        await groups.name_home(tx, viewer(old), named)
    other = await find_person(green.database, "mei@care.test")
    async with green.database.transaction() as tx:
        await groups.confirm_alias(tx, viewer(kept), other)
    fresh = await find_person(care.database, named.iri)
    async with care.database.transaction() as tx:
        await groups.move(tx, viewer(old), fresh)
    await any_world.settle()

    assert [one.person for one in await reads(care, groups.members, group)] == [kept]
    assert [one.group for one in await reads(green, groups.belongings, kept)] == [group]
    assert await reads(care, groups.belongings, old) == []
    assert await reads(green, agenda.may_invite, kept, group)
    [share] = await reads(care, groups.shares, group)
    assert (share.person, share.name) == (kept, "Chan Mei Ling")
    [receipt] = await reads(green, consent.waiting, kept)
    assert set(receipt.fields) == {*ESSENTIAL, "district"}
    assert (await find_person(green.database, old)).iri == old
    status, document = await (await any_world.remote()).get(old)
    assert (status, document["movedTo"]) == (200, kept)
    assert await reads(green, moving.aliases_of, kept) == (old,)


async def test_nobody_moves_to_an_account_that_has_not_confirmed(any_world, two):
    green, care = two
    (group, leader), old = await a_group(care), await a_worker(care)
    await a_member(any_world, care, care, old, group, leader)
    await a_worker(green)
    named = await find_person(care.database, "mei@green.test")
    async with care.database.transaction() as tx:
        await groups.name_home(tx, viewer(old), named)
    with pytest.raises(Conflict, match="has not confirmed"):
        async with care.database.transaction() as tx:
            await groups.move(tx, viewer(old), named)
    assert [one.group for one in await reads(care, groups.belongings, old)] == [group]


async def test_consent_on_paper_holds_ninety_days_and_then_the_matcher_sees_her_no_more(
    any_world, clock
):
    care = await any_world.instance("care")
    group, leader = await a_group(care)
    mei, lan = (
        await a_worker(care),
        await a_worker(care, people.NewPerson(username="lan", name="Wong Lan")),
    )
    async with care.database.transaction() as tx:
        for person, agreed in ((mei, tx.now.date()), (lan, None)):
            await groups.add_by_import(
                tx, viewer(leader), group, person, ["name", "skills"], agreed
            )
    await any_world.settle()

    assert {one.person for one in await reads(care, groups.members, group)} == {mei, lan}
    [share] = await reads(care, groups.shares, group)
    assert (share.person, share.fields) == (mei, frozenset({"name", "skills"}))
    [receipt] = await reads(care, consent.waiting, mei)
    assert receipt.until - receipt.agreed == timedelta(days=90)

    clock.advance(days=90, seconds=1)
    await any_world.settle()
    assert await reads(care, groups.shares, group) == []
    assert await reads(care, groups.is_member, group, mei)


async def test_a_member_who_shares_nothing_may_share_again(any_world, two):
    green, care = two
    (group, leader), mei = await a_group(care), await a_worker(green)
    await a_member(any_world, green, care, mei, group, leader)
    async with green.database.transaction() as tx:
        await consent.end(tx, mei, group)
    await any_world.settle()
    found = await find_group(green.database, group)
    async with green.database.transaction() as tx:
        await belonging.share_again(tx, mei, found, [*ESSENTIAL, "phone"])
    await any_world.settle()
    [share] = await reads(care, groups.shares, group)
    assert (share.name, share.phone) == (MEI.name, MEI.phone)
