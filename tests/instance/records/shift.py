"""A shift that somebody promised and worked: for her own group, or lent to an ally."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta

from federation import Iri
from instance.agenda import service as agenda
from instance.loans import service as loans
from instance.records import service as records
from instance.staffing import service as staffing
from instance.viewer import Viewer
from tests.instance.alliances.pair import Coop, allied, found

PLANNED = records.Hours(time(9, 30), time(13, 30), 15)
PAY = {"pay_cents_per_hour": 7_550, "break_minutes": 15}


@dataclass
class Shift:
    """Who worked where: `served` has the job, `home` is the worker's co-op and lender, if any."""

    world: object
    served: Coop
    home: Coop
    person: Iri
    promise: agenda.PromiseView

    @property
    def worker(self) -> Viewer:
        return Viewer(self.person, "Ana", "ana", "en")

    async def does(self, act, *given):
        """Let the worker do something at home."""
        async with self.home.database.transaction() as tx:
            return await act(tx, self.worker, *given)

    async def leads(self, act, *given):
        """Let the leader of the group served do something."""
        return await self.served.act(act, *given)

    async def enter(self, hours=PLANNED) -> Iri:
        return await self.does(records.enter, self.promise.id, hours)

    async def mine(self) -> records.MyRecord:
        async with self.home.database.reading() as tx:
            return await records.my_record(tx, self.worker)

    async def hours(self, coop=None) -> records.HoursOfGroup:
        coop = coop or self.served
        return await coop.act(records.hours_of_group, coop.group)

    async def waiting(self) -> records.RecordView:
        """Return the one statement that waits at the group."""
        view = await self.hours()
        (one,) = (*view.to_confirm, *view.corrected, *view.disputed)
        return one

    async def state(self, event, side):
        coop = self.home if side != records.Side.GROUP else self.served
        return (await coop.see(records.record, event, side)).state.value


async def promised(world, coop: Coop, opening, person, agreement=None) -> Iri:
    """Ask somebody, let her say yes, and let everything arrive."""
    (invite,) = await coop.act(staffing.invite, opening, [person], agreement=agreement)
    await world.settle()
    async with coop.database.transaction() as tx:
        await agenda.answer(tx, Viewer(person, "Ana", "ana", "en"), invite, yes=True)
    await world.settle()
    return invite


async def own_shift(world, name="care", *, over=True) -> Shift:
    """Somebody works for her own group; with `over`, the shift has just ended."""
    coop = await found(world, name)
    person = await coop.add_worker("ana", "Ana Pérez")
    job = await coop.post_job(places=1, days=2, **PAY)
    invite = await promised(world, coop, job.shifts[0].openings[0].iri, person)
    return await _ended(
        Shift(world, coop, coop, person, await coop.see(agenda.promise, invite)), over
    )


async def lent_shift(world, *, over=True, workers=1) -> Shift:
    """Somebody works for an ally of her group, on another instance."""
    borrower, lender = await allied(world)
    person = await lender.add_worker("ana", "Ana Pérez")
    job = await borrower.post_job(places=workers, days=2, **PAY)
    opening = job.shifts[0].openings[0].iri
    until = borrower.now + timedelta(hours=12)
    await borrower.act(
        loans.ask_ally, borrower.group, lender.group, job.iri, {opening: workers}, until
    )
    await world.settle()
    (asked,) = await lender.see(loans.asks, lender.group, "lender")
    await lender.act(loans.offer_loan, asked.iri, {opening: workers})
    await world.settle()
    (offered,) = await borrower.see(
        loans.loans, borrower.group, "borrower", (loans.LoanState.OFFERED,)
    )
    await borrower.act(loans.accept_loan, offered.offer)
    await world.settle()
    (loan,) = await lender.see(loans.loans, lender.group, "lender")
    invite = await promised(world, lender, opening, person, loan.agreement)
    view = await lender.see(agenda.promise, invite)
    return await _ended(Shift(world, borrower, lender, person, view), over)


async def _ended(shift: Shift, over: bool) -> Shift:
    if over:
        end = shift.promise.end
        shift.world.clock.advance(seconds=(end - shift.world.clock()).total_seconds() + 1)
        await shift.world.settle()
    return shift
