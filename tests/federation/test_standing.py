"""Who is blocked is heard nowhere, sent nothing and shown nothing; and is so in every process."""

import pytest

from federation.errors import Forbidden, Malformed
from federation.standing import Standing, covers, subject_of
from tests.federation.host import PUBLIC, activity, decide, say, waiting


@pytest.fixture
async def here(any_small):
    return await any_small.host()


@pytest.fixture
async def remote(any_small):
    return await any_small.remote()


@pytest.fixture
async def ana(any_small, remote):
    return await any_small.actor(remote, "ana")


@pytest.fixture
async def bo(any_small, remote):
    return await any_small.actor(remote, "bo")


@pytest.fixture
def heard(here):
    took_effect = []

    async def receive(tx, received):
        took_effect.append(received.id)

    for chain in (("Create", "Note"), ("Announce", "Create", "Note"), ("Undo", "Create", "Note")):
        here.federation.on(*chain, receiver=receive)
    return took_effect


async def follow(any_small, here, remote, ana):
    said = activity(ana, "Follow", here.instance_actor)
    assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 202
    await any_small.settle()
    remote.received.clear()


async def followers(here):
    async with here.reading() as tx:
        return await here.federation.store.peers.count_followers(tx, here.instance_actor)


@pytest.mark.parametrize(
    ("written", "subject"),
    [
        ("bad.example", "bad.example"),
        (" *.Bad.Example ", "bad.example"),
        ("https://bad.example/", "bad.example"),
        ("http://bad.example:8080", "bad.example:8080"),
        ("https://bad.example/users/eve#main-key", "https://bad.example/users/eve"),
        ("黑.example", "xn--8c7a.example"),
    ],
)
def test_a_subject_is_a_domain_or_one_actor(written, subject):
    assert subject_of(written) == subject


@pytest.mark.parametrize("written", ["", "bad.example/eve", "ftp://bad.example", "@eve@bad", "a b"])
def test_what_is_neither_is_no_subject(written):
    with pytest.raises(Malformed):
        subject_of(written)


def test_a_domain_covers_what_is_below_it_and_nothing_that_only_looks_like_it():
    assert covers("bad.example", "https://bad.example/users/eve")
    assert covers("bad.example", "http://deep.down.bad.example:8080/x")
    assert not covers("bad.example", "https://notbad.example/")
    assert not covers("bad.example", "https://bad.example.org/")
    assert not covers("deep.bad.example", "https://bad.example/")


async def test_a_blocked_actor_is_refused_and_its_neighbour_heard(
    any_small, here, remote, ana, bo, heard
):
    await decide(here, ana, Standing.BLOCKED)
    inbox = f"{here.origin}/inbox"

    assert await remote.post(inbox, activity(ana), signer=ana) == 403
    assert await remote.post(inbox, activity(bo), signer=bo) == 202
    await any_small.settle()
    assert len(heard) == 1


async def test_who_is_limited_may_speak(any_small, here, remote, ana, heard):
    await decide(here, "remote.test", Standing.LIMITED)

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202
    await any_small.settle()
    assert len(heard) == 1
    assert here.federation.standings.of(ana) is Standing.LIMITED


async def test_a_block_that_is_lifted_lets_in_again(here, remote, ana):
    await decide(here, "remote.test", Standing.BLOCKED)
    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 403
    async with here.transaction() as tx:
        assert await here.federation.standings.lift(tx, "remote.test")

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202


async def test_what_had_come_and_not_taken_effect_never_does(any_small, here, remote, ana, heard):
    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202
    await decide(here, "remote.test", Standing.BLOCKED)
    await any_small.settle()
    assert heard == []


async def test_what_a_blocked_actor_had_sent_is_given_up(any_small, here, remote, ana, heard):
    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202
    await decide(here, ana, Standing.BLOCKED)
    await any_small.settle()
    assert heard == []


async def test_nobody_carries_in_what_somebody_blocked_has_said(
    any_small, here, remote, ana, heard
):
    other = await any_small.remote("other")
    eve = await any_small.actor(other, "eve")
    said = other.proven(activity(eve), eve)
    share = activity(ana, "Announce", said)
    inbox = f"{here.origin}/inbox"
    assert await remote.post(inbox, share, signer=ana) == 202
    await any_small.settle()
    await decide(here, "other.test", Standing.BLOCKED)

    again = activity(ana, "Announce", other.proven(activity(eve), eve))
    assert await remote.post(inbox, again, signer=ana) == 202
    await any_small.settle()
    assert heard == [share["id"]]


async def test_what_takes_back_may_take_back_what_somebody_blocked_said(
    any_small, here, remote, ana, heard
):
    await decide(here, "other.test", Standing.BLOCKED)
    inner = activity("http://other.test/users/eve")
    undo = activity(ana, "Undo", inner)

    assert await remote.post(f"{here.origin}/inbox", undo, signer=ana) == 202
    await any_small.settle()
    assert heard == [undo["id"]]


async def test_nothing_is_fetched_from_a_blocked_host(here, remote, ana):
    await decide(here, "remote.test", Standing.BLOCKED)

    with pytest.raises(Forbidden):
        await here.federation.actors.get(ana)
    with pytest.raises(Forbidden):
        await here.federation.find("@ana@remote.test")
    assert remote.fetches == []


async def test_what_waits_for_a_blocked_host_is_given_up_and_so_is_what_is_said_later(
    any_small, here, remote, ana
):
    remote.answers["/users/ana/inbox"] = 503
    await say(here, ana)
    await any_small.settle()
    await decide(here, "remote.test", Standing.BLOCKED)
    await say(here, ana, conversation="another")
    any_small.clock.advance(days=1)
    remote.answers.clear()
    await any_small.settle()

    assert remote.received == []
    assert {(one.state, one.reason) for one in await waiting(here)} == {
        ("failed", "This address is blocked here.")
    }


async def test_only_what_is_for_the_blocked_actor_is_given_up(any_small, here, remote, ana, bo):
    await decide(here, ana, Standing.BLOCKED)
    await say(here, ana, bo)
    await any_small.settle()

    assert [path for path, _ in remote.requests] == ["/users/bo/inbox"]


@pytest.mark.parametrize("subject", ["remote.test", "http://remote.test/users/ana"])
async def test_a_blocked_follower_follows_no_more(any_small, here, remote, ana, subject):
    await follow(any_small, here, remote, ana)
    assert await followers(here) == 1
    await decide(here, subject, Standing.BLOCKED)

    await say(here, PUBLIC, f"{here.instance_actor}/followers")
    await any_small.settle()
    assert await followers(here) == 0
    assert remote.received == []


async def test_a_signed_reader_who_is_blocked_is_shown_nothing(here, remote, ana):
    somebody = await here.add("Person", "koel")
    public = await say(here, PUBLIC, ana)
    private = await say(here, ana)
    assert (await remote.get(private, signer=ana))[0] == 200
    await decide(here, "remote.test", Standing.BLOCKED)

    for url in (public, private, somebody, f"{here.instance_actor}/outbox"):
        assert (await remote.get(url, signer=ana))[0] == 403
    assert (await remote.get(private))[0] == 404
    assert (await remote.get(here.instance_actor, signer=ana))[0] == 200


async def test_another_process_on_the_same_rows_knows_within_a_second(any_small):
    here = await any_small.host()
    if here._engine.dialect.name == "sqlite":
        return  # there is one process
    url = here._engine.url.render_as_string(hide_password=False)
    twin = await any_small.host("here", url=url)
    remote = await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    inbox = f"{here.origin}/inbox"
    assert await remote.post(inbox, activity(ana), signer=ana) == 202

    await decide(here, "remote.test", Standing.BLOCKED)
    any_small.clock.advance(seconds=1)
    assert await remote.post(inbox, activity(ana), signer=ana) == 403
    assert twin.federation.standings.of(ana) is Standing.BLOCKED


async def test_a_host_does_not_shut_itself_out(here):
    for subject in ("here.test", "test"):
        with pytest.raises(Malformed):
            await decide(here, subject, Standing.BLOCKED)


async def test_what_was_not_committed_was_not_decided(here, remote, ana):
    async with here.reading() as tx:
        await here.federation.standings.put(tx, "remote.test", Standing.BLOCKED, "")

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202


async def test_where_only_some_are_heard_all_others_are_refused(any_small, here, remote, ana, bo):
    other = await any_small.remote("other")
    eve = await any_small.actor(other, "eve")
    allied = set()

    async def allies(_tx):
        return allied

    here.federation.standings.only = allies
    here.federation.standings.forget()
    inbox = f"{here.origin}/inbox"
    assert await remote.post(inbox, activity(ana), signer=ana) == 403
    assert (await remote.get(f"{here.instance_actor}/outbox", signer=ana))[0] == 403
    assert remote.fetches == []

    allied.add("http://remote.test")
    any_small.clock.advance(seconds=1)
    assert await remote.post(inbox, activity(ana), signer=ana) == 202
    assert await other.post(inbox, activity(eve), signer=eve) == 403
    await decide(here, eve, Standing.ALLOWED)
    assert await other.post(inbox, activity(eve), signer=eve) == 202
    await decide(here, ana, Standing.BLOCKED)
    assert await remote.post(inbox, activity(ana), signer=ana) == 403
    assert await remote.post(inbox, activity(bo), signer=bo) == 202


async def test_a_domain_that_is_allowed_stands_for_itself_alone(any_small, here):
    async def nobody(_tx):
        return ()

    here.federation.standings.only = nobody
    await decide(here, "other.test", Standing.ALLOWED)
    for name, status in (("other", 202), ("below.other", 403)):
        server = await any_small.remote(name)
        eve = await any_small.actor(server, "eve")
        assert await server.post(f"{here.origin}/inbox", activity(eve), signer=eve) == status


async def test_what_an_ally_carries_is_read_with_the_proof_of_who_said_it(
    any_small, here, remote, ana, heard
):
    other = await any_small.remote("other")
    eve = await any_small.actor(other, "eve")

    async def allies(_tx):
        return ["http://remote.test"]

    here.federation.standings.only = allies
    share = activity(ana, "Announce", other.proven(activity(eve), eve))
    assert await remote.post(f"{here.origin}/inbox", share, signer=ana) == 202
    await any_small.settle()
    assert heard == [share["id"]]
