"""An administrator blocks and limits with a reason, takes it back, and the log says so."""

from __future__ import annotations

import pytest

from instance.network import service as network
from instance.transparency import service as transparency

SPAM = {"subject": "remote.test", "standing": "blocked", "reason": "Spam since Monday."}


async def follow(world, care, remote, ana):
    said = remote.activity("Follow", ana, care.group)
    status = await remote.post(f"{care.origin}/inbox", said, signer=ana)
    await world.settle()
    return status


async def followers(care):
    async with care.database.reading() as tx:
        return await tx.federation.store.peers.count_followers(tx, care.group)


async def test_a_server_is_blocked_on_a_page_and_let_in_again(world, care, remote, ana, mei):
    assert await follow(world, care, remote, ana) == 202
    assert await followers(care) == 1

    status, _, _ = await mei.ask("/moderation", SPAM)
    assert status == 303
    assert await follow(world, care, remote, ana) == 403
    assert await followers(care) == 0
    assert (await remote.get(care.group, signer=ana))[0] == 403
    assert (await remote.get(f"{care.group}/outbox", signer=ana))[0] == 403

    _, _, page = await mei.ask("/moderation")
    assert "Spam since Monday." in page
    status, _, _ = await mei.ask("/moderation/lift", {"subject": "remote.test"})
    assert status == 303
    assert await follow(world, care, remote, ana) == 202


async def test_one_account_is_blocked_and_its_neighbours_are_not(
    world, care, remote, ana, mei, spare_keys
):
    bo = remote.actor("bo", spare_keys[1])
    await mei.ask("/moderation", {**SPAM, "subject": ana})

    assert await follow(world, care, remote, ana) == 403
    assert await follow(world, care, remote, bo) == 202


async def test_what_is_decided_stands_in_the_log_and_the_reason_does_not(care, ana, mei):
    await mei.ask("/moderation", SPAM)
    await mei.ask("/moderation", {**SPAM, "subject": ana, "standing": "limited"})
    await mei.ask("/moderation/lift", {"subject": "remote.test"})
    stranger = await care.browser()

    _, _, log = await stranger.ask("/transparency")

    assert "remote.test was blocked." in log
    assert "An account elsewhere was limited." in log
    assert "What was decided about remote.test was taken back." in log
    assert "Spam since Monday." not in log
    assert ana not in log
    async with care.database.reading() as tx:
        assert (await transparency.verify(tx)).holds
        assert len(await transparency.about(tx, ana)) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": " "}, "Say why"),
        ({"subject": "care.test"}, "Write a domain"),
        ({"subject": "test"}, "Write a domain"),
        ({"subject": "not a domain"}, "Write a domain"),
        ({"subject": "javascript:alert(1)"}, "Write a domain"),
        ({"standing": "drowned"}, "standing"),
    ],
)
async def test_what_cannot_be_decided_is_refused_with_what_was_entered(mei, change, words):
    status, _, page = await mei.ask("/moderation", SPAM | change)

    assert status == 422
    assert words in page
    assert "Spam since Monday." in page or change.get("reason") == " "


async def test_nobody_takes_back_what_was_not_decided(mei):
    assert (await mei.ask("/moderation/lift", {"subject": "remote.test"}))[0] == 404


async def test_a_new_decision_takes_the_place_of_the_former(care, mei):
    await mei.ask("/moderation", SPAM)
    await mei.ask("/moderation", {**SPAM, "standing": "limited", "reason": "Better now."})

    async with care.database.reading() as tx:
        [one] = await network.decisions(tx)
    assert (one.standing, one.reason) == ("limited", "Better now.")


async def test_the_peers_page_says_who_is_blocked(world, care, remote, ana, mei, shown):
    await follow(world, care, remote, ana)
    await mei.ask("/moderation", SPAM)

    [peer] = (await shown("/peers.json"))["peers"]
    assert peer["standing"] == "blocked"
