"""The one road out: rows in the caller's commit, carried by the courier, in order, until done."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import structlog

from federation.activity import ACTIVITY_JSON, PUBLIC, Activity, Document
from federation.actors import Actors, ed25519_key_id, signer_of
from federation.answers import Next, Outcome, outcome_of
from federation.errors import FederationError, Gone, Unreachable
from federation.fetch import Client
from federation.iri import Iri, origin_of
from federation.ports import Clock, Database, Directory, Tx
from federation.proofs import sign_document
from federation.signatures import sign_request
from federation.sql import SqlStore
from federation.sql.rows import Delivery, Lease

LEASE = timedelta(minutes=2)
CONVERSATIONS = 4
PEERS_AT_ONCE = 50
PUBLIC_LAPSES = timedelta(days=7)

log = structlog.get_logger(__name__)


class Outbox:
    """Writes what this host says, in the transaction that makes it true."""

    def __init__(self, *, directory: Directory, store: SqlStore, clock: Clock) -> None:
        self._directory = directory
        self._store = store
        self._clock = clock

    async def send(
        self,
        tx: Tx,
        activity: Document,
        *,
        conversation: str | None = None,
        also_to: Iterable[Iri] = (),
    ) -> Document:
        """Sign an activity and write it for everybody in `to`, `cc` and `also_to`.

        `conversation` names what keeps its order (the agreement, the invitation); by default the
        object's id. Returns the activity with its proof. Raises Malformed for a broken envelope
        and KeyError when its actor does not live here.
        """
        envelope = Activity.read(dict(activity))
        sender = await self._directory.actor(tx, envelope.actor)
        if sender is None or sender.gone:
            raise KeyError(f"{envelope.actor} does not live here")
        now = self._clock()
        signed = sign_document(activity, sender.keys.ed25519, ed25519_key_id(sender.id), now)
        named = list(dict.fromkeys([*envelope.addressees(), *also_to]))
        public = PUBLIC in named
        talk = conversation or str(envelope.object.get("id", envelope.id))
        seq = await self._store.outbox.post(tx, signed, conversation=talk, public=public, now=now)
        await self._address(tx, seq, signed, sender.id, named, now)
        return signed

    async def _address(
        self, tx: Tx, seq: int, signed: Document, sender: Iri, named: Sequence[Iri], now: datetime
    ) -> None:
        own = self._directory.origin
        followers = Iri(f"{sender}/followers")
        people = [one for one in named if one not in {PUBLIC, followers}]
        away = [one for one in people if origin_of(one) != own]
        await self._store.outbox.address(tx, seq, away, now)
        if followers in named:
            await self._store.outbox.address_followers(tx, seq, sender, now, except_origin=own)
        if followers in named or len(away) < len(people):
            await self._store.inbox.remember(tx, [signed], now, heard=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """One delivery, and what its peer's answer leads to."""

    delivery: Delivery
    outcome: Outcome


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
        self._actors = actors
        self._client = client
        self._clock = clock

    async def deliver(self) -> bool:
        """Carry what is due to every peer that is awake; return whether there was anything."""
        now = self._clock()
        async with self._database.transaction() as tx:
            leases = await self._store.outbox.lease_peers(tx, now, now + LEASE)
        slots = asyncio.Semaphore(PEERS_AT_ONCE)

        async def carry(lease: Lease) -> None:
            async with slots:
                await self._carry(lease)

        await asyncio.gather(*(carry(lease) for lease in leases))
        return bool(leases)

    async def _carry(self, lease: Lease) -> None:
        """Deliver to one peer until nothing is due or it has to rest."""
        reached, rest = True, timedelta()
        started = self._clock()
        while rest == timedelta() and self._clock() - started < LEASE / 2:
            async with self._database.reading() as tx:
                heads = await self._store.outbox.heads(tx, lease, self._clock(), CONVERSATIONS)
                failures = await self._store.peers.failures(tx, lease.origin)
            if not heads:
                break
            tried = await asyncio.gather(*(self._try(head, failures) for head in heads))
            await self._settle(lease, tried)
            waits = [one.outcome for one in tried if one.outcome.next is Next.PEER_WAITS]
            if waits:
                reached, rest = False, _jittered(max(wait.after for wait in waits))
        now = self._clock()
        async with self._database.transaction() as tx:
            await self._store.outbox.settle_peer(
                tx, lease, now, reached=reached, next_try=now + rest
            )

    async def _try(self, delivery: Delivery, failures: int) -> Tried:
        now = self._clock()
        try:
            status, headers = await self._post(delivery)
        except Gone:
            return Tried(delivery, Outcome(Next.FINAL, "this actor is gone"))
        except Unreachable:
            status, headers = 0, {}
        except FederationError as error:
            return Tried(delivery, Outcome(Next.FINAL, str(error)))
        outcome = outcome_of(
            status, headers, attempts=delivery.attempts, failures=failures, now=now
        )
        if outcome.next is Next.GONE:
            outcome = await self._ask_whether_gone(delivery)
        return Tried(delivery, outcome)

    async def _post(self, delivery: Delivery) -> tuple[int, Mapping[str, str]]:
        """Send one activity; raise Unreachable when no answer comes."""
        inbox = await self._inbox(delivery)
        target = self._client.reach.check(inbox)
        async with self._database.reading() as tx:
            sender = await self._directory.actor(tx, delivery.sender)
        if sender is None:
            raise Gone("the sender is gone")
        signer = signer_of(sender.id, sender.keys)
        headers = sign_request(
            method="POST",
            url=str(target),
            key_id=signer.key_id,
            key=signer.key,
            now=self._clock(),
            body=delivery.body,
            content_type=ACTIVITY_JSON,
        )
        try:
            async with self._client.session.post(
                target, data=delivery.body, headers=headers, allow_redirects=False
            ) as answer:
                return answer.status, dict(answer.headers)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{delivery.peer} does not answer") from error

    async def _inbox(self, delivery: Delivery) -> str:
        """Find where to deliver: public things to the shared inbox, others to the actor's own."""
        if delivery.inbox:
            return delivery.inbox
        own, _ = await self._actors.inbox_of(Iri(delivery.recipient))
        return own

    async def _ask_whether_gone(self, delivery: Delivery) -> Outcome:
        try:
            await self._actors.fetch(delivery.recipient)
        except Gone:
            return Outcome(Next.FINAL, "this actor is gone")
        except FederationError:
            return Outcome(Next.PEER_WAITS, "the peer cannot be reached", timedelta(minutes=1))
        return Outcome(Next.FINAL, "the peer takes no messages for this actor")

    async def _settle(self, lease: Lease, tried: Sequence[Tried]) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            if not await self._store.outbox.holds_peer(tx, lease):
                return
            for one in tried:
                await self._settle_one(tx, one, now)

    async def _settle_one(self, tx: Tx, tried: Tried, now: datetime) -> None:
        delivery, outcome = tried.delivery, tried.outcome
        values: dict[str, Any] = {"reason": outcome.reason or None}
        if outcome.next is Next.DONE:
            values["state"] = "done"
        elif outcome.next in {Next.FINAL, Next.GONE}:
            values["state"] = "failed"
            log.warning("a delivery was given up", recipient=delivery.recipient, **values)
        elif outcome.next is Next.PEER_WAITS:
            values["state"] = "ready"
        else:
            values |= {"state": "ready", "next_try": now + _jittered(outcome.after)}
            if outcome.next is Next.PARK:
                values["state"] = "parked"
        await self._store.outbox.settle_delivery(tx, delivery, **values)


def _jittered(wait: timedelta) -> timedelta:
    return wait * random.uniform(0.8, 1.2)  # noqa: S311  # spreads retries, keeps no secret
