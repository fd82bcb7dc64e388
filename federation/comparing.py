"""Comparing with peers what they say they told us, and fetching what never came."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from federation.activity import Activity, Document
from federation.actors import Actors
from federation.errors import FederationError, Malformed
from federation.inbox import Inbox
from federation.iri import Iri, same_origin
from federation.kinds import Kinds, digest_of, with_prefix
from federation.ports import Clock, Database, Tx
from federation.sidebyside import SideBySide
from federation.sql import SqlStore

EVERY: Final = timedelta(days=1)
AFTER_REPAIR: Final = timedelta(minutes=10)
AFTER_FAILURE: Final = timedelta(hours=1)
NOT_OF_OUR_KIND: Final = timedelta(days=7)
LOOK_EVERY: Final = timedelta(minutes=1)
PEERS_AT_ONCE: Final = 4
MOST_PARTS: Final = 100
MOST_FETCHED: Final = 200
MOST_KINDS: Final = 50
_LONGEST_ITEM: Final = 2_500
_LONGEST_PREFIX: Final = 16

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Difference:
    """What one comparison of a kind found, and how many documents it may still ask for."""

    lacking: list[str] = field(default_factory=list)
    unknown_there: int = 0
    made_up_for: int = 0
    parts_left: int = MOST_PARTS

    @property
    def any(self) -> bool:
        """Whether the two sides differ."""
        return bool(self.lacking or self.unknown_there)


class Comparing:
    """Asks peers once a day, and after a silence, whether we have heard all that they told us."""

    def __init__(
        self,
        *,
        store: SqlStore,
        database: Database,
        actors: Actors,
        inbox: Inbox,
        kinds: Kinds,
        clock: Clock,
    ) -> None:
        self._store = store
        self._database = database
        self._actors = actors
        self._inbox = inbox
        self._kinds = kinds
        self._clock = clock
        self._looked: datetime | None = None
        self._going = SideBySide(PEERS_AT_ONCE)

    async def step(self) -> bool:
        """Begin the comparisons that are due; return whether any is going on."""
        now = self._clock()
        if self._kinds.names and (self._looked is None or now - self._looked >= LOOK_EVERY):
            self._looked = now
            for peer in await self._due(now):
                self._going.begin(self.compare(peer))
        return await self._going.rest()

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and let what is under way come to its end."""
        await self._going.drain(seconds)

    async def close(self) -> None:
        """Stop what is going on; it is due again in ten minutes."""
        await self._going.close()

    async def compare(self, peer: str) -> bool:
        """Compare every kind with one peer, and fetch what never came from there."""
        differs: list[str] | None = None
        wait = AFTER_FAILURE
        try:
            address = await self._address(peer)
            if address is None:
                differs, wait = [], NOT_OF_OUR_KIND
            else:
                found = await self._compare_all(peer, address)
                differs = [kind for kind, one in found.items() if one.any]
                repaired = any(one.made_up_for for one in found.values())
                wait = AFTER_REPAIR if repaired else EVERY
        except FederationError as error:
            log.info("%s could not be compared with: %s", peer, error)
        now = self._clock()
        async with self._database.transaction() as tx:
            await self._store.exchanges.settle(tx, peer, now, now + wait, differs)
        return True

    async def _due(self, now: datetime) -> list[str]:
        if not self._going.free:
            return []
        async with self._database.transaction() as tx:
            await self._store.exchanges.expect(tx, EVERY)
            return await self._store.exchanges.take_due(
                tx, now, now + AFTER_REPAIR, self._going.free
            )

    async def _address(self, peer: str) -> str | None:
        """Return where a peer shows what it told us, by its Application's own document."""
        async with self._database.reading() as tx:
            application = await self._store.exchanges.application_of(tx, peer)
        if application is None:
            return None
        document = await self._actors.get(application)
        address = document.get("reconciliation")
        if not isinstance(address, str) or not same_origin(address, peer):
            return None
        return address

    async def _compare_all(self, peer: str, address: str) -> dict[str, _Difference]:
        overview = await self._actors.get(Iri(address))
        theirs = overview.get("items")
        if not isinstance(theirs, list) or len(theirs) > MOST_KINDS:
            raise Malformed("An overview lists its kinds in `items`.")
        shown = {str(one.get("name")): one for one in theirs if _is_part(one, peer)}
        return {
            kind: await self._compare_kind(peer, kind, shown[kind])
            for kind in self._kinds.names
            if kind in shown
        }

    async def _compare_kind(self, peer: str, kind: str, shown: Document) -> _Difference:
        async with self._database.reading() as tx:
            ours = await self._kinds.items(tx, peer, kind, heard=True)
        found = _Difference()
        await self._descend(peer, shown, "", ours, found)
        if found.any:
            log.warning(
                "%s told us %d of %s that we lack; we know %d that it does not",
                *(peer, len(found.lacking), kind, found.unknown_there),
            )
        if self._kinds.is_told(kind):
            for item in found.lacking[:MOST_FETCHED]:
                found.made_up_for += await self._make_up_for(peer, kind, item)
        return found

    async def _descend(
        self, peer: str, shown: Document, prefix: str, ours: Sequence[str], found: _Difference
    ) -> None:
        """Look for the items that differ in the part of a kind whose hashes begin alike."""
        mine = with_prefix(ours, prefix)
        if shown.get("digest") == digest_of(mine):
            return
        found.parts_left -= 1
        if found.parts_left < 0:
            return
        part = await self._actors.get(Iri(str(shown["id"])))
        if isinstance(part.get("orderedItems"), list):
            theirs = _items_of(part)
            held, told = set(mine), set(theirs)
            found.lacking += [one for one in theirs if one not in held]
            found.unknown_there += len(held - told)
            return
        parts = _parts_of(part, peer, prefix)
        found.unknown_there += sum(
            not any(one in with_prefix([one], known) for known in parts) for one in mine
        )
        for known, inner in parts.items():
            await self._descend(peer, inner, known, mine, found)

    async def _make_up_for(self, peer: str, kind: str, item: str) -> bool:
        """Let what never came take effect; what came and had none is tried for another week.

        Return whether anything is different now.
        """
        if not same_origin(item, peer):
            return False
        async with self._database.transaction() as tx:
            came = await self._store.inbox.was_seen(tx, item)
            state = await self._store.exchanges.state_of(tx, item)
            if state is not None:
                return await self._settle_known(tx, kind, item, state)
        try:
            activity = await self._inbox.adopt(await self._actors.get(Iri(item)))
        except FederationError as error:
            log.warning("%s is not taken: %s", item, error)
            return False
        if came:  # it was taken back before it took effect, and never will
            async with self._database.transaction() as tx:
                await self._kinds.note_heard(tx, kind, activity)
        return True

    async def _settle_known(self, tx: Tx, kind: str, item: str, state: str) -> bool:
        """Note what came before it was noted, or had no effect; what still waits is left alone."""
        if state == "ready":
            return False
        known = await self._store.outbox.find_activity(tx, item)
        if known is not None:
            await self._kinds.note_heard(tx, kind, Activity.read(dict(known)))
        await self._store.exchanges.revive(tx, item, self._clock())
        return True


def _is_part(value: object, peer: str) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("digest"), str):
        return False
    return isinstance(value.get("id"), str) and same_origin(value["id"], peer)


def _items_of(part: Document) -> list[str]:
    items = part["orderedItems"]
    if not all(isinstance(one, str) and len(one) <= _LONGEST_ITEM for one in items):
        raise Malformed("A part lists its items as strings.")
    return list(items)


def _parts_of(part: Document, peer: str, prefix: str) -> dict[str, Any]:
    """Return the parts of a part by prefix; each goes one digit deeper."""
    parts = part.get("parts")
    if not isinstance(parts, list) or len(parts) > 16 or len(prefix) >= _LONGEST_PREFIX:
        raise Malformed("A part lists `orderedItems`, or at most 16 `parts`.")
    found = {str(one.get("prefix")): one for one in parts if _is_part(one, peer)}
    if any(len(one) != len(prefix) + 1 or not one.startswith(prefix) for one in found):
        raise Malformed("A part's parts go one digit deeper.")
    return found
