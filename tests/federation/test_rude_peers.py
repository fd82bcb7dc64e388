"""Peers that do not keep to HTTP, or fail for days: they cost themselves time, nothing is lost."""

import asyncio
import resource
from datetime import timedelta

import pytest

from federation.testing import drips as dripping
from federation.testing import leads_on
from tests.federation.host import say, waiting

DEADLINE = 0.4
WHO = "http://rude.test/users/ana"


class Rude:
    """A server that reads a request and then answers as it likes, until it is polite again."""

    def __init__(self, small, manner):
        self.small, self.manner, self.polite = small, manner, False
        self.asked, self.taken = 0, []

    async def start(self):
        self.server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        host, port = self.server.sockets[0].getsockname()
        self.small.network.names["rude.test"] = (host, port)

    async def _answer(self, reader, writer):
        self.asked += 1
        try:
            if self.polite:
                await self._take(reader, writer)
            else:
                await self.manner(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _take(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        self.taken.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()


async def drips(reader, writer):
    """Send a byte a second, so to say: a fifth of the deadline after each."""
    for byte in b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(DEADLINE / 5)


async def never_reads(reader, writer):
    writer.transport.pause_reading()
    await asyncio.sleep(DEADLINE * 4)


async def hangs_up(reader, writer):
    await reader.readuntil(b"\r\n\r\n")


async def cuts_its_answer(reader, writer):
    writer.write(b"HTTP/1.1 202 Acc")
    await writer.drain()
    writer.transport.abort()


async def endless_headers(reader, writer):
    writer.write(b"HTTP/1.1 202 Accepted\r\n")
    for number in range(10_000_000):
        writer.write(b"X-%d: %s\r\n" % (number, b"x" * 1_000))
        await writer.drain()


async def one_endless_header(reader, writer):
    writer.write(b"HTTP/1.1 202 Accepted\r\nX: ")
    while True:
        writer.write(b"x" * 65_536)
        await writer.drain()


async def for_ever_about_to(reader, writer):
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.001)


async def no_http(reader, writer):
    writer.write(b"220 mail.example ESMTP\r\n" * 10)
    await writer.drain()


async def another_protocol(reader, writer):
    writer.write(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")
    await writer.drain()


MANNERS = [
    drips,
    never_reads,
    hangs_up,
    cuts_its_answer,
    endless_headers,
    one_endless_header,
    for_ever_about_to,
    no_http,
    another_protocol,
]


@pytest.mark.parametrize("manner", MANNERS)
async def test_a_peer_without_manners_is_left_alone_for_a_while_and_holds_up_nobody(small, manner):
    here = await small.host(deadline=DEADLINE)
    polite = await small.remote()
    bo = await small.actor(polite, "bo")
    rude = Rude(small, manner)
    await rude.start()
    async with here.transaction() as tx:
        document = {"id": WHO, "type": "Person", "inbox": f"{WHO}/inbox"}
        peers = here.federation.store.peers
        await peers.save_actor(tx, document, f"{WHO}/inbox", None, small.clock())
    here.federation.courier._peers._patience = 0.05
    said = [await say(here, WHO) for _ in range(3)]
    await here.federation.step()
    await say(here, bo)
    for _ in range(3):
        await here.federation.step()
    assert len(polite.received) == 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    await asyncio.wait_for(small.settle(), 20)
    left = await waiting(here)
    assert [one.state for one in left] == ["ready"] * 3
    assert left[0].reason in {"the peer cannot be reached", "the peer answered 101"}
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100_000, "kilobytes"

    asked, rude.polite = rude.asked, True
    await small.settle()
    assert rude.asked == asked
    small.clock.advance(minutes=1)
    await small.settle()
    rude.server.close()
    assert len(rude.taken) == 3
    assert all(iri.encode() in body for iri, body in zip(said, rude.taken, strict=True))
    assert await waiting(here) == []


async def test_a_peer_that_answers_500_for_a_day_is_asked_seldom_and_gets_everything(any_small):
    here, remote = await any_small.host(), await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    remote.answers["/users/ana/inbox"] = 500
    said = [await say(here, ana, conversation=f"talk {number % 3}") for number in range(12)]
    for _ in range(24 * 4):
        await any_small.settle()
        any_small.clock.advance(minutes=15)
    assert len(remote.requests) < 60
    assert {one.state for one in await waiting(here)} <= {"ready", "parked"}

    remote.answers.clear()
    any_small.clock.advance(days=1, hours=8)
    await any_small.settle()

    arrived = [one["id"] for one in remote.received]
    assert sorted(arrived) == sorted(said)
    assert await waiting(here) == []
    for talk in range(3):
        mine = said[talk::3]
        # The first was parked and may come later; all that followed it keep their order.
        assert [iri for iri in arrived if iri in mine[1:]] == mine[1:]


async def test_a_peer_that_sends_us_round_in_circles_is_not_followed(small):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    for path, onward in (("ana", "eve"), ("eve", "ana")):
        remote.answers[f"/users/{path}/inbox"] = leads_on(f"/users/{onward}/inbox")
    await say(here, ana)
    await small.settle()

    assert [path for path, _ in remote.requests] == ["/users/ana/inbox"]
    (row,) = await waiting(here)
    assert (row.state, row.reason) == ("ready", "the peer answered 307")


async def test_an_actor_whose_document_never_ends_rests_with_its_peer(small):
    here, remote = await small.host(deadline=DEADLINE), await small.remote()
    ana = await small.actor(remote, "ana")
    whole = remote.documents["/users/ana"]
    remote.documents["/users/ana"] = dripping(DEADLINE / 5, status=200)
    await say(here, ana)
    await asyncio.wait_for(small.settle(), 5)
    (row,) = await waiting(here)
    assert (row.state, row.reason) == ("ready", "the peer cannot be reached")

    remote.documents["/users/ana"] = whole
    small.clock.advance(minutes=1)
    await small.settle()
    assert len(remote.received) == 1
    async with here.reading() as tx:
        (peer,) = [
            one
            for one in await here.federation.store.peers.peers(tx)
            if one.origin == remote.origin
        ]
    assert peer.last_delivered == small.clock()
    assert peer.failing_since is None or peer.failing_since <= small.clock() - timedelta(minutes=1)
