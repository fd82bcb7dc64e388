"""Several servers and couriers on one PostgreSQL: each thing once, at once, whoever is killed."""

from __future__ import annotations

import asyncio
import signal
import uuid
from datetime import UTC, datetime

import msgspec
import pytest
import sqlalchemy as sa
from aiohttp import ClientError, web

from federation.iri import main_key_id
from federation.signatures import sign_request
from federation.testing import Network, RemoteServer
from instance.db import Database
from tests.databases import POSTGRESQL, on_server
from tests.journeys.processes import Ahead, Server, free_ports, until

pytestmark = pytest.mark.postgresql


class Fleet:
    """One co-op whose servers and couriers are processes of their own, and a remote server."""

    def __init__(self, folder, url):
        self.ports = free_ports(2)
        self.server = Server(folder, "care", self.ports[0], Ahead(folder / "ahead"), url)
        self.processes = []

    async def open(self):
        await self.server.found("koel")
        self.database = Database(self.server.settings)
        self.network = Network()
        self.remote = await RemoteServer.start(
            self.network, "remote.localhost", lambda: datetime.now(UTC)
        )
        port = self.network.names["remote.localhost"][1]
        self.remote.origin = f"http://remote.localhost:{port}"
        self.ana = self.remote.actor("ana")

    async def serve(self, number=0, *arguments):
        port = self.ports[number]
        process = await self.run("serve", "--listen", f"127.0.0.1:{port}", *arguments)

        async def answers():
            try:
                return await self.post(port, "Like") == 202
            except (ClientError, OSError):
                return False

        await until(answers)
        return process

    async def run(self, *command):
        self.processes.append(await self.server.run(*command))
        return self.processes[-1]

    async def post(self, port, kind, inner=None):
        """Send something signed to one of the servers."""
        said = self.remote.activity(kind, self.ana, inner or {"type": "Note"})
        inbox = f"{self.server.origin}/inbox"
        return await self._send(inbox, port, said)

    async def _send(self, inbox, port, said):
        body = msgspec.json.encode(said)
        headers = sign_request(
            method="POST",
            url=inbox,
            key_id=main_key_id(self.ana),
            key=self.remote.actors[self.ana].keys.rsa,
            now=datetime.now(UTC),
            body=body,
        )
        url = f"http://127.0.0.1:{port}/inbox"
        async with (
            self.network.client() as client,
            client.post(url, data=body, headers=headers) as answer,
        ):
            return answer.status

    async def follow(self, port):
        return await self.post(port, "Follow", self.server.group)

    async def leased(self):
        """Count the leases that are held now."""
        peers = self.database.store.peers.tables.peers
        async with self.database.reading() as tx:
            now = datetime.now(UTC)
            held = sa.or_(peers.c.out_until > now, peers.c.in_until > now)
            return (await tx.session.execute(sa.select(sa.func.count()).where(held))).scalar_one()

    async def waiting(self):
        """Count the deliveries that have not arrived."""
        deliveries = self.database.store.peers.tables.deliveries
        async with self.database.reading() as tx:
            counted = sa.select(sa.func.count()).select_from(deliveries)
            return (await tx.session.execute(counted)).scalar_one()

    async def close(self):
        for one in self.processes:
            if one.returncode is None:
                one.kill()
            await one.wait()
        await self.database.close()
        await self.network.close()


@pytest.fixture
async def fleet(tmp_path):
    name = f"ayni_test_{uuid.uuid4().hex}"
    await on_server(f'CREATE DATABASE "{name}"')
    made = Fleet(tmp_path, f"{POSTGRESQL.rpartition('/')[0]}/{name}")
    await made.open()
    yield made
    await made.close()
    await on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


async def test_a_commit_of_a_server_wakes_a_courier_of_another_process_at_once(fleet, monkeypatch):
    monkeypatch.setenv("AYNI_TEST_IDLE", "300")
    await fleet.serve(0, "--no-courier")
    await fleet.run("courier")
    await asyncio.sleep(3)
    for number in range(1, 4):
        assert await fleet.follow(fleet.ports[0]) == 202

        async def arrived(number=number):
            return len(fleet.remote.received) >= number

        async with asyncio.timeout(60):  # idle it sleeps for 300
            await until(arrived)


async def test_several_of_either_deliver_each_thing_once_though_one_is_killed(fleet):
    await fleet.serve(0)
    other = await fleet.serve(1)
    couriers = [await fleet.run("courier") for _ in range(2)]
    said, before = 0, set()
    for round_ in range(10):
        for port in fleet.ports if round_ < 6 else fleet.ports[:1]:
            assert await fleet.follow(port) == 202
            said += 1
        if round_ == 5:
            other.kill()
            couriers[0].kill()
            await asyncio.gather(other.wait(), couriers[0].wait())
            await asyncio.sleep(1)  # what they had under way arrives
            before = set(times_each(fleet))
            fleet.server.clock.move(180)

    async def all_arrived():
        return not await fleet.waiting() and len(accepted(fleet)) == said

    await until(all_arrived)
    assert all(number <= 2 for number in times_each(fleet).values())
    again = {one for one, number in times_each(fleet).items() if number > 1}
    assert again <= before, "only what was under way comes again"


def accepted(fleet):
    return {one["object"]["id"] for one in fleet.remote.received if one["type"] == "Accept"}


def times_each(fleet):
    ids = [one["id"] for one in fleet.remote.received]
    return {one: ids.count(one) for one in ids}


async def test_who_is_asked_to_stop_settles_what_is_under_way_and_gives_leases_back(fleet):
    holds, release = asyncio.Event(), asyncio.Event()

    async def slowly(request):
        document = await request.json()
        holds.set()
        await release.wait()
        fleet.remote.received.append(document)
        return web.Response(status=202)

    fleet.remote.answers["/users/ana/inbox"] = slowly
    process = await fleet.serve()
    for _ in range(3):
        await fleet.follow(fleet.ports[0])
    await asyncio.wait_for(holds.wait(), 20)
    process.send_signal(signal.SIGTERM)
    await asyncio.sleep(1.5)
    assert process.returncode is None
    release.set()
    assert await asyncio.wait_for(process.wait(), 20) == 0

    assert await fleet.leased() == 0
    arrived = len(fleet.remote.received)
    assert arrived >= 1
    assert arrived + await fleet.waiting() == 3
    assert max(times_each(fleet).values()) == 1


async def test_a_request_under_way_is_answered_before_a_server_stops(fleet):
    process = await fleet.serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", fleet.ports[0])
    host = fleet.server.origin.partition("://")[2]
    writer.write(
        f"POST /inbox HTTP/1.1\r\nHost: {host}\r\nContent-Length: 2\r\n"
        "Content-Type: application/activity+json\r\nConnection: close\r\n\r\n{".encode()
    )
    await writer.drain()
    await asyncio.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    await asyncio.sleep(0.5)
    assert process.returncode is None
    writer.write(b"}")
    await writer.drain()

    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400")
    assert await asyncio.wait_for(process.wait(), 20) == 0
