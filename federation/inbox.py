"""The one road in: prove who speaks, store it once, answer; later let it take effect, once."""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from aiohttp import web

from federation.activity import MAX_BYTES, Activity, Document
from federation.actors import Actors
from federation.authentication import Authentication, is_signed
from federation.commits import GroupCommit
from federation.errors import (
    FederationError,
    TooLarge,
    TooSlow,
    TryLater,
    Unauthenticated,
    Unreachable,
)
from federation.iri import Iri
from federation.limits import Admission
from federation.ports import Clock, Database, Directory
from federation.routing import Needs, Receiver, Routing
from federation.sidebyside import SideBySide
from federation.sql import SqlStore
from federation.sql.rows import Lease, Received

__all__ = ["Inbox", "Needs", "Receiver"]

LEASE = timedelta(minutes=2)
ORIGINS_AT_ONCE = 50
BATCH = 50
FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(hours=6)
GIVEN_UP = timedelta(days=7)
SLOWEST_BODY = 30.0

log = logging.getLogger(__name__)


class _Went(enum.Enum):
    """How an activity went."""

    DONE = "done"
    PUT_OFF = "put off"
    LEASE_LOST = "lease lost"


class Inbox:
    """Receives activities and carries out what they ask for."""

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        actors: Actors,
        admission: Admission,
        clock: Clock,
    ) -> None:
        self._origin = directory.origin
        self._store = store
        self._database = database
        self._clock = clock
        self._authentication = Authentication(directory.origin, actors, clock)
        self._routing = Routing(
            directory=directory, store=store, actors=actors, authentication=self._authentication
        )
        self._commits = GroupCommit(self._store_batch)
        self._origins = SideBySide(ORIGINS_AT_ONCE)
        self._effects = 0
        self._standings, self._admission = actors.standings, admission

    def on(self, types: tuple[str, ...], receiver: Receiver, needs: Needs | None = None) -> None:
        """Name the receiver for a chain of types; raise ValueError when it has one already."""
        self._routing.on(types, receiver, needs)

    @property
    def chains(self) -> list[tuple[str, ...]]:
        """The chains of types that have a receiver."""
        return self._routing.chains

    async def close(self) -> None:
        """Stop what is going on; leases are given back."""
        await self._origins.close()

    # Receiving ---------------------------------------------------------------------------------

    async def receive(self, request: web.Request) -> web.Response:
        """Store one activity that a peer sent, if it proves to come from its actor.

        Answers 202, or raises Malformed (400), Unauthenticated (401), Forbidden (403), TooSlow
        (408), TooLarge (413), TooMany (429) or Unreachable (503). Nothing else in this program
        stores what the network sends.
        """
        body = await _read_body(request)
        activity = Activity.parse(body)
        await self._require_welcome(activity)
        await self._admission.require_turn(activity.origin)
        if not await self._is_a_strangers_own_affair(activity):
            await self._authentication.require_actor(request, body, activity)
            await self._admission.count(activity.origin)
            await self._commits.add(activity.document)
        return web.Response(status=202)

    async def _is_a_strangers_own_affair(self, activity: Activity) -> bool:
        """Tell whether somebody unknown deletes or changes itself.

        That is common, can often not be proven any more, and is nothing to us.
        """
        if activity.type not in {"Delete", "Update"} or activity.object.get("id") != activity.actor:
            return False
        async with self._database.reading() as tx:
            return await self._store.peers.known_actor(tx, activity.actor) is None

    async def adopt(self, document: Document) -> Activity:
        """Store an activity that was fetched from where it lives, by the proof that it carries.

        Raises Malformed, Forbidden and Unauthenticated, as for one that was brought.
        """
        activity = Activity.read(dict(document))
        await self._require_welcome(activity)
        await self._authentication.require_proof(activity.document, activity.actor)
        await self._commits.add(activity.document)
        return activity

    async def _require_welcome(self, activity: Activity) -> None:
        await self._standings.let_in(activity.actor)
        if activity.origin == self._origin:
            raise Unauthenticated("Our own actors do not speak to us over the network.")

    async def signer_of(self, request: web.Request) -> Iri | None:
        """Return who signed a GET request, or None when it is not signed."""
        if not is_signed(request):
            return None
        return await self._authentication.signer(request, None)

    async def _store_batch(self, documents: Sequence[Document]) -> None:
        async with self._database.transaction() as tx:
            await self._store.inbox.remember(tx, documents, self._clock())

    # Taking effect -----------------------------------------------------------------------------

    async def process(self) -> bool:
        """Carry out what is stored and due; return whether there was anything to do."""
        now = self._clock()
        if self._origins.free:
            async with self._database.transaction() as tx:
                leases = await self._store.inbox.lease_received(
                    tx, now, now + LEASE, self._origins.free
                )
            for lease in leases:
                self._origins.begin(self._process_origin(lease))
        return await self._origins.rest()

    async def _process_origin(self, lease: Lease) -> bool:
        """Carry out what an origin sent, in order, then hurry what may have waited for it.

        An effect of another origin counts, too: it may have come between a try and the note that
        it has to wait.
        """
        effects_before = self._effects
        try:
            while rows := await self._ready(lease):
                for row in rows:
                    went = await self._process_one(lease, row)
                    self._effects += went is _Went.DONE
                    if went is _Went.LEASE_LOST:
                        return True
        finally:
            async with self._database.transaction() as tx:
                now = self._clock()
                if self._effects != effects_before:
                    near = {lease.origin, self._origin}
                    await self._store.inbox.hurry_received(tx, near, now)
                await self._store.inbox.release_received(tx, lease, now)
        return True

    async def _ready(self, lease: Lease) -> list[Received]:
        async with self._database.reading() as tx:
            return await self._store.inbox.received(tx, lease, self._clock(), BATCH)

    async def _process_one(self, lease: Lease, row: Received) -> _Went:
        """Carry out one activity, or note in a transaction of its own that it failed."""
        try:
            return await self._take_effect(lease, row)
        except (TryLater, Unreachable) as error:
            waits = isinstance(error, TryLater)
            return await self._put_off(lease, row, str(error), waits=waits)
        except FederationError as error:
            return await self._give_up(lease, row, str(error))
        except Exception as error:
            log.exception("%s could not take effect", row.document.get("id"))
            return await self._put_off(lease, row, type(error).__name__, waits=False)

    async def _take_effect(self, lease: Lease, row: Received) -> _Went:
        activity = Activity.read(row.document)
        async with self._database.reading() as tx:
            chain, activity = await self._routing.routed(tx, activity)
        registered = self._routing.receiver_of(chain)
        if registered is None:
            return await self._ignore(lease, row, chain)
        activity = await self._routing.resolved(activity, registered.needs)
        async with self._database.transaction() as tx:
            if not await self._store.inbox.holds_received(tx, lease, self._clock() + LEASE):
                return _Went.LEASE_LOST
            await registered.receiver(tx, activity)
            await self._store.inbox.settle_received(tx, row.seq, state="done")
        return _Went.DONE

    async def _ignore(self, lease: Lease, row: Received, chain: tuple[str, ...]) -> _Went:
        return await self._settle(lease, row, "ignored", f"no receiver for {' of '.join(chain)}")

    async def _give_up(self, lease: Lease, row: Received, reason: str) -> _Went:
        log.warning("%s was given up: %s", row.document.get("id"), reason)
        return await self._settle(lease, row, "failed", reason)

    async def _settle(self, lease: Lease, row: Received, state: str, reason: str) -> _Went:
        async with self._database.transaction() as tx:
            if not await self._store.inbox.holds_received(tx, lease, self._clock() + LEASE):
                return _Went.LEASE_LOST
            await self._store.inbox.settle_received(tx, row.seq, state=state, reason=reason)
        return _Went.PUT_OFF

    async def _put_off(self, lease: Lease, row: Received, reason: str, *, waits: bool) -> _Went:
        """Try again after as long as it has waited already; give up after a week."""
        now = self._clock()
        if now - row.received > GIVEN_UP:
            return await self._give_up(lease, row, reason)
        async with self._database.transaction() as tx:
            if not await self._store.inbox.holds_received(tx, lease, now + LEASE):
                return _Went.LEASE_LOST
            await self._store.inbox.put_off(
                tx, row, next_try=_next_try(row.received, now), reason=reason, waits=waits
            )
        log.info("%s waits: %s", row.document.get("id"), reason)
        return _Went.PUT_OFF


def _next_try(received: datetime, now: datetime) -> datetime:
    return now + min(max(now - received, FIRST_WAIT), LONGEST_WAIT)


async def _read_body(request: web.Request) -> bytes:
    if (request.content_length or 0) > MAX_BYTES:
        raise TooLarge("The document is larger than 1 MB.")
    body = bytearray()
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            async for chunk in request.content.iter_chunked(65_536):
                body += chunk
                if len(body) > MAX_BYTES:
                    raise TooLarge("The document is larger than 1 MB.")
    except TimeoutError as error:
        raise TooSlow("The body did not come in time.") from error
    return bytes(body)
