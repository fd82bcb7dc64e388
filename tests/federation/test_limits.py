"""How much one server may send: what is refused, with which wait, and that it harms nobody else."""

import pytest

from federation.errors import Unreachable
from federation.iri import main_key_id
from federation.limits import Buckets, Limits, TooMany
from federation.sql.smallhost import SmallHost
from federation.testing import sign_request
from tests.federation.host import activity
from tests.federation.test_process import Receiver, store

FEW = Limits(per_second=2, at_once=5, most_waiting=50, fetches_per_second=0.5, fetches_at_once=3)


class Limited(SmallHost):
    """A host that takes little."""

    def __init__(self, origin, **more):
        super().__init__(origin, limits=FEW, **more)


@pytest.fixture
async def here(any_small):
    return await any_small.host(kind=Limited)


@pytest.fixture
async def remote(any_small):
    return await any_small.remote()


@pytest.fixture
async def ana(any_small, remote):
    return await any_small.actor(remote, "ana")


async def statuses(remote, here, ana, times, signer=None, **more):
    inbox = f"{here.origin}/inbox"
    return [
        await remote.post(inbox, activity(ana, **more), signer=signer or ana) for _ in range(times)
    ]


def test_a_bucket_is_full_at_first_and_fills_again():
    buckets = Buckets(per_second=2, at_once=3)
    for _ in range(3):
        assert buckets.wait("a", 0) == 0
        buckets.spend("a", 0)
    assert buckets.wait("a", 0) == 0.5
    assert buckets.wait("b", 0) == 0
    assert buckets.wait("a", 0.5) == 0
    for _ in range(3):
        assert buckets.wait("a", 1_000) == 0
        buckets.spend("a", 1_000)
    assert buckets.wait("a", 1_000) == 0.5


def test_a_clock_that_is_put_back_gives_and_takes_nothing():
    buckets = Buckets(per_second=1, at_once=1)
    buckets.spend("a", 100)
    assert buckets.wait("a", 50) == 1
    assert buckets.wait("a", 101) == 0


def test_however_many_names_there_are_few_are_remembered():
    buckets = Buckets(per_second=1, at_once=1, most=100)
    for number in range(10_000):
        buckets.spend(str(number), 0)
    assert len(buckets) == 100
    assert buckets.wait("9999", 0) == 1


async def test_who_sends_more_than_its_share_is_told_when_to_go_on(any_small, here, remote, ana):
    assert await statuses(remote, here, ana, 7) == [202] * 5 + [429] * 2

    any_small.clock.advance(seconds=1)
    assert await statuses(remote, here, ana, 3) == [202, 202, 429]


async def test_the_answer_says_after_how_many_seconds(any_small, here, remote, ana):
    await statuses(remote, here, ana, 5)
    body = b'{"id": "http://remote.test/1", "type": "Create", "actor": "%b", "object": "x:"}'
    body = body.replace(b"%b", ana.encode())
    async with (
        any_small.network.client() as client,
        client.post(f"{here.origin}/inbox", data=body) as answer,
    ):
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")


async def test_another_server_is_not_held_up(any_small, here, remote, ana):
    other = await any_small.remote("other")
    bo = await any_small.actor(other, "bo")
    assert 429 in await statuses(remote, here, ana, 8)
    assert await statuses(other, here, bo, 5) == [202] * 5


async def test_who_only_claims_to_be_somebody_uses_up_nothing_of_hers(any_small, here, remote, ana):
    other = await any_small.remote("other")
    eve = await any_small.actor(other, "eve")
    for _ in range(20):
        assert await other.post(f"{here.origin}/inbox", activity(ana), signer=eve) == 401
        assert await other.post(f"{here.origin}/inbox", activity(ana)) == 401

    assert await statuses(remote, here, ana, 5) == [202] * 5


async def test_too_much_that_waits_is_refused_until_it_took_effect(any_small, here, remote, ana):
    took_effect = []

    async def receive(tx, received):
        took_effect.append(received.id)

    here.federation.on("Create", "Note", receiver=receive)
    for _ in range(10):
        assert await statuses(remote, here, ana, 5) == [202] * 5
        any_small.clock.advance(seconds=10)

    assert await statuses(remote, here, ana, 1) == [429]
    await any_small.settle()
    assert len(took_effect) == 50
    assert await statuses(remote, here, ana, 1) == [429]
    any_small.clock.advance(seconds=1)
    assert await statuses(remote, here, ana, 1) == [202]


async def test_nobody_makes_us_fetch_key_after_key_from_a_third(any_small, here, remote):
    victim = await any_small.remote("victim")
    keys = (await any_small.actor(victim, "somebody"), victim.actors)[1]
    pair = next(iter(keys.values())).keys.rsa

    async def knock(number):
        actor = f"{victim.origin}/users/{number}"
        body = b'{"id": "%s/1", "type": "Create", "actor": "%s", "object": "x:"}'
        body = body.replace(b"%s", actor.encode())
        headers = sign_request(
            method="POST",
            url=f"{here.origin}/inbox",
            key_id=main_key_id(actor),
            key=pair,
            now=any_small.clock(),
            body=body,
        )
        async with (
            any_small.network.client() as client,
            client.post(f"{here.origin}/inbox", data=body, headers=headers) as answer,
        ):
            return answer.status

    assert [await knock(number) for number in range(6)] == [401] * 3 + [429] * 3
    assert len(victim.fetches) == 3
    any_small.clock.advance(seconds=2)
    assert [await knock(number) for number in range(6, 8)] == [401, 429]


def test_what_must_wait_for_a_key_is_tried_again_rather_than_given_up():
    assert issubclass(TooMany, Unreachable)
    assert TooMany("Too many.", 0.2).after == 1
    assert dict(TooMany("Too many.", 59.2).headers) == {"Retry-After": "60"}


def test_the_usual_limits_let_fifty_servers_send_a_thousand_a_second():
    usual, sent = Limits(), 0
    buckets = Buckets(usual.per_second, usual.at_once)
    for tenth in range(600):
        for number in range(100):
            name, moment = f"https://coop{number % 50}.example", tenth / 10
            assert buckets.wait(name, moment) == 0
            buckets.spend(name, moment)
            sent += 1
    assert sent == 60_000


async def test_documents_that_many_name_are_fetched_from_one_server_at_its_pace(
    any_small, here, remote
):
    """Whoever passes things on by their ids cannot make us ask a third host without end."""
    receiver = Receiver(here, needs=lambda one: [f"{remote.origin}/posts/{one.object['number']}"])
    for number in range(6):
        who = f"http://p{number}.test/users/ana"
        await store(here, activity(who, inner={"type": "Note", "number": number}))
    await any_small.settle()
    assert len(remote.fetches) == len(receiver.took_effect) == 3

    for _ in range(12):
        any_small.clock.advance(seconds=2)
        await any_small.settle()
    assert len(receiver.took_effect) == 6
