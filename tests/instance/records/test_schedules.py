"""Three books and two ledgers agree in whatever order, and however often, messages arrive.

`AYNI_TEST_SCHEDULES` multiplies how many orders are tried.
"""

from __future__ import annotations

import os
import random
from datetime import time

import sqlalchemy as sa

from federation import Activity, TryLater
from instance.errors import DomainError
from instance.ledger import service as ledger
from instance.records import activities as wire
from instance.records import events
from instance.records import service as records
from instance.records.models import EarlyAnswer, WorkRecord
from tests.instance.records.shift import lent_shift
from tests.simulation.inline import run_inline

SCHEDULES = 100 * int(os.environ.get("AYNI_TEST_SCHEDULES", "1"))
UNITS = ("minutes", "HKD")
STEPS = 7
RECEIVERS = {
    "Create": wire.receive_hours,
    "Accept": wire.receive_accept,
    "Reject": wire.receive_reject,
}


class Wire:
    """Keeps what two instances say, and hands it over in any order, late, and again."""

    def __init__(self, shift, lot):
        self.shift, self.lot = shift, lot
        self.coops = {coop.origin: coop for coop in (shift.served, shift.home)}
        self.waiting: list[tuple[str, dict]] = []
        self.said: list[dict] = []
        for coop in self.coops.values():
            coop.running.federation.send = self.keep

    async def keep(self, _tx, activity, **_):
        self.said.append(dict(activity))
        return activity

    async def doing(self, coop, act):
        """Let somebody act in a transaction; what it says is sent only if it commits."""
        self.said.clear()
        try:
            async with coop.database.transaction() as tx:
                await act(tx)
        except DomainError:
            return
        self.waiting += [
            (origin, activity)
            for activity in self.said
            for origin in {
                one.partition("/groups/")[0].partition("/people/")[0] for one in activity["to"]
            }
        ]

    async def hand_over(self, *, again=True):
        """Deliver one waiting message, any one; it may stay to be delivered again."""
        if not self.waiting:
            return
        number = self.lot.randrange(len(self.waiting))
        origin, activity = self.waiting[number]
        if not (again and self.lot.random() < 0.25):
            self.waiting.pop(number)
        try:
            await self.doing(
                self.coops[origin],
                lambda tx: RECEIVERS[activity["type"]](tx, Activity.read(activity)),
            )
        except TryLater:
            self.waiting.append((origin, activity))


class Play:
    """Somebody at home and a leader at the group who do what they may, by lot."""

    def __init__(self, shift, lot):
        self.shift, self.lot, self.wire = shift, lot, Wire(shift, lot)

    async def step(self):
        choice = self.lot.random()
        if choice < 0.5:
            await self.wire.hand_over()
        elif choice < 0.75:
            await self.at_home()
        else:
            await self.at_the_group()

    async def at_home(self):
        shift, hours = self.shift, records.Hours(time(9, 30), time(self.lot.randrange(11, 15)))
        mine = await self.rows(shift.home, records.Side.WORKER)
        if not mine:
            act = lambda tx: records.enter(tx, shift.worker, shift.promise.id, hours)  # noqa: E731  # one line of a table
        else:
            row = self.lot.choice(mine)
            act = self.lot.choice(
                [
                    lambda tx: records.change(tx, shift.worker, row.id, hours),
                    lambda tx: records.agree(tx, shift.worker, row.id),
                    lambda tx: records.dispute(tx, shift.worker, row.id, "No."),
                    lambda tx: records.let_go(tx, shift.worker, row.id),
                ]
            )
        await self.wire.doing(shift.home, act)

    async def at_the_group(self):
        coop = self.shift.served
        known = await self.rows(coop, records.Side.GROUP)
        if not known:
            return
        row, minutes = self.lot.choice(known), self.lot.choice([0, 30, 100, 150, 400])
        await self.wire.doing(
            coop,
            self.lot.choice(
                [
                    lambda tx: records.confirm(tx, coop.viewer, row.id),
                    lambda tx: records.correct(tx, coop.viewer, row.id, minutes, "So it was."),
                ]
            ),
        )

    async def come_to_rest(self):
        for _ in range(500):
            if not self.wire.waiting:
                return
            await self.wire.hand_over(again=False)
        raise AssertionError("the messages never come to rest")

    async def rows(self, coop, side):
        async with coop.database.reading() as tx:
            found = await tx.session.scalars(
                sa.select(WorkRecord).where(WorkRecord.side == side).order_by(WorkRecord.event)
            )
            return found.all()

    async def forget(self):
        for coop in self.wire.coops.values():
            async with coop.database.transaction() as tx:
                await tx.session.execute(sa.delete(WorkRecord))
                await tx.session.execute(sa.delete(EarlyAnswer))


async def quick(coop):
    """Neither wait for the disk nor write notices: durability and words are not tried here."""
    connection = await coop.database.engine.raw_connection()
    connection.driver_connection.bare.execute("PRAGMA synchronous=OFF")
    connection.close()
    wired = (events.HoursStated, events.HoursAccepted, events.HoursRejected)
    coop.database.subscribers = {one: coop.database.subscribers[one] for one in wired}


async def book(coop, other):
    """Return all statements of an instance by side, and what the other group owes ours."""
    async with coop.database.reading() as tx:
        rows = (await tx.session.scalars(sa.select(WorkRecord))).all()
        owed = [await ledger.balance(tx, coop.group, other.group, one) for one in UNITS]
    return rows, owed


def states(rows, side):
    return {row.event: row.state for row in rows if row.side is side}


async def test_books_and_balances_agree_whatever_the_order_the_repetition_and_the_delay(
    world, monkeypatch
):
    run_inline(monkeypatch)
    shift = await lent_shift(world)
    for coop in (shift.served, shift.home):
        await quick(coop)
    before, counted = 0, 0
    for seed in range(SCHEDULES):
        play = Play(shift, random.Random(seed))
        for _ in range(STEPS):
            await play.step()
        await play.come_to_rest()
        at_home, ours = await book(shift.home, shift.served)
        at_group, theirs = await book(shift.served, shift.home)
        hers = states(at_home, records.Side.WORKER)
        assert hers == states(at_group, records.Side.GROUP), f"schedule {seed}"
        assert hers == states(at_home, records.Side.LENDER), f"schedule {seed}"
        assert ours == [-one for one in theirs], f"schedule {seed}"
        worth = sum(row.minutes for row in at_group if row.state is records.HoursState.CONFIRMED)
        assert ours[0] - before == worth, f"schedule {seed}"
        assert worth <= max((row.minutes for row in at_group), default=0)
        before, counted = ours[0], counted + (worth > 0)
        await play.forget()
    assert counted > SCHEDULES / 10
