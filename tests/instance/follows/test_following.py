"""People follow groups anywhere by address, read their public jobs, and stop."""

from __future__ import annotations

import pytest

from federation import PUBLIC, Iri
from federation.synchronizing import stating
from instance.errors import Invalid
from instance.follows import service
from instance.network import service as network
from tests.instance.jobs.commune import found
from tests.instance.jobs.test_wire import a_job, tell


async def seen(care, person=None):
    async with care.database.reading() as tx:
        return await service.followed(tx, care.viewer(person or care.member))


async def follow(care, group, person=None, name="Green"):
    viewer = care.viewer(person or care.member)
    await care.act(service.follow, Iri(group), name, "green@remote.test", viewer=viewer)
    await care.world.settle()


def said(remote, kind):
    return [one for one in remote.received if one["type"] == kind]


def titles(page):
    return [one.job.posting.title for one in page.jobs]


def states(page):
    return [one.state.value for one in page.groups]


@pytest.fixture
async def green(care, remote):
    group = remote.actor("green", kind="Group")
    await follow(care, group)
    return group


async def answer(care, remote, kind, group, **more):
    """Answer the Follow; returns the status."""
    [asked] = said(remote, "Follow")
    inner = more.pop("inner", asked)
    said_so = remote.activity(kind, group, inner)
    status = await remote.post(f"{care.origin}/inbox", said_so, **more)
    await care.world.settle()
    return status, said_so


async def test_only_the_co_op_is_seen_to_follow_and_once_for_all_its_people(care, remote, green):
    await follow(care, green, care.leader)
    [asked] = said(remote, "Follow")
    assert (asked["actor"], asked["object"]) == (network.instance_actor(care.origin), green)
    assert care.member not in str(remote.received) + str(remote.requests)

    await care.act(service.unfollow, green, viewer=care.viewer(care.member))
    await care.world.settle()
    assert said(remote, "Undo") == []
    await care.act(service.unfollow, green)
    await care.world.settle()
    [undone] = said(remote, "Undo")
    assert (undone["object"]["id"], undone["object"]["type"]) == (asked["id"], "Follow")


@pytest.mark.parametrize(("kind", "state"), [("Accept", "accepted"), ("Reject", "refused")])
@pytest.mark.parametrize("by_id", [False, True])
async def test_the_groups_answer_is_shown(care, remote, green, kind, state, by_id):
    inner = {"inner": said(remote, "Follow")[0]["id"]} if by_id else {}
    status, same = await answer(care, remote, kind, green, signer=green, **inner)
    assert (status, states(await seen(care))) == (202, [state])
    assert await remote.post(f"{care.origin}/inbox", same, signer=green) == 202
    await care.world.settle()
    assert states(await seen(care)) == [state]


@pytest.mark.parametrize("kind", ["Accept", "Reject"])
async def test_an_answer_of_somebody_else_or_unsigned_counts_for_nothing(care, remote, green, kind):
    eve = remote.actor("eve", kind="Group")
    assert (await answer(care, remote, kind, green))[0] == 401
    assert (await answer(care, remote, kind, green, signer=eve))[0] == 401
    assert (await answer(care, remote, kind, eve, signer=eve))[0] == 202
    assert states(await seen(care)) == ["asked"]


async def test_who_was_refused_may_ask_again(care, remote, green):
    await answer(care, remote, "Reject", green, signer=green)
    await follow(care, green)
    first, second = said(remote, "Follow")
    assert first["id"] != second["id"]
    assert states(await seen(care)) == ["asked"]


async def test_public_jobs_of_a_followed_group_come_change_and_go(care, remote, green):
    job = a_job(remote, green)
    await tell(care, remote, "Create", green, job, signer=green)
    assert titles(await seen(care)) == ["Beach clean-up"]
    assert titles(await seen(care, care.leader)) == []
    newer = a_job(remote, green, name="Beach party", updated="2027-01-05T08:00:00Z")
    await tell(care, remote, "Update", green, newer, signer=green)
    assert titles(await seen(care)) == ["Beach party"]
    await tell(care, remote, "Delete", green, job["id"], signer=green)
    assert titles(await seen(care)) == []


async def test_a_job_that_is_not_for_everybody_is_not_shown_to_followers(care, remote, green):
    job = a_job(remote, green, to=[care.group])
    await tell(care, remote, "Create", green, job, signer=green)
    assert titles(await seen(care)) == []
    browser = await care.browser(care.member)
    assert (await browser.ask(f"/jobs/elsewhere?job={job['id']}"))[0] == 404


async def test_a_member_follows_by_address_and_finds_what_is_open(care, world):
    green = await found(world, "green")
    await green.post()
    await green.post(title="Only for us", audience="members")
    browser = await care.browser(care.member)
    status, *_ = await browser.ask("/jobs/followed", {"address": "@green@green.test"})
    assert status == 303
    await world.settle()

    page = await seen(care)
    assert (titles(page), states(page)) == (["First day home from hospital"], ["accepted"])
    _, _, text = await browser.ask("/jobs/followed")
    assert "First day home from hospital" in text
    status, _, text = await browser.ask(page.jobs[0].job.href)
    assert (status, "/enquiries/new?job=" in text) == (200, True)
    await green.post(title="Night watch")
    await world.settle()
    assert sorted(titles(await seen(care))) == ["First day home from hospital", "Night watch"]
    assert (await browser.ask("/jobs/followed/end", {"group": green.group}))[0] == 303
    await world.settle()
    async with green.database.reading() as tx:
        assert await tx.federation.store.peers.count_followers(tx, green.group) == 0


async def test_a_group_of_ones_own_co_op_is_followed_the_same_way(care):
    browser = await care.browser(care.member)
    await browser.ask("/jobs/followed", {"address": care.group})
    await care.world.settle()
    await care.post()
    await care.world.settle()
    page = await seen(care)
    assert (titles(page), states(page)) == (["First day home from hospital"], ["accepted"])


@pytest.mark.parametrize("address", ["@nobody@remote.test", "@eve@remote.test", "???"])
async def test_what_is_no_group_is_not_followed(care, remote, address):
    remote.actor("eve")
    browser = await care.browser(care.member)
    status, _, text = await browser.ask("/jobs/followed", {"address": address})
    assert (status, "group" in text) == (422, True)
    assert (await seen(care)).groups == ()


async def test_nobody_follows_without_end(care, remote, monkeypatch):
    monkeypatch.setattr(service, "MOST_FOLLOWED", 1)
    await follow(care, remote.actor("green", kind="Group"))
    with pytest.raises(Invalid):
        await follow(care, remote.actor("blue", kind="Group"))


# Passed on ---------------------------------------------------------------------------------------


@pytest.fixture
async def elsewhere(world):
    """A third server with a public job."""
    third = await world.remote("third")
    group = third.actor("blue", kind="Group")
    job = {**a_job(third, group), "name": "Blue job"}
    third.documents["/jobs/1"] = job
    return third, job


async def announce(care, remote, group, job, *, signer=None, kind="Announce"):
    made = remote.activity(kind, group, job, to=[PUBLIC])
    status = await remote.post(f"{care.origin}/inbox", made, signer=signer)
    await care.world.settle()
    return status, made


async def test_what_a_followed_group_passes_on_is_read_at_its_own_host(
    care, remote, green, elsewhere
):
    _, job = elsewhere
    made = remote.activity("Announce", green, job["id"], to=[PUBLIC])
    for _ in range(2):
        assert await remote.post(f"{care.origin}/inbox", made, signer=green) == 202
        await care.world.settle()
    [one] = (await seen(care)).jobs
    assert (one.job.posting.title, one.shared_by) == ("Blue job", "Green")

    eve = remote.actor("eve", kind="Group")
    await announce(care, remote, eve, made, signer=eve, kind="Undo")
    assert (await announce(care, remote, green, made, kind="Undo"))[0] == 401
    assert (await announce(care, remote, green, made, signer=eve, kind="Undo"))[0] == 401
    assert len((await seen(care)).jobs) == 1
    await announce(care, remote, green, made, signer=green, kind="Undo")
    assert (await seen(care)).jobs == ()


async def test_a_group_that_nobody_follows_or_did_not_sign_passes_nothing_on(
    care, remote, green, elsewhere
):
    _, job = elsewhere
    eve = remote.actor("eve", kind="Group")
    assert (await announce(care, remote, eve, job["id"], signer=eve))[0] == 202
    assert (await announce(care, remote, green, job["id"]))[0] == 401
    assert (await announce(care, remote, green, job["id"], signer=eve))[0] == 401
    assert (await seen(care)).jobs == ()


async def test_what_is_passed_on_is_believed_of_its_own_group_alone(care, remote, green, elsewhere):
    third, job = elsewhere
    third.documents["/jobs/1"] = {**job, "attributedTo": green}
    await announce(care, remote, green, job["id"], signer=green)
    third.documents["/jobs/2"] = {**job, "to": [third.actor("few")]}
    await announce(care, remote, green, f"{third.origin}/jobs/2", signer=green)
    await announce(care, remote, green, f"{third.origin}/jobs/none", signer=green)
    assert (await seen(care)).jobs == ()


async def test_passing_on_is_forgotten_in_time(care, remote, green, elsewhere):
    _, made = await announce(care, remote, green, elsewhere[1]["id"], signer=green)
    async with care.database.transaction() as tx:
        await service.forget_shared(tx, made["id"])
    assert (await seen(care)).jobs == ()


async def state_followers(care, remote, group, *followers, listed=()):
    """Let a group say something, stating who of this instance follows it."""
    url = f"{group}/followers_synchronization"
    document = {"id": url, "type": "OrderedCollection", "orderedItems": list(listed)}
    remote.documents[url.removeprefix(remote.origin)] = document
    said = remote.activity("Announce", group, f"{group}/nothing")
    more = stating(group, followers)
    assert await remote.post(f"{care.origin}/inbox", said, signer=group, more=more) == 202
    await care.world.settle()


async def test_a_group_that_forgot_the_co_op_is_asked_again(care, remote, green):
    await answer(care, remote, "Accept", green, signer=green)
    await state_followers(care, remote, green)
    first, second = said(remote, "Follow")
    assert (first["id"] != second["id"], second["object"]) == (True, green)
    assert states(await seen(care)) == ["asked"]


async def test_a_group_whose_yes_was_lost_is_followed_since_it_lists_the_co_op(care, remote, green):
    me = network.instance_actor(care.origin)
    await state_followers(care, remote, green, me, listed=[me])
    assert states(await seen(care)) == ["accepted"]


@pytest.mark.parametrize("refused", [False, True])
async def test_a_group_that_nobody_follows_any_more_is_told_so(care, remote, green, refused):
    me = network.instance_actor(care.origin)
    if refused:
        await answer(care, remote, "Reject", green, signer=green)
    else:
        await care.act(service.unfollow, green, viewer=care.viewer(care.member))
        await care.world.settle()
        remote.received.clear()
    await state_followers(care, remote, green, me, listed=[me, care.member])
    undone = [(one["actor"], one["object"]["object"]) for one in said(remote, "Undo")]
    assert sorted(undone) == sorted([(me, green), (care.member, green)])
