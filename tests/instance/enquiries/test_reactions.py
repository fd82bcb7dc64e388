"""Likes and boosts of a job's post are counted, and taken back; nobody is kept by name."""

from __future__ import annotations

import pytest

from tests.instance.enquiries.asking import reactions, tell

COUNTED = [("Like", (1, 0)), ("EmojiReact", (1, 0)), ("Announce", (0, 1))]


@pytest.mark.parametrize(("kind", "counted"), COUNTED)
async def test_a_reaction_counts_once_and_no_more_when_taken_back(care, remote, kind, counted):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    _, liked = await tell(care, remote, kind, eve, job, signer=eve, again=True)
    await tell(care, remote, kind, eve, {"id": job, "type": "Note"}, signer=eve)
    assert await reactions(care, job) == counted

    await tell(care, remote, "Undo", bob, liked, signer=bob)
    assert (await tell(care, remote, "Undo", eve, liked, signer=bob))[0] == 401
    assert (await tell(care, remote, "Undo", eve, liked))[0] == 401
    assert await reactions(care, job) == counted
    await tell(care, remote, "Undo", eve, liked, signer=eve, again=True)
    assert await reactions(care, job) == (0, 0)


@pytest.mark.parametrize(("kind", "counted"), COUNTED)
async def test_an_unsigned_or_forged_reaction_counts_for_nothing(care, remote, kind, counted):
    job, eve, bob = await care.post(), remote.actor("eve"), remote.actor("bob")
    assert (await tell(care, remote, kind, eve, job))[0] == 401
    assert (await tell(care, remote, kind, eve, job, signer=bob))[0] == 401
    assert await reactions(care, job) == (0, 0)
    await tell(care, remote, kind, bob, job, signer=bob)
    assert await reactions(care, job) == counted


async def test_an_undo_that_overtakes_its_like_is_remembered(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    like = {"id": f"{remote.origin}/likes/1", "type": "Like", "actor": eve, "object": job}
    await tell(care, remote, "Undo", eve, like, signer=eve)
    assert await remote.post(f"{care.origin}/inbox", like, signer=eve) == 202
    await care.world.settle()
    assert await reactions(care, job) == (0, 0)


async def test_a_reaction_to_something_else_changes_nothing(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    for kind, _ in COUNTED:
        await tell(care, remote, kind, eve, f"{care.origin}/jobs/none", signer=eve)
        await tell(care, remote, kind, eve, care.group, signer=eve)
    assert await reactions(care, job) == (0, 0)
