"""A co-op into which the tests of spreadsheets read their files."""

from datetime import UTC, datetime

import sqlalchemy as sa

from instance.commands import setup
from instance.db import Base
from instance.groups import service as groups
from instance.people import service as people
from instance.spreadsheets.columns import Sheet
from instance.spreadsheets.service import import_file
from instance.viewer import Viewer

BEFORE = datetime(2027, 1, 1, 8, tzinfo=UTC)
HEAD = "name,handle,phone,skills,district,groups,role,adult,agreed_on_paper\n"
MEI = "陳美玲,mei,0103 0001,Home care; Pruning,Sha Tin,care,member,yes,2026-12-01\n"
JOBS = "title,date,start,end,openings,address,pay\n"


class Coop:
    """An instance with its first group and somebody who leads it."""

    def __init__(self, running, founded, viewer):
        self.database = running.database
        self.origin = running.origin
        self.group, self.viewer = founded.group, viewer
        self.running = running

    async def take(self, text, sheet=Sheet.PEOPLE, **more):
        data = text if isinstance(text, bytes) else text.encode()
        return await import_file(self.database, self.viewer, self.group, sheet, data, **more)

    async def rows(self):
        found = {}
        async with self.database.reading() as tx:
            for table in Base.metadata.sorted_tables:
                counted = sa.select(sa.func.count()).select_from(table)
                found[table.name] = (await tx.session.execute(counted)).scalar_one()
        return found

    async def person(self, handle):
        async with self.database.reading() as tx:
            return await people.person_named(tx, handle)


async def found(world, clock, name):
    clock.now = BEFORE
    running = await world.instance(name)
    admin = people.NewPerson(username="ines", name="Admin")
    async with running.database.transaction() as tx:
        founded = await setup.begin(tx, name, admin)
    viewer = Viewer(founded.administrator, "Admin", "ines", "en")
    return Coop(running, founded, viewer)


async def add_groups(coop, *names):
    async with coop.database.transaction() as tx:
        for name in names:
            iri = await groups.create_group(tx, name, name.title())
            await people.grant(tx, coop.viewer.person, iri, people.Role.LEADER, "test")
