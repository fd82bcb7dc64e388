"""Whoever makes us fetch from slow places waits for itself: others are sorted, heard and served."""

import asyncio
import time
from functools import partial

import pytest
from aiohttp import web

from federation.activity import encode
from tests.federation.host import activity, say
from tests.federation.test_process import Receiver, store

FOR_EVER = 30.0


@pytest.fixture
async def here(any_small):
    return await any_small.host(deadline=FOR_EVER)


@pytest.fixture
async def remote(any_small):
    """A server whose `/slow` keeps whoever asks waiting until the test is over."""
    server, over = await any_small.remote(), asyncio.Event()

    async def wait(_request):
        await over.wait()
        return web.Response(status=404)

    server.documents["/slow"] = wait
    server.answers["/users/ana/inbox"] = wait
    yield server
    over.set()
    await any_small.settle()


@pytest.fixture
async def quick(any_small):
    server = await any_small.remote("quick")
    server.documents["/quick"] = {"id": f"{server.origin}/quick"}
    return server


def says(number, needs=None):
    """Write what an origin of its own says, for which a document has to be fetched or none."""
    who = f"http://p{number}.test/users/ana"
    note = {"id": f"{who}/note", "type": "Note", "needs": needs}
    return activity(who, inner=note)


def listens(host):
    return Receiver(host, needs=lambda one: [iri for iri in [one.object["needs"]] if iri])


async def arrive(host, *documents):
    rows = host.federation.store.inbox
    await host.batch(partial(rows.arrive, bodies=[encode(one) for one in documents]))


async def until(host, receiver, wanted, seconds):
    """Step on until something took effect."""
    end = time.monotonic() + seconds
    while wanted["id"] not in receiver.took_effect and time.monotonic() < end:
        await host.federation.step()
    return receiver.took_effect


async def test_slow_origins_keep_no_other_from_being_looked_through_and_heard(here, remote):
    receiver = listens(here)
    await store(here, *(says(number, f"{remote.origin}/slow") for number in range(70)))
    for _ in range(3):
        await here.federation.step()

    prompt = says("rompt")
    await arrive(here, prompt)

    assert await until(here, receiver, prompt, 5) == [prompt["id"]]


async def test_who_needs_one_quick_fetch_waits_little_behind_many_slow_ones(here, remote, quick):
    receiver = listens(here)
    here.federation.effects._places._quick = 1.0
    slow = [says(number, f"{remote.origin}/slow") for number in range(150)]
    honest = says("uick", f"{quick.origin}/quick")
    await store(here, *slow, honest)

    assert await until(here, receiver, honest, 30) == [honest["id"]]


async def test_more_slow_origins_than_are_kept_in_line_keep_no_other_waiting(here, remote):
    receiver = listens(here)
    here.federation.effects._origins._most = 5
    await store(here, *(says(number, f"{remote.origin}/slow") for number in range(120)))
    await here.federation.step()
    prompt = says("rompt")
    await store(here, prompt)

    assert await until(here, receiver, prompt, 5) == [prompt["id"]]


async def test_the_order_of_an_origin_that_waits_for_something_slow_is_kept(here, remote):
    receiver, release = listens(here), asyncio.Event()

    async def wait(_request):
        await release.wait()
        return web.Response(status=404)

    remote.documents["/slow"] = wait
    first, second = says(1, f"{remote.origin}/slow"), says(1)
    await store(here, first, second)
    for _ in range(3):
        await here.federation.step()
    assert receiver.seen == []

    release.set()
    await until(here, receiver, second, 5)
    assert receiver.took_effect == [first["id"], second["id"]]


async def test_a_slow_delivery_does_not_slow_down_what_takes_effect(any_small, here, remote):
    receiver = listens(here)
    ana = await any_small.actor(remote, "ana")
    await say(here, ana)
    said = [activity(ana, id=f"{ana}/{number}") for number in range(500)]
    for one in said:
        one["object"]["needs"] = None
    await store(here, *said)
    for _ in range(5):  # the delivery may hold the peer's row when the effects look for it
        await here.federation.step()
        if receiver.took_effect:
            break

    assert len(receiver.took_effect) > 100
