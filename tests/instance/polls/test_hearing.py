"""Polls of other servers are shown to those who follow or belong, who answer with one tap."""

from __future__ import annotations

import pytest

from federation import PUBLIC
from instance.errors import NotFound
from instance.polls import service
from tests.instance.follows.test_following import follow
from tests.instance.polls.asking import counts, question, seen, send, votes_kept


@pytest.fixture
async def green(care, remote):
    group = remote.actor("green", kind="Group")
    await follow(care, group)
    return group


async def hear(care, remote, group, document=None, *, kind="Create", **more):
    more = {"signer": group, "to": [PUBLIC], **more}
    return await send(care, remote, kind, group, document or question(remote, group), **more)


async def open_polls(care, person=None):
    return (await seen(care, person)).open


async def test_a_followed_groups_poll_is_shown_once_with_its_counts(care, remote, green):
    assert await hear(care, remote, green, again=True) == 202
    [poll] = await open_polls(care)
    assert (poll.text, poll.group_name, poll.several) == (
        "Shall we open on Sundays?",
        "Green",
        False,
    )
    assert (counts(poll), poll.voters) == ({"Yes": 3, "No": 1}, 4)
    assert [one.percent for one in poll.choices] == [75, 25]
    assert await open_polls(care, care.leader) == ()
    text = (await (await care.browser(care.member)).ask("/polls"))[2]
    assert "Shall we open on Sundays?" in text


@pytest.mark.parametrize("kind", ["Create", "Update", "Delete"])
async def test_a_poll_that_its_group_did_not_sign_is_refused(care, remote, green, kind):
    eve = remote.actor("eve", kind="Group")
    for signer in (None, eve):
        assert await hear(care, remote, green, kind=kind, signer=signer) == 401
    await send(care, remote, kind, eve, question(remote, green), signer=eve)
    assert await open_polls(care) == ()


async def test_newer_counts_take_the_place_of_older_ones(care, remote, green):
    await hear(care, remote, green)
    newer = question(remote, green, votes=(5, 5))
    await hear(care, remote, green, newer, kind="Update", again=True)
    assert counts((await open_polls(care))[0]) == {"Yes": 5, "No": 5}
    older = {"published": "2027-01-04T07:00:00Z"}
    await hear(care, remote, green, question(remote, green), kind="Update", **older)
    assert counts((await open_polls(care))[0]) == {"Yes": 5, "No": 5}
    over = question(remote, green, closed="2027-01-04T07:30:00Z", votes=(6, 5))
    await hear(care, remote, green, over, kind="Update")
    page = await seen(care)
    assert (page.open, counts(page.over[0])) == ((), {"Yes": 6, "No": 5})


async def test_a_member_answers_with_one_tap_and_only_the_group_learns_it(care, remote, green):
    await hear(care, remote, green)
    [poll] = await open_polls(care)
    browser = await care.browser(care.member)
    assert (await browser.ask("/polls/vote", {"poll": poll.iri, "choices[]": "1"}))[0] == 303
    await care.world.settle()
    [create] = [one for one in remote.received if one["type"] == "Create"]
    note = create["object"]
    assert (create["actor"], create["to"], note["name"]) == (care.member, [green], "No")
    assert (note["inReplyTo"], "content" in note, note["type"]) == (poll.iri, False, "Note")
    [poll] = await open_polls(care)
    assert ([one.mine for one in poll.choices], poll.answered) == ([False, True], True)
    assert (await browser.ask("/polls/vote", {"poll": poll.iri, "choices[]": "0"}))[0] == 422
    with pytest.raises(NotFound):
        await care.act(service.vote, poll.iri, [0])

    care.world.clock.advance(days=3)
    await care.world.settle()
    assert await votes_kept(care) == []
    care.world.clock.advance(days=31)
    await care.world.settle()
    assert (await seen(care)).over == ()


async def test_several_choices_are_sent_one_by_one(care, remote, green):
    await hear(care, remote, green, question(remote, green, kind="anyOf", votersCount=3))
    [poll] = await open_polls(care)
    assert (poll.several, poll.voters) == (True, 3)
    await care.act(service.vote, poll.iri, [0, 1], viewer=care.viewer(care.member))
    await care.world.settle()
    sent = [one["object"] for one in remote.received if one["type"] == "Create"]
    assert {one["name"] for one in sent} == {"Yes", "No"}
    assert len({one["id"] for one in sent}) == 2


@pytest.mark.parametrize("by_id", [True, False])
async def test_a_deleted_poll_is_gone_and_only_its_group_deletes_it(care, remote, green, by_id):
    await hear(care, remote, green)
    document = question(remote, green)
    inner = document["id"] if by_id else {"id": document["id"], "type": "Tombstone"}
    eve = remote.actor("eve", kind="Group")
    await hear(care, remote, eve, inner, kind="Delete")
    assert len(await open_polls(care)) == 1
    await hear(care, remote, green, inner, kind="Delete")
    assert await open_polls(care) == ()


async def test_choices_that_changed_are_chosen_anew(care, remote, green):
    await hear(care, remote, green)
    [poll] = await open_polls(care)
    await care.act(service.vote, poll.iri, [0], viewer=care.viewer(care.member))
    other = question(remote, green)
    other["oneOf"][0]["name"] = "Rather not"
    await hear(care, remote, green, other, kind="Update")
    [poll] = await open_polls(care)
    assert (poll.answered, counts(poll)) == (False, {"Rather not": 3, "No": 1})


async def test_what_nobody_here_follows_or_was_sent_to_few_is_not_kept(care, remote, green):
    eve = remote.actor("eve", kind="Group")
    await hear(care, remote, eve)
    few = question(remote, green, to=[care.member], cc=[])
    await send(care, remote, "Create", green, few, signer=green)
    async with care.database.reading() as tx:
        connection = await tx.session.connection()
        assert (await connection.exec_driver_sql("SELECT count(*) FROM polls")).scalar() == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"oneOf": [{"type": "Note", "name": "Only one"}]},
        {"oneOf": [{"type": "Note", "name": str(one)} for one in range(21)]},
        {"oneOf": [{"type": "Note", "name": "Same"}, {"type": "Note", "name": "Same"}]},
        {"oneOf": ["Yes", "No"]},
        {"oneOf": None},
        {"votersCount": -1},
        {"votersCount": "many"},
        {"endTime": "soon"},
    ],
)
async def test_odd_polls_are_not_kept(care, remote, green, wrong):
    assert await hear(care, remote, green, question(remote, green, **wrong)) == 202
    assert await open_polls(care) == ()


async def test_a_group_asks_only_so_much(care, remote, green, monkeypatch):
    monkeypatch.setattr("instance.polls.hearing.MOST_OF_A_GROUP", 1)
    for number in (1, 2):
        await hear(care, remote, green, question(remote, green, number=number))
    assert len(await open_polls(care)) == 1
