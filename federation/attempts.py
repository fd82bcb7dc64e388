"""One attempt at a delivery: sign it, send it, and read from the answer what follows."""

from __future__ import annotations

import asyncio
import errno
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

from federation.activity import stored
from federation.actors import Actors
from federation.answers import NO_ANSWER, Next, Outcome, outcome_of
from federation.errors import FederationError, Gone, Missing, Unreachable
from federation.fetch import Client, Purpose
from federation.iri import Iri
from federation.knocking import Signer
from federation.ports import ActorKeys, Clock, Database, Directory, LocalActor
from federation.proofs import proof_method
from federation.sql import SqlStore
from federation.sql.rows import Delivery
from federation.synchronizing import MOST_LISTED, stating

STUMBLED = timedelta(hours=1)
AT_ONCE = 200

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer answered to a delivery; its words are not read."""

    status: int
    headers: CIMultiDictProxy[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """One delivery, its peer's answer, and what that leads to."""

    delivery: Delivery
    outcome: Outcome
    status: int = NO_ANSWER

    @property
    def fails(self) -> bool:
        """Whether this speaks against the peer, and not just against a parked message."""
        stumbled = self.status == 500 and not self.delivery.parked
        return stumbled or self.outcome.next is Next.PEER_WAITS


class Senders:
    """Our actors in whose names deliveries are signed, each looked up once in a round.

    One post goes to thousands of peers, and its sender's keys are worth remembering that long, and
    who follows it at the peers of the round.
    """

    def __init__(
        self, directory: Directory, database: Database, store: SqlStore, peers: Sequence[str]
    ) -> None:
        self._directory = directory
        self._database = database
        self._store = store
        self._peers = peers
        self._known: dict[Iri, LocalActor | None] = {}
        self._followers: dict[Iri, Mapping[str, Sequence[str]]] = {}
        self._looking = asyncio.Lock()

    async def get(self, iri: Iri) -> LocalActor | None:
        """Return an actor of ours, or None when there is none of that id."""
        if iri not in self._known:
            async with self._looking:
                if iri not in self._known:
                    async with self._database.reading() as tx:
                        self._known[iri] = await self._directory.actor(tx, iri)
        return self._known[iri]

    async def stating_followers(self, iri: Iri, peer: str) -> Mapping[str, str]:
        """Return the header that states who follows an actor of ours at a peer (FEP-8fcf)."""
        if iri not in self._followers:
            async with self._looking:
                if iri not in self._followers:
                    async with self._database.reading() as tx:
                        found = await self._store.peers.followers_at(
                            tx, iri, self._peers, MOST_LISTED
                        )
                    self._followers[iri] = found
        followers = self._followers[iri].get(peer)
        return {} if followers is None else stating(iri, followers)


class Attempts:
    """Tries deliveries; whoever waits for a line is not told that the peer cannot be reached."""

    def __init__(self, *, actors: Actors, client: Client, clock: Clock) -> None:
        self._actors = actors
        self._client = client
        self._knocker = actors.knocker
        self._clock = clock
        self._lines = asyncio.Semaphore(AT_ONCE)

    async def make(self, delivery: Delivery, failures: int, senders: Senders) -> Tried:
        """Send one activity and read from the answer what follows; never raises."""
        try:
            status, headers = await self._post(delivery, senders)
        except Unreachable:
            status, headers = NO_ANSWER, {}
        except FederationError as error:
            return Tried(delivery, Outcome(Next.FINAL, str(error)), error.status)
        except Exception:
            log.exception("a delivery to %s could not be tried", delivery.recipient)
            reason = "something went wrong here with this delivery"
            return Tried(delivery, Outcome(Next.PARK, reason, STUMBLED), 1)
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
        return Tried(delivery, outcome, status)

    async def _post(self, delivery: Delivery, senders: Senders) -> tuple[int, Mapping[str, str]]:
        """Send one activity; raise Unreachable when no answer comes, others when none can."""
        await self._actors.standings.let_out(delivery.sender, delivery.recipient)
        inbox = delivery.inbox or await self._inbox_of(delivery.recipient)
        target = self._client.reach.check(inbox)
        sender = await senders.get(delivery.sender)
        if sender is None:
            raise Gone("the sender no longer exists here")
        signer = Signer(sender.id, _keys_for(sender, delivery.body))
        stated: Mapping[str, str] = {}
        if _is_for_followers(delivery):
            stated = await senders.stating_followers(sender.id, delivery.peer)
        send = partial(self._exchange, target, delivery.body)
        try:
            answer = await self._knocker.ask(signer, "POST", target, delivery.body, send, stated)
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise Unreachable(f"{delivery.peer} does not answer") from error
        return answer.status, answer.headers

    async def _exchange(self, target: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            return await self._ask(target, body, headers)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            # Some servers cut a connection that they said they would keep: once more, on a fresh
            # one. Should they have read it, the id makes the second a repetition.
            if getattr(error, "errno", None) not in {None, errno.ECONNRESET, errno.EPIPE}:
                raise
            return await self._ask(target, body, headers)

    async def _ask(self, target: URL, body: bytes, headers: Mapping[str, str]) -> Answer:
        session = self._client.session(Purpose.DELIVERY)
        async with (
            self._lines,
            session.post(target, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            return Answer(answer.status, answer.headers)

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


def _is_for_followers(delivery: Delivery) -> bool:
    # As JSON writes the address: what people write has its quotation marks escaped.
    return f'"{delivery.sender}/followers"'.encode() in delivery.body


def _keys_for(sender: LocalActor, body: bytes) -> ActorKeys:
    """Choose the keys by the proof inside: whoever can check the one can check the other.

    So new keys are announced by the former ones, and what was said before them still arrives.
    """
    if not any(one.held for one in sender.former):
        return sender.keys
    return sender.keys_behind(proof_method(stored(body)))
