"""Answers from any server: once for each actor, while it is open, and never an enquiry."""

from __future__ import annotations

import asyncio

import pytest

from instance.enquiries import service as enquiries
from instance.errors import Conflict, Invalid, NotFound
from instance.network import service as network
from instance.polls import service
from tests.instance.jobs.commune import found
from tests.instance.polls.asking import answer, ask, counts, seen, send, votes_kept


async def totals(care):
    [poll] = (await seen(care)).open
    return counts(poll), poll.voters


async def enquiries_of(care):
    async with care.database.reading() as tx:
        return (await enquiries.enquiries(tx, care.viewer())).asked_of_us


async def test_an_answer_counts_once_however_often_it_comes(care, remote):
    poll, eve = await ask(care), remote.actor("eve")
    note = answer(remote, eve, poll)
    assert await send(care, remote, "Create", eve, note, signer=eve, again=True) == 202
    assert await totals(care) == ({"Saturday": 0, "Sunday": 1, "Neither": 0}, 1)
    await send(care, remote, "Create", eve, {**note, "id": f"{eve}#2"}, signer=eve)
    other = answer(remote, eve, poll, "Saturday", number=3)
    await send(care, remote, "Create", eve, other, signer=eve)
    await send(care, remote, "Update", eve, {**note, "name": "Saturday"}, signer=eve)
    assert await totals(care) == ({"Saturday": 0, "Sunday": 1, "Neither": 0}, 1)
    assert await enquiries_of(care) == ()


async def test_an_answer_that_its_giver_did_not_sign_is_refused(care, remote):
    poll, eve, bob = await ask(care), remote.actor("eve"), remote.actor("bob")
    note = answer(remote, eve, poll)
    for signer in (None, bob):
        assert await send(care, remote, "Create", eve, note, signer=signer) == 401
        assert await send(care, remote, "Update", eve, note, signer=signer) == 401
    await send(care, remote, "Create", bob, note, signer=bob)
    assert (await totals(care))[1] == 0


async def test_several_choices_are_several_answers_of_one_actor(care, remote):
    poll, eve = await ask(care, several=True), remote.actor("eve")
    for number, choice in enumerate(("Saturday", "Sunday", "Sunday")):
        note = answer(remote, eve, poll, choice, number=number)
        await send(care, remote, "Create", eve, note, signer=eve)
    assert await totals(care) == ({"Saturday": 1, "Sunday": 1, "Neither": 0}, 1)


@pytest.mark.parametrize("more", [{"content": None}, {"content": ""}, {"name": " Sunday "}])
async def test_answers_are_understood_as_servers_write_them(care, remote, more):
    poll, eve = await ask(care), remote.actor("eve")
    note = answer(remote, eve, poll, **more)
    await send(care, remote, "Create", eve, note, signer=eve)
    assert (await totals(care))[0]["Sunday"] == 1


async def test_what_is_no_choice_or_no_poll_here_counts_for_nothing_and_is_no_enquiry(care, remote):
    poll, job, eve = await ask(care), await care.post(), remote.actor("eve")
    for number, (about, choice) in enumerate(
        ((poll, "Monday"), (job, "Sunday"), (f"{care.origin}/polls/none", "Sunday"))
    ):
        note = answer(remote, eve, about, choice, number=number)
        assert await send(care, remote, "Create", eve, note, signer=eve) == 202
    assert (await totals(care))[1] == 0
    assert await enquiries_of(care) == ()


async def test_nobody_answers_after_the_end(care, remote):
    poll, eve = await ask(care), remote.actor("eve")
    care.world.clock.advance(days=2)
    await send(care, remote, "Create", eve, answer(remote, eve, poll), signer=eve)
    with pytest.raises(Conflict):
        await care.act(service.vote, poll, [0], viewer=care.viewer(care.member))
    assert [one.voters for one in (await seen(care)).over] == [0]


async def test_limited_strangers_are_not_counted(care, remote):
    poll, eve = await ask(care), remote.actor("eve")
    async with care.database.transaction() as tx:
        await network.decide(tx, "remote.test", network.Standing.LIMITED, "Loud.")
    await send(care, remote, "Create", eve, answer(remote, eve, poll), signer=eve)
    assert (await totals(care))[1] == 0


@pytest.mark.parametrize("chosen", [[], [3], [-1], [0, 1]])
async def test_people_here_choose_what_there_is(care, chosen):
    poll = await ask(care)
    with pytest.raises(Invalid):
        await care.act(service.vote, poll, chosen, viewer=care.viewer(care.member))
    assert await votes_kept(care) == []


async def test_people_here_answer_once_and_only_what_they_were_asked(care, remote):
    poll = await ask(care, several=True)
    await care.act(service.vote, poll, [0, 1], viewer=care.viewer(care.member))
    with pytest.raises(Conflict):
        await care.act(service.vote, poll, [2], viewer=care.viewer(care.member))
    with pytest.raises(NotFound):
        await care.act(service.vote, f"{care.origin}/polls/none", [0])
    assert await totals(care) == ({"Saturday": 1, "Sunday": 1, "Neither": 0}, 1)
    [mine] = (await seen(care)).open
    assert [one.mine for one in mine.choices] == [True, True, False]


async def test_there_is_an_end_to_how_many_are_counted(care, remote, monkeypatch):
    monkeypatch.setattr("instance.polls.voting.MOST_VOTERS", 1)
    poll = await ask(care)
    for name in ("eve", "bob"):
        voter = remote.actor(name)
        await send(care, remote, "Create", voter, answer(remote, voter, poll), signer=voter)
    assert (await totals(care))[1] == 1


async def test_two_taps_at_once_are_one_answer_and_the_end_leaves_counts_alone(any_world):
    care = await found(any_world)
    poll, member = await ask(care), care.viewer(care.member)
    taps = [care.act(service.vote, poll, [choice], viewer=member) for choice in (0, 1)]
    outcomes = await asyncio.gather(*taps, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Conflict", "NoneType"]
    found_counts, voters = await totals(care)
    assert (sum(found_counts.values()), voters) == (1, 1)

    any_world.clock.advance(days=2)
    await any_world.settle()
    assert await votes_kept(care) == []
    assert [sum(counts(one).values()) for one in (await seen(care)).over] == [1]
