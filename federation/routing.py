"""What an activity is about: its chain of types, and what of it may be believed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from federation.activity import Activity, Document, iri_of, is_activity, only, owner_of
from federation.actors import Actors
from federation.authentication import Authentication
from federation.errors import Gone, Malformed, TryLater, Unauthenticated, Unreachable
from federation.iri import Iri, same_origin
from federation.limits import TooMany
from federation.ports import Directory, Tx
from federation.proofs import proof_method
from federation.sql import SqlStore

MAX_INNER = 5
MOST_NEEDS = 20
FETCHED_AT_ONCE = 3
PATIENCE = 30.0
ANYTHING = "*"
_ABOUT_MANY = {"Flag"}  # its object may be a list, and whatever is in it is only named

Receiver = Callable[[Tx, Activity], Awaitable[None]]
Needs = Callable[[Activity], Iterable["Iri | IfThere"]]


class IfThere(str):
    """The id of a document that a receiver makes use of, if it can be fetched now."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """A receiver and the documents it wants to have at hand."""

    receiver: Receiver
    needs: Needs | None = None


class Routing:
    """Finds the receiver of an activity, and hands it over with all that can be known of it."""

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        actors: Actors,
        authentication: Authentication,
    ) -> None:
        self._directory = directory
        self._store = store
        self._actors = actors
        self._authentication = authentication
        self._receivers: dict[tuple[str, ...], Registered] = {}

    def on(self, types: tuple[str, ...], receiver: Receiver, needs: Needs | None = None) -> None:
        """Name the receiver for a chain of types; raise ValueError when it has one already."""
        if types in self._receivers:
            raise ValueError(f"{' of '.join(types)} already has a receiver")
        self._receivers[types] = Registered(receiver, needs)

    @property
    def chains(self) -> list[tuple[str, ...]]:
        """The chains of types that have a receiver."""
        return sorted(self._receivers)

    def receiver_of(self, chain: tuple[str, ...]) -> Registered | None:
        """Return who receives a chain of types, or None when nobody here understands it.

        Raise TryLater for an answer to something that has not arrived yet.
        """
        found = self._receivers.get(chain) or self._receivers.get((*chain[:-1], ANYTHING))
        if found is None and chain[-1] == ANYTHING and chain[-2] in {"Accept", "Reject", "Undo"}:
            raise TryLater("What this answers is not known here yet.")
        return found

    async def routed(self, tx: Tx, activity: Activity) -> tuple[tuple[str, ...], Activity]:
        """Return the chain of types down to the first thing that is no activity.

        What is stored here overrides what was sent along: an embedded activity routes, and is
        believed only as far as we know it ourselves. A mismatch raises Malformed, and Forbidden
        what somebody blocked here has said.
        """
        if activity.type in _ABOUT_MANY:
            self._actors.standings.require_authors({**activity.document, "object": {}})
            return (activity.type, ANYTHING), activity
        chain = [activity.type]
        levels = [dict(activity.document)]
        proven: set[str] = set()
        while True:
            inner = _inner(levels[-1])
            stored = await self._stored(tx, inner)
            if stored is not None:
                proven.add(stored["id"])
                inner = dict(stored)
            levels.append(inner)
            if not is_activity(inner):
                chain.append(await self._type_of(tx, inner))
                break
            chain.append(str(inner["type"]))
            if len(chain) > MAX_INNER:
                raise Malformed("Activities are nested too deep.")
        whole = _nested(levels)
        self._actors.standings.require_authors(whole)
        return tuple(chain), replace(activity, document=whole, proven=frozenset(proven))

    async def resolved(self, activity: Activity, needs: Needs | None) -> Activity:
        """Check embedded proofs and fetch what the receiver needs, outside any transaction.

        Raise Unreachable when that cannot be had now, and Malformed when it is too much.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                proven = await self._proven(activity)
                activity = replace(activity, proven=proven)
                fetched = await self._fetched(needs(activity) if needs else ())
        except TimeoutError as error:
            raise Unreachable("What this needs could not be fetched in time.") from error
        return replace(activity, fetched=fetched)

    def at_hand(self, activity: Activity, needs: Needs | None) -> bool:
        """Tell whether `resolved` would neither check a proof nor fetch anything."""
        if needs and any(True for _ in needs(activity)):
            return False
        return not any(True for _ in _claims(activity, activity.proven))

    def _may_be_stored(self, inner: Document, identifier: str) -> bool:
        """Spare the look for what says that it is no activity, unless it has an id of ours."""
        said = is_activity(inner) or "type" not in inner
        return said or same_origin(identifier, self._directory.origin)

    async def _stored(self, tx: Tx, inner: Document) -> Document | None:
        identifier = inner.get("id")
        if not isinstance(identifier, str) or not self._may_be_stored(inner, identifier):
            return None
        stored = await self._store.outbox.find_activity(tx, identifier)
        if stored is None:
            return None
        if "type" in inner and not is_activity(inner):
            return stored  # Mobilizon answers an Invite by the Member of its id
        for name in ("type", "actor"):
            if name in inner and iri_of(inner[name]) != iri_of(stored[name]):
                raise Malformed(f"The embedded activity is not the one we know: `{name}` differs.")
        return stored

    async def _type_of(self, tx: Tx, inner: Document) -> str:
        kind = inner.get("type")
        if kind == "Tombstone":
            kind = inner.get("formerType", kind)
        if isinstance(kind, str):
            return kind
        identifier = inner.get("id")
        actor = await self._directory.actor(tx, identifier) if isinstance(identifier, str) else None
        return actor.type if actor else ANYTHING

    async def _proven(self, activity: Activity) -> frozenset[str]:
        """Return the ids of embedded documents whose origin is known by their own proof."""
        proven = set(activity.proven)
        for inner, owner in _claims(activity, proven):
            try:
                await self._authentication.require_proof(inner, owner)
            except (Unauthenticated, Malformed):
                continue
            proven.add(str(inner["id"]))
        return frozenset(proven)

    async def _fetched(self, wanted: Iterable[Iri | IfThere]) -> dict[str, Document]:
        named = list(dict.fromkeys(wanted))
        if len(named) > MOST_NEEDS:
            raise Malformed(f"More than {MOST_NEEDS} documents would have to be fetched for this.")
        lines = asyncio.Semaphore(FETCHED_AT_ONCE)
        asking = [asyncio.create_task(self._maybe(iri, lines)) for iri in named]
        try:
            found = await asyncio.gather(*asking)
        finally:
            for one in asking:
                one.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        return {Iri(iri): document for iri, document in zip(named, found, strict=True) if document}

    async def _maybe(self, iri: Iri | IfThere, lines: asyncio.Semaphore) -> Document | None:
        try:
            async with lines, asyncio.timeout(PATIENCE / 2):
                return await self._actors.get_or_own(Iri(iri))
        except Gone:
            return None
        except TooMany:
            raise  # it can be had a little later
        except (Unreachable, TimeoutError):
            if isinstance(iri, IfThere):
                return None
            raise


def _claims(activity: Activity, proven: Container[str]) -> Iterator[tuple[Document, str]]:
    """Yield the embedded documents that say by their own proof whose they are, and whose."""
    inner: Document = {} if activity.type in _ABOUT_MANY else activity.object
    for _ in range(MAX_INNER):
        identifier, owner = inner.get("id"), owner_of(inner)
        if owner and isinstance(identifier, str) and identifier not in proven:
            theirs = same_origin(identifier, owner) and not activity.owns(inner)
            if theirs and proof_method(inner) is not None:
                yield inner, owner
        if not is_activity(inner) or not isinstance(inner.get("object"), Mapping):
            return
        inner = inner["object"]


def _inner(document: Document) -> dict[str, Any]:
    value = only(document.get("object"))
    if document.get("type") in _ABOUT_MANY and isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, str):
        return {"id": value}
    if isinstance(value, Mapping):
        return dict(value)
    raise Malformed("`object` has to be one object or its id.")


def _nested(levels: list[dict[str, Any]]) -> dict[str, Any]:
    inner = levels[-1]
    for level in reversed(levels[:-1]):
        inner = {**level, "object": inner}
    return inner
