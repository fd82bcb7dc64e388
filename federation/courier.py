"""The courier: carries what this host has said to every inbox it is meant for, until done."""

from __future__ import annotations

import asyncio
import errno
import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from federation.activity import stored
from federation.actors import Actors
from federation.answers import NO_ANSWER, Next, Outcome, outcome_of
from federation.errors import FederationError, Gone, Missing, Unreachable
from federation.fetch import Client
from federation.iri import Iri
from federation.knocking import Signer
from federation.ports import ActorKeys, Clock, Database, Directory, LocalActor, Tx
from federation.proofs import proof_method
from federation.sidebyside import SideBySide
from federation.sql import SqlStore
from federation.sql.rows import Delivery, Lease

LEASE = timedelta(minutes=2)
LONGEST_TURN = timedelta(minutes=1)
CONVERSATIONS = 4
PEERS_AT_ONCE = 50
PUBLIC_LAPSES = timedelta(days=7)
STUMBLED = timedelta(hours=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a peer answered to a delivery; its words are not read."""

    status: int
    headers: CIMultiDictProxy[str]


@dataclass(frozen=True, slots=True)
class _Tried:
    """One delivery, its peer's answer, and what that leads to."""

    delivery: Delivery
    outcome: Outcome
    status: int = NO_ANSWER

    @property
    def fails(self) -> bool:
        """Whether this speaks against the peer, and not just against a parked message."""
        stumbled = self.status == 500 and not self.delivery.parked
        return stumbled or self.outcome.next is Next.PEER_WAITS


@dataclass(slots=True)
class _Turn:
    """What a turn with one peer came to: failures in a row, and how long the peer has to rest."""

    failures: int
    delivered: bool = False
    tried: bool = False
    rest: timedelta = timedelta()
    asked: bool = False

    def note(self, tried: Sequence[_Tried]) -> None:
        """Count the answers of a few conversations that were carried at once."""
        outcomes = [one.outcome for one in tried]
        self.tried = True
        if any(one.next is Next.DONE for one in outcomes):
            self.delivered, self.failures = True, 0
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
        self._actors = actors
        self._client = client
        self._knocker = actors.knocker
        self._clock = clock
        self._peers = SideBySide(PEERS_AT_ONCE)

    async def deliver(self) -> bool:
        """Carry what is due to every peer that is awake; return whether there was anything."""
        now = self._clock()
        if self._peers.free:
            async with self._database.transaction() as tx:
                leases = await self._store.outbox.lease_peers(
                    tx, now, now + LEASE, self._peers.free
                )
            for lease in leases:
                self._peers.begin(self._visit(lease))
        return await self._peers.rest()

    async def close(self) -> None:
        """Stop what is under way; leases are given back."""
        await self._peers.close()

    async def _visit(self, lease: Lease) -> bool:
        """Deliver to one peer until nothing is due or it has to rest."""
        async with self._database.reading() as tx:
            turn = _Turn(await self._store.peers.failures(tx, lease.origin))
        try:
            await self._carry(lease, turn)
        finally:
            await self._release(lease, turn)
        return turn.tried

    async def _carry(self, lease: Lease, turn: _Turn) -> None:
        until = self._clock() + LONGEST_TURN
        while not turn.rest and self._clock() < until:
            async with self._database.reading() as tx:
                heads = await self._store.outbox.heads(tx, lease, self._clock(), CONVERSATIONS)
            if not heads:
                return
            tried = await asyncio.gather(*(self._try(head, turn.failures) for head in heads))
            if not await self._settle(lease, tried):
                return
            turn.note(tried)

    async def _release(self, lease: Lease, turn: _Turn) -> None:
        now = self._clock()
        async with self._database.transaction() as tx:
            await self._store.outbox.release_peer(
                tx,
                lease,
                now,
                delivered=turn.delivered,
                failures=turn.failures,
                next_try=now + turn.rest,
                asked=turn.asked,
            )
            if turn.rest:
                lapsed = await self._store.outbox.lapse(tx, lease, now - PUBLIC_LAPSES)
                if lapsed:
                    log.warning("%s was silent: %d public posts lapsed", lease.origin, lapsed)

    # One delivery ------------------------------------------------------------------------------

    async def _try(self, delivery: Delivery, failures: int) -> _Tried:
        """Send one activity and read from the answer what follows; never raises."""
        try:
            status, headers = await self._post(delivery)
        except Unreachable:
            status, headers = NO_ANSWER, {}
        except FederationError as error:
            return _Tried(delivery, Outcome(Next.FINAL, str(error)), error.status)
        except Exception:
            log.exception("a delivery to %s could not be tried", delivery.recipient)
            reason = "something went wrong here with this delivery"
            return _Tried(delivery, Outcome(Next.PARK, reason, STUMBLED), 1)
        attempts = delivery.attempts if delivery.status == status else 0
        outcome = outcome_of(
            status,
            headers,
            attempts=attempts,
            failures=0 if delivery.parked and status == 500 else failures,
            now=self._clock(),
        )
        if outcome.next is Next.GONE:
            outcome = await self._ask_whether_gone(delivery)
        return _Tried(delivery, outcome, status)

    async def _post(self, delivery: Delivery) -> tuple[int, Mapping[str, str]]:
        """Send one activity; raise Unreachable when no answer comes, others when none can."""
        await self._actors.standings.let_out(delivery.sender, delivery.recipient)
        inbox = delivery.inbox or await self._inbox_of(delivery.recipient)
        target = self._client.reach.check(inbox)
        async with self._database.reading() as tx:
            sender = await self._directory.actor(tx, delivery.sender)
        if sender is None:
            raise Gone("the sender no longer exists here")
        signer = Signer(sender.id, _keys_for(sender, delivery.body))
        send = partial(self._exchange, target, delivery.body)
        try:
            answer = await self._knocker.ask(signer, "POST", target, delivery.body, send)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{delivery.peer} does not answer") from error
        return answer.status, answer.headers

    async def _exchange(self, target: URL, body: bytes, headers: Mapping[str, str]) -> _Answer:
        try:
            return await self._ask(target, body, headers)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            # Some servers cut a connection that they said they would keep: once more, on a fresh
            # one. Should they have read it, the id makes the second a repetition.
            if getattr(error, "errno", None) not in {None, errno.ECONNRESET, errno.EPIPE}:
                raise
            return await self._ask(target, body, headers)

    async def _ask(self, target: URL, body: bytes, headers: Mapping[str, str]) -> _Answer:
        async with self._client.session.post(
            target, data=body, headers=headers, allow_redirects=False
        ) as answer:
            return _Answer(answer.status, answer.headers)

    async def _inbox_of(self, recipient: str) -> str:
        try:
            own, _ = await self._actors.inbox_of(Iri(recipient))
        except Missing as error:
            raise Missing("the peer knows no such actor") from error
        except Gone as error:
            raise Gone("this actor is gone") from error
        return own

    async def _ask_whether_gone(self, delivery: Delivery) -> Outcome:
        """Ask the actor's own address; a shared inbox that is gone says nothing of anybody."""
        refused = Outcome(Next.FINAL, "the peer takes no messages there any more")
        if delivery.inbox == delivery.recipient:
            return refused
        try:
            await self._actors.fetch(delivery.recipient)
        except Missing:
            return refused
        except Gone:
            return Outcome(Next.FINAL, "this actor is gone")
        except Unreachable:
            return Outcome(Next.PARK, "the peer does not say whether this actor is gone", STUMBLED)
        except FederationError:
            return refused
        return refused

    # Afterwards --------------------------------------------------------------------------------

    async def _settle(self, lease: Lease, tried: Sequence[_Tried]) -> bool:
        """Note how deliveries went; return False when the lease was lost meanwhile."""
        now = self._clock()
        async with self._database.transaction() as tx:
            if not await self._store.outbox.holds_peer(tx, lease, now + LEASE):
                return False
            for one in tried:
                await self._settle_one(tx, one, now)
        return True

    async def _settle_one(self, tx: Tx, tried: _Tried, now: datetime) -> None:
        delivery, outcome = tried.delivery, tried.outcome
        if outcome.next is Next.DONE:
            await self._store.outbox.forget_delivery(tx, delivery)
            return
        if outcome.next is Next.FINAL:
            log.warning("given up: to %s: %s", delivery.recipient, outcome.reason)
        state = _STATE[outcome.next]
        if delivery.parked and state == "ready":
            state = "parked"
        own_wait = state == "parked" or outcome.next is Next.WAIT
        waits = _jittered(outcome.after) if own_wait else timedelta()
        again = delivery.status == tried.status
        await self._store.outbox.settle_delivery(
            tx,
            delivery,
            state=state,
            status=tried.status,
            attempts=delivery.attempts + 1 if again else 1,
            reason=outcome.reason,
            next_try=now + waits,
        )


_STATE = {
    Next.FINAL: "failed",
    Next.WAIT: "ready",
    Next.PEER_WAITS: "ready",
    Next.PARK: "parked",
}


def _keys_for(sender: LocalActor, body: bytes) -> ActorKeys:
    """Choose the keys by the proof inside: whoever can check the one can check the other.

    So new keys are announced by the former ones, and what was said before them still arrives.
    """
    if not any(one.held for one in sender.former):
        return sender.keys
    return sender.keys_behind(proof_method(stored(body)))


def _jittered(wait: timedelta) -> timedelta:
    # Never earlier than asked for.
    return wait * random.uniform(1.0, 1.25)  # noqa: S311  # spreads retries, keeps no secret
