"""What was received takes effect: once, in order for each origin, many in one commit."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from federation.activity import Activity
from federation.commits import GroupCommit
from federation.errors import FederationError, TryLater, Unreachable
from federation.ports import Clock, Database, Directory, Tx
from federation.routing import Needs, Receiver, Routing
from federation.sidebyside import Places, SideBySide
from federation.sql import SqlStore
from federation.sql.rows import Lease, Received, Settled

LEASE = timedelta(minutes=2)
CROWDED_OUT = timedelta(seconds=10)
ORIGINS_AT_ONCE = 50
ORIGINS_APART = 1_000
MOMENT = 0.2
BATCH = 50
TOGETHER = 20
SWEPT = 200
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP = timedelta(days=7)

log = logging.getLogger(__name__)


class _LeaseLostError(Exception):
    """Somebody else carries out what this origin sent."""


@dataclass(frozen=True, slots=True)
class _Prompt:
    """An activity that can be carried out without asking anybody; `receiver` is None if nobody's.

    `chain` is its chain of types.
    """

    row: Received
    chain: tuple[str, ...]
    activity: Activity
    receiver: Receiver | None

    def settled(self) -> Settled:
        """Return what becomes of it."""
        if self.receiver:
            return Settled(self.row.seq, "done")
        return _ignored(self.row, self.chain)


@dataclass(frozen=True, slots=True)
class _Taken:
    """An origin that was leased, and the first few that it sent."""

    lease: Lease
    rows: Sequence[Received]


class Effects:
    """Hands each activity that was received to whom it concerns.

    `commits` is where what comes in is stored: it goes first, for somebody waits for its answer.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        routing: Routing,
        commits: GroupCommit[bytes, None],
        clock: Clock,
    ) -> None:
        self._origin = directory.origin
        self._store = store
        self._database = database
        self._routing = routing
        self._commits = commits
        self._clock = clock
        self._origins = SideBySide(ORIGINS_APART, MOMENT)
        self._places = Places(ORIGINS_AT_ONCE, ORIGINS_APART)
        self._one_batch = asyncio.Lock()
        self._done = 0

    def on(self, types: tuple[str, ...], receiver: Receiver, needs: Needs | None = None) -> None:
        """Name the receiver for a chain of types; raise ValueError when it has one already."""
        self._routing.on(types, receiver, needs)

    @property
    def chains(self) -> list[tuple[str, ...]]:
        """The chains of types that have a receiver."""
        return self._routing.chains

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and let what is under way come to its end."""
        await self._origins.drain(seconds)

    async def close(self) -> None:
        """Stop what is going on; leases are given back."""
        await self._origins.close()

    async def process(self) -> bool:
        """Carry out what is stored and due; return whether there was anything to do.

        Most of it needs nothing from elsewhere: what all origins sent of that is carried out in
        one commit. Origins of which more is left are served apart, each at its own pace; where
        there are too many of those, whoever comes now is looked at again a little later.
        """
        if self._origins.draining:
            return await self._origins.rest()
        await self._commits.lull()
        sorted_in, taken = await self._database.batch(self._take)
        try:
            apart = await self._sweep(taken)
        except BaseException:
            await self._database.batch(partial(self._give_back, leases=_leases(taken)))
            raise
        room = self._origins.free
        for lease in apart[:room]:
            self._origins.begin(self._process_origin(lease))
        if crowded_out := apart[room:]:
            wait = partial(self._give_back, leases=crowded_out, after=CROWDED_OUT)
            await self._database.batch(wait)
        found = sorted_in > 0 or bool(taken)
        return await self._origins.rest(wait=not found) or found

    # All origins together ----------------------------------------------------------------------

    def _take(self, connection: Any) -> tuple[int, list[_Taken]]:
        """Look through what has arrived; take origins, and read what is next of each."""
        now, inbox = self._clock(), self._store.inbox
        sorted_in = inbox.sort(connection, now, SWEPT)
        leases = inbox.lease_in(connection, now, now + LEASE, ORIGINS_AT_ONCE)
        each = min(BATCH, SWEPT // max(1, len(leases)))
        taken = [_Taken(one, inbox.ready(connection, one, now, each)) for one in leases]
        return sorted_in, taken

    def _give_back(
        self, connection: Any, *, leases: Collection[Lease], after: timedelta = timedelta()
    ) -> None:
        for lease in sorted(leases, key=lambda one: one.origin):
            self._store.inbox.give_back(connection, lease, self._clock() + after)

    async def _sweep(self, taken: Sequence[_Taken]) -> list[Lease]:
        """Carry out what needs nothing from elsewhere; return who is left to be served apart.

        When anything stumbles nothing of all has happened, and everybody is. If it was the very
        first, nothing but itself can be the reason, and that is noted.
        """
        async with self._database.reading() as tx:
            prompt = {one.lease: await self._prompt(tx, _untried(one.rows)) for one in taken}
        chosen = {lease: found for lease, found in prompt.items() if found}
        done = [one.lease for one in taken if len(prompt[one.lease]) == len(one.rows)]
        begun: list[_Prompt] = []
        if chosen:
            try:
                await self._at_once(chosen, done, begun)
            except Exception as error:  # noqa: BLE001  # noted, or raised again by the next try
                done = []
                if len(begun) == 1:
                    await self._unless_lost(next(iter(chosen)), begun[0].row, error)
        return [one.lease for one in taken if one.lease not in done]

    async def _at_once(
        self,
        chosen: Mapping[Lease, Sequence[_Prompt]],
        done: Collection[Lease],
        begun: list[_Prompt],
    ) -> None:
        """Carry out activities in one commit, which gives back the origins that are done with."""
        everything = [one for prompt in chosen.values() for one in prompt]
        inbox, now = self._store.inbox, self._clock()
        async with self._one_batch, self._database.transaction() as tx:
            settled = [one.settled() for one in everything]
            until = {lease: now if lease in done else now + LEASE for lease in chosen}
            if not await inbox.within(tx, inbox.settle, until, settled):
                raise _LeaseLostError
            for one in everything:
                begun.append(one)
                await self._carry_out_within(tx, one)
            if effects := sum(1 for one in everything if one.receiver):
                origins = {self._origin, *(one.origin for one in chosen)}
                await inbox.within(tx, inbox.hurry, origins, now)
        self._done += effects

    async def _unless_lost(self, lease: Lease, row: Received, error: Exception) -> None:
        with contextlib.suppress(_LeaseLostError):
            await self._note_failure(lease, row, error)

    async def _carry_out_within(self, tx: Tx, prompt: _Prompt) -> None:
        if prompt.receiver:
            await prompt.receiver(tx, prompt.activity)
            await self._database.follow_up(tx)
            await asyncio.sleep(0)  # whoever waits for an answer meanwhile goes first

    # One origin --------------------------------------------------------------------------------

    async def _process_origin(self, lease: Lease) -> bool:
        """Carry out what an origin sent, in order, then hurry what may have waited for it.

        An effect of another origin counts, too: it may have come between a try and the note that
        it has to wait.
        """
        done_before, together = self._done, TOGETHER
        try:
            while not self._origins.draining and (rows := await self._ready(lease)):
                while rows:
                    tried = rows[:together]
                    carried = await self._carry_out(lease, tried)
                    # Where one stumbled the next often does: begin with few again.
                    together = min(2 * together, TOGETHER) if carried == len(tried) else 1
                    del rows[:carried]
        except _LeaseLostError:
            return True
        finally:
            await self._database.batch(
                partial(self._end_turn, lease=lease, any_effect=self._done != done_before)
            )
        return True

    def _end_turn(self, connection: Any, lease: Lease, *, any_effect: bool) -> None:
        now, inbox = self._clock(), self._store.inbox
        if any_effect:
            inbox.hurry(connection, {lease.origin, self._origin}, now)
        inbox.give_back(connection, lease, now)

    async def _ready(self, lease: Lease) -> list[Received]:
        inbox = self._store.inbox
        async with self._database.reading() as tx:
            return await inbox.within(tx, inbox.ready, lease, self._clock(), BATCH)

    async def _carry_out(self, lease: Lease, rows: Sequence[Received]) -> int:
        """Carry out the next activities, or note that the next one failed; return how many.

        As many together as need nothing from elsewhere. When one of those stumbles, nothing of
        them has happened: those before it go first, and it is the next.
        """
        async with self._database.reading() as tx:
            prompt = await self._prompt(tx, rows)
        while prompt:
            begun: list[_Prompt] = []
            try:
                await self._together(lease, prompt, begun)
            except _LeaseLostError:
                raise
            except Exception as error:  # noqa: BLE001  # noted, or raised again by the next try
                if len(begun) == 1:
                    await self._note_failure(lease, rows[0], error)
                    return 1
                prompt = prompt[: len(begun) - 1]
            else:
                return len(prompt)
        await self._alone(lease, rows[0])
        return 1

    # Many together -----------------------------------------------------------------------------

    async def _together(
        self, lease: Lease, prompt: Sequence[_Prompt], begun: list[_Prompt]
    ) -> None:
        """Carry out activities in one commit; `begun` tells how far it came."""
        async with self._one_batch:
            await self._commits.lull()
            async with self._database.transaction() as tx:
                await self._settle(tx, lease, [one.settled() for one in prompt])
                for one in prompt:
                    begun.append(one)
                    await self._carry_out_within(tx, one)
        self._done += sum(1 for one in prompt if one.receiver)

    async def _prompt(self, tx: Tx, rows: Sequence[Received]) -> list[_Prompt]:
        """Return the first few that need nothing from elsewhere, and can be read at all."""
        prompt: list[_Prompt] = []
        for row in rows:
            try:
                chain, activity = await self._routing.routed(tx, Activity.read(row.document))
                registered = self._routing.receiver_of(chain)
                if registered and not self._routing.at_hand(activity, registered.needs):
                    break
            except Exception:  # noqa: BLE001  # its own turn will show it
                break
            receiver = registered.receiver if registered else None
            prompt.append(_Prompt(row, chain, activity, receiver))
        return prompt

    # One alone ---------------------------------------------------------------------------------

    async def _alone(self, lease: Lease, row: Received) -> None:
        """Carry out one activity, or note in a transaction of its own that it failed."""
        try:
            await self._take_effect(lease, row)
        except _LeaseLostError:
            raise
        except Exception as error:  # noqa: BLE001  # noted with its reason
            await self._note_failure(lease, row, error)

    async def _note_failure(self, lease: Lease, row: Received, error: Exception) -> None:
        if isinstance(error, TryLater | Unreachable):
            waits = isinstance(error, TryLater)
            await self._put_off(lease, row, str(error), waits=waits)
        elif isinstance(error, FederationError):
            await self._give_up(lease, row, str(error))
        else:
            log.error("%s could not take effect", row.document.get("id"), exc_info=error)
            await self._put_off(lease, row, type(error).__name__, waits=False)

    async def _take_effect(self, lease: Lease, row: Received) -> None:
        activity = Activity.read(row.document)
        async with self._database.reading() as tx:
            chain, activity = await self._routing.routed(tx, activity)
        registered = self._routing.receiver_of(chain)
        if registered is None:
            await self._note(lease, _ignored(row, chain))
            return
        asking = self._routing.resolved(activity, registered.needs)
        activity = await self._places.hold(asking)
        async with self._database.transaction() as tx:
            await self._settle(tx, lease, [Settled(row.seq, "done")])
            await registered.receiver(tx, activity)
        self._done += 1

    async def _give_up(self, lease: Lease, row: Received, reason: str) -> None:
        log.warning("%s was given up: %s", row.document.get("id"), reason)
        await self._note(lease, Settled(row.seq, "failed", reason))

    async def _put_off(self, lease: Lease, row: Received, reason: str, *, waits: bool) -> None:
        """Try again after as long as it has waited already; give up after a week."""
        now = self._clock()
        if now - row.received > GIVEN_UP:
            await self._give_up(lease, row, reason)
            return
        again = now + min(max(now - row.received, FIRST_WAIT), LONGEST_WAIT)
        await self._note(lease, Settled(row.seq, "ready", reason, again, waits))
        log.info("%s waits: %s", row.document.get("id"), reason)

    async def _note(self, lease: Lease, settled: Settled) -> None:
        async with self._database.transaction() as tx:
            await self._settle(tx, lease, [settled])

    async def _settle(self, tx: Tx, lease: Lease, settled: Sequence[Settled]) -> None:
        inbox, until = self._store.inbox, {lease: self._clock() + LEASE}
        if not await inbox.within(tx, inbox.settle, until, settled):
            raise _LeaseLostError


def _leases(taken: Sequence[_Taken]) -> list[Lease]:
    return [one.lease for one in taken]


def _untried(rows: Sequence[Received]) -> Sequence[Received]:
    """Return the first few that never stumbled before."""
    return list(takewhile(lambda one: one.attempts == 0, rows))


def _ignored(row: Received, chain: tuple[str, ...]) -> Settled:
    return Settled(row.seq, "ignored", f"no receiver for {' of '.join(chain)}")
