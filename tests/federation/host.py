"""Small hosts on real sockets and real databases, for the tests of the library alone."""

import itertools
import os
import uuid
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import asyncpg

from federation.fetch import Reach
from federation.keypool import KeyPool, make_keys
from federation.sql.smallhost import SmallHost
from federation.testing import Network, RemoteServer

POSTGRESQL = os.environ.get(
    "AYNI_TEST_POSTGRESQL", "postgresql+asyncpg://postgres@127.0.0.1:5432/postgres"
)
AS2 = "https://www.w3.org/ns/activitystreams"
CONTEXT = [AS2, "https://w3id.org/security/data-integrity/v2"]
PUBLIC = f"{AS2}#Public"


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self):
        self.now = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

    def __call__(self):
        return self.now

    def advance(self, **by):
        self.now += timedelta(**by)


class SharedKeys(KeyPool):
    """Hands out a few pairs in turn: RSA keys are slow to make."""

    pairs = None

    async def take(self):
        if SharedKeys.pairs is None:
            SharedKeys.pairs = itertools.cycle([make_keys() for _ in range(3)])
        return next(SharedKeys.pairs)


class Failing(SmallHost):
    """A host whose power may be cut in front of any commit.

    `cut` counts down the transactions that still come through; None lets all through.
    """

    cut = None

    async def until_dark(self):
        """Step on until nothing moves any more."""
        going_on = (self.federation.effects._origins, self.federation.courier._peers)
        for _ in range(5):
            with suppress(PowerCutError):
                await self.federation.step()
            self.cut = min(self.cut, 0)
        for one in going_on:
            while one._tasks:
                with suppress(PowerCutError):
                    await one.rest()

    @asynccontextmanager
    async def transaction(self):
        async with super().transaction() as tx:
            yield tx
            if self.cut is not None:
                self.cut -= 1
                if self.cut < 0:
                    raise PowerCutError

    async def batch(self, work):
        def and_maybe_fail(connection):
            result = work(connection)
            if self.cut is not None:
                self.cut -= 1
                if self.cut < 0:
                    raise PowerCutError
            return result

        return await super().batch(and_maybe_fail)


class PowerCutError(BaseException):
    """The process is gone: nothing after this line happens."""


class Small:
    """A network of small hosts and remote servers."""

    def __init__(self, make_url, deadline=2.0):
        self.network = Network()
        self.clock = Clock()
        self.hosts = []
        self._make_url = make_url
        self._deadline = deadline

    async def host(self, name="here", url=None, kind=SmallHost, **reach):
        """Start a host that answers under http://<name>.test."""
        usual = {"plain_http": True, "loopback": True, "names": self.network.names}
        chosen = {**usual, "deadline": self._deadline, **reach}
        host = kind(
            f"http://{name}.test",
            clock=self.clock,
            url=url or await self._make_url(),
            reach=Reach(user_agent="test", **chosen),
            keys=SharedKeys(),
        )
        await host.open()
        await self.network.serve(f"{name}.test", host.application())
        self.hosts.append(host)
        return host

    async def remote(self, name="remote"):
        """Start a server of another kind, whose actors share a few key pairs."""
        server = await RemoteServer.start(self.network, f"{name}.test", self.clock)
        await SharedKeys().take()
        return server

    async def actor(self, remote, username, **more):
        """Publish an actor of a remote server, with a key pair out of the pool."""
        return remote.actor(username, await SharedKeys().take(), **more)

    async def outlive_leases(self, host, taken_over):
        """Let a host have what a dead process had leased: at once, or when that time is over."""
        if not taken_over:
            self.clock.advance(minutes=3)
            return
        async with host.transaction() as tx:
            await host.federation.take_over(tx)

    async def settle(self):
        """Step every host until nothing is going on."""
        for _ in range(200):
            if not any([await one.federation.step() for one in self.hosts]):
                return
        raise AssertionError("the network never comes to rest")

    async def close(self):
        for host in self.hosts:
            await host.close()
        await self.network.close()


SWEEP = """
SET session_replication_role TO replica; -- in whatever order, though one refers to the other
DO $$ DECLARE one regclass; BEGIN
    FOR one IN SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP EXECUTE 'DELETE FROM ' || one; END LOOP;
END $$;
SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'
"""


class Databases:
    """PostgreSQL databases, made once in a run and swept between tests: making tables is slow."""

    def __init__(self):
        self.free, self.made = [], []

    async def take(self):
        if self.free:
            url = self.free.pop()
            await _on_server(url, SWEEP)
            return url
        name = f"ayni_federation_{uuid.uuid4().hex}"
        await _on_server(POSTGRESQL, f'CREATE DATABASE "{name}"')
        self.made.append(name)
        # What is lost when the server itself dies is no question of ours: it is not waited for.
        await _on_server(POSTGRESQL, f'ALTER DATABASE "{name}" SET synchronous_commit TO off')
        return f"{POSTGRESQL.rpartition('/')[0]}/{name}"

    async def drop(self):
        for name in self.made:
            await _on_server(POSTGRESQL, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _on_server(url, statement):
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def activity(actor, kind="Create", inner="note", **more):
    """Write an activity of an actor elsewhere, with an id of its own."""
    origin = actor.split("/users/")[0].split("/people/")[0].split("/groups/")[0]
    iri = more.pop("id", f"{origin}/activities/{uuid.uuid4().hex}")
    if inner == "note":
        inner = {"id": f"{iri}/note", "type": "Note", "attributedTo": actor, "content": "hello"}
    return {"@context": CONTEXT, "id": iri, "type": kind, "actor": actor, "object": inner, **more}


async def say(host, *to, conversation="talk", sender=None, **more):
    """Say something; returns its id."""
    iri = host.federation.new_id()
    said = {
        "@context": CONTEXT,
        "id": iri,
        "type": "Create",
        "actor": sender or host.instance_actor,
        "object": {"id": f"{iri}/note", "type": "Note", "content": "hello"},
        "to": list(to),
        **more,
    }
    async with host.transaction() as tx:
        await host.federation.send(tx, said, conversation=conversation)
    return iri


async def waiting(host):
    """Return what has not arrived: (state, status, attempts, seconds until the next try)."""
    deliveries = host.federation.store.outbox.tables.deliveries
    async with host.reading() as tx:
        return (await tx.execute(deliveries.select().order_by(deliveries.c.id))).all()


async def decide(host, subject, standing, reason="spam"):
    """Let an administrator of a host decide about somebody elsewhere."""
    async with host.transaction() as tx:
        await host.federation.standings.put(tx, subject, standing, reason)
