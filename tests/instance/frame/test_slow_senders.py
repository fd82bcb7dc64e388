"""Who sends a head or a form a byte at a time is cut, and holds nothing that others wait for."""

import asyncio
import contextlib
import time

import pytest
from aiohttp import web

from instance import gate
from instance.commands import serving


@pytest.fixture
async def served(monkeypatch):
    """The address of a small application that is served as the program serves its own."""
    monkeypatch.setattr(serving, "SLOWEST_HEAD", 0.6)

    async def slow(_request):
        await asyncio.sleep(1.5)
        return web.Response(text="slow")

    app = web.Application()
    app.router.add_get("/slow", slow)
    runner = serving.runner_of(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0]
    await runner.cleanup()


async def drip(address, begin, drop, seconds=6.0):
    """Send a beginning, and then a byte now and then; return after how long which line came."""
    reader, writer = await asyncio.open_connection(*address[:2])
    writer.write(begin)
    answer, begun = asyncio.create_task(reader.readline()), time.monotonic()
    with contextlib.suppress(ConnectionError):
        while not answer.done() and time.monotonic() - begun < seconds:
            writer.write(drop)
            await asyncio.wait([answer], timeout=0.05)
    took = time.monotonic() - begun
    writer.close()
    with contextlib.suppress(ConnectionError):
        return took, await answer
    return took, b""


@pytest.mark.parametrize("begin", [b"", b"GET / HTTP/1.1\r\nHost: here.test\r\nX: "])
async def test_a_head_that_drips_is_cut(served, begin):
    took, answer = await drip(served, begin, b"x")
    assert took < 4
    assert b"200" not in answer


async def test_an_answer_may_take_longer_than_a_head(served):
    reader, writer = await asyncio.open_connection(*served[:2])
    writer.write(b"GET /slow HTTP/1.1\r\nHost: here.test\r\n\r\n")
    assert b"200 OK" in await reader.readuntil(b"slow")
    await asyncio.sleep(0.1)
    writer.write(b"GET /slow HTTP/1.1\r\nHost: here.test\r\n\r\n")
    assert b"200 OK" in await reader.readuntil(b"slow")
    writer.close()


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/json"])
async def test_a_form_that_drips_is_refused(world, monkeypatch, kind):
    monkeypatch.setattr(gate, "SLOWEST_BODY", 0.5)
    care = await world.instance("care")
    host = care.origin.partition("://")[2]
    head = (
        f"POST /sign-in/password HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\n"
        "Content-Length: 1000\r\nConnection: close\r\n\r\n"
    )
    _, answer = await drip(world.network.names[host], head.encode(), b"x", seconds=12)
    assert answer.startswith(b"HTTP/1.1 408 ")
