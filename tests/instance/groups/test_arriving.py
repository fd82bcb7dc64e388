"""A person whose server is gone brings her groups by her own key (FEP-7628 in pull mode)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from federation import Iri, KeyPair, state_identity
from instance.agenda import service as agenda
from instance.consent import service as consent
from instance.errors import Conflict, Forbidden, Invalid
from instance.groups import arriving, moving, moving_wire, own_key
from instance.groups import service as groups
from instance.groups.activities import find_group
from instance.groups.keyfile import KeyFile, read_key_file
from instance.groups.views import home_of
from instance.people import service as people
from tests.instance.groups.living import (
    ESSENTIAL,
    a_group,
    a_member,
    a_worker,
    in_person,
    reads,
    viewer,
)

NEW = people.NewPerson(username="mei2", name="Chan Mei Ling")


@dataclass
class Three:
    """Her old home, the co-op of a group of hers, and the co-op where she arrives."""

    world: Any
    old: Any
    care: Any
    new: Any
    group: str
    leader: str
    mei: str
    kept: str
    file: KeyFile

    async def dies(self):
        """Let her old server be gone."""
        self.world.instances.remove(self.old)
        self.world.network.vanish("old.test")

    async def arrives(self, file=None, who=None, named=()):
        """Let somebody bring a file to the new co-op; returns the one she gets."""
        held = read_key_file((file or self.file).text.encode())
        await moving_wire.require_not_taken_back(self.new.database, held)
        found = [await find_group(self.new.database, one) for one in named]
        async with self.new.database.transaction() as tx:
            fresh = await arriving.arrive(tx, in_person(who or self.kept), held, found)
        await self.world.settle()
        return fresh

    async def members(self, one=None, group=None):
        found = await reads(one or self.care, groups.members, group or self.group)
        return {each.person for each in found}

    async def joins(self, one, username):
        """Let her found membership in one more group; returns it."""
        group, leader = await a_group(one, username, username.title())
        await a_member(self.world, self.old, one, self.mei, group, leader)
        return group


@pytest.fixture
async def three(any_world):
    old, care, new = [await any_world.instance(name) for name in ("old", "care", "new")]
    (group, leader), mei = await a_group(care), await a_worker(old)
    await a_member(any_world, old, care, mei, group, leader, [*ESSENTIAL, "district"])
    async with old.database.transaction() as tx:
        file = await own_key.make_key(tx, in_person(mei))
    await any_world.settle()
    kept = await a_worker(new, NEW)
    return Three(any_world, old, care, new, group, leader, mei, kept, file)


async def test_her_groups_follow_her_from_a_server_that_is_gone(three):
    await three.dies()
    fresh = await three.arrives()

    assert three.kept in await three.members()
    assert three.mei not in await three.members()
    assert [one.group for one in await reads(three.new, groups.belongings, three.kept)] == [
        three.group
    ]
    assert await reads(three.new, agenda.may_invite, three.kept, three.group)
    shared = await reads(three.new, consent.shared_fields, three.kept, three.group)
    assert shared == {*ESSENTIAL, "district"}
    assert await reads(three.new, moving.expected, three.kept) == []
    held, brought = read_key_file(fresh.text.encode()), read_key_file(three.file.text.encode())
    assert (held.account, held.key.did_key) == (three.kept, brought.key.did_key)
    assert [group for group, *_ in held.groups] == [three.group]


async def test_she_moves_on_by_the_file_she_got_when_she_arrived(three):
    await three.dies()
    fresh = await three.arrives()
    third = await three.world.instance("third")
    again = await a_worker(third, NEW)
    three.world.clock.advance(days=8)
    three.new, three.kept = third, again
    await three.arrives(fresh)
    assert again in await three.members()


async def test_a_group_that_she_joined_after_she_saved_the_file_is_named_or_beside_one(three):
    far = await three.world.instance("far")
    later, near = await three.joins(three.care, "later"), await three.joins(three.new, "near")
    named = await three.joins(far, "named")
    await three.dies()
    await three.arrives(named=["named@far.test"])
    assert three.kept in await three.members(far, named)
    assert three.kept in await three.members(group=later)
    assert three.kept in await three.members(three.new, near)
    belongings = await reads(three.new, groups.belongings, three.kept)
    assert {one.group for one in belongings} == {three.group, later, near, named}
    assert await reads(three.new, consent.shared_fields, three.kept, later) == frozenset()


async def test_attack_a_server_that_was_not_told_hands_her_nothing(three):
    """Nor does one that was told, of an account that is none of hers."""
    await three.dies()
    await three.arrives()
    remote = await three.world.remote()
    for club, old in ((remote.actor("club", kind="Group"), three.mei), (three.group, three.leader)):
        async with three.new.database.transaction() as tx:
            other = f"{home_of(club)}/groups/other"
            assert not await moving.take_over(tx, Iri(other), three.kept, old)
    assert len(await reads(three.new, groups.belongings, three.kept)) == 1


async def test_a_forgotten_group_is_brought_later_by_the_same_file(three):
    await three.dies()
    bare = msgspec.structs.replace(three.file, groups=[])
    await three.arrives(bare)
    assert three.kept not in await three.members()
    await three.arrives(bare, named=["care@care.test"])
    assert three.kept in await three.members()


async def test_a_group_at_the_server_that_is_gone_is_not_waited_for(three):
    lost = {"group": f"{three.old.origin}/groups/x", "until": "2027-05-01T00:00:00Z"}
    await three.dies()
    await three.arrives(msgspec.structs.replace(three.file, groups=[lost]))
    assert await reads(three.new, moving.expected, three.kept) == []


async def test_she_may_leave_a_server_that_still_answers(three):
    await three.arrives()
    assert three.kept in await three.members()


async def test_attack_a_key_that_was_taken_back_moves_nobody(three):
    async with three.old.database.transaction() as tx:
        await own_key.make_key(tx, in_person(three.mei), sure=True)
    await three.world.settle()
    with pytest.raises(Invalid, match="still answers"):
        await three.arrives()
    await three.dies()
    await three.arrives()
    assert three.mei in await three.members()
    assert [one.group for one in await reads(three.new, moving.expected, three.kept)] == [
        three.group
    ]


async def test_attack_a_key_of_somebody_else_that_says_it_is_she(three):
    """Eve's key has signed that it is mei: only mei's own server could say so, too."""
    eve = await a_worker(three.new, people.NewPerson(username="eve", name="Eve"))
    key, now = KeyPair.generate_ed25519(), three.world.clock()
    forged = msgspec.structs.replace(
        three.file,
        secret_key_multibase=key.secret_multibase,
        statement=state_identity(three.mei, key, now),
    )
    with pytest.raises(Invalid, match="still answers"):
        await three.arrives(forged, eve)
    await three.dies()
    await three.arrives(forged, eve)
    assert three.mei in await three.members()
    assert eve not in await three.members()
    assert await reads(three.new, groups.belongings, eve) == []
    await three.arrives()
    assert three.kept in await three.members()


async def test_a_file_for_this_account_or_this_co_op_is_not_brought(three):
    async with three.new.database.transaction() as tx:
        own = await own_key.make_key(tx, in_person(three.kept))
    with pytest.raises(Invalid, match="signed in to"):
        await three.arrives(own)
    other = await a_worker(three.new, people.NewPerson(username="other", name="Other"))
    with pytest.raises(Invalid, match="at this co-op, too"):
        await three.arrives(own, other)
    with pytest.raises(Conflict, match="another key"):
        await three.arrives()
    assert await three.members() == {three.mei}


async def test_no_program_brings_anybody(three):
    held = read_key_file(three.file.text.encode())
    async with three.new.database.transaction() as tx:
        with pytest.raises(Forbidden):
            await arriving.arrive(tx, viewer(three.kept), held, ())


async def test_no_more_groups_than_a_person_has_are_told(three):
    many = [
        {"group": f"https://b{number}.example/g", "until": "2027-05-01T00:00:00Z"}
        for number in range(51)
    ]
    with pytest.raises(Invalid, match="fifty"):
        await three.arrives(msgspec.structs.replace(three.file, groups=many))
