"""Membership as Mobilizon and Smithereen write it: understood, or ignored for a stated reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from instance.groups import service as groups
from tests.instance.groups.living import reads, viewer
from tests.instance.groups.stage import a_stage, invite

DOCUMENT = Path(__file__).parents[3] / "FEDERATION.md"


@pytest.fixture
async def stage(world):
    return await a_stage(world)


async def fate(stage, said):
    """Return what became of an activity: its state, and the reason if there is one."""
    inbox = stage.care.federation.store.inbox.tables.inbox
    async with stage.care.database.reading() as tx:
        chosen = inbox.select().where(inbox.c.id == said["id"])
        row = (await tx.session.execute(chosen)).one()
    return row.state, row.reason or ""


async def requests(stage):
    return [
        (one.person, one.message) for one in await reads(stage.care, groups.requests, stage.group)
    ]


async def says(stage, kind, inner, speaker=None, **more):
    said = stage.remote.activity(kind, speaker or stage.ana, inner, **more)
    assert await stage.say(said, speaker or stage.ana) == 202
    return said


async def mobilizon_joins(stage):
    member = f"{stage.remote.origin}/member/7"
    said = await says(stage, "Join", stage.group, id=member, participationMessage="I cook.")
    assert await requests(stage) == [(stage.ana, "I cook.")]
    async with stage.care.database.transaction() as tx:
        [one] = await groups.requests(tx, stage.group)
        await groups.accept_member(tx, viewer(stage.leader), one.membership)
    await stage.world.settle()
    accept = stage.remote.received[-1]
    assert (accept["type"], accept["object"]["id"]) == ("Accept", said["id"])
    assert accept["object"]["object"] == stage.group


async def smithereen_joins(stage):
    await says(stage, "Join", stage.group, to=[stage.group])
    assert await requests(stage) == [(stage.ana, "")]


async def smithereen_follows(stage):
    await says(stage, "Follow", stage.group)
    assert await requests(stage) == []
    async with stage.care.database.reading() as tx:
        assert await tx.federation.store.peers.count_followers(tx, stage.group) == 1


async def leaves(stage):
    await stage.let_ana_in()
    await says(stage, "Leave", stage.group, cc=[f"{stage.group}/members"])
    assert await stage.members() == []


def member(stage, iri):
    return {"type": "Member", "id": iri, "actor": stage.ana, "object": stage.group}


async def mobilizon_accepts(stage):
    asked = await stage.ask_ana()
    await says(stage, "Accept", member(stage, asked["id"]), attributedTo=stage.group)
    assert await stage.members() == [stage.ana]
    leave = await says(stage, "Leave", stage.group)
    assert (await fate(stage, leave), await stage.members()) == (("done", ""), [])


async def mobilizon_accepts_what_nobody_asked(stage):
    first = await says(stage, "Accept", member(stage, f"{stage.remote.origin}/member/8"))
    fake = {"type": "Invite", "id": f"{stage.remote.origin}/i/1", "actor": stage.ana}
    second = await says(stage, "Accept", fake | {"object": {"id": stage.group, "type": "Group"}})
    assert await stage.members() == []
    assert (await fate(stage, first))[0] != "done"
    assert (await fate(stage, second))[1] == "This group had not asked her to join."


async def rejects(stage):
    asked = await stage.ask_ana()
    await says(stage, "Reject", asked)
    assert await stage.standing_of_ana() == "left"
    again = await says(stage, "Accept", asked["id"])
    assert (await fate(stage, again))[1] == "This group had not asked her to join."
    await stage.let_ana_in()
    await says(stage, "Reject", asked["id"])
    assert await stage.members() == [stage.ana]


async def a_person_invites(stage):
    await stage.let_ana_in()
    group = {"id": stage.group, "type": "Group"}
    for inner in (stage.group, group):
        said = await says(stage, "Invite", inner, to=[stage.eve], target=stage.eve)
        assert (await fate(stage, said))[1] == "Only a group itself asks people to join it."
    await says(stage, "Join", stage.group, stage.eve)
    assert [one for one, _ in await requests(stage)] == [stage.eve]


async def a_group_takes_its_invite_back(stage):
    said = (await invite(stage)).activity
    await says(stage, "Undo", said, stage.club)
    assert await stage.say(said, stage.club) == 202
    assert await stage.standings() == []


async def mobilizon_removes(stage):
    await stage.let_ana_in()
    one = member(stage, f"{stage.remote.origin}/member/7")
    said = await says(stage, "Remove", one, stage.eve, origin=stage.group)
    assert ((await fate(stage, said))[0], await stage.members()) == ("ignored", [stage.ana])


async def mobilizon_changes_a_role(stage):
    await stage.let_ana_in()
    one = member(stage, f"{stage.remote.origin}/member/7") | {"role": "ADMINISTRATOR"}
    said = await says(stage, "Update", one)
    assert (await fate(stage, said))[0] == "ignored"
    [found] = await reads(stage.care, groups.members, stage.group)
    assert found.role == "member"


async def smithereen_lists(stage):
    group = {"id": stage.group, "type": "Group"}
    said = await says(stage, "Add", group, target=f"{stage.ana}/groups")
    assert ((await fate(stage, said))[0], await stage.members()) == ("ignored", [])


SHAPES = (
    mobilizon_joins,
    smithereen_joins,
    smithereen_follows,
    leaves,
    mobilizon_accepts,
    mobilizon_accepts_what_nobody_asked,
    rejects,
    a_person_invites,
    a_group_takes_its_invite_back,
    mobilizon_removes,
    mobilizon_changes_a_role,
    smithereen_lists,
)
"""One for each line of the table in FEDERATION.md, in its order."""


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
async def test_each_shape_becomes_what_the_document_says(stage, shape):
    await shape(stage)


def test_the_document_has_a_line_for_each_shape():
    table = DOCUMENT.read_text(encoding="utf-8").partition("<!-- shapes:")[2]
    lines = re.findall(r"^\| [`A-Z].*\|$", table.partition("<!-- end of shapes")[0], re.MULTILINE)
    assert len(lines) == len(SHAPES)
