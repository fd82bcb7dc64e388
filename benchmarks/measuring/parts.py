"""The parts of the benchmark: each yields lines of its table.

What is ours and its floor take turns, and the round in the middle counts: a machine that others use
too is never the same for a minute.
"""

from __future__ import annotations

import asyncio
import json
import os
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from benchmarks.measuring import instances
from benchmarks.measuring.population import Speaker, notes, save, speakers
from benchmarks.measuring.processes import client, floor, post_all
from benchmarks.measuring.table import Line
from federation.activity import ACTIVITY_JSON
from federation.signatures import Manner
from tests.journeys.processes import Server, free_ports, until

ROUNDS = 3
REQUESTS = 4_000
GETS = 8_000
QUESTIONS = 2_000
PEERS = 2_000
GENERATIONS = {
    "RSA by draft-cavage": Manner.CAVAGE,
    "Ed25519 by RFC 9421": Manner.RFC9421_ED25519,
}


async def intake(place: Path) -> AsyncIterator[Line]:
    """Take in distinct posts of followed groups, by each generation, until followers read them."""
    people, read = speakers(), 0
    server = await instances.founded(place)
    await instances.knows(server, people)
    await instances.follows(server, people)
    async with instances.running(server):
        for name, manner in GENERATIONS.items():
            taken, processed = [], []
            for number in range(ROUNDS):
                bare = await _bare_intake(place, people, server.origin, manner, number)
                begun, rate = await _take_in(place, people, server, manner, number)
                taken.append((rate, bare))
                done = await instances.until_processed(server)
                processed.append((REQUESTS / (done - begun), bare))
                read += REQUESTS + (len(people) if number == 0 else 0)  # the first warms up
                assert instances.posts_to_read(server) == read
            yield Line(f"intake, {name}", *middle(taken), 0.6)
            yield Line(f"processed, {name}", *middle(processed), 0.15)
        asked = await _questions(place, people, server)
        yield Line("processed, questions to a group", asked, bare)


async def get(place: Path) -> AsyncIterator[Line]:
    """Answer what is asked for most, beside a server that answers the same bytes."""
    server = await instances.founded(place)
    async with instances.running(server):
        job = await _posted_job(server)
        host = server.origin.partition("://")[2]
        asked = {
            "GET actor": server.group.removeprefix(server.origin),
            "GET job": job.removeprefix(server.origin),
            "GET WebFinger": f"/.well-known/webfinger?resource=acct:{server.name}@{host}",
        }
        for name, path in asked.items():
            request = place / "request"
            request.write_bytes(_get(path, host))
            answer = place / "answer.json"
            body, headers = await _answer(server, path)
            ready = {path.partition("?")[0]: {"body": body, "headers": headers}}
            answer.write_text(json.dumps(ready))
            port, *_ = free_ports(1)
            async with floor("answer", port, answer):
                pairs = [
                    (await _gets(server.port, request), await _gets(port, request))
                    for _ in range(ROUNDS)
                ]
            yield Line(name, *middle(pairs), 0.5)


async def fanout(place: Path) -> AsyncIterator[Line]:
    """Send one post to two thousand servers, in each manner."""
    port, *_ = free_ports(1)
    inboxes = [f"http://127.1.{n // 250}.{n % 250 + 1}:{port}/inbox" for n in range(PEERS)]
    (place / "inboxes").write_text("\n".join(inboxes))
    async with floor("stub", port):
        for name, manner in GENERATIONS.items():
            server = await instances.founded(place, f"fan-{manner}")
            await instances.is_followed(server, inboxes, manner)
            async with instances.running(server):
                pairs = [await _fan_out(place, server, port, manner) for _ in range(ROUNDS)]
            yield Line(f"fan-out to {PEERS:,} peers, {name}", *middle(pairs), 0.6)


async def growth(place: Path) -> AsyncIterator[Line]:
    """Take in the same beside a little history and beside years of it."""
    people, servers = speakers(), []
    for activities, actors in ((1_000_000, 200_000), (10_000, 2_000)):
        server = await instances.founded(place, f"grown{activities}")
        await instances.has_history(server, activities, actors)
        await instances.knows(server, people)
        servers.append(server)
    async with instances.running(servers[0]), instances.running(servers[1]):
        pairs = []
        for number in range(ROUNDS):
            rates = []
            for one in servers:
                rates.append((await _take_in(place, people, one, Manner.CAVAGE, number))[1])
                await instances.until_processed(one)  # or it would work while the other is measured
            pairs.append((rates[0], rates[1]))
    yield Line("intake beside 1,000,000 activities", *middle(pairs), 0.9)


async def memory(place: Path) -> AsyncIterator[Line]:
    """Look at what an idle instance with two thousand people holds."""
    server = await instances.founded(place)
    await instances.has_people(server, 2_000)
    async with instances.running(server):
        await until(lambda: _idle(server))
        held = _resident(server.pid)
    yield Line("memory, 2,000 people", held / 1e6, unit=" MB")


def middle(pairs: list[tuple[float, float]]) -> tuple[float, float]:
    """Return our rate and the floor's of the round whose ratio is the one in the middle."""
    return sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]


async def _bare_intake(
    place: Path, people: list[Speaker], target: str, manner: Manner, number: int
) -> float:
    requests = place / "bare"
    save(requests, notes(people, target, REQUESTS, manner, "bare"))
    port, *_ = free_ports(1)
    async with floor("intake", port, requests, place / f"bare-{manner}-{number}.db"):
        went = await client(port, requests)
    assert went["statuses"] == {"202": REQUESTS}, went
    return REQUESTS / float(went["seconds"])


async def _take_in(
    place: Path, people: list[Speaker], server: Server, manner: Manner, number: int
) -> tuple[float, float]:
    """Return when it began, and how many a second were answered; the first round warms up."""
    requests, run = place / "requests", f"{manner}{number}"
    if number == 0:
        save(requests, notes(people, server.origin, len(people), manner, f"{run}warm"))
        await client(server.port, requests)
        await instances.until_processed(server)
    save(requests, notes(people, server.origin, REQUESTS, manner, run))
    begun = time.monotonic()
    went = await client(server.port, requests)
    assert went["statuses"] == {"202": REQUESTS}, went
    return begun, REQUESTS / float(went["seconds"])


async def _questions(place: Path, people: list[Speaker], server: Server) -> float:
    """Return how many questions a second stand in their group's enquiries."""
    requests = place / "requests"
    written = notes(people, server.origin, QUESTIONS, Manner.CAVAGE, "q", mentioned=server.group)
    save(requests, written)
    begun = time.monotonic()
    went = await client(server.port, requests)
    assert went["statuses"] == {"202": QUESTIONS}, went
    done = await instances.until_processed(server)
    assert instances.lines_of_enquiries(server) == QUESTIONS
    return QUESTIONS / (done - begun)


async def _fan_out(place: Path, server: Server, port: int, manner: Manner) -> tuple[float, float]:
    """Return how many peers a second a post reached, and how many a bare client reaches."""
    await _forget_arrivals(port)
    begun = time.time()
    job = await _posted_job(server)
    rate = PEERS / (await _last_arrival(port) - begun)
    body = place / "body"
    said, _ = await _answer(server, job.removeprefix(server.origin))
    body.write_text(said)
    kind = "rsa" if manner is Manner.CAVAGE else "ed25519"
    return rate, PEERS / await post_all(place / "inboxes", body, kind)


async def _posted_job(server: Server) -> str:
    shift = {"day": "2027-01-09", "start": "09:00", "end": "13:00"}
    openings = [{"skill": "home-care", "count": 1, "certificates": []}]
    posted = await server.post(
        "/jobs",
        instances.LEADER,
        group=server.group.rpartition("/")[2],
        title="First day home from hospital",
        description="Somebody comes home and wants company.",
        district="Sha Tin",
        pay="75",
        shifts=[{**shift, "openings": openings}],
    )
    return str(posted["iri"])


def _get(path: str, host: str) -> bytes:
    raw = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: {ACTIVITY_JSON}\r\n\r\n".encode()
    return b"".join(struct.pack(">I", len(part)) + part for part in (raw, b"", b"", b"", b""))


async def _gets(port: int, request: Path) -> float:
    await client(port, request, GETS // 8)
    went = await client(port, request, GETS)
    assert went["statuses"] == {"200": GETS}, went
    return GETS / float(went["seconds"])


async def _answer(server: Server, path: str) -> tuple[str, dict[str, str]]:
    """Return what is answered, and the headers that are ours."""
    host = server.origin.partition("://")[2]
    asked = {"Host": host, "Accept": ACTIVITY_JSON}
    url = f"http://127.0.0.1:{server.port}{path}"
    theirs = {"Content-Length", "Date", "Server"}
    async with aiohttp.ClientSession() as one, one.get(url, headers=asked) as answer:
        headers = {name: value for name, value in answer.headers.items() if name not in theirs}
        return await answer.text(), headers


async def _last_arrival(port: int) -> float:
    async with aiohttp.ClientSession() as one:

        async def all_there() -> float:
            async with one.get(f"http://127.0.0.1:{port}/arrived") as answer:
                told = await answer.json()
            return float(told["last"]) if told["count"] >= PEERS else 0.0

        return float(await until(all_there))


async def _forget_arrivals(port: int) -> None:
    async with (
        aiohttp.ClientSession() as one,
        one.post(f"http://127.0.0.1:{port}/forget") as answer,
    ):
        assert answer.status == 200


def _resident(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def _idle(server: Server) -> bool:
    """Tell whether a process has used hardly any time within a second."""

    def used() -> int:
        fields = Path(f"/proc/{server.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        return sum(map(int, fields.split()[11:13]))

    before = used()
    await asyncio.sleep(1)
    return used() - before < 10
