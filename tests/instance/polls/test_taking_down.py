"""A group takes its own question down: nothing of it is left, here or where it was told."""

from __future__ import annotations

import msgspec
import pytest

from federation import PUBLIC
from instance.errors import Conflict, NotFound
from instance.polls import service
from instance.transparency import service as transparency
from tests.instance.jobs.commune import found, join
from tests.instance.polls.asking import answer, ask, question, seen, send, votes_kept
from tests.instance.polls.test_asking import DOCUMENT, said
from tests.instance.polls.test_hearing import green, hear, open_polls

__all__ = ["green"]  # a fixture


async def log_of(care):
    async with care.database.reading() as tx:
        return await transparency.entries(tx)


async def test_followers_and_who_had_answered_are_told_once_by_a_tombstone(care, remote, world):
    third = await world.remote("third")
    eve, bob = remote.actor("eve"), third.actor("bob")
    await send(care, remote, "Follow", eve, care.group, signer=eve)
    poll = await ask(care)
    await send(care, third, "Create", bob, answer(third, bob, poll), signer=bob)
    for _ in range(2):
        await care.act(service.take_down, poll)
        await world.settle()
    for server in (remote, third):
        [delete] = said(server, "Delete")
        tombstone = {"id": poll, "type": "Tombstone", "formerType": "Question"}
        assert (delete["actor"], delete["object"]) == (care.group, tombstone)
        assert (delete["to"], delete["cc"]) == ([PUBLIC], [f"{care.group}/followers"])
        assert said(server, "Update") == []
    entries = [one for one in await log_of(care) if one.kind == "polls.taken_down"]
    assert [(one.by, one.group) for one in entries] == [(care.leader, care.group)]
    assert entries[0].decision == delete["decision"]
    assert "meeting" not in str(entries)


async def test_its_address_answers_that_it_is_gone_in_every_form(care):
    poll = await ask(care)
    path = poll.removeprefix(care.origin)
    await care.act(service.take_down, poll)
    for person in (None, care.member, care.leader):
        browser = await care.browser(person)
        status, _, text = await browser.ask(path)
        assert (status, "This question was taken down" in text) == (410, True)
        assert "general meeting" not in text
        status, _, text = await browser.ask(path, **DOCUMENT)
        document = msgspec.json.decode(text)
        assert (status, document["type"], document["formerType"]) == (410, "Tombstone", "Question")
        assert (document["id"], document["deleted"]) == (poll, "2027-01-04T08:00:00Z")
        assert "Saturday" not in (await browser.ask(f"{path}.json"))[2]
    assert (await browser.ask(f"{path}/take-down"))[0] == 404


async def test_what_was_asked_of_members_goes_from_their_homes_and_is_shown_gone_to_them_alone(
    world, care, remote
):
    green = await found(world, "green")
    await join(green, care, green.member)
    poll = await ask(care, public=False)
    await green.act(service.vote, poll, [1], viewer=green.viewer(green.member))
    await world.settle()
    await care.act(service.take_down, poll)
    await world.settle()
    for one in (care, green):
        page = await seen(one)
        assert (page.open, page.over, await votes_kept(one)) == ((), (), [])
    eve = remote.actor("eve")
    assert (await remote.get(poll, signer=eve))[0] == 404
    assert (await (await care.browser()).ask(poll))[0] == 404
    assert (await (await care.browser(care.member)).ask(poll))[0] == 410


async def test_nothing_is_left_in_lists_and_among_what_people_were_told(care):
    poll = await ask(care, text="Tea or coffee?")
    member = await care.browser(care.member)
    await care.act(service.vote, poll, [0], viewer=care.viewer(care.member))
    assert "Tea or coffee?" in (await member.ask("/notices"))[2]
    await care.act(service.take_down, poll)
    await care.world.settle()
    for path in ("/notices", "/polls", care.group):
        assert "Tea or coffee?" not in (await member.ask(path))[2]
    assert await votes_kept(care) == []
    care.world.clock.advance(days=40)
    await care.world.settle()
    assert (await seen(care)).over == ()


async def test_answers_that_come_later_are_not_counted(care, remote):
    poll, eve = await ask(care), remote.actor("eve")
    await care.act(service.take_down, poll)
    note = answer(remote, eve, poll)
    assert await send(care, remote, "Create", eve, note, signer=eve) == 202
    with pytest.raises(Conflict, match="taken down"):
        await care.act(service.vote, poll, [0], viewer=care.viewer(care.member))
    assert await votes_kept(care) == []
    await care.act(service.close, poll)
    await care.world.settle()
    assert said(remote, "Update") == []


async def test_only_a_leader_takes_down_after_she_was_asked_whether_she_is_sure(care):
    poll = await ask(care)
    path = poll.removeprefix(care.origin)
    with pytest.raises(NotFound):
        await care.act(service.take_down, poll, viewer=care.viewer(care.member))
    member, leader = await care.browser(care.member), await care.browser(care.leader)
    assert (await member.ask(f"{path}/take-down"))[0] == 404
    assert (await member.ask(f"{path}/take-down", {}))[0] == 404
    assert f"{path}/take-down" in (await leader.ask(path))[2]
    status, _, text = await leader.ask(f"{path}/take-down")
    assert (status, "This cannot be undone" in text) == (200, True)
    for _ in range(2):
        assert (await leader.ask(f"{path}/take-down", {}))[0] == 303
    assert (await leader.ask(path))[0] == 410


async def test_a_deleted_poll_of_others_does_not_come_back_by_what_was_late(care, remote, green):
    await hear(care, remote, green)
    gone = {"id": f"{remote.origin}/polls/1", "type": "Tombstone", "formerType": "Question"}
    assert "Sundays" in (await (await care.browser(care.member)).ask("/polls"))[2]
    await hear(care, remote, green, gone, kind="Delete", again=True)
    await hear(care, remote, green, question(remote, green, votes=(9, 9)), kind="Update")
    assert await open_polls(care) == ()
    care.world.clock.advance(days=31)
    await care.world.settle()
    async with care.database.reading() as tx:
        connection = await tx.session.connection()
        assert (await connection.exec_driver_sql("SELECT count(*) FROM polls")).scalar() == 0
