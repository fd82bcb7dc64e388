"""How each peer wants its requests signed: what it says, what worked, and one second knock."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from federation.iri import Iri, ed25519_key_id, main_key_id, origin_of
from federation.ports import ActorKeys, Clock, Database, Tx
from federation.rfc9421 import Challenge, challenge_of
from federation.signatures import Manner, sign_request
from federation.sql import SqlStore

RFC9421: Final = "https://datatracker.ietf.org/doc/html/rfc9421"
RFC9421_ED25519: Final = f"{RFC9421}#name-eddsa-using-curve-edwards25"

_NOT_SO: Final = frozenset({400, 401})
_BELIEVED: Final = timedelta(minutes=10)
_ASKED_ANEW: Final = timedelta(days=30)
_PEERS_IN_MEMORY: Final = 10_000
_MOST_CAPABILITIES: Final = 50


class Answer(Protocol):
    """What a peer answered, as far as signing is concerned."""

    @property
    def status(self) -> int:
        """The status, such as 202."""
        ...

    @property
    def headers(self) -> CIMultiDictProxy[str] | CIMultiDict[str]:
        """The headers of the answer."""
        ...


AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


@dataclass(frozen=True, slots=True)
class Signer:
    """In whose name a request is signed: an actor of ours with both its keys."""

    actor: Iri
    keys: ActorKeys

    async def sign(
        self,
        method: str,
        url: URL,
        now: datetime,
        body: bytes | None,
        manner: Manner = Manner.CAVAGE,
        challenge: Challenge | None = None,
        more: Mapping[str, str] | None = None,
    ) -> dict[str, str]:
        """Return the headers that sign a request: beside the loop by RSA, which takes its time.

        `more` are further headers to send and to cover.
        """
        by_ed25519 = manner is Manner.RFC9421_ED25519
        key_id = ed25519_key_id if by_ed25519 else main_key_id
        sign = partial(
            sign_request,
            method=method,
            url=url,
            key_id=key_id(self.actor, self.keys.generation),
            key=self.keys.ed25519 if by_ed25519 else self.keys.rsa,
            now=now,
            body=body,
            manner=manner,
            challenge=challenge,
            more=more,
        )
        return sign() if by_ed25519 else await asyncio.to_thread(sign)


class Knocker:
    """Signs each request as its peer takes it.

    A peer of which nothing is known is signed to by draft-cavage, for one of them takes RFC 9421
    for an answer and drops the message. What says that it implements RFC 9421 (FEP-844e) is
    believed. A 400 or 401 knocks once more in the other manner, and what is let in is remembered.
    """

    def __init__(self, store: SqlStore, database: Database, clock: Clock) -> None:
        self._store = store
        self._database = database
        self._clock = clock
        self._known: OrderedDict[str, tuple[Manner, datetime]] = OrderedDict()

    async def ask(
        self,
        signer: Signer,
        method: str,
        target: URL,
        body: bytes | None,
        send: Callable[[Mapping[str, str]], Awaitable[AnyAnswer]],
        more: Mapping[str, str] | None = None,
    ) -> AnyAnswer:
        """Send a request by `send`, which is given the signed headers, and return the answer.

        `more` are further headers to send and to cover.
        """
        origin = origin_of(str(target))
        manner = await self.manner(origin)
        sign = partial(signer.sign, method, target, body=body, more=more)
        answer = await send(await sign(now=self._clock(), manner=manner))
        if answer.status not in _NOT_SO:
            return answer
        challenge = challenge_of(answer.headers, has_body=body is not None)
        other = _other(manner, challenge)
        again = await send(await sign(now=self._clock(), manner=other, challenge=challenge))
        if again.status in _NOT_SO or again.status >= 500:
            return answer
        if other is not manner:
            async with self._database.transaction() as tx:
                await self._remember(tx, origin, other)
        return again

    async def manner(self, origin: str) -> Manner:
        """Return how requests to a peer are signed."""
        known, since = self._known.get(origin, (Manner.CAVAGE, None))
        if since and self._clock() - since < _BELIEVED:
            self._known.move_to_end(origin)
            return known
        async with self._database.reading() as tx:
            stored, _ = await self._store.peers.manner(tx, origin)
        return self._keep(origin, Manner(stored or Manner.CAVAGE))

    def recall(self, origin: str, stored: str | None) -> None:
        """Take note of what is stored of a peer, for somebody who has just read it."""
        self._keep(origin, Manner(stored or Manner.CAVAGE))

    async def learn(self, tx: Tx, document: Mapping[str, Any]) -> None:
        """Note what an actor's own document says that its host implements (FEP-844e)."""
        manner = _advertised(document)
        if manner is None:
            return
        origin = origin_of(str(document["id"]))
        stored, since = await self._store.peers.manner(tx, origin)
        if stored is None or (since and self._clock() - since > _ASKED_ANEW):
            await self._remember(tx, origin, manner)

    async def _remember(self, tx: Tx, origin: str, manner: Manner) -> None:
        await self._store.peers.remember_manner(tx, origin, manner, self._clock())
        self._keep(origin, manner)

    def _keep(self, origin: str, manner: Manner) -> Manner:
        self._known[origin] = (manner, self._clock())
        while len(self._known) > _PEERS_IN_MEMORY:
            self._known.popitem(last=False)
        return manner


def _other(manner: Manner, challenge: Challenge | None) -> Manner:
    if challenge:
        return Manner.RFC9421_ED25519 if challenge.ed25519 else Manner.RFC9421
    return Manner.RFC9421 if manner is Manner.CAVAGE else Manner.CAVAGE


def _advertised(document: Mapping[str, Any]) -> Manner | None:
    """Read `implements` of an Application, or of the one that an actor names as its generator."""
    generator = document.get("generator")
    listed = document.get("implements")
    if listed is None and isinstance(generator, Mapping):
        listed = generator.get("implements")
    entries = listed if isinstance(listed, list) else [listed]
    hrefs = [
        one.get("href") or one.get("id") if isinstance(one, Mapping) else one
        for one in entries[:_MOST_CAPABILITIES]
    ]
    if RFC9421 not in hrefs:
        return None
    return Manner.RFC9421_ED25519 if RFC9421_ED25519 in hrefs else Manner.RFC9421
