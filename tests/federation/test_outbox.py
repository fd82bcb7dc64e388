"""What this host says: proven, kept, addressed, and written in the commit that makes it true."""

import pytest

from federation.outbox import conversation_of
from federation.sql.smallhost import MEMORY
from tests.federation.host import PUBLIC, Failing, activity, say, waiting


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def ana(small, remote):
    return await small.actor(remote, "ana")


async def test_an_actor_that_left_is_no_longer_spoken_for(small, here, remote, ana):
    group = await here.add("Group", "group")
    await say(here, ana, sender=group)
    del here.actors[group]
    await small.settle()

    (row,) = await waiting(here)
    assert (row.state, row.reason) == ("failed", "the sender no longer exists here")
    with pytest.raises(KeyError):
        await say(here, ana, sender=group)


async def test_a_farewell_still_goes_out_after_its_sender_is_buried(small, here, remote, ana):
    group = await here.add("Group", "group")
    await say(here, ana, sender=group, type="Delete", object=group)
    here.bury(group)
    await small.settle()

    assert [one["type"] for one in remote.received] == ["Delete"]


async def test_a_recipient_that_does_not_exist_is_told_of_and_forgotten(small, here, remote):
    await say(here, f"{remote.origin}/users/nobody")
    await small.settle()

    (row,) = await waiting(here)
    assert (row.state, row.reason) == ("failed", "the peer knows no such actor")


async def test_what_is_said_is_signed_and_proven_and_found_again_by_its_id(small, here, remote):
    ana = await small.actor(remote, "ana")
    iri = await say(here, ana)
    await small.settle()

    ((_, headers),) = remote.requests
    assert headers["Signature"].startswith(f'keyId="{here.instance_actor}#main-key"')
    assert headers["Content-Type"] == "application/activity+json"
    assert remote.received[0]["proof"]["verificationMethod"] == f"{here.instance_actor}#ed25519-key"
    assert await remote.get(iri, signer=ana) == (200, remote.received[0])


async def test_what_is_said_in_a_transaction_that_fails_was_never_said(here, ana):
    async def fail(tx):
        said = activity(here.instance_actor, id=here.federation.new_id(), to=[ana])
        await here.federation.send(tx, said)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await transacted(here, fail)

    assert await waiting(here) == []


async def test_a_transaction_that_would_commit_before_it_has_spoken_does_not(any_small):
    here, remote = await any_small.host(), await any_small.remote()
    ana = await any_small.actor(remote, "ana")

    async def end_too_early(tx):
        said = activity(here.instance_actor, id=here.federation.new_id(), to=[ana])
        await here.federation.send(tx, said)
        await tx.commit()

    with pytest.raises(RuntimeError, match=r"Federation\.write"):
        await transacted(here, end_too_early)

    assert await waiting(here) == []


async def test_what_one_transaction_says_is_written_in_the_order_in_which_it_is_said(any_small):
    here, remote = await any_small.host(), await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    said = [activity(here.instance_actor, id=here.federation.new_id(), to=[ana]) for _ in range(4)]

    async with here.transaction() as tx:
        for one, conversation in zip(said, "cabc", strict=True):
            await here.federation.send(tx, one, conversation=conversation)

    rows = await waiting(here)
    assert [row.conversation for row in rows] == list("cabc")


async def transacted(host, work):
    async with host.transaction() as tx:
        await work(tx)


async def test_a_public_post_goes_once_to_a_shared_inbox_and_a_direct_one_to_her_own(
    any_small,
):
    here, remote = await any_small.host(), await any_small.remote()
    who = [await any_small.actor(remote, name) for name in ("ana", "eve")]
    group = await here.add("Group", "group")
    for one in who:
        follow = remote.activity("Follow", one, group)
        assert await remote.post(f"{group}/inbox", follow, signer=one) == 202
    await any_small.settle()
    remote.requests.clear()

    await say(here, PUBLIC, sender=group, cc=[f"{group}/followers"])
    await say(here, who[0], sender=group, conversation="private")
    await any_small.settle()

    assert sorted(path for path, _ in remote.requests) == ["/inbox", "/users/ana/inbox"]


async def test_what_is_said_to_somebody_here_takes_the_same_road(any_small):
    here = await any_small.host()
    group = await here.add("Group", "group")
    heard = []

    async def receive(_tx, received):
        heard.append(received.id)

    here.federation.on("Create", "Note", receiver=receive)
    said = [await say(here, group) for _ in range(3)]
    await any_small.settle()

    assert heard == said
    assert await waiting(here) == []


@pytest.mark.parametrize("taken_over", [False, True])
@pytest.mark.parametrize("cut", range(5))
async def test_the_power_fails_before_any_commit_and_everything_arrives_in_order(
    any_small, tmp_path, cut, taken_over
):
    url = await any_small._make_url()
    if url == MEMORY:
        url += f"/{tmp_path}/rows.db"
    before = await any_small.host("here", url=url, kind=Failing)
    remote = await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    said = [await say(before, ana) for _ in range(3)]
    before.cut = cut
    await before.until_dark()
    await before.close()
    any_small.hosts.clear()

    after = await any_small.host("here", url=url, kind=Failing)
    await any_small.outlive_leases(after, taken_over)
    await any_small.settle()

    arrived = [one["id"] for one in remote.received]
    assert list(dict.fromkeys(arrived)) == said
    assert await waiting(after) == []


def inner(kind, iri=None, **more):
    return {"type": kind, **({"id": iri} if iri else {}), **more}


NOTE = inner("Note", "n:1")
FOLLOW = inner("Follow", "a:follow", actor="a:1", object="a:2")
INVITE = inner("Invite", "a:invite", actor="a:1", object=inner("Commitment"))


@pytest.mark.parametrize(
    ("document", "conversation"),
    [
        (inner("Create", "a:0", object=NOTE), "n:1"),
        (inner("Delete", "a:0", object="n:1"), "n:1"),
        (inner("Announce", "a:0", object=inner("Create", "a:9", object=NOTE)), "n:1"),
        (FOLLOW, "a:follow"),
        (inner("Undo", "a:0", object=FOLLOW), "a:follow"),
        (INVITE, "a:invite"),
        (inner("Accept", "a:0", object=INVITE), "a:invite"),
        (inner("Accept", "a:0", object=[INVITE]), "a:invite"),
        (inner("Undo", "a:0", object=inner("Accept", "a:9", object=INVITE)), "a:invite"),
        (inner("Undo", "a:0", object="a:invite"), "a:invite"),
        (inner("Offer", "a:0", object=inner("Agreement")), "a:0"),
        (inner("Create", "a:0", object=inner("Note")), "a:0"),
    ],
)
def test_a_conversation_is_what_an_activity_belongs_to(document, conversation):
    assert conversation_of(document) == conversation
