"""A leader asks, everybody it is for hears it, and at its end only the counts are left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from federation import PUBLIC
from instance.errors import Invalid, NotFound
from instance.polls import service
from tests.instance.jobs.commune import found, join
from tests.instance.polls.asking import answer, ask, counts, seen, send, votes_kept

DOCUMENT = {"Accept": "application/activity+json"}


def said(remote, kind):
    """Return what was said, however many inboxes of one server it went to."""
    return list({one["id"]: one for one in remote.received if one["type"] == kind}.values())


async def test_followers_read_a_question_as_mastodon_writes_one(care, remote):
    eve = remote.actor("eve")
    await send(care, remote, "Follow", eve, care.group, signer=eve)
    poll = await ask(care)

    [create] = said(remote, "Create")
    asked = create["object"]
    assert (create["actor"], asked["type"], asked["id"]) == (care.group, "Question", poll)
    assert (asked["to"], asked["cc"]) == ([PUBLIC], [f"{care.group}/followers"])
    assert [one["name"] for one in asked["oneOf"]] == ["Saturday", "Sunday", "Neither"]
    assert {one["replies"]["totalItems"] for one in asked["oneOf"]} == {0}
    assert (asked["votersCount"], "closed" in asked, "anyOf" in asked) == (0, False, False)
    assert asked["endTime"] == "2027-01-06T08:00:00Z"
    assert asked["content"] == "<p>Which day suits you for the general meeting?</p>"

    browser = await care.browser()
    status, headers, text = await browser.ask(poll.removeprefix(care.origin), **DOCUMENT)
    assert (status, headers["Content-Type"]) == (200, "application/activity+json")
    assert '"type":"Question"' in text


async def test_counts_are_told_together_and_once_more_at_the_end(care, remote):
    poll = await ask(care)
    voters = [remote.actor(name) for name in ("eve", "bob", "kim")]
    for voter in voters:
        await send(care, remote, "Create", voter, answer(remote, voter, poll), signer=voter)
    assert said(remote, "Update") == []
    care.world.clock.advance(minutes=3)
    await care.world.settle()
    [update] = said(remote, "Update")
    assert [one["replies"]["totalItems"] for one in update["object"]["oneOf"]] == [0, 3, 0]
    assert (update["object"]["votersCount"], "closed" in update["object"]) == (3, False)

    care.world.clock.advance(days=2)
    await care.world.settle()
    last = said(remote, "Update")[-1]["object"]
    assert (len(said(remote, "Update")), last["closed"]) == (2, last["endTime"])
    assert await votes_kept(care) == []
    [over] = (await seen(care)).over
    assert counts(over) == {"Saturday": 0, "Sunday": 3, "Neither": 0}
    await care.world.settle()
    assert len(said(remote, "Update")) == 2
    assert not any(voter in str(said(remote, "Update")) for voter in voters)


async def test_a_leader_closes_before_the_time_and_nobody_answers_then(care, remote):
    poll, eve = await ask(care), remote.actor("eve")
    await send(care, remote, "Create", eve, answer(remote, eve, poll), signer=eve)
    with pytest.raises(NotFound):
        await care.act(service.close, poll, viewer=care.viewer(care.member))
    for _ in range(2):
        await care.act(service.close, poll)
    await care.world.settle()
    [update] = said(remote, "Update")
    assert update["object"]["closed"] == "2027-01-04T08:00:00Z"
    await send(care, remote, "Create", eve, answer(remote, eve, poll, number=2), signer=eve)
    assert counts((await seen(care)).over[0])["Sunday"] == 1


async def test_members_on_other_servers_are_asked_home_by_home_and_answer_once(world, care):
    green = await found(world, "green")
    await join(green, care, green.member)
    poll = await ask(care, public=False)
    [there] = (await seen(green)).open
    assert (there.iri, there.group_name) == (poll, "Care Commune")
    await green.act(service.vote, poll, [1], viewer=green.viewer(green.member))
    await care.act(service.vote, poll, [0], viewer=care.viewer(care.member))
    await world.settle()
    world.clock.advance(minutes=4)
    await world.settle()
    for one in (care, green):
        [poll_there] = (await seen(one)).open
        assert counts(poll_there) == {"Saturday": 1, "Sunday": 1, "Neither": 0}
    assert (await seen(green, green.leader, ())).open == ()
    world.clock.advance(days=2)
    await world.settle()
    assert [one.voters for one in (await seen(green)).over] == [2]
    assert await votes_kept(care) + await votes_kept(green) == []


async def test_what_is_asked_of_members_is_for_nobody_else(care, remote):
    eve = remote.actor("eve")
    await send(care, remote, "Follow", eve, care.group, signer=eve)
    poll = await ask(care, public=False)
    assert said(remote, "Create") == []
    assert (await remote.get(poll, signer=eve))[0] == 404
    assert (await (await care.browser()).ask(poll))[0] == 404
    await send(care, remote, "Create", eve, answer(remote, eve, poll), signer=eve)
    assert [one.voters for one in (await seen(care)).open] == [0]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"choices": ("One",)}, "choices.1"),
        ({"choices": ("Yes", "No", "yes ")}, "choices.2"),
        ({"choices": (" ", "Yes")}, "choices.0"),
        ({"choices": tuple(map(str, range(9)))}, "choices.7"),
        ({"choices": ("Yes", "n" * 101)}, "choices.1"),
    ],
)
async def test_a_question_that_cannot_be_answered_is_not_asked_and_its_fault_named(
    care, wrong, field
):
    with pytest.raises(Invalid) as refused:
        await ask(care, **wrong)
    assert refused.value.field == field


@pytest.mark.parametrize("lasts", [timedelta(minutes=4), timedelta(days=32), -timedelta(days=1)])
async def test_a_question_ends_within_a_month(care, lasts):
    with pytest.raises(Invalid):
        await ask(care, ends=care.now + lasts)


async def test_only_a_leader_asks_and_her_members_are_told(care):
    member = await care.browser(care.member)
    fields = {"text": "Tea or coffee?", "choices.0": "Tea", "choices.1": "Coffee", "choices.2": ""}
    assert (await member.ask("/polls/new"))[0] == 404
    assert (await member.ask("/polls", fields))[0] in {404, 422}
    leader = await care.browser(care.leader)
    assert (await leader.ask("/polls", {**fields, "choices.1": "tea"}))[0] == 422
    status, headers, _ = await leader.ask("/polls", fields)
    assert status == 303
    await care.world.settle()
    assert "Tea or coffee?" in (await leader.ask(headers["Location"]))[2]
    assert "Tea or coffee?" in (await member.ask("/notices"))[2]

    [poll] = (await seen(care)).open
    assert (await member.ask("/polls/vote", {"poll": poll.iri}))[0] == 422
    assert (await member.ask("/polls/vote", {"poll": poll.iri, "choices[]": "0"}))[0] == 303
    assert (await member.ask("/polls/vote", {"poll": poll.iri, "choices[]": "1"}))[0] == 422
    assert (await leader.ask(f"{headers['Location']}/close", {}))[0] == 303
    [poll] = (await seen(care)).over
    assert counts(poll) == {"Tea": 1, "Coffee": 0}
    status, _, text = await member.ask("/polls/over.choices.csv")
    assert (status, "Coffee" in text) == (200, True)
