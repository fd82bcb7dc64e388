"""Followers kept the same on both sides (FEP-8fcf): what deliveries say of them, and repair.

A delivery to followers tells a digest of those that the other server has. Where that knows other
ones it fetches their list, and each side ends what the other does not know.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from federation.activity import Document, iri_of
from federation.actors import Actors
from federation.cavage import parameters_of
from federation.errors import FederationError, Malformed
from federation.iri import Iri, origin_of, same_origin
from federation.kinds import digest_of
from federation.limits import Buckets
from federation.outbox import Outbox
from federation.ports import Clock, Database, Directory, Followings, Tx
from federation.signing import Headers, only
from federation.sql import SqlStore

HEADER: Final = "Collection-Synchronization"
SEGMENT: Final = "followers_synchronization"
MOST_LISTED: Final = 5_000
"""So many followers of one server are listed and compared; of more, nothing is said."""

AT_ONCE: Final = 8
SLOWEST_LIST: Final = 30.0
MOST_PAGES: Final = 10
MOST_UNDONE: Final = 100
PATIENCE: Final = 1.0
A_MINUTE: Final = 1 / 60
AN_HOUR: Final = 1 / 3_600
PEER_AT_ONCE: Final = 10

_COVERED: Final = HEADER.lower()
_DIGEST = re.compile(r"[0-9a-f]{64}")
_KINDS: Final = frozenset(
    "Collection OrderedCollection CollectionPage OrderedCollectionPage".split()
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a delivery says of its sender's followers here."""

    collection: str
    url: str
    digest: str


def stating(actor: Iri, followers: Iterable[str]) -> dict[str, str]:
    """Return the header that states which followers of an actor of ours a peer has."""
    digest = digest_of(list(followers))
    value = f'collectionId="{actor}/followers", url="{actor}/{SEGMENT}", digest="{digest}"'
    return {HEADER: value}


def stated_in(headers: Headers) -> Stated:
    """Read that header; raise Malformed or Unauthenticated for what does not state all of it."""
    found = parameters_of(only(headers, HEADER))
    stated = Stated(
        collection=found.get("collectionid", ""),
        url=found.get("url", ""),
        digest=found.get("digest", "").lower(),
    )
    if not stated.collection or not stated.url or not _DIGEST.fullmatch(stated.digest):
        raise Malformed("The header states no collection, address and digest.")
    return stated


class Synchronizing:
    """Compares what peers state of their followers here with whom we follow, and repairs it.

    `followings` is the host's: whom its actors follow. Without it nothing is compared. What cannot
    be looked into now is let go: the next delivery states it again.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        actors: Actors,
        outbox: Outbox,
        clock: Clock,
        new_id: Callable[[], Iri],
    ) -> None:
        self._directory = directory
        self._store = store
        self._database = database
        self._actors = actors
        self._outbox = outbox
        self._clock = clock
        self._new_id = new_id
        self._looks = Buckets(A_MINUTE, 1)
        self._fetches = Buckets(AN_HOUR, 1)
        self._fetches_of_peer = Buckets(A_MINUTE, PEER_AT_ONCE)
        self._going_on: dict[str, asyncio.Task[None]] = {}
        self._draining = False
        self.followings: Followings | None = None

    def hear(self, actor: Iri, headers: Headers, covered: frozenset[str]) -> None:
        """Look, beside all else, into what an actor's own signed delivery states; never raises.

        `covered` is what its signature covers. One server is looked into after the other, so that
        a slow one keeps no others waiting.
        """
        if _COVERED not in covered or self.followings is None:
            return
        peer = origin_of(actor)
        if self._draining or peer in self._going_on or len(self._going_on) >= AT_ONCE:
            return
        try:
            stated = stated_in(headers)
        except FederationError:
            return
        if same_origin(stated.url, actor) and self._take(self._looks, actor):
            task = asyncio.create_task(self._look(actor, stated, self.followings))
            self._going_on[peer] = task
            task.add_done_callback(lambda _: self._going_on.pop(peer, None))

    async def step(self) -> bool:
        """Wait a moment for what is going on; return whether there was anything."""
        if not self._going_on:
            return False
        await asyncio.wait(self._going_on.values(), timeout=PATIENCE)
        return True

    async def drain(self, seconds: float) -> None:
        """Begin nothing new, and let what is under way come to its end."""
        self._draining = True
        if self._going_on:
            await asyncio.wait(self._going_on.values(), timeout=seconds)

    async def close(self) -> None:
        """Stop what is going on."""
        self._draining = True
        going_on = list(self._going_on.values())
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)

    async def _look(self, actor: Iri, stated: Stated, followings: Followings) -> None:
        try:
            await self._compare(actor, stated, followings)
        except (FederationError, TimeoutError) as error:
            log.info("the followers of %s could not be compared: %s", actor, error)
        except Exception:
            log.exception("the followers of %s could not be compared", actor)

    async def _compare(self, actor: Iri, stated: Stated, followings: Followings) -> None:
        async with self._database.reading() as tx:
            known = await self._store.peers.known_actor(tx, actor)
            before = await followings.of(tx, actor)
        if known is None or known.document.get("followers") != stated.collection:
            return
        if digest_of([one for one, accepted in before.items() if accepted]) == stated.digest:
            return
        if not self._take(self._fetches, actor):
            return
        if not self._take(self._fetches_of_peer, origin_of(actor)):
            return
        async with asyncio.timeout(SLOWEST_LIST):
            listed = await self._list(stated.url)
        async with self._database.transaction() as tx:
            await self._repair(tx, actor, before, listed, followings)

    async def _repair(
        self,
        tx: Tx,
        actor: Iri,
        before: Mapping[Iri, bool],
        listed: set[Iri],
        followings: Followings,
    ) -> None:
        """End what only one side knows; what has changed since the list was asked for is let be."""
        now = await followings.of(tx, actor)
        for follower in before.keys() & now.keys():
            if now[follower] and before[follower] and follower not in listed:
                log.warning("%s does not know any more that %s follows it", actor, follower)
                await followings.lost(tx, actor, follower)
            elif not now[follower] and follower in listed:
                await followings.accepted(tx, actor, follower)
        unknown = sorted(listed - before.keys() - now.keys())
        for follower in unknown[:MOST_UNDONE]:
            await self._undo(tx, follower, actor)

    async def _undo(self, tx: Tx, follower: Iri, actor: Iri) -> None:
        """Say that an actor of ours does not follow one elsewhere, whoever thought so."""
        living = await self._directory.actor(tx, follower)
        if living is None or living.gone:
            return
        log.warning("%s thinks that %s follows it", actor, follower)
        follow = {
            "id": self._new_id(),
            "type": "Follow",
            "actor": follower,
            "object": actor,
        }
        undo = {
            "id": self._new_id(),
            "type": "Undo",
            "actor": follower,
            "object": follow,
            "to": [actor],
        }
        await self._outbox.send(tx, undo)

    async def _list(self, url: str) -> set[Iri]:
        """Fetch whom of ours a peer lists, all pages of it; raise Malformed when it is too long."""
        listed: set[Iri] = set()
        page = await self._page(url, url)
        if _items_of(page) is None:
            page = await self._page(page.get("first"), url)
        for _ in range(MOST_PAGES):
            items = _items_of(page)
            if items is None:
                raise Malformed("A list of followers lists its items.")
            listed |= {one for one in map(iri_of, items) if one and self._is_ours(one)}
            if len(listed) > MOST_LISTED:
                break
            if page.get("next") is None:
                return listed
            page = await self._page(page["next"], url)
        raise Malformed("A list of followers is longer than is read.")

    async def _page(self, page: object, url: str) -> Document:
        """Return a page that is embedded, or fetch it from the same host."""
        if isinstance(page, str):
            if not same_origin(page, url):
                raise Malformed("A list of followers goes on elsewhere.")
            page = await self._actors.get(page)
        if not isinstance(page, Mapping) or page.get("type") not in _KINDS:
            raise Malformed("This is no list of followers.")
        return page

    def _is_ours(self, iri: str) -> bool:
        return iri.startswith(f"{self._directory.origin}/")

    def _take(self, buckets: Buckets, name: str) -> bool:
        now = self._clock().timestamp()
        if buckets.wait(name, now) > 0:
            return False
        buckets.spend(name, now)
        return True


def _items_of(page: Document) -> list[Any] | None:
    items = page.get("orderedItems", page.get("items"))
    return items if isinstance(items, list) else None
