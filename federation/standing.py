"""Who is shut out here, kept quiet, or let in: a small table in memory, read again each second.

So what an administrator decides in one process holds in all others a second later, and asking
costs a few look-ups and no query.
"""

from __future__ import annotations

import asyncio
import enum
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final, TypeAlias

from federation.activity import Document, only, owner_of
from federation.errors import Forbidden, Malformed
from federation.iri import origin_of
from federation.ports import Clock, Database, Tx
from federation.sql import SqlStore

BELIEVED: Final = timedelta(seconds=1)
MOST_INNER: Final = 6
BLOCKED_HERE: Final = "This address is blocked here."
NOT_LET_IN: Final = "Only allies of this server, and whom its administrators allow, are heard here."
THEY_BLOCKED: Final = "They have blocked the sender."
_TAKING_BACK: Final = frozenset({"Undo", "Reject", "Remove", "Delete"})


class Standing(enum.StrEnum):
    """What an administrator decided about a host, or one actor elsewhere.

    Nothing comes from or goes to whom is `blocked`; who is `limited` may speak, and is heard only
    by those who chose to; `allowed` are those that count where only some may speak at all.
    """

    BLOCKED = "blocked"
    LIMITED = "limited"
    ALLOWED = "allowed"


Allies: TypeAlias = Callable[[Tx], Awaitable[Collection[str]]]
"""Which origins may speak where only some may, besides those that were allowed."""

Heard: TypeAlias = Callable[[Tx, str, str], Awaitable[None]]
"""What a host does when somebody elsewhere (first) blocks an actor of ours."""


class Standings:
    """Asks, for each address, what an administrator decided about it or its host.

    Where `only` is set nobody may speak but those origins, and whoever was allowed by name: a
    domain that is allowed stands for itself alone.
    """

    def __init__(self, origin: str, store: SqlStore, database: Database, clock: Clock) -> None:
        self._host = host_of(origin)
        self._store = store
        self._database = database
        self._clock = clock
        self._known: Mapping[str, Standing] = {}
        self._blocked_by_others: frozenset[str] = frozenset()
        self._version: int | None = None
        self._read: datetime | None = None
        self._reading = asyncio.Lock()
        self._allies: frozenset[str] = frozenset()
        self.only: Allies | None = None
        self.on_block: Heard | None = None

    def of(self, iri: str) -> Standing | None:
        """Return what was decided about an address, its host, or a domain above that host.

        Where several were decided the strictest counts. Raises Malformed for what is no address.
        """
        return strictest(self._known, iri)

    async def let_in(self, iri: str) -> None:
        """Raise Forbidden when nothing is taken from an actor."""
        if not self._is_fresh():
            await self.fresh()
        self._refuse_blocked(iri)
        if self.only and not self._is_allowed(iri):
            raise Forbidden(NOT_LET_IN)

    async def require_unblocked(self, iri: str) -> None:
        """Raise Forbidden when an address or its host is blocked here."""
        if not self._is_fresh():
            await self.fresh()
        self._refuse_blocked(iri)

    def require_authors(self, document: Document) -> None:
        """Raise Forbidden when anybody blocked has said a part of an activity.

        What takes something back may take back what somebody blocked has said; and whatever our
        own actors do, they have decided.
        """
        if not self._known or host_of(origin_of(document["actor"])) == self._host:
            return
        inner = 1 if document["type"] in _TAKING_BACK else MOST_INNER
        if any(self.of(one) is Standing.BLOCKED for one in _authors(document, inner)):
            raise Forbidden(BLOCKED_HERE)

    async def let_out(self, sender: str, recipient: str) -> None:
        """Raise Forbidden when nothing goes from one of our actors to somebody elsewhere."""
        await self.require_unblocked(recipient)
        if sender not in self._blocked_by_others:
            return
        async with self._database.reading() as tx:
            if await self._store.standings.has_blocked(tx, recipient, sender):
                raise Forbidden(THEY_BLOCKED)

    async def put(self, tx: Tx, subject: str, standing: Standing, reason: str) -> None:
        """Decide about a subject; whoever is blocked follows nobody here and is sent nothing.

        `subject` is what `subject_of` returns. Raises Malformed for this host itself.
        """
        if covers(subject, f"https://{self._host}"):
            raise Malformed("Nobody shuts out the own host.")
        now = self._clock()
        if standing is Standing.BLOCKED:
            origins = [
                one
                for one in await self._store.standings.origins_like(tx, subject)
                if covers(subject, one)
            ]
            await self._store.standings.end(tx, subject, origins, BLOCKED_HERE, now)
        await self._store.standings.put(tx, subject, standing.value, reason, now)
        self._store.standings.after_commit(tx, self.forget)

    async def lift(self, tx: Tx, subject: str) -> bool:
        """Take back what was decided about a subject; return whether there was anything."""
        self._store.standings.after_commit(tx, self.forget)
        return await self._store.standings.lift(tx, subject)

    async def note_block(self, tx: Tx, by: str, actor: str, block: str) -> None:
        """Note that somebody elsewhere blocks one of our actors: follows between them end."""
        await self._store.peers.remove_follower(tx, actor, by)
        await self._store.standings.add_block(tx, by, actor, block, self._clock())
        self._store.standings.after_commit(tx, self.forget)
        if self.on_block:
            await self.on_block(tx, by, actor)

    def forget(self) -> None:
        """Read everything again before the next answer."""
        self._read = None

    async def fresh(self) -> None:
        """Read what was decided, unless that was done within the last second.

        Never within a transaction: it opens one of its own.
        """
        if self._is_fresh():
            return
        async with self._reading:
            if not self._is_fresh():
                await self._read_again()

    def _refuse_blocked(self, iri: str) -> None:
        if self._known and self.of(iri) is Standing.BLOCKED:
            raise Forbidden(BLOCKED_HERE)

    def _is_allowed(self, iri: str) -> bool:
        origin = origin_of(iri)
        if origin in self._allies or host_of(origin) == self._host:
            return True
        named = (iri.partition("#")[0], host_of(origin))
        return any(self._known.get(one) is Standing.ALLOWED for one in named)

    def _is_fresh(self) -> bool:
        return self._read is not None and abs(self._clock() - self._read) < BELIEVED

    async def _read_again(self) -> None:
        now = self._clock()
        async with self._database.reading() as tx:
            version = await self._store.standings.version(tx)
            if version != self._version:
                found = await self._store.standings.decided(tx)
                self._known = {one.subject: Standing(one.standing) for one in found}
                self._blocked_by_others = await self._store.standings.blocked_actors(tx)
            if self.only:
                self._allies = frozenset(await self.only(tx))
        self._version, self._read = version, now


def strictest(known: Mapping[str, Standing], iri: str) -> Standing | None:
    """Return what was decided about an address, by subject: the strictest, or None."""
    if not known:
        return None
    found = {known.get(one) for one in subjects_over(iri)}
    if Standing.BLOCKED in found:
        return Standing.BLOCKED
    return Standing.LIMITED if Standing.LIMITED in found else None


def subject_of(text: str) -> str:
    """Return what a standing is kept under: a domain, or the id of one actor.

    A domain stands for all below it. Raises Malformed for what is neither.
    """
    written = text.strip()
    address = written if "://" in written else f"https://{written.removeprefix('*.')}"
    origin = origin_of(address)
    _, _, path = address.partition("://")[2].partition("/")
    if "://" in written and path:
        return address.partition("#")[0]
    if path:
        raise Malformed("This is neither a domain nor an address that begins with https://.")
    return host_of(origin)


def covers(subject: str, iri: str) -> bool:
    """Tell whether a standing of this subject is about an address."""
    return subject in subjects_over(iri)


@lru_cache(maxsize=4096)
def subjects_over(iri: str) -> tuple[str, ...]:
    """Return every subject whose standing is about an address: itself, its host, domains above."""
    host = host_of(origin_of(iri))
    found = [iri.partition("#")[0], host]
    name, _, port = host.rpartition(":")
    if port.isdecimal() and name:
        found.append(name)
    else:
        name = host
    while "." in name:
        name = name.partition(".")[2]
        found.append(name)
    return tuple(found)


def host_of(origin: str) -> str:
    """Return the host of an origin, with its port where that is not the usual one."""
    return origin.partition("://")[2]


def _authors(document: Document, levels: int) -> Iterator[str]:
    inner: Any = document
    for _ in range(levels):
        if not isinstance(inner, Mapping):
            return
        yield from filter(_is_address, (owner_of(inner), inner.get("id")))
        inner = only(inner.get("object"))


def _is_address(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(origin_of(value))
    except Malformed:
        return False
