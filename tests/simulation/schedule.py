"""Schedules: what people, leaders, clocks and letters did, in an order that a seed draws.

Many schedules are played side by side on the same instances: each has a worker and openings of its
own, all have the wire and the clock in common.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from federation import Iri
from instance.agenda import service as agenda
from instance.agenda.models import Promise
from instance.agenda.promise import PromiseState
from instance.errors import Conflict, NotFound
from instance.jobs import service as jobs
from instance.staffing import service as staffing
from instance.staffing.models import NamedPlace, Placement
from instance.staffing.placement import TAKES_PLACE, PlacementState, PlaceState
from tests.simulation.search import AGREED
from tests.simulation.stage import Chance
from tests.staged import Coop

ROUNDS = 6
LENGTH = 240
Act = Callable[["Schedule"], Awaitable[str]]


@dataclass(eq=False)
class Asked:
    """One side's opening, and the group that is to fill it with the schedule's worker."""

    coop: Coop
    opening: Iri
    agreement: Iri | None = None
    owner: Coop | None = None


@dataclass(eq=False)
class Schedule:
    """One worker, and the openings that she is asked to fill at about the same time."""

    kind: str
    worker: Iri
    asked: list[Asked]
    chance: Chance
    log: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Seen:
    """The rows of all three co-ops as they were after the last round."""

    promises: dict[str, Promise] = field(default_factory=dict)
    placements: dict[Coop, list[Placement]] = field(default_factory=dict)
    named: list[NamedPlace] = field(default_factory=list)


class Play:
    """Plays schedules on a stage of three co-ops, and looks after every round."""

    def __init__(self, wire, clock, home: Coop, care: Coop, hill: Coop) -> None:
        self.wire, self.clock = wire, clock
        self.home, self.care, self.hill = home, care, hill
        self.schedules: list[Schedule] = []
        self.seen = Seen()

    async def run(self, schedules: list[Schedule], chance: Chance) -> None:
        """Play schedules to their end; raise AssertionError with what went wrong."""
        self.schedules = schedules
        await self._confirm_those_that_move()
        for number in range(ROUNDS):
            for one in schedules:
                await self._act(one)
            if number == ROUNDS // 2:
                await self.wire.settle()
            else:
                await self._carry(chance)
            await self.check()
            self.clock.now += chance.minutes(0, 9)
        await self._come_to_rest()
        await self.check_agreement()
        self.clock.now += timedelta(days=2)
        await self.wire.settle()
        await self.check_agreement()

    # What people do ----------------------------------------------------------------------------

    async def _confirm_those_that_move(self) -> None:
        """Begin with a confirmed promise where the shift is to move: else it seldom does."""
        moving = [one for one in self.schedules if "moved" in one.kind]
        for act in (self._invite, self._say_yes):
            for one in moving:
                one.log.append(await act(one))
            await self.wire.settle()
            await self.check()

    async def _act(self, schedule: Schedule) -> None:
        act = schedule.chance.one_of(self._possible(schedule))
        try:
            done = await act(schedule)
        except (Conflict, NotFound) as error:
            done = f"{act.__name__}: {error}"
        schedule.log.append(done)

    def _possible(self, schedule: Schedule) -> list[Act]:
        """List what could be done, the more often the likelier it leads somewhere."""
        asked = self._promises(schedule, PromiseState.INVITED)
        kept = self._promises(schedule, PromiseState.HELD, PromiseState.CONFIRMED)
        waits = self._placements(schedule, PlacementState.ANSWERED)
        stands = self._placements(schedule, *staffing.ASKED)
        moves = "moved" in schedule.kind and self._promises(schedule, PromiseState.CONFIRMED)
        return (
            [self._wait] * 2
            + [self._invite] * (0 if stands else 3)
            + [self._say_yes] * (8 if asked else 0)
            + [self._say_no] * (1 if asked else 0)
            + [self._withdraw] * (1 if kept else 0)
            + [self._call_off] * (1 if stands else 0)
            + [self._decide] * (4 if waits else 0)
            + [self._move] * (6 if moves and not asked else 0)
        )

    async def _wait(self, _schedule: Schedule) -> str:
        return "nothing"

    async def _invite(self, schedule: Schedule) -> str:
        done = []
        for asked in schedule.asked:
            by_hand = not schedule.log and "moved" not in schedule.kind
            if by_hand and schedule.chance.happens(1, 3):
                done.append(await self._confirm_by_hand(asked))
            await asked.coop.invite(asked.opening, schedule.worker, agreement=asked.agreement)
            done.append(f"{asked.coop.origin} invites")
        return ", ".join(done)

    async def _say_yes(self, schedule: Schedule) -> str:
        """Say yes to whatever is asked, now and then to everything in the same moment."""
        rows = self._promises(schedule, PromiseState.INVITED)
        if schedule.chance.happens(1, 2):
            rows = [schedule.chance.one_of(rows)]
        answers = await asyncio.gather(
            *(self.home.answer(Iri(row.invite), schedule.worker) for row in rows),
            return_exceptions=True,
        )
        for one in answers:
            if isinstance(one, BaseException) and not isinstance(one, Conflict):
                raise one
        return f"she says yes: {', '.join(str(getattr(one, 'state', one)) for one in answers)}"

    async def _say_no(self, schedule: Schedule) -> str:
        row = schedule.chance.one_of(self._promises(schedule, PromiseState.INVITED))
        await self.home.answer(Iri(row.invite), schedule.worker, yes=False)
        return f"she says no to {row.group}"

    async def _withdraw(self, schedule: Schedule) -> str:
        rows = self._promises(schedule, PromiseState.HELD, PromiseState.CONFIRMED)
        row = schedule.chance.one_of(rows)
        await self.home.withdraw(Iri(row.invite), schedule.worker)
        return f"she withdraws from {row.group}"

    async def _call_off(self, schedule: Schedule) -> str:
        coop, row = schedule.chance.one_of(self._placements(schedule, *staffing.ASKED))
        await coop.lead(staffing.call_off, Iri(row.invite))
        return f"{coop.origin} calls off"

    async def _confirm_by_hand(self, asked: Asked) -> str:
        filled = await asked.coop.ask(staffing.opening, asked.opening, asked.agreement)
        await asked.coop.lead(staffing.set_auto_confirm, filled, on=False)
        return f"{asked.coop.origin} confirms by hand"

    async def _decide(self, schedule: Schedule) -> str:
        waits = self._placements(schedule, PlacementState.ANSWERED)
        coop, row = schedule.chance.one_of(waits)
        act = schedule.chance.one_of([staffing.confirm, staffing.confirm, staffing.not_needed])
        await coop.lead(act, Iri(row.invite))
        return f"{coop.origin}: {act.__name__}"

    async def _move(self, schedule: Schedule) -> str:
        asked = schedule.chance.one_of(schedule.asked)
        owner = asked.owner or asked.coop
        _, shift, _ = await owner.shift(asked.opening)
        start = shift.start + schedule.chance.minutes(-90, 90)
        await owner.lead(jobs.move_shift, shift.id, start, start + timedelta(minutes=LENGTH))
        return f"{owner.origin} moves the shift to {start:%H:%M}"

    def _promises(self, schedule: Schedule, *states: PromiseState) -> list[Promise]:
        rows = self.seen.promises.values()
        return [row for row in rows if row.person == schedule.worker and row.state in states]

    def _placements(
        self, schedule: Schedule, *states: PlacementState
    ) -> list[tuple[Coop, Placement]]:
        return [
            (coop, row)
            for coop, rows in self.seen.placements.items()
            for row in rows
            if row.person == schedule.worker and row.state in states
        ]

    # What the wire and the clock do ------------------------------------------------------------

    async def _carry(self, chance: Chance) -> None:
        """Let some letters arrive, some of them twice, in no order; let some instances work."""
        await self.wire.collect()
        await self.wire.deliver_some(chance)
        for one in self.wire.instances.values():
            if chance.happens(3, 4):
                await one.step()

    async def _come_to_rest(self) -> None:
        for _ in range(3):
            await self.wire.settle()
            self.clock.now += timedelta(minutes=100)
        await self.wire.settle()

    # What must never be ------------------------------------------------------------------------

    async def check(self) -> None:
        """Nobody is in two places at once; nobody is placed without her own promise."""
        self.seen = await self._look()
        for schedule in self.schedules:
            kept = self._promises(schedule, *agenda.TAKES_TIME)
            for one, other in itertools.combinations(kept, 2):
                overlap = one.starts < other.ends and other.starts < one.ends
                if overlap and not _one_place(one, other):
                    self._fail(schedule, "she is promised to two places at once")
            states = (PlacementState.CONFIRMED, PlacementState.DONE)
            for _, row in self._placements(schedule, *states):
                made = self.seen.promises[row.invite].create
                if row.create is None or row.create["id"] != made:
                    self._fail(schedule, "somebody is placed without her own promise")

    async def check_agreement(self) -> None:
        """Everything has arrived: both sides agree, and so does the borrower."""
        await self.check()
        for schedule in self.schedules:
            for _, row in self._placements(schedule, *PlacementState):
                state = self.seen.promises[row.invite].state
                if row.state not in AGREED[state]:
                    self._fail(schedule, f"home says {state}, group says {row.state}")
            for asked in schedule.asked:
                taken = [
                    row
                    for coop, row in self._placements(schedule, *TAKES_PLACE)
                    if coop is asked.coop and row.opening == asked.opening
                ]
                if len(taken) > 1:
                    self._fail(schedule, "one place is counted twice")
                if asked.owner and {row.announce for row in taken} != self._named(asked):
                    self._fail(schedule, "lender and borrower do not count the same place")

    def _named(self, asked: Asked) -> set[str]:
        return {
            row.announce
            for row in self.seen.named
            if row.opening == asked.opening and row.state is not PlaceState.PROMISED
        }

    async def _look(self) -> Seen:
        since = self.clock() - timedelta(days=3)
        async with self.home.database.reading() as tx:
            promises = await tx.session.scalars(sa.select(Promise).where(Promise.ends > since))
            seen = Seen({row.invite: row for row in promises})
        for coop in (self.care, self.hill):
            async with coop.database.reading() as tx:
                chosen = sa.select(Placement).where(Placement.ends > since)
                seen.placements[coop] = list(await tx.session.scalars(chosen))
        async with self.hill.database.reading() as tx:
            chosen = sa.select(NamedPlace).where(NamedPlace.ends > since)
            seen.named = list(await tx.session.scalars(chosen))
        return seen

    def _fail(self, schedule: Schedule, what: str) -> None:
        told = "\n  ".join(schedule.log)
        raise AssertionError(f"{schedule.kind}: {what}\n  {told}")


def _one_place(one: Promise, other: Promise) -> bool:
    """Tell whether of two promises one is held in the other's place."""
    return any(
        newer.gives_way == older.invite
        and newer.state is PromiseState.HELD
        and older.state is PromiseState.CONFIRMED
        for newer, older in ((one, other), (other, one))
    )
