"""Whatever is lost between two instances, both agree again once they have compared."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from federation.activity import stored
from tests.journeys.first_steps import found_story
from tests.journeys.last_steps import tell
from tests.journeys.story import found_coop


async def lose_what_is_compared(instance, known_to):
    """Drop every delivery that a comparison makes up for, to those who know of this instance."""
    federation = instance.federation
    tables = federation.store.outbox.tables
    outbox, deliveries = tables.outbox, tables.deliveries
    async with instance.database.transaction() as tx:
        rows = await tx.session.execute(
            sa.select(deliveries.c.id, deliveries.c.peer, outbox.c.body).join(
                outbox, outbox.c.seq == deliveries.c.seq
            )
        )
        lost = [
            row.id
            for row in rows
            if row.peer in known_to and federation.kinds.of(stored(row.body)) is not None
        ]
        await tx.session.execute(sa.delete(deliveries).where(deliveries.c.id.in_(lost)))
    return len(lost)


class Lossy:
    """A world in which nothing arrives but the first word; the rest is made up for afterwards."""

    def __init__(self, world):
        self.world, self.lost = world, 0

    def __getattr__(self, name):
        return getattr(self.world, name)

    async def settle(self):
        for _ in range(30):
            before = self.lost
            for one in self.world.instances:
                self.lost += await lose_what_is_compared(one, await self._known_to(one))
            await self.world.settle()
            if self.lost == before:
                return
            await self.compare()
        raise AssertionError("the instances never come to rest")

    async def _known_to(self, one):
        """Return the origins that know an actor of this instance."""
        return {
            other.origin for other in self.world.instances if await self._application(other, one)
        }

    async def _application(self, one, other):
        async with one.database.reading() as tx:
            return await one.federation.store.exchanges.application_of(tx, other.origin)

    async def compare(self):
        """Let everybody compare with everybody; return what differed between whom."""
        pairs = [
            (one, other)
            for one in self.world.instances
            for other in self.world.instances
            if one is not other and await self._application(one, other)
        ]
        found = [(one.origin, other.origin, await compared(one, other)) for one, other in pairs]
        return [line for line in found if line[2]]


async def compared(one, other):
    """Let one instance compare with another; return the kinds that differed."""
    async with one.database.transaction() as tx:
        await one.federation.store.exchanges.expect(tx, timedelta())
    await one.federation.comparing.compare(other.origin)
    async with one.database.reading() as tx:
        found = await one.federation.store.exchanges.compared(tx)
    return {line.peer: line.differs for line in found}.get(other.origin, ())


async def test_the_whole_story_is_told_though_nothing_but_the_first_word_arrives(world):
    lossy = Lossy(world)
    async with found_story(world) as story:
        story.settle, story.least_repeated = lossy.settle, 0
        await tell(story)

    assert lossy.lost > 30
    assert await lossy.compare() == []


SHIFT = {"start": "09:00", "end": "12:00"}


async def peony_belongs_to_care(world):
    """Found two co-ops; a member of the one belongs to the other as well."""
    care = await found_coop(world, "care", "Care", "koel")
    green = await found_coop(world, "green", "Green", "mangrove")
    await green.imports("Seh Mei Lin,peony,peony@mail.example,,ironing,,30,yes,yes")
    await green.peony.joins("@care@care.test", "name", "skills", "availability")
    await world.settle()
    await care.koel.takes_in()
    await world.settle()
    return care, green


async def peony_is_asked(care, day):
    places = [{"skill": "ironing", "count": 1}]
    job = await care.koel.posts(title="Ironing", shifts=[{"day": day, **SHIFT, "openings": places}])
    opening = await job.opening()
    found = (await job.find())[opening]["suggested"]
    asked = {"opening": opening, "people": [one["person"] for one in found]}
    await care.koel.post(f"{job.path}/staffing/invite", until=f"{day}T00:00", **asked)
    return job, opening


async def test_after_a_week_of_silence_in_which_messages_were_lost_both_sides_agree(any_world):
    care, green = await peony_belongs_to_care(any_world)
    way_back = any_world.network.vanish("green.test")
    job, opening = await peony_is_asked(care, "2027-01-20")
    for _ in range(8):
        any_world.clock.advance(days=1)
        await any_world.settle()
    [running, _] = any_world.instances
    assert await lose_what_is_compared(running, {green.origin}) == 1

    any_world.network.names["green.test"] = way_back
    for _ in range(3):
        any_world.clock.advance(hours=13)
        await any_world.settle()
    await green.peony.answers(group="Care")
    await any_world.settle()

    assert await job.states(opening) == {"Seh Mei Lin": "confirmed"}
    any_world.clock.advance(days=1, minutes=1)
    await any_world.settle()
    for leader in (care.koel, green.mangrove):
        [peer] = (await leader.get("/peers"))["peers"]
        assert peer["differs"] == []
        assert datetime.fromisoformat(peer["agreed"]) == any_world.clock()


async def test_an_instance_restored_from_a_copy_catches_up_with_what_it_had_heard(world, tmp_path):
    care, green = await peony_belongs_to_care(world)
    _, running = world.instances
    path = Path(running.database.settings.database.partition(":///")[2])
    await copy(path, tmp_path / "yesterday.db")
    job, opening = await peony_is_asked(care, "2027-01-20")
    await world.settle()
    assert await green.peony.invitations()

    await running.database.close()
    await copy(tmp_path / "yesterday.db", path)
    assert not await green.peony.invitations()
    world.clock.advance(days=1, minutes=1)
    await world.settle()
    await green.peony.answers(group="Care")
    await world.settle()
    assert await job.states(opening) == {"Seh Mei Lin": "confirmed"}


async def copy(source, target):
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
