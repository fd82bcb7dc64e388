"""An instance of ours to measure: founded, filled, and started as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from benchmarks.measuring.population import Speaker
from federation.activity import encode
from federation.iri import Iri
from federation.keypool import KeyPool
from federation.ports import ActorKeys
from instance.db import FEDERATION_TABLES, Database
from instance.follows.models import Follow, Subscription, SubscriptionState
from instance.network.models import Actor, ActorKind
from instance.people.models import Person
from tests.journeys.processes import Server, free_ports

LEADER = "mei"
EACH = 100


async def founded(folder: Path, name: str = "bench") -> Server:
    """Found an instance with an administrator who leads its group."""
    port, *_ = free_ports(1)
    server = Server(folder, name, port, None)
    await server.found(LEADER)
    return server


@contextlib.asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    """Keep an instance running."""
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def knows(server: Server, people: Iterable[Speaker]) -> None:
    """Let an instance have met actors elsewhere, as if it had fetched them."""
    database = Database(server.settings)
    try:
        async with database.transaction() as tx:
            for one in people:
                inbox, shared = f"{one.id}/inbox", f"{one.origin}/inbox"
                await database.store.peers.save_actor(tx, one.document(), inbox, shared, tx.now)
    finally:
        await database.close()


async def follows(server: Server, groups: Sequence[Speaker]) -> None:
    """Let people here follow these groups elsewhere, each of them a hundred."""
    readers = await has_people(server, len(groups) // EACH)
    database = Database(server.settings)
    try:
        async with database.transaction() as tx:
            for group in groups:
                row = Subscription(group_iri=group.id, name="A group", handle="a@group", follow="")
                row.state, row.since = SubscriptionState.ACCEPTED, tx.now
                tx.session.add(row)
            await tx.session.flush()
            for number, group in enumerate(groups):
                reader = readers[number // EACH]
                tx.session.add(Follow(person=reader, group_iri=group.id, since=tx.now))
    finally:
        await database.close()


async def is_followed(server: Server, inboxes: list[str], manner: str) -> None:
    """Let an instance's group have a follower at each of so many servers."""
    database, now = Database(server.settings), datetime.now(UTC)
    origins = [one.removesuffix("/inbox") for one in inboxes]
    asleep = {"in_until": now, "out_until": now, "next_try": now}
    peers = [{"origin": one, **asleep, "manner": manner, "manner_since": now} for one in origins]
    followers = [
        {
            "actor": server.group,
            "follower": f"{one}/users/ana",
            "follow": f"{one}/follows/1",
            "peer": one,
            "inbox": f"{one}/inbox",
            "since": now,
        }
        for one in origins
    ]
    try:
        async with database.transaction() as tx:
            await tx.session.execute(FEDERATION_TABLES.peers.insert(), peers)
            await tx.session.execute(FEDERATION_TABLES.followers.insert(), followers)
    finally:
        await database.close()


async def has_history(server: Server, activities: int, actors: int) -> None:
    """Let an instance have taken in many activities and met many actors, straight into its rows."""
    database, now = Database(server.settings), datetime.now(UTC) - timedelta(days=30)
    inbox, seen, known = (
        FEDERATION_TABLES.inbox,
        FEDERATION_TABLES.seen,
        FEDERATION_TABLES.actors,
    )
    try:
        for start in range(0, activities, 10_000):
            ids = [
                f"http://past{n % 997}.test/activities/{n}" for n in range(start, start + 10_000)
            ]
            async with database.transaction() as tx:
                await tx.session.execute(
                    seen.insert(), [{"hash": sha256(one.encode()).digest()[:16]} for one in ids]
                )
                await tx.session.execute(inbox.insert(), [_past(one, now) for one in ids])
        for start in range(0, actors, 10_000):
            numbers = range(start, start + 10_000)
            people = [f"http://past{n % 997}.test/users/{n}" for n in numbers]
            async with database.transaction() as tx:
                await tx.session.execute(known.insert(), [_met(one, now) for one in people])
    finally:
        await database.close()


async def has_people(server: Server, count: int) -> list[Iri]:
    """Let so many people have accounts; a few key pairs serve them all. Returns their ids."""
    keys = [await KeyPool().take() for _ in range(4)]
    database = Database(server.settings)
    try:
        async with database.transaction() as tx:
            for number in range(count):
                tx.session.add_all(_person(server.origin, number, keys[number % 4], tx.now))
    finally:
        await database.close()
    return [_person_iri(server.origin, number) for number in range(count)]


def _person(origin: str, number: int, keys: ActorKeys, now: datetime) -> list[object]:
    iri = _person_iri(origin, number)
    actor = Actor(
        iri=iri,
        kind=ActorKind.PERSON,
        username=f"person{number}",
        name=f"Person {number}",
        rsa_pem=keys.rsa.private_pem,
        ed25519_pem=keys.ed25519.private_pem,
        made=now,
    )
    person = Person(
        iri=iri,
        name=f"Person {number}",
        name_public=False,
        language="en",
        adult=True,
        weekly_minutes=2_400,
        joined=now,
    )
    return [actor, person]


def _person_iri(origin: str, number: int) -> Iri:
    return Iri(f"{origin}/people/{number:020d}")


def processed(server: Server) -> float:
    """Wait until everything that was taken in has had its effects; return the moment."""
    with sqlite3.connect(f"file:{server.folder / 'ayni.db'}?mode=ro", uri=True) as rows:
        waiting = "SELECT 1 FROM federation_inbox WHERE state = 'ready'"
        asked = f"SELECT EXISTS (SELECT 1 FROM federation_arrivals UNION ALL {waiting})"
        while rows.execute(asked).fetchone()[0]:
            time.sleep(0.05)
    return time.monotonic()


async def until_processed(server: Server) -> float:
    """Do the same without holding up anything else."""
    return await asyncio.to_thread(processed, server)


def lines_of_enquiries(server: Server) -> int:
    """Count what people anywhere asked the instance's groups."""
    return _count(server, "SELECT count(*) FROM enquiry_lines")


def posts_to_read(server: Server) -> int:
    """Count what stands on the pages of those who follow, each post once for each of them."""
    joined = "followed_posts JOIN follows ON follows.group_iri = followed_posts.author"
    return _count(server, f"SELECT count(*) FROM {joined}")


def _count(server: Server, statement: str) -> int:
    with sqlite3.connect(f"file:{server.folder / 'ayni.db'}?mode=ro", uri=True) as rows:
        return int(rows.execute(statement).fetchone()[0])


def _past(iri: str, now: datetime) -> dict[str, object]:
    origin = iri.partition("/activities")[0]
    body = encode({"id": iri, "type": "Create", "actor": f"{origin}/users/a", "object": iri + "#"})
    return {
        "id": iri,
        "origin": origin,
        "type": "Create",
        "body": body,
        "received": now,
        "state": "done",
        "next_try": now,
    }


def _met(iri: str, now: datetime) -> dict[str, object]:
    body = encode({"id": iri, "type": "Person", "inbox": f"{iri}/inbox"})
    return {"id": iri, "body": body, "inbox": f"{iri}/inbox", "fetched": now}
