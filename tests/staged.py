"""Co-ops with leaders, workers and jobs, put on stage for tests of invitations and loans."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import select

from federation import Iri
from instance.agenda import service as agenda
from instance.alliances import service as alliances
from instance.groups import service as groups
from instance.jobs import service as jobs
from instance.jobs.views import NewJob, NewOpening, NewShift
from instance.loans import service as loans
from instance.people import service as people
from instance.staffing import service as staffing
from instance.staffing.models import NamedPlace, Placement
from instance.viewer import Viewer

FIELDS = ("name", "skills", "availability")
SKILL = "ironing"


def viewer(person: Iri, leads: tuple[Iri, ...] = ()) -> Viewer:
    """Return somebody who has signed in."""
    return Viewer(person, "somebody", "somebody", "en", leads=leads)


@dataclass(eq=False)
class Coop:
    """An instance with one group and its leader."""

    running: Any
    group: Iri
    leader: Iri

    @property
    def database(self):
        return self.running.database

    @property
    def origin(self):
        return self.running.origin

    @property
    def view(self) -> Viewer:
        return viewer(self.leader, (self.group,))

    async def do(self, act, *given, **named):
        """Do something in a transaction of its own."""
        async with self.database.transaction() as tx:
            return await act(tx, *given, **named)

    async def lead(self, act, *given, **named):
        """Do something as the group's leader."""
        return await self.do(act, self.view, *given, **named)

    async def ask(self, question, *given):
        """Ask a service something."""
        async with self.database.reading() as tx:
            return await question(tx, *given)

    async def worker(self, username: str) -> Iri:
        """Give somebody a home here; she is free all day, every day."""
        new = people.NewPerson(username=username, name=username.title(), skills=((SKILL, 2),))
        async with self.database.transaction() as tx:
            person = await people.add_person(tx, new)
            await agenda.paint_week(tx, person, [agenda.Hours(day, 0, 1440) for day in range(7)])
        return person

    async def opening(self, start: datetime, *, minutes: int = 240, places: int = 1) -> Iri:
        """Post a job of one shift and return its opening."""
        return (await self.openings(start, minutes=minutes, places=places))[0]

    async def openings(
        self, *starts: datetime, minutes: int = 240, places: int = 1
    ) -> tuple[Iri, ...]:
        """Post a job of several shifts and return the opening of each."""
        shifts = tuple(
            NewShift(start, start + timedelta(minutes=minutes), (NewOpening(SKILL, places),))
            for start in starts
        )
        new = NewJob(title="Home from hospital", address="Flat 8, Fir Estate", shifts=shifts)
        job = await self.ask(jobs.require_job, await self.lead(jobs.post_job, self.group, new))
        return tuple(one.openings[0].iri for one in job.shifts)

    async def shift(self, opening: Iri):
        """Return the job, the shift and the opening by the opening's address."""
        return await self.ask(jobs.opening, opening)

    async def invite(self, opening: Iri, *who: Iri, agreement: Iri | None = None, **more) -> Iri:
        """Ask people; returns the first Invite."""
        sent = await self.lead(staffing.invite, opening, who, agreement=agreement, **more)
        return sent[0]

    async def placement(self, invite: Iri) -> Placement:
        """Return a placement's row."""
        async with self.database.reading() as tx:
            return await tx.get(Placement, invite)

    async def state(self, invite: Iri) -> str:
        """Return how far an invitation has come at the group."""
        return (await self.placement(invite)).state.value

    async def promised(self, invite: Iri) -> str:
        """Return how far an invitation has come at the home, which is here."""
        return (await self.ask(agenda.state_of, invite)).value

    async def named(self) -> list[NamedPlace]:
        """List the rows of lent places that somebody was named for."""
        async with self.database.reading() as tx:
            return list((await tx.session.scalars(select(NamedPlace))).all())

    async def answer(self, invite: Iri, person: Iri, *, yes: bool = True):
        """Answer an invitation at the home, which is here."""
        return await self.do(agenda.answer, viewer(person), invite, yes)

    async def withdraw(self, invite: Iri, person: Iri) -> None:
        """Take a promise back at the home, which is here."""
        await self.do(agenda.withdraw, viewer(person), invite)


async def coop(world, name: str) -> Coop:
    """Start an instance with a group and its leader."""
    return await coop_at(await world.instance(name), name)


async def coop_at(running, name: str) -> Coop:
    """Give an instance a group and its leader."""
    async with running.database.transaction() as tx:
        group = await groups.create_group(tx, name, f"{name.title()} Commune", first=True)
        leader = await people.add_person(tx, people.NewPerson(f"lead_{name}", "Lee Wai"))
        await people.grant(tx, leader, group, people.Role.LEADER, "init")
    return Coop(running, group, leader)


async def join(world, home: Coop, away: Coop, *people_asking: Iri) -> None:
    """Let people of one co-op be taken in by the group of another, or of their own."""
    group = await away.ask(groups.require_group, away.group)
    found = msgspec.structs.replace(groups.found_here(group), here=home is away)
    for person in people_asking:
        await home.do(groups.ask_to_join, person, found, FIELDS)
    await world.settle()
    async with away.database.transaction() as tx:
        for one in await groups.requests(tx, away.group):
            await groups.accept_member(tx, away.view, one.membership)
    await world.settle()


TERMS = alliances.Terms(
    minutes_limit_lend=90_000,
    minutes_limit_borrow=90_000,
    rate_cents_per_hour=7_500,
    currency="HKD",
    levy_percent=5,
    lending_mode=alliances.LendingMode.SERVICE_SUBCONTRACT,
    employer=alliances.Employer.LENDER,
    insurer="Harbour Mutual, policy 4711",
    notice_minutes=0,
)


async def ally(world, borrower: Coop, lender: Coop) -> None:
    """Let two groups agree to lend each other labour."""
    async with borrower.database.transaction() as tx:
        await alliances.offer(tx, borrower.view, borrower.group, lender.group, TERMS)
    await world.settle()
    async with lender.database.transaction() as tx:
        [offered] = await alliances.alliances(tx, lender.view, lender.group)
        await alliances.accept(tx, lender.view, offered.id)
    await world.settle()


async def lend(world, borrower: Coop, lender: Coop, *openings: Iri, places: int = 1) -> Iri:
    """Let one group lend an ally places at openings of one job; returns the Agreement."""
    job, _, _ = await borrower.shift(openings[0])
    wanted = dict.fromkeys(openings, places)
    until = min(one.start for one in job.shifts) - timedelta(minutes=1)
    ask = await borrower.lead(loans.ask_ally, borrower.group, lender.group, job.iri, wanted, until)
    await world.settle()
    offer = await lender.lead(loans.offer_loan, ask, wanted)
    await world.settle()
    await borrower.lead(loans.accept_loan, offer)
    await world.settle()
    return (await borrower.ask(loans.loan, offer, loans.Side.BORROWER)).agreement
