"""The courier: carries what this host has said to every inbox it is meant for, until done."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from federation.actors import Actors
from federation.answers import Next
from federation.attempts import Attempts, Senders, Tried
from federation.commits import GroupCommit
from federation.fetch import Client
from federation.ports import Clock, Database, Directory
from federation.sidebyside import SideBySide
from federation.sql import SqlStore
from federation.sql.rows import Delivery, Lease, Mark, Road, Visited

LEASE = timedelta(minutes=2)
LONGEST_TURN = timedelta(minutes=1)
CONVERSATIONS = 4
GATHER = 0.01
PEERS_AT_ONCE = 200
PUBLIC_LAPSES = timedelta(days=7)

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Turn:
    """What a turn with one peer came to: failures in a row, and how long the peer has to rest."""

    failures: int
    rest: timedelta = timedelta()
    asked: bool = False

    def note(self, tried: Sequence[Tried]) -> None:
        """Count the answers of a few conversations that were carried at once."""
        outcomes = [one.outcome for one in tried]
        if any(one.next is Next.DONE for one in outcomes):
            self.failures = 0
        elif any(one.fails for one in tried):
            self.failures += 1
        waits = [one for one in outcomes if one.next is Next.PEER_WAITS]
        if waits:
            longest = max(waits, key=lambda one: one.after)
            self.rest, self.asked = _jittered(longest.after), longest.asked


class Courier:
    """Carries deliveries to their peers: side by side, in order within a conversation."""

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        actors: Actors,
        client: Client,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._store = store
        self._database = database
        self._knocker = actors.knocker
        self._attempts = Attempts(actors=actors, client=client, clock=clock)
        self._clock = clock
        self._peers = SideBySide(PEERS_AT_ONCE)
        self._settlements = GroupCommit(self._settle, gather=GATHER)

    async def deliver(self) -> bool:
        """Carry what is due to every peer that is awake; return whether there was anything."""
        now = self._clock()
        if self._peers.free:
            roads = await self._database.batch(
                partial(
                    self._store.outbox.roads,
                    now=now,
                    until=now + LEASE,
                    limit=self._peers.free,
                    most=CONVERSATIONS,
                )
            )
            peers = [road.lease.origin for road in roads]
            senders = Senders(self._directory, self._database, self._store, peers)
            for road in roads:
                self._peers.begin(self._visit(road, senders))
        return await self._peers.rest()

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and let what is under way come to its end."""
        await self._peers.drain(seconds)

    async def close(self) -> None:
        """Stop what is under way; leases are given back."""
        await self._peers.close()

    async def _visit(self, road: Road, senders: Senders) -> bool:
        """Deliver to one peer until nothing is due or it has to rest."""
        self._knocker.recall(road.lease.origin, road.manner)
        turn, until = _Turn(road.failures), self._clock() + LONGEST_TURN
        heads = road.heads
        try:
            while heads:
                making = [self._attempts.make(head, turn.failures, senders) for head in heads]
                # A task of its own costs more than it says for a single one.
                tried = [await making[0]] if len(making) == 1 else await asyncio.gather(*making)
                turn.note(tried)
                ends = bool(turn.rest) or self._peers.draining or self._clock() >= until
                heads = await self._settlements.add(self._visited(road.lease, turn, tried, ends))
        except asyncio.CancelledError:
            await self._settlements.add(self._visited(road.lease, turn, (), ends=True))
            raise
        return True

    # Afterwards --------------------------------------------------------------------------------

    def _visited(self, lease: Lease, turn: _Turn, tried: Sequence[Tried], ends: bool) -> Visited:
        now = self._clock()
        return Visited(
            lease=lease,
            arrived=[one.delivery.id for one in tried if one.outcome.next is Next.DONE],
            marks=[_mark(one, now) for one in tried if one.outcome.next is not Next.DONE],
            failures=turn.failures,
            next_try=now + turn.rest,
            asked=turn.asked,
            ends=ends,
        )

    async def _settle(self, visits: Sequence[Visited]) -> list[list[Delivery]]:
        return await self._database.batch(partial(self._settle_all, visits=visits))

    def _settle_all(self, connection: Any, visits: Sequence[Visited]) -> list[list[Delivery]]:
        """Note how deliveries went; return what each peer is sent next."""
        now, outbox = self._clock(), self._store.outbox
        following = outbox.settle(connection, visits, now, now + LEASE, CONVERSATIONS)
        resting = [one.lease.origin for one in visits if one.next_try > now]
        if resting and (lapsed := outbox.lapse(connection, resting, now - PUBLIC_LAPSES)):
            log.warning("%d posts lapsed: their peers were silent for a week", lapsed)
        return following


_STATE = {
    Next.FINAL: "failed",
    Next.WAIT: "ready",
    Next.PEER_WAITS: "ready",
    Next.PARK: "parked",
}


def _mark(tried: Tried, now: datetime) -> Mark:
    delivery, outcome = tried.delivery, tried.outcome
    if outcome.next is Next.FINAL:
        log.warning("given up: to %s: %s", delivery.recipient, outcome.reason)
    state = _STATE[outcome.next]
    if delivery.parked and state == "ready":
        state = "parked"
    own_wait = state == "parked" or outcome.next is Next.WAIT
    waits = _jittered(outcome.after) if own_wait else timedelta()
    again = delivery.status == tried.status
    return Mark(
        id=delivery.id,
        state=state,
        status=tried.status,
        attempts=delivery.attempts + 1 if again else 1,
        reason=outcome.reason,
        next_try=now + waits,
    )


def _jittered(wait: timedelta) -> timedelta:
    # Never earlier than asked for.
    return wait * random.uniform(1.0, 1.25)  # noqa: S311  # spreads retries, keeps no secret
