"""The one road out: what each answer leads to, order, side by side, and nothing lost."""

import asyncio
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from federation.answers import Next, outcome_of, retry_after
from tests.federation.host import PUBLIC, Clock, say, waiting


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def ana(small, remote):
    return await small.actor(remote, "ana")


async def peer(host):
    async with host.reading() as tx:
        return next(
            one for one in await host.federation.store.peers.peers(tx) if "remote" in one.origin
        )


def answering(status, **headers):
    async def answer(_request):
        return web.Response(status=status, headers=headers)

    return answer


FINAL = (400, 403, 404, 405, 406, 413, 422, 501, 402, 451)
PEER_WAITS = (300, 301, 302, 307, 308, 408, 425, 429, 502, 503, 504, 507)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_a_peer_that_says_yes_has_it(small, here, remote, ana, status):
    remote.answers["/users/ana/inbox"] = status
    await say(here, ana)
    await small.settle()

    assert await waiting(here) == []
    assert len(remote.received) == 1
    assert (await peer(here)).last_delivered == small.clock()


@pytest.mark.parametrize("status", FINAL)
async def test_a_final_no_is_noted_and_the_next_goes_on(small, here, remote, ana, status):
    remote.answers["/users/ana/inbox"] = status
    first = await say(here, ana)
    await small.settle()
    remote.answers.clear()
    second = await say(here, ana)
    await small.settle()

    async with here.reading() as tx:
        (failed,) = await here.federation.store.outbox.failed(tx)
    assert (failed.activity, bool(failed.reason)) == (first, True)
    assert [one["id"] for one in remote.received] == [second]


@pytest.mark.parametrize("status", PEER_WAITS)
async def test_a_busy_peer_rests_as_a_whole_and_order_is_kept(small, here, remote, ana, status):
    eve = await small.actor(remote, "eve")
    remote.answers["/users/ana/inbox"] = status
    first = await say(here, ana)
    await small.settle()
    remote.answers.clear()
    second, other = await say(here, ana), await say(here, eve, conversation="other")
    await small.settle()
    assert remote.received == []

    small.clock.advance(seconds=30)
    await small.settle()

    arrived = [one["id"] for one in remote.received]
    assert sorted(arrived) == sorted([first, second, other])
    assert arrived.index(first) < arrived.index(second)


@pytest.mark.parametrize("written", ["seconds", "date"])
async def test_a_peer_that_names_the_wait_is_left_alone_until_then(
    small, here, remote, ana, written
):
    until = small.clock() + timedelta(hours=2)
    value = "7200" if written == "seconds" else format_datetime(until, usegmt=True)
    remote.answers["/users/ana/inbox"] = answering(429, **{"Retry-After": value})
    await say(here, ana)
    await small.settle()
    remote.answers.clear()

    small.clock.advance(minutes=119)
    await small.settle()
    assert remote.received == []

    small.clock.advance(minutes=32)
    await small.settle()
    assert len(remote.received) == 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "soon",
        "²",
        "٣",
        "-5",
        "1e3",
        "99999999999999999999",
        "Sun, 99 Nov 2026 08:00:00 GMT",
    ],
)
async def test_a_wait_that_cannot_be_read_or_has_no_end_is_bounded(small, value):
    wait = retry_after(value, small.clock())

    assert wait is None or timedelta(seconds=1) <= wait <= timedelta(days=1)


async def test_500_three_times_is_parked_and_overtaken(small, here, remote, ana):
    bad = await say(here, ana)

    async def stumbles(request):
        document = await request.json()
        if document["id"] == bad:
            return web.Response(status=500)
        remote.received.append(document)
        return web.Response(status=202)

    remote.answers["/users/ana/inbox"] = stumbles
    good = await say(here, ana)
    for _ in range(2):
        await small.settle()
        assert remote.received == []
        small.clock.advance(minutes=2)
    await small.settle()

    assert [one["id"] for one in remote.received] == [good]
    (parked,) = await waiting(here)
    assert (parked.state, parked.status, parked.attempts) == ("parked", 500, 3)
    assert parked.reason

    remote.answers.clear()
    small.clock.advance(minutes=3)
    await small.settle()
    assert [one["id"] for one in remote.received] == [good, bad]


async def test_a_peer_that_fails_at_everything_rests_and_keeps_the_order(small, here, remote, ana):
    remote.answers["/users/ana/inbox"] = 500
    said = [await say(here, ana) for _ in range(6)]
    for _ in range(8):
        await small.settle()
        small.clock.advance(minutes=5)

    assert [row.state for row in await waiting(here)] == ["parked"] + ["ready"] * 5
    assert (await peer(here)).failures > 3

    remote.answers.clear()
    small.clock.advance(days=1)
    await small.settle()
    assert sorted(one["id"] for one in remote.received) == sorted(said)
    assert [one["id"] for one in remote.received if one["id"] != said[0]] == said[1:]


async def test_401_waits_an_hour_then_a_day_and_is_then_final(small, here, remote, ana):
    remote.answers["/users/ana/inbox"] = 401
    await say(here, ana)
    tries = []
    for _ in range(60):
        before = len(remote.requests)
        await small.settle()
        if len(remote.requests) > before:
            tries.append(small.clock.now)
        small.clock.advance(hours=1)

    assert len(tries) == 3
    assert tries[1] - tries[0] <= timedelta(hours=2)
    assert timedelta(days=1) <= tries[2] - tries[1] <= timedelta(hours=31)
    (row,) = await waiting(here)
    assert row.state == "failed"


async def test_failures_of_the_peer_do_not_use_up_the_tries_at_a_signature(
    small, here, remote, ana
):
    remote.answers["/users/ana/inbox"] = 503
    await say(here, ana)
    for _ in range(4):
        await small.settle()
        small.clock.advance(hours=1)
    remote.answers["/users/ana/inbox"] = 401
    await small.settle()

    (row,) = await waiting(here)
    assert (row.state, row.attempts) == ("parked", 1)


async def test_410_on_an_inbox_and_at_the_actor_means_gone(small, here, remote, ana):
    await say(here, ana)
    await small.settle()
    async with here.transaction() as tx:
        await here.federation.store.peers.add_follower(
            tx, here.instance_actor, ana, "f", small.clock()
        )
    remote.answers["/users/ana/inbox"] = 410
    remote.documents["/users/ana"] = answering(410)
    await say(here, ana)
    await small.settle()

    (row,) = await waiting(here)
    assert (row.state, row.reason) == ("failed", "this actor is gone")
    async with here.reading() as tx:
        assert await here.federation.store.peers.count_followers(tx, here.instance_actor) == 0


@pytest.mark.parametrize("actor", [200, 404, 403])
async def test_410_on_an_inbox_of_somebody_who_is_there_ends_nothing_else(
    small, here, remote, ana, actor
):
    await say(here, ana)
    await small.settle()
    remote.answers["/users/ana/inbox"] = 410
    if actor != 200:
        remote.documents["/users/ana"] = answering(actor)
    await say(here, ana)
    await small.settle()

    (row,) = await waiting(here)
    assert row.state == "failed"
    async with here.reading() as tx:
        assert await here.federation.store.peers.known_actor(tx, ana)


async def test_a_peer_that_is_down_gets_everything_when_it_is_back(any_small):
    here, remote = await any_small.host(), await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    back = any_small.network.vanish("remote.test")
    said = [await say(here, ana) for _ in range(5)]
    for _ in range(4):
        await any_small.settle()
        any_small.clock.advance(hours=20)
    assert (await peer(here)).failing_since is not None

    any_small.network.names["remote.test"] = back
    any_small.clock.advance(days=2)
    await any_small.settle()

    assert [one["id"] for one in remote.received] == said
    assert (await peer(here)).failing_since is None


async def test_public_posts_lapse_after_a_week_of_silence_and_nothing_else_does(small, here):
    who = "http://silent.test/users/ana"
    small.network.names["silent.test"] = ("127.0.0.1", 9)
    public = await say(here, who, PUBLIC, conversation="post")
    await say(here, who, conversation="agreement")
    for _ in range(12):
        await small.settle()
        small.clock.advance(days=1, hours=8)

    async with here.reading() as tx:
        (failed,) = await here.federation.store.outbox.failed(tx)
    assert failed.activity == public
    assert [row.state for row in await waiting(here)] == ["failed", "ready"]


async def test_order_is_kept_within_a_conversation_and_others_go_side_by_side(
    small, here, remote, ana
):
    busy, most = [], []

    async def slow(request):
        document = await request.json()
        busy.append(document["summary"])
        most.append(sorted(busy))
        await asyncio.sleep(0.02)
        busy.remove(document["summary"])
        remote.received.append(document)
        return web.Response(status=202)

    remote.answers["/users/ana/inbox"] = slow
    said = [await say(here, ana, conversation=t, summary=t) for t in "aabbccab"]
    await small.settle()

    arrived = [one["id"] for one in remote.received]
    for talk in "abc":
        mine = [iri for iri, t in zip(said, "aabbccab", strict=True) if t == talk]
        assert [iri for iri in arrived if iri in mine] == mine
    assert ["a", "b", "c"] in most
    assert all(len(set(some)) == len(some) for some in most)


def test_no_answer_is_left_without_a_consequence():
    for status in range(600):
        outcome = outcome_of(status, {}, attempts=0, failures=0, now=Clock()())

        assert (outcome.next is Next.DONE) == (200 <= status < 300)
        assert outcome.reason or outcome.next is Next.DONE
        assert outcome.after or outcome.next in {Next.DONE, Next.FINAL, Next.GONE}


async def test_a_courier_that_is_stopped_leaves_nothing_going_on(small, monkeypatch):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    await say(here, ana)
    await small.settle()
    await say(here, ana)
    asked = asyncio.Event()

    async def never(*_):
        asked.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(here, "actor", never)
    before = asyncio.all_tasks()
    async with asyncio.timeout(10):
        delivering = asyncio.create_task(here.federation.courier.deliver())
        await asked.wait()
        await here.federation.courier.close()
        await delivering

    assert [one for one in asyncio.all_tasks() - before if not one.done()] == []
