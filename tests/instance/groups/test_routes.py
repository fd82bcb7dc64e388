"""Who is shown what, and who may do what, over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from instance.agenda import service as agenda
from instance.groups import service as groups
from instance.people import service as people
from instance.people import signin
from tests.instance.groups.living import MEI, a_group, a_member, a_worker, accept, reads, viewer


@pytest.fixture
async def care(world):
    return await world.instance("care")


@pytest.fixture
async def group(care):
    return (await a_group(care))[0]


@pytest.fixture
async def leader(care, group):
    return (await reads(care, people.leaders_of, group))[0]


@pytest.fixture
async def mei(care):
    return await a_worker(care)


async def asks(world, one, person, method, url, body=None, accept="application/json"):
    """Ask as somebody, or as nobody; returns status, text and headers."""
    headers = {"Accept": accept}
    if person:
        named = re.search(r"/groups/(\w{20})", url)
        async with one.database.transaction() as tx:
            scopes = ["self", *([f"group:{named[1]}:lead"] if named else [])]
            held = await signin.make_token(tx, person, scopes, "test")
        headers["Authorization"] = f"Bearer {held}"
    async with (
        world.network.client() as client,
        client.request(method, url, json=body, headers=headers, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.text(), answer.headers


async def test_everybody_reads_a_groups_page_and_nobody_elses_lists(world, care, group, mei):
    status, text, _ = await asks(world, care, None, "GET", group, accept="text/html")
    assert status == 200
    assert "Shatin Care Commune" in text
    for who in (None, mei):
        status, text, _ = await asks(world, care, who, "GET", f"{group}/members.json")
        assert status in {401, 404}
        assert "lead_care" not in text


@pytest.mark.parametrize("act", ["accept", "refuse", "remove"])
async def test_only_a_leader_of_that_group_decides_on_members(world, care, group, leader, mei, act):
    other, other_leader = await a_group(care, "other", "Other")
    async with care.database.transaction() as tx:
        await groups.ask_to_join(tx, mei, group, ["name", "skills", "availability"])
    await world.settle()
    if act == "remove":
        await accept(care, leader, group)
    [row] = (
        await reads(care, groups.members, group)
        if act == "remove"
        else await reads(care, groups.requests, group)
    )
    path = f"members/{row.membership}/{act}.json"
    for who in (mei, other_leader):
        for place in (group, other):
            status, _, _ = await asks(world, care, who, "POST", f"{place}/{path}", {})
            assert status in {403, 404}
    status, _, _ = await asks(world, care, leader, "POST", f"{group}/{path}", {})
    assert status == 200
    assert await reads(care, groups.is_member, group, mei) == (act == "accept")


async def test_a_program_joins_by_the_same_address_as_a_page(world, care, group, mei):
    fields = ["name", "skills", "availability"]
    url = f"{care.origin}/groups/join.json"
    status, _, _ = await asks(world, care, mei, "POST", url, {"group": group, "fields": fields})
    assert status == 200
    status, text, _ = await asks(
        world, care, mei, "POST", url, {"group": group, "fields": [*fields, "email"]}
    )
    assert (status, "did not ask" in text) == (422, True)
    status, text, _ = await asks(
        world, care, mei, "POST", url, {"group": group, "fields": ["name"]}
    )
    assert (status, "cannot do without" in text) == (422, True)


@pytest.mark.parametrize(
    "address",
    ["nobody@care.test", "care@nowhere.test", "nonsense", "ftp://care.test/x", "http://127.0.0.1/"],
)
async def test_an_address_that_leads_nowhere_is_said_so(world, care, mei, address):
    url = f"{care.origin}/groups/find.json?address={address}"
    status, text, _ = await asks(world, care, mei, "GET", url)
    assert status == 422
    assert '"field":"address"' in text


async def test_somebody_else_than_a_group_cannot_be_joined(world, care, mei):
    remote = await world.remote()
    ana = remote.actor("ana", await world._keys.take())
    status, text, _ = await asks(
        world, care, mei, "GET", f"{care.origin}/groups/find.json?address={ana}"
    )
    assert (status, "takes no members" in text) == (422, True)


async def test_a_stranger_who_looks_for_a_group_is_led_to_the_door_and_back(world, care):
    url = f"{care.origin}/groups/find?address=a@b.test"
    status, _, headers = await asks(world, care, None, "GET", url, accept="text/html")
    assert status == 303
    assert headers["Location"] == "/sign-in?next=/groups/find?address%3Da@b.test"


async def test_the_list_of_members_is_a_file_that_no_spreadsheet_is_tricked_by(
    world, care, group, leader
):
    sly = await a_worker(care, people.NewPerson(username="sly", name="=HYPERLINK(1)"))
    async with care.database.transaction() as tx:
        await groups.add_by_import(tx, viewer(leader), group, sly, ["name"], tx.now.date())
    await world.settle()
    status, text, headers = await asks(world, care, leader, "GET", f"{group}/members/members.csv")
    assert status == 200
    assert headers["Content-Type"].startswith("text/csv")
    assert "'=HYPERLINK(1)" in text


async def test_a_leaders_look_at_what_is_shared_is_noted_for_the_member(
    world, care, group, leader, mei
):
    await a_member(world, care, care, mei, group, leader)
    await asks(world, care, leader, "GET", f"{group}/members.json")
    status, text, _ = await asks(world, care, mei, "GET", f"{care.origin}/me/sharing.json")
    assert status == 200
    assert leader in text


async def test_a_link_that_is_old_is_said_to_be_and_leads_on_all_the_same(
    world, care, group, leader, clock
):
    async with care.database.transaction() as tx:
        link = await groups.invite_link(tx, viewer(leader), group)
    _, text, _ = await asks(world, care, None, "GET", link.url, accept="text/html")
    assert "no longer good" not in text
    clock.advance(days=31)
    _, text, _ = await asks(world, care, None, "GET", link.url, accept="text/html")
    assert "no longer good" in text


@pytest.mark.parametrize(
    "home", ["javascript:alert(1)", "//evil", "http://a b", "x", "ftp://x.test"]
)
async def test_the_way_to_ones_own_co_op_is_never_an_address_that_is_none(world, care, group, home):
    url = f"{group}/join?home={home}"
    status, text, _ = await asks(world, care, None, "GET", url, accept="text/html")
    assert status == 422
    assert "Your co-op&#39;s address looks like" in text
    assert "/groups/find?" not in text


async def test_the_last_leader_neither_leaves_nor_is_removed(world, care, group, leader):
    async with care.database.transaction() as tx:
        await groups.add_by_import(tx, viewer(leader), group, leader, ["name"], tx.now.date())
    await world.settle()
    [row] = await reads(care, groups.members, group)
    assert row.role == "leader"
    url = f"{group}/members/{row.membership}/remove.json"
    assert (await asks(world, care, leader, "POST", url, {}))[0] == 409
    url = f"{care.origin}/groups/leave.json"
    assert (await asks(world, care, leader, "POST", url, {"group": group}))[0] == 409


async def test_somebody_added_by_hand_is_a_member_at_once(world, care, group, leader):
    body = {"username": "lan", "name": "Wong Lan", "phone": "5555 0000", "agreed": True}
    status, _, _ = await asks(world, care, leader, "POST", f"{group}/members/add.json", body)
    assert status == 201
    await world.settle()
    lan = (await reads(care, people.person_named, "lan")).iri
    assert await reads(care, agenda.may_invite, lan, group)
    [share] = await reads(care, groups.shares, group)
    assert share.fields == {"name", "phone"}


async def test_consent_on_paper_is_not_dated_ahead_or_long_ago(world, care, group, leader):
    today = world.clock().date()
    for number, day in enumerate((today + timedelta(days=3), today - timedelta(days=400))):
        body = {
            "username": f"p{number}",
            "name": MEI.name,
            "agreed": True,
            "agreed_on_paper": day.isoformat(),
        }
        status, _, _ = await asks(world, care, leader, "POST", f"{group}/members/add.json", body)
        assert status == 422
    assert await reads(care, groups.members, group) == []
