"""The one road in: prove who speaks, store it once, answer; later let it take effect, once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from aiohttp import web

from federation.activity import MAX_BYTES, Activity, Document, is_activity, owner_of
from federation.actors import Actors, OwnedKey
from federation.errors import (
    FederationError,
    Forbidden,
    Gone,
    Malformed,
    TryLater,
    Unauthenticated,
    Unreachable,
)
from federation.fetch import iri_of
from federation.iri import Iri, origin_of
from federation.keys import PublicKey
from federation.ports import Clock, Database, Directory, Tx
from federation.proofs import proof_method, verify_document
from federation.signatures import read_signature
from federation.sql import SqlStore
from federation.sql.rows import Lease, Received

LEASE = timedelta(minutes=2)
BATCH = 50
MOST_TRIES = 12
LONGEST_WAIT = timedelta(hours=6)
MAX_INNER = 5

log = structlog.get_logger(__name__)

Receiver = Callable[[Tx, Activity], Awaitable[None]]
Needs = Callable[[Activity], Iterable[Iri]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A receiver and the documents it wants to have at hand."""

    receiver: Receiver
    needs: Needs | None = None


class Inbox:
    """Receives activities and carries out what they ask for."""

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        actors: Actors,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._store = store
        self._database = database
        self._actors = actors
        self._clock = clock
        self._receivers: dict[tuple[str, ...], Registered] = {}
        self._commits = GroupCommit(self._store_batch)
        self.refused: Callable[[str], bool] = lambda _origin: False

    def on(self, types: tuple[str, ...], receiver: Receiver, needs: Needs | None = None) -> None:
        """Name the receiver for a chain of types; raise ValueError when it has one already."""
        if types in self._receivers:
            raise ValueError(f"{' of '.join(types)} already has a receiver")
        self._receivers[types] = Registered(receiver, needs)

    @property
    def chains(self) -> list[tuple[str, ...]]:
        """The chains of types that have a receiver."""
        return sorted(self._receivers)

    # Receiving ---------------------------------------------------------------------------------

    async def receive(self, request: web.Request) -> web.Response:
        """Store one activity that a peer sent, if it proves to come from its actor.

        Answers 202, or raises Malformed (400), Unauthenticated (401), Forbidden (403) or
        Unreachable (503). Nothing else in this program stores what the network sends.
        """
        body = await _read_body(request)
        activity = Activity.parse(body)
        if self.refused(activity.origin):
            raise Forbidden("This origin is blocked here.")
        if activity.origin == self._directory.origin:
            raise Unauthenticated("Our own actors do not speak to us over the network.")
        if not await self._is_farewell(activity):
            await self._authenticate(request, body, activity)
            await self._commits.add(activity.document)
        return web.Response(status=202)

    async def _is_farewell(self, activity: Activity) -> bool:
        """Tell whether a stranger deletes itself: common, not provable, and nothing to us."""
        if activity.type != "Delete" or activity.object.get("id") != activity.actor:
            return False
        async with self._database.reading() as tx:
            return await self._store.peers.known_actor(tx, activity.actor) is None

    async def _authenticate(self, request: web.Request, body: bytes, activity: Activity) -> None:
        """Raise unless the request's signature or the document's proof is the actor's own.

        A valid proof is as good as a signature, whoever carried the document here (FEP-8b32).
        """
        proven = proof_method(activity.document) is not None
        if is_signed(request):
            try:
                if await self._signer(request, body) == activity.actor:
                    return
            except FederationError:
                if not proven:
                    raise
        if not proven:
            raise Unauthenticated("Neither a signature nor a proof is the actor's own.")
        await self._check_proof(activity.document, activity.actor)

    async def signer_of(self, request: web.Request) -> Iri | None:
        """Return who signed a GET request, or None when it is not signed."""
        if not is_signed(request):
            return None
        return await self._signer(request, None)

    async def _signer(self, request: web.Request, body: bytes | None) -> Iri:
        signature = read_signature(
            request.method,
            request.raw_path,
            request.headers,
            body,
            origin=self._directory.origin,
            now=self._clock(),
        )
        return await self._owner_after(signature.key_id, signature.verify)

    async def _check_proof(self, document: Document, owner: str) -> None:
        """Raise unless a document carries a valid proof by its owner."""
        method = proof_method(document)
        if method is None:
            raise Unauthenticated("There is no proof.")
        if await self._owner_after(method, lambda key: verify_document(document, key)) != owner:
            raise Unauthenticated("The proof is somebody else's.")

    async def _owner_after(self, key_id: str, check: Callable[[PublicKey], None]) -> Iri:
        """Check with the key we know, or else with the key as it is now; return whose it is."""
        try:
            known = await self._actors.key(key_id)
        except Gone as error:
            raise Unauthenticated("The signer's key is gone.") from error
        try:
            check(known.key)
        except Unauthenticated:
            fresh = await self._refreshed(key_id)
            if fresh is None or fresh.key == known.key:
                raise
            check(fresh.key)
            return fresh.owner
        return known.owner

    async def _refreshed(self, key_id: str) -> OwnedKey | None:
        try:
            return await self._actors.refreshed_key(key_id)
        except Gone:
            return None

    async def _store_batch(self, documents: list[Document]) -> None:
        async with self._database.transaction() as tx:
            await self._store.inbox.remember(tx, documents, self._clock())

    # Taking effect -----------------------------------------------------------------------------

    async def process(self) -> bool:
        """Carry out what is stored and due; return whether there was anything to do."""
        now = self._clock()
        async with self._database.transaction() as tx:
            leases = await self._store.inbox.lease_received(tx, now, now + LEASE)
        await asyncio.gather(*(self._process_origin(lease) for lease in leases))
        return bool(leases)

    async def _process_origin(self, lease: Lease) -> None:
        try:
            while rows := await self._ready(lease):
                for row in rows:
                    if not await self._process_one(lease, row):
                        return
        finally:
            async with self._database.transaction() as tx:
                await self._store.inbox.release_received(tx, lease, self._clock())

    async def _ready(self, lease: Lease) -> list[Received]:
        async with self._database.reading() as tx:
            return await self._store.inbox.received(tx, lease, self._clock(), BATCH)

    async def _process_one(self, lease: Lease, row: Received) -> bool:
        """Carry out one activity; return False when the lease was lost meanwhile."""
        try:
            return await self._take_effect(lease, row)
        except TryLater as error:
            await self._put_off(row, str(error), waits=True)
        except FederationError as error:
            await self._put_off(row, str(error), waits=isinstance(error, Unreachable))
        except Exception as error:
            log.exception("an activity could not take effect", activity=row.document.get("id"))
            await self._put_off(row, f"{type(error).__name__}", waits=True)
        return True

    async def _take_effect(self, lease: Lease, row: Received) -> bool:
        activity = Activity.read(row.document)
        async with self._database.reading() as tx:
            chain, activity = await self._routed(tx, activity)
        registered = self._receiver_of(chain)
        if registered is None:
            return await self._ignore(lease, row, chain)
        activity = await self._resolved(activity, registered)
        async with self._database.transaction() as tx:
            if not await self._store.inbox.holds_received(tx, lease):
                return False
            await registered.receiver(tx, activity)
            await self._store.inbox.settle_received(tx, row.seq, state="done")
        return True

    def _receiver_of(self, chain: tuple[str, ...]) -> Registered | None:
        return self._receivers.get(chain) or self._receivers.get((*chain[:-1], "*"))

    async def _ignore(self, lease: Lease, row: Received, chain: tuple[str, ...]) -> bool:
        if chain[0] in {"Accept", "Reject", "Undo"} and chain[-1] == "*":
            raise TryLater("What this answers is not known here yet.")
        async with self._database.transaction() as tx:
            if not await self._store.inbox.holds_received(tx, lease):
                return False
            reason = f"no receiver for {' of '.join(chain)}"
            await self._store.inbox.settle_received(tx, row.seq, state="ignored", reason=reason)
        return True

    async def _put_off(self, row: Received, reason: str, *, waits: bool) -> None:
        """Note in a transaction of its own that an activity failed, and when to try again."""
        attempts = row.attempts + 1
        state = "ready" if waits and attempts < MOST_TRIES else "failed"
        wait = min(timedelta(seconds=2 ** min(attempts, 16)), LONGEST_WAIT)
        async with self._database.transaction() as tx:
            await self._store.inbox.settle_received(
                tx,
                row.seq,
                state=state,
                reason=reason,
                attempts=attempts,
                next_try=self._clock() + wait,
            )
        log.info("an activity waits", activity=row.document.get("id"), reason=reason, state=state)

    # Routing -----------------------------------------------------------------------------------

    async def _routed(self, tx: Tx, activity: Activity) -> tuple[tuple[str, ...], Activity]:
        """Return the chain of types down to the first thing that is no activity.

        What is stored here overrides what was sent along: an embedded activity routes, and is
        believed only as far as we know it ourselves. A mismatch raises Malformed.
        """
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
        return tuple(chain), replace(activity, document=_nested(levels), proven=frozenset(proven))

    async def _stored(self, tx: Tx, inner: Document) -> Document | None:
        identifier = inner.get("id")
        if not isinstance(identifier, str):
            return None
        stored = await self._store.outbox.find_activity(tx, identifier)
        if stored is None:
            return None
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
        actor = await self._directory.actor(tx, str(inner.get("id")))
        return actor.type if actor else "*"

    async def _resolved(self, activity: Activity, registered: Registered) -> Activity:
        """Check embedded proofs and fetch what the receiver needs, outside any transaction."""
        proven = set(activity.proven)
        inner: Document = activity.object
        for _ in range(MAX_INNER):
            if await self._proves_itself(inner, activity, proven):
                proven.add(str(inner["id"]))
            if not is_activity(inner) or not isinstance(inner.get("object"), dict):
                break
            inner = inner["object"]
        fetched: dict[str, Document] = {}
        for iri in registered.needs(activity) if registered.needs else ():
            with contextlib.suppress(Gone):
                fetched[iri] = await self._actors.get(iri)
        return replace(activity, proven=frozenset(proven), fetched=fetched)

    async def _proves_itself(self, inner: Document, activity: Activity, proven: set[str]) -> bool:
        identifier, owner = inner.get("id"), owner_of(inner)
        if not isinstance(identifier, str) or identifier in proven or owner is None:
            return False
        if activity.owns(inner) or proof_method(inner) is None:
            return False
        if origin_of(identifier) != origin_of(owner):
            return False
        try:
            await self._check_proof(inner, owner)
        except (Unauthenticated, Malformed):
            return False
        return True


class GroupCommit:
    """Lets many requests share one durable commit; each is answered only after its own."""

    def __init__(self, store: Callable[[list[Document]], Awaitable[None]], most: int = 200) -> None:
        self._store = store
        self._most = most
        self._waiting: list[tuple[Document, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def add(self, document: Document) -> None:
        """Return once the document is durably stored; raise what storing raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            try:
                await self._store([document for document, _ in batch])
            except Exception as error:  # noqa: BLE001  # handed to everyone who waits for it
                _resolve(batch, error)
            else:
                _resolve(batch, None)


def _resolve(batch: list[tuple[Document, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in batch:
        if done.cancelled():
            continue
        if error:
            done.set_exception(error)
        else:
            done.set_result(None)


async def _read_body(request: web.Request) -> bytes:
    if (request.content_length or 0) > MAX_BYTES:
        raise Malformed("The document is larger than 1 MB.")
    body = bytearray()
    async for chunk in request.content.iter_chunked(65_536):
        body += chunk
        if len(body) > MAX_BYTES:
            raise Malformed("The document is larger than 1 MB.")
    return bytes(body)


def is_signed(request: web.Request) -> bool:
    """Tell whether a request carries a signature, of whichever generation."""
    return "Signature" in request.headers or "Signature-Input" in request.headers


def _inner(document: Document) -> dict[str, object]:
    value = document.get("object")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return {"id": value}
    return dict(value) if isinstance(value, dict) else {}


def _nested(levels: list[dict[str, object]]) -> dict[str, object]:
    inner: dict[str, object] = levels[-1]
    for level in reversed(levels[:-1]):
        inner = {**level, "object": inner}
    return inner
