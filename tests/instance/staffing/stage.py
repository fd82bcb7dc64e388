"""A group with people of all kinds, and a leader in front of her page, for tests of shortlists."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import event

from instance.agenda import service as agenda
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.jobs.views import NewJob, NewOpening, NewShift
from instance.people import service as people
from instance.people import sessions
from tests.instance.jobs.commune import Browser
from tests.staged import Coop, join

EVERYTHING = ("name", "skills", "certificates", "languages", "weekly_hours", "availability")
ALL_DAY = [agenda.Hours(day, 0, 1440) for day in range(7)]


async def hire(coop: Coop, username: str, *, free=True, share=EVERYTHING, **more):
    """Give somebody an account at the group's own co-op and let her belong to the group."""
    told = {"name": username.title(), "skills": (("ironing", 2),), **more}
    async with coop.database.transaction() as tx:
        person = await people.add_person(tx, people.NewPerson(username=username, **told))
        if free:
            await agenda.paint_week(tx, person, ALL_DAY)
        group = groups.found_here(await groups.require_group(tx, coop.group))
        await groups.ask_to_join(tx, person, group, share)
    return person


async def take_in(world, coop: Coop):
    """Accept everybody who asked to join."""
    await world.settle()
    async with coop.database.transaction() as tx:
        for one in await groups.requests(tx, coop.group):
            await groups.accept_member(tx, coop.view, one.membership)
    await world.settle()


async def staff(world, coop: Coop, *usernames: str, **more):
    """Let several people belong to the group; returns them in this order."""
    found = [await hire(coop, one, **more) for one in usernames]
    await take_in(world, coop)
    return found


async def a_job(coop: Coop, start, *openings: NewOpening, title="Home from hospital", **more):
    """Post a job of one shift of four hours."""
    shift = NewShift(start, start + timedelta(hours=4), openings or (NewOpening("ironing", 1),))
    new = NewJob(title=title, shifts=(shift,), **more)
    return await coop.ask(jobs.require_job, await coop.lead(jobs.post_job, coop.group, new))


class Page:
    """A browser of somebody at one co-op."""

    def __init__(self, world, coop: Coop) -> None:
        self.world, self.origin, self.database = world, coop.origin, coop.database

    async def of(self, person) -> Browser:
        """Sign somebody in."""
        async with self.database.transaction() as tx:
            cookie = await sessions.start(tx, person, "password", "test")
        return Browser(self, cookie)


class Counting:
    """Counts the statements that a database is asked."""

    def __init__(self, database) -> None:
        self._engines = {one.sync_engine for one in (database._reader, database._writer)}
        self.number = 0

    def __enter__(self):
        for engine in self._engines:
            event.listen(engine, "before_cursor_execute", self._count)
        return self

    def __exit__(self, *_):
        for engine in self._engines:
            event.remove(engine, "before_cursor_execute", self._count)

    def _count(self, *_):
        self.number += 1


__all__ = ["Counting", "Page", "a_job", "hire", "join", "staff", "take_in"]
