"""A worker of a co-op who is asked for a shift."""

from __future__ import annotations

import pytest

from instance.home import service as home
from instance.people import sessions
from instance.staffing import service as staffing
from instance.viewer import Viewer
from tests.instance.alliances.pair import found
from tests.instance.jobs.commune import Browser
from tests.instance.records.shift import PAY

ADDRESS = {
    "address": "Flat 8, Sunny House",
    "contact_name": "Wong",
    "contact_phone": "+852 9999 0002",
}


class Asked:
    """A worker of a co-op who is asked for a shift in two days."""

    def __init__(self, world, coop, person, job):
        self.world, self.coop, self.person, self.job = world, coop, person, job
        self.viewer = Viewer(person, "Ana", "ana", "en")

    @property
    def opening(self):
        return self.job.shifts[0].openings[0].iri

    async def ask(self, job=None, *persons):
        opening = (job or self.job).shifts[0].openings[0].iri
        await self.coop.act(staffing.invite, opening, list(persons) or [self.person])
        await self.world.settle()

    async def browser(self, person=None):
        async with self.coop.database.transaction() as tx:
            cookie = await sessions.start(tx, person or self.person, "password", "test")
        return Browser(self.coop, cookie)

    async def week(self, day=None):
        return await self.coop.see(home.week, self.viewer, day)

    async def state(self):
        async with self.coop.database.reading() as tx:
            view = await home.week(tx, self.viewer)
            return [one.state for one in view.invitations], [
                each.state for day in view.days for each in day.promises
            ]


@pytest.fixture
async def asked(world):
    coop = await found(world, "care")
    person = await coop.add_worker("ana", "Ana Pérez")
    job = await coop.post_job(places=2, days=2, **PAY, **ADDRESS)
    one = Asked(world, coop, person, job)
    await one.ask()
    return one
