"""Three instances, and a pretend wire that loses no letter but every order.

The services, the receivers, the inbox, the outbox and the databases are the program's own. What
an instance wrote for another is taken from its outbox and put into the other's inbox: late, twice
and in any order, as the seed says.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Federation
from federation.activity import ACTIVITY_JSON, decode
from federation.actors import actor_document
from federation.fetch import Reach
from instance import due
from instance.app import DUE, RECEIVERS, SUBSCRIBERS
from instance.db import FEDERATION_TABLES, Base, Database
from instance.directory import InstanceDirectory
from instance.groups import sharing
from instance.jobs import activities as jobs_wire
from instance.network import service as network
from instance.network.models import Actor
from instance.reception import register
from instance.settings import Settings
from tests.conftest import Running, World

Letter = tuple[str, dict[str, Any]]

# Posts about jobs and shared availability go to others than the three, or change nothing here.
QUIET = {
    sharing.push_soon,
    jobs_wire.send_posted,
    jobs_wire.send_changed,
    jobs_wire.send_called_off,
}


@dataclass(eq=False)
class Instance:
    """One instance: its database and its part in the network, served to nobody."""

    origin: str
    database: Database
    known: set[str] = field(default_factory=set)

    @property
    def federation(self) -> Federation:
        return self.database.federation

    async def step(self) -> bool:
        """Do what is due and carry out what came in; nothing goes out by itself."""
        done = await due.step(self.database, DUE)
        return await self.federation.effects.process() or done


async def instance(name: str, url: str, clock, keys) -> Instance:
    """Make an instance with empty tables."""
    origin = f"http://{name}.test"
    settings = Settings(origin=origin, name=name, database=url, plain_http=True)
    subscribers = {
        event: tuple(one for one in heard if one not in QUIET)
        for event, heard in SUBSCRIBERS.items()
    }
    database = Database(settings, clock=clock, subscribers=subscribers)
    database.federation = Federation(
        directory=InstanceDirectory(settings),
        database=database,
        store=database.store,
        clock=clock,
        reach=Reach(),
        keys=keys,
    )
    register(database.federation, RECEIVERS)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.transaction() as tx:
        await network.ensure_instance_actor(tx)
    return Instance(origin, database)


class Wire:
    """What is on its way between instances, until the seed lets it arrive."""

    def __init__(self, instances: list[Instance], clock) -> None:
        self.instances = {one.origin: one for one in instances}
        self.clock = clock
        self.letters: list[Letter] = []

    async def collect(self) -> None:
        """Take from every outbox what has been written since."""
        outbox, deliveries = FEDERATION_TABLES.outbox, FEDERATION_TABLES.deliveries
        chosen = (
            sa.select(deliveries.c.id, deliveries.c.peer, outbox.c.body)
            .join(outbox, outbox.c.seq == deliveries.c.seq)
            .order_by(deliveries.c.id)
        )
        for one in self.instances.values():
            async with one.database.reading() as tx:
                rows = (await tx.session.execute(chosen)).all()
            if not rows:
                continue
            async with one.database.transaction() as tx:
                taken = sa.delete(deliveries).where(deliveries.c.id.in_([row.id for row in rows]))
                await tx.session.execute(taken)
            self.letters += [
                (row.peer, decode(row.body)) for row in rows if row.peer in self.instances
            ]

    async def deliver(self) -> None:
        """Let every letter arrive."""
        letters, self.letters = self.letters, []
        await self._store(letters)

    async def deliver_some(self, chance: Chance) -> None:
        """Let some letters arrive, in no order, and keep a copy of some to arrive once more."""
        arriving, waiting = [], []
        for letter in chance.shuffled(self.letters):
            arrives, again = chance.happens(2, 3), chance.happens(1, 6)
            arriving += [letter] if arrives else []
            waiting += [letter] if again or not arrives else []
        self.letters = waiting
        await self._store(arriving)

    async def settle(self) -> None:
        """Let everything arrive and take effect until nothing moves any more."""
        for _ in range(100):
            await self.collect()
            await self.deliver()
            moved = [await one.step() for one in self.instances.values()]
            await self.collect()
            if not any(moved) and not self.letters:
                return
        raise AssertionError("the network never comes to rest")

    async def introduce(self) -> None:
        """Let every instance know the keys of everybody, as if it had fetched them."""
        for home in self.instances.values():
            async with home.database.reading() as tx:
                iris = (await tx.session.scalars(sa.select(Actor.iri))).all()
                actors = [await network.actor(tx, iri) for iri in iris]
            documents = [
                actor_document(one, network.instance_actor(home.origin), home.origin)
                for one in actors
            ]
            for other in self.instances.values():
                fresh = [one for one in documents if one["id"] not in other.known]
                if other is home or not fresh:
                    continue
                async with other.database.transaction() as tx:
                    for one in fresh:
                        inbox = f"{one['id']}/inbox"
                        await other.database.store.peers.save_actor(
                            tx, one, inbox, f"{home.origin}/inbox", self.clock()
                        )
                other.known |= {one["id"] for one in fresh}

    async def _store(self, letters: list[Letter]) -> None:
        for origin, peer in self.instances.items():
            documents = [document for to, document in letters if to == origin]
            if documents:
                keep = peer.database.store.inbox.keep
                await peer.database.batch(partial(keep, activities=documents, now=self.clock()))


class SocketWire(Wire):
    """The same between whole servers: a letter arrives as a request that its proof vouches for."""

    def __init__(self, world: World, servers: list[Running]) -> None:
        super().__init__([Instance(one.origin, one.database) for one in servers], world.clock)
        self._network = world.network

    async def introduce(self) -> None:
        """Nobody need be introduced: each looks up the others' keys."""

    async def _store(self, letters: list[Letter]) -> None:
        async with self._network.client(headers={"Content-Type": ACTIVITY_JSON}) as client:
            for origin, document in letters:
                body = msgspec.json.encode(document)
                async with client.post(f"{origin}/inbox", data=body) as answer:
                    assert answer.status == 202, await answer.text()


class Chance:
    """Draws what happens next from a seed, so that a schedule can be played again."""

    def __init__(self, seed: object) -> None:
        self._random = random.Random(str(seed))

    def one_of(self, choices):
        return self._random.choice(list(choices))

    def happens(self, times: int, out_of: int) -> bool:
        return self._random.randrange(out_of) < times

    def minutes(self, least: int, most: int) -> timedelta:
        return timedelta(minutes=self._random.randint(least, most))

    def shuffled(self, letters):
        return self._random.sample(letters, len(letters))


async def close(instances: list[Instance]) -> None:
    """Close every database."""
    await asyncio.gather(*(one.database.close() for one in instances))
