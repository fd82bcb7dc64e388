"""A cascade put on stage: a commune with people, a place to fill, and steps that can be counted."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from instance.jobs.views import NewOpening
from instance.staffing import cascade
from instance.staffing import service as staffing
from instance.staffing.models import Cascade, Placement
from instance.staffing.waves import Waves
from tests.instance.staffing.stage import a_job, staff


class Waved:
    """One opening of a co-op, people who could fill it, and the cascade that asks them."""

    def __init__(self, world, coop, opening) -> None:
        self.world, self.coop, self.opening, self.job = world, coop, opening, opening.split("#")[0]

    async def begin(self, subject=None, **waves) -> None:
        await self.coop.lead(cascade.begin, self.opening, None, subject or self.job, Waves(**waves))

    async def begin_now(self, **waves) -> None:
        await self.begin(**waves)
        await self.coop.lead(cascade.send_now, self.opening, None)
        await self.world.settle()

    async def later(self, **parts) -> None:
        self.world.clock.advance(**parts)
        await self.world.settle()

    async def row(self) -> Cascade:
        async with self.coop.database.reading() as tx:
            return await tx.get(Cascade, (self.opening, ""))

    async def asked(self) -> list[Placement]:
        """List who was asked, in the order of their turns."""
        async with self.coop.database.reading() as tx:
            rows = await tx.session.scalars(
                select(Placement).where(Placement.opening == self.opening)
            )
            return sorted(rows, key=lambda one: (one.invited, one.person))

    async def states(self) -> dict[str, str]:
        return {one.person: one.state.value for one in await self.asked()}

    async def answer(self, person, *, yes=True) -> None:
        [invite] = [one.invite for one in await self.asked() if one.person == person]
        await self.coop.answer(invite, person, yes=yes)
        await self.world.settle()


async def waved(world, coop, people: int, places: int = 1) -> tuple[Waved, list]:
    """Hire people, post a job for tomorrow, and find them; returns them in fair order."""
    hired = await staff(world, coop, *(f"worker{number}" for number in range(people)))
    start = world.clock().replace(hour=12, minute=0, second=0) + timedelta(days=1)
    job = await a_job(coop, start, NewOpening("ironing", places))
    found = await staffing.find_people(coop.database, coop.view, job.iri)
    rows = (*found.openings[0].suggested, *found.openings[0].passed_over)
    turns = {one.person: int(one.values["turn"]) for one in rows}
    hired.sort(key=turns.__getitem__)
    return Waved(world, coop, job.shifts[0].openings[0].iri), hired
