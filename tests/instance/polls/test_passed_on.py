"""A poll that a followed group passes on is shown, answered at its author's, and goes again."""

from __future__ import annotations

import pytest

from federation import PUBLIC
from instance.errors import NotFound
from instance.network import service as network
from instance.polls import service
from instance.polls.views import NewPoll
from tests.instance.follows.test_following import follow
from tests.instance.polls.asking import counts, question, seen, send, votes_kept
from tests.instance.polls.test_asking import said
from tests.instance.polls.test_hearing import green, open_polls

__all__ = ["green"]  # a fixture


@pytest.fixture
async def third(world):
    """A third server, where Bob asks everybody something."""
    server = await world.remote("third")
    server.documents["/polls/1"] = question(server, server.actor("bob"))
    return server


@pytest.fixture
def bob(third):
    return f"{third.origin}/users/bob"


def announce(remote, group, third, path="/polls/1"):
    return remote.activity("Announce", group, f"{third.origin}{path}", to=[PUBLIC])


async def post(care, remote, activity, signer=None):
    status = await remote.post(f"{care.origin}/inbox", activity, signer=signer)
    await care.world.settle()
    return status


async def polls_kept(care):
    async with care.database.reading() as tx:
        connection = await tx.session.connection()
        return (await connection.exec_driver_sql("SELECT count(*) FROM polls")).scalar()


async def test_it_is_shown_with_who_passed_it_on_to_who_follows_and_once(
    care, remote, green, third
):
    said_so = announce(remote, green, third)
    for _ in range(2):
        assert await post(care, remote, said_so, green) == 202
    [poll] = await open_polls(care)
    assert (poll.text, poll.shared_by) == ("Shall we open on Sundays?", "Green")
    assert (poll.group_name, counts(poll)) == ("bob@third.test", {"Yes": 3, "No": 1})
    assert await open_polls(care, care.leader) == ()
    text = (await (await care.browser(care.member)).ask("/polls"))[2]
    assert "Passed on by Green" in text
    assert "with your handle to bob@third.test" in text


async def test_who_did_not_sign_or_is_not_followed_passes_nothing_on_and_takes_nothing_back(
    care, remote, green, third
):
    eve = remote.actor("eve", kind="Group")
    said_so = announce(remote, green, third)
    for signer in (None, eve):
        assert await post(care, remote, said_so, signer) == 401
    assert await post(care, remote, announce(remote, eve, third), eve) == 202
    assert (await open_polls(care), await polls_kept(care)) == ((), 0)

    await post(care, remote, said_so, green)
    undo = remote.activity("Undo", green, said_so, to=[PUBLIC])
    for signer in (None, eve):
        assert await post(care, remote, undo, signer) == 401
    await post(care, remote, remote.activity("Undo", eve, said_so, to=[PUBLIC]), eve)
    assert len(await open_polls(care)) == 1


async def test_it_goes_when_nobody_passes_it_on_any_more(care, remote, green, third):
    blue = remote.actor("blue", kind="Group")
    await follow(care, blue, care.leader, "Blue")
    passed = [(one, announce(remote, one, third)) for one in (green, blue)]
    for group, said_so in passed:
        await post(care, remote, said_so, group)
    for (group, said_so), left in zip(passed, (1, 0), strict=True):
        undo = remote.activity("Undo", group, said_so, to=[PUBLIC])
        for _ in range(2):
            assert await post(care, remote, undo, group) == 202
        assert (await open_polls(care), await polls_kept(care)) == ((), left)


async def test_what_people_here_are_asked_all_the_same_stays(care, remote, green, third):
    blue = third.actor("blue", kind="Group")
    await follow(care, blue, name="Blue")
    third.documents["/polls/2"] = question(third, blue, number=2)
    said_so = announce(remote, green, third, "/polls/2")
    await post(care, remote, said_so, green)
    assert [(one.group_name, one.shared_by) for one in await open_polls(care)] == [("Blue", "")]
    await post(care, remote, remote.activity("Undo", green, said_so, to=[PUBLIC]), green)
    assert len(await open_polls(care)) == 1


async def test_its_author_gets_the_answer_and_his_word_on_it_counts(
    care, remote, green, third, bob
):
    await post(care, remote, announce(remote, green, third), green)
    [poll] = await open_polls(care)
    with pytest.raises(NotFound):
        await care.act(service.vote, poll.iri, [0])
    await care.act(service.vote, poll.iri, [0], viewer=care.viewer(care.member))
    await care.world.settle()
    [create] = said(third, "Create")
    assert (create["to"], create["object"]["name"]) == ([bob], "Yes")
    assert said(remote, "Create") == []

    newer = question(third, bob, votes=(4, 1))
    for sender, signer in ((third.actor("eve"), third.actor("eve")), (bob, bob)):
        await send(care, third, "Update", sender, newer, signer=signer, again=True, to=[PUBLIC])
    [poll] = await open_polls(care)
    assert (counts(poll), poll.answered) == ({"Yes": 4, "No": 1}, True)
    gone = {"id": poll.iri, "type": "Tombstone", "formerType": "Question"}
    await send(care, third, "Delete", bob, gone, signer=bob, again=True, to=[PUBLIC])
    assert (await open_polls(care), await votes_kept(care)) == ((), [])
    await post(care, remote, announce(remote, green, third), green)
    assert await open_polls(care) == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"attributedTo": "http://remote.test/users/green"},
        {"id": "http://third.test/polls/other"},
        {"to": ["http://care.test/users/x"], "cc": []},
        {"oneOf": [{"type": "Note", "name": "Only one"}]},
        {"endTime": "2026-11-01T09:00:00Z", "published": "2026-10-01T09:00:00Z"},
        {"type": "Note"},
    ],
)
async def test_what_is_no_poll_for_everybody_of_its_own_host_is_not_kept(
    care, remote, green, third, wrong
):
    third.documents["/polls/1"] |= wrong
    assert await post(care, remote, announce(remote, green, third), green) == 202
    assert await polls_kept(care) == 0


@pytest.mark.parametrize("standing", ["BLOCKED", "LIMITED"])
async def test_who_is_blocked_or_limited_here_asks_nobody_by_way_of_others(
    care, remote, green, third, bob, standing
):
    async def decide(about):
        async with care.database.transaction() as tx:
            await network.decide(tx, about, network.Standing[standing], "Loud.")

    await decide(bob)
    await post(care, remote, announce(remote, green, third), green)
    assert (await open_polls(care), await polls_kept(care)) == ((), 0)


async def test_one_of_ours_that_comes_back_is_named_once_and_answered_here(care, remote, green):
    poll = await care.act(service.ask, care.group, NewPoll(**ours(care)))
    await post(care, remote, remote.activity("Announce", green, poll, to=[PUBLIC]), green)
    [one] = (await seen(care)).open
    assert (one.iri, one.shared_by, one.href != "") == (poll, "", True)


def ours(care):
    return {"text": "Tea?", "choices": ("Yes", "No"), "ends": care.now + service.LONGEST}
