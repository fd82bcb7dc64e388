"""Makes and peoples one co-op of the demonstration, as any co-op does: init and import."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click
import msgspec

from federation import Iri
from instance.app import COURIER
from instance.clock import Clock, PretendClock
from instance.commands import setup
from instance.commands.opening import opened
from instance.db import Database
from instance.demo.coops import Coop, groups_of, people_of, sheet
from instance.groups import service as groups
from instance.people import service as people
from instance.people import sessions, signin
from instance.people.views import RightView
from instance.spreadsheets import service as spreadsheets
from instance.viewer import Viewer
from instance.web import DATABASE

LINK_MINUTES = 7 * 24 * 60


class Person(msgspec.Struct, frozen=True):
    """Somebody to be: how she signs in, and a program's token for her."""

    id: Iri
    username: str
    role: str
    signin: str
    token: str
    name: str


class GroupAt(msgspec.Struct, frozen=True):
    """A group and its address."""

    id: Iri
    username: str


class Peopled(msgspec.Struct, frozen=True):
    """A co-op that is ready to be served."""

    origin: str
    connect: str
    groups: tuple[GroupAt, ...]
    people: tuple[Person, ...]


def make(coop: Coop, weeks: int, began: datetime) -> None:
    """Make a co-op and read its files in, at that moment; for a process of its own."""
    asyncio.run(_make(coop, weeks, PretendClock(began)))


async def new_link(database: Database, username: str) -> str | None:
    """Return a fresh address at which one of the people signs in, or None for a stranger."""
    async with database.transaction() as tx:
        person = await people.person_named(tx, username)
        return await signin.make_link(tx, person.iri, 15, "demonstration") if person else None


async def _make(coop: Coop, weeks: int, clock: Clock) -> None:
    first, *others = groups_of(coop.key)
    admin = next(row for row in people_of(coop.key) if row["role"] == "administrator")
    folder = Path(coop.folder)
    given = {"origin": coop.origin, "name": first.name, "welcome": str(coop.guide.resolve())}
    settings = setup.settings_for(folder, given | setup.TRIAL)
    founded = await setup.found(
        folder, settings, group=first.key, admin=admin["handle"], name=admin["name"], clock=clock
    )
    viewer = Viewer(founded.administrator, admin["name"], admin["handle"], settings.language)
    async with opened(settings, clock=clock) as app:
        database = app[DATABASE]
        await database.federation.keys.fill(len(others))
        async with database.transaction() as tx:
            for one in others:
                iri = await groups.create_group(tx, one.key, one.name)
                await people.grant(tx, viewer.person, iri, people.Role.LEADER, "demonstration")
        for name in spreadsheets.Sheet:
            await _import(database, viewer, founded.group, name, sheet(coop.key, name, weeks))
        await app[COURIER].settle()


async def _import(
    database: Database, viewer: Viewer, group: Iri, name: spreadsheets.Sheet, data: bytes
) -> None:
    report = await spreadsheets.import_file(database, viewer, group, name, data)
    if not report.done:
        raise click.ClickException("\n".join(str(fault) for fault in report.faults))


async def open_doors(database: Database, coop: Coop) -> Peopled:
    """Give everybody of a co-op a fresh link and a fresh token."""
    found = []
    async with database.transaction() as tx:
        known = await groups.groups(tx)
        for row in people_of(coop.key):
            person = await people.person_named(tx, row["handle"])
            if person is None:
                continue  # she has gone: the demonstration keeps what its visitors did
            rights = await people.rights_of(tx, person.iri)
            found.append(
                Person(
                    id=person.iri,
                    username=person.username,
                    role=row["role"],
                    signin=await signin.make_link(tx, person.iri, LINK_MINUTES, "demonstration"),
                    token=await sessions.make_token(
                        tx, person.iri, scopes_of(rights), "demonstration", days=7
                    ),
                    name=person.name,
                )
            )
    places = tuple(GroupAt(one.iri, one.username) for one in known)
    return Peopled(coop.origin, f"127.0.0.1:{coop.port}", places, tuple(found))


def scopes_of(rights: Sequence[RightView]) -> set[str]:
    """Return what a token may be used for by somebody with these rights."""
    leads = {
        f"group:{one.group.rpartition('/')[2]}:lead"
        for one in rights
        if one.role in {people.Role.LEADER, people.Role.ADMINISTRATOR}
    }
    admin = {"admin"} if any(one.role is people.Role.ADMINISTRATOR for one in rights) else set()
    return {"self"} | leads | admin
