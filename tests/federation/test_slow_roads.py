"""Servers and name servers that do not answer: what they cost us keeps no delivery waiting."""

import asyncio
import socket
import threading
import time
from dataclasses import replace

import pytest
from aiohttp import web

from federation.errors import Unreachable
from federation.fetch import Client, Purpose, Reach
from federation.sidebyside import Places
from tests.federation.host import activity, say, waiting
from tests.federation.test_process import Receiver, store

NAMES = 150


@pytest.fixture
async def here(small):
    return await small.host(deadline=3.0)


@pytest.fixture
async def polite(small):
    return await small.remote("polite")


@pytest.fixture
async def bo(small, polite):
    return await small.actor(polite, "bo")


class Everywhere(dict):
    """Documents of a server that does the same at any address."""

    def __init__(self, answer):
        super().__init__()
        self._answer = answer

    def get(self, _path, _default=None):
        return self._answer


@pytest.fixture
async def silent(small):
    """A server of many names that takes requests, and answers none until the test is over."""
    server, over = await small.remote("s"), asyncio.Event()
    server.asked, server.over = [], over

    async def wait(request):
        server.asked.append(request.host)
        await over.wait()
        return web.Response(status=404)

    server.answers["*"] = wait
    server.documents = Everywhere(wait)
    for number in range(NAMES):
        small.network.names[f"s{number}.test"] = small.network.names["s.test"]
    yield server
    over.set()
    await small.settle()


async def until(condition, seconds=30.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:  # noqa: ASYNC110  # a server's own list
        await asyncio.sleep(0.01)
    assert condition()


async def test_keys_that_strangers_make_us_fetch_keep_no_delivery_waiting(small, here, silent, bo):
    mallory = await small.remote("mallory")
    known = mallory.actors[await small.actor(mallory, "mallory")]

    async def claim(number):
        who = f"http://s{number}.test/users/ana"
        mallory.actors[who] = replace(known, id=who)
        return await mallory.post("http://here.test/inbox", activity(who), signer=who)

    claiming = [asyncio.create_task(claim(number)) for number in range(NAMES)]
    await until(lambda: len(silent.asked) >= 60 or all(one.done() for one in claiming))
    await say(here, bo)
    await small.settle()

    assert await waiting(here) == []
    assert set(await asyncio.gather(*claiming)) == {503}


async def test_documents_that_an_activity_needs_keep_no_delivery_waiting(small, here, silent, bo):
    needed = [f"http://s{number}.test/note" for number in range(NAMES)]
    chosen = {}
    Receiver(here, needs=lambda one: chosen[one.id])
    for number in range(10):
        said = activity(f"http://p{number}.test/users/ana")
        chosen[said["id"]] = needed[number * 15 : number * 15 + 15]
        await store(here, said)
    going_on = asyncio.create_task(here.federation.effects.process())
    await until(lambda: len(silent.asked) >= 10)
    await asyncio.sleep(0.1)
    await say(here, bo)
    await small.settle()
    await going_on

    assert len(silent.asked) <= 60
    assert await waiting(here) == []


async def test_where_one_document_cannot_be_had_no_other_is_asked_for_any_more(
    small, here, silent, polite
):
    needed = [f"http://s{number}.test/note" for number in range(10)]
    Receiver(here, needs=lambda _: [*needed[:2], f"{polite.origin}/broken", *needed[2:]])
    await store(here, activity("http://p.test/users/ana"))

    async def broken(_request):
        await until(lambda: len(silent.asked) >= 2)
        return web.Response(status=503)

    polite.documents["/broken"] = broken
    await small.settle()
    silent.over.set()
    await asyncio.sleep(0.5)
    assert len(silent.asked) <= 4


async def test_slow_deliveries_make_no_other_fail(small, here, silent, bo):
    for number in range(60):
        who = f"http://s{number}.test/users/ana"
        document = {"id": who, "type": "Person", "inbox": f"{who}/inbox"}
        async with here.transaction() as tx:
            peers = here.federation.store.peers
            await peers.save_actor(tx, document, f"{who}/inbox", None, small.clock())
        for talk in range(4):
            await say(here, who, conversation=f"{number} {talk}")
    going_on = asyncio.create_task(here.federation.courier.deliver())
    await until(lambda: len(silent.asked) >= 30)
    await say(here, bo)
    await small.settle()
    await going_on

    failed = {one.peer for one in await waiting(here)}
    assert "http://polite.test" not in failed
    assert len(failed) == 60


async def test_name_servers_that_keep_silent_stop_no_other_name_from_being_found(monkeypatch):
    over = threading.Event()

    def look_up(host, *_, **__):
        if host.endswith("silent.example"):
            over.wait(10)
            raise OSError("no answer")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    client = Client(Reach(plain_http=True, loopback=True, deadline=5.0))
    await client.open()
    asking = [
        asyncio.create_task(get(client, Purpose.KEY, f"http://{number}.silent.example/"))
        for number in range(100)
    ]
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await asyncio.sleep(0.1)
    begun = time.monotonic()
    assert await get(client, Purpose.DELIVERY, f"http://polite.example:{port}/") == 204
    assert await asyncio.to_thread(lambda: 1) == 1
    took = time.monotonic() - begun
    over.set()
    await asyncio.gather(*asking, return_exceptions=True)
    await client.close()
    server.close()
    assert took < 2


async def get(client, purpose, url):
    async with client.session(purpose).get(url) as found:
        return found.status


async def answer(reader, writer):
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
    await writer.drain()
    writer.close()


async def test_a_place_is_kept_while_nobody_waits_and_lost_when_somebody_does():
    places, release = Places(most=1, line=1, quick=0.05), asyncio.Event()
    slow = asyncio.create_task(places.hold(release.wait()))
    await asyncio.sleep(0.2)
    assert not slow.done()

    waits = asyncio.create_task(places.hold(release.wait()))
    await asyncio.sleep(0)
    with pytest.raises(Unreachable):
        await places.hold(release.wait())
    with pytest.raises(Unreachable):
        await slow
    release.set()
    assert await waits
