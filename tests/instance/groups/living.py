"""A small world for tests of belonging: a leader's group at one co-op, a worker at another."""

from __future__ import annotations

from dataclasses import replace

from instance.agenda import service as agenda
from instance.groups import service as groups
from instance.groups.activities import find_group
from instance.people import service as people
from instance.viewer import Viewer

MEI = people.NewPerson(
    username="mei",
    name="Chan Mei Ling",
    email="mei@mail.example",
    phone="5555 1234",
    weekly_minutes=1200,
    district="tai-po",
    skills=(("ironing", 2), ("window-cleaning", 3)),
    certificates=(("first-aid-certificate", None),),
    languages=("language-yue", "language-en"),
)
ESSENTIAL = ("name", "skills", "availability")


def viewer(iri, leads=()):
    return Viewer(iri, "somebody", "somebody", "en", leads=tuple(leads))


def in_person(iri):
    """Somebody who has signed in herself; no program asks for her."""
    return replace(viewer(iri), session="here")


async def a_group(care, username="care", name="Shatin Care Commune"):
    """Found a group with a leader; returns both."""
    async with care.database.transaction() as tx:
        group = await groups.create_group(tx, username, name, first=True)
        leader = await people.add_person(
            tx, people.NewPerson(username=f"lead_{username}", name="Lee Wai")
        )
        await people.grant(tx, leader, group, people.Role.LEADER, "init")
    return group, leader


async def a_worker(green, new=MEI, *, free=True):
    """Give somebody a home, and let her be free on every morning."""
    async with green.database.transaction() as tx:
        person = await people.add_person(tx, new)
        if free:
            hours = [agenda.Hours(day, 8 * 60, 12 * 60) for day in range(7)]
            await agenda.paint_week(tx, person, hours)
    return person


async def ask(green, person, group, fields=ESSENTIAL, **more):
    """Find a group by its address and ask it to be taken in."""
    found = await find_group(green.database, group)
    async with green.database.transaction() as tx:
        await groups.ask_to_join(tx, person, found, fields, **more)
    return found


async def accept(care, leader, group):
    """Take in everybody who asks."""
    async with care.database.transaction() as tx:
        for one in await groups.requests(tx, group):
            await groups.accept_member(tx, viewer(leader), one.membership)


async def a_member(world, green, care, person, group, leader, fields=ESSENTIAL):
    """Let somebody ask and be taken in, and let everything arrive."""
    await ask(green, person, group, fields)
    await world.settle()
    await accept(care, leader, group)
    await world.settle()


async def reads(one, question, *args):
    """Ask a service something in a transaction of its own."""
    async with one.database.reading() as tx:
        return await question(tx, *args)
