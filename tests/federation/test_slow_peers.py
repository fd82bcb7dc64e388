"""Peers that are slow, endless or cut the line: they cost themselves time, and nobody else."""

import asyncio

import pytest
from aiohttp import web

from federation.testing import drips, floods, hangs_up, keeps_silent
from tests.federation.host import say, waiting


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def ana(small, remote):
    return await small.actor(remote, "ana")


async def test_a_slow_peer_holds_up_nobody_else(small, here, remote, ana):
    other = await small.remote("quick")
    bo = await small.actor(other, "bo")
    release = asyncio.Event()

    async def never(_request):
        await release.wait()
        return web.Response(status=202)

    remote.answers["/users/ana/inbox"] = never
    here.federation.courier._peers._patience = 0.05
    await say(here, ana)
    await here.federation.step()
    await say(here, bo)
    for _ in range(3):
        assert await here.federation.step()

    assert len(other.received) == 1
    release.set()
    await small.settle()
    assert await waiting(here) == []


@pytest.mark.parametrize("answer", [drips(0.05), floods()], ids=["drips", "floods"])
async def test_a_yes_with_an_endless_body_is_a_yes(small, here, remote, ana, answer):
    remote.answers["/users/ana/inbox"] = answer
    await say(here, ana)
    await asyncio.wait_for(small.settle(), 3)

    assert await waiting(here) == []


@pytest.mark.parametrize("answer", [hangs_up(), keeps_silent(0.5)], ids=["cuts", "silent"])
async def test_a_peer_that_cuts_or_keeps_silent_is_tried_again(small, remote, ana, answer):
    here = await small.host(deadline=0.2)
    remote.answers["/users/ana/inbox"] = answer
    await say(here, ana)
    await asyncio.wait_for(small.settle(), 5)
    (row,) = await waiting(here)
    assert (row.state, row.reason) == ("ready", "the peer cannot be reached")

    remote.answers.clear()
    small.clock.advance(minutes=1)
    await small.settle()
    assert len(remote.received) == 1


async def test_a_connection_that_was_closed_behind_our_back_is_opened_again(small):
    """Some servers keep a connection alive and close it all the same."""
    seen = []

    async def once(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        seen.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        await reader.read(1)
        writer.close()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    here = await small.host(names=None)
    who = f"http://peer.localhost:{port}/users/ana"
    async with here.transaction() as tx:
        await here.federation.store.peers.save_actor(
            tx,
            {"id": who, "type": "Person", "inbox": f"{who}/inbox"},
            f"{who}/inbox",
            None,
            small.clock(),
        )
    for _ in range(3):
        await say(here, who)
    await small.settle()
    server.close()

    assert len(seen) == 3
    assert await waiting(here) == []
