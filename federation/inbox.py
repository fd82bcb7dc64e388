"""The one road in: prove who speaks, store it once, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from aiohttp import web

from federation.activity import MAX_BYTES, Activity, Document, encode
from federation.authentication import Authentication, is_signed
from federation.commits import GroupCommit
from federation.errors import TooLarge, TooSlow, Unauthenticated
from federation.iri import Iri
from federation.limits import Admission
from federation.ports import Clock, Database, Directory
from federation.sql import SqlStore
from federation.standing import Standings
from federation.synchronizing import Synchronizing

SLOWEST_BODY = 30.0
_OWN_AFFAIRS = frozenset({"Delete", "Update"})


class Inbox:
    """Receives activities. `commits` is where they are stored, many together."""

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        authentication: Authentication,
        standings: Standings,
        admission: Admission,
        synchronizing: Synchronizing,
        clock: Clock,
    ) -> None:
        self._origin = directory.origin
        self._store = store
        self._database = database
        self._authentication = authentication
        self._clock = clock
        self._standings, self._admission = standings, admission
        self._synchronizing = synchronizing
        self.commits = GroupCommit(self._keep)

    async def receive(self, request: web.Request) -> web.Response:
        """Store one activity that a peer sent, if it proves to come from its actor.

        Answers 202, or raises Malformed (400), Unauthenticated (401), Forbidden (403), TooSlow
        (408), TooLarge (413), TooMany (429) or Unreachable (503). Nothing else in this program
        stores what the network sends.
        """
        body = await _read_body(request)
        await asyncio.sleep(0)  # what came together is read together: its code is near then
        activity = Activity.parse(body)
        await self._require_welcome(activity)
        origin = activity.origin
        await self._admission.require_turn(origin)
        own_affair = activity.type in _OWN_AFFAIRS and activity.object.get("id") == activity.actor
        if not (own_affair and await self._is_strange(activity.actor)):
            covered = await self._authentication.require_actor(request, body, activity)
            await self._admission.count(origin)
            await self.commits.add(body)
            self._synchronizing.hear(activity.actor, request.headers, covered)
        return web.Response(status=202)

    async def _is_strange(self, actor: Iri) -> bool:
        """Tell whether an actor is unknown here.

        That one deletes or changes itself is common, can often not be proven any more, and is
        nothing to us.
        """
        async with self._database.reading() as tx:
            return await self._store.peers.known_actor(tx, actor) is None

    async def adopt(self, document: Document) -> Activity:
        """Store an activity that was fetched from where it lives, by the proof that it carries.

        Raises Malformed, Forbidden and Unauthenticated, as for one that was brought.
        """
        activity = Activity.read(dict(document))
        await self._require_welcome(activity)
        await self._authentication.require_proof(activity.document, activity.actor)
        await self.commits.add(encode(activity.document))
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

    async def _keep(self, bodies: Sequence[bytes]) -> Sequence[None]:
        await self._database.batch(partial(self._store.inbox.arrive, bodies=bodies))
        return [None] * len(bodies)


async def _read_body(request: web.Request) -> bytes:
    if request.content.is_eof():  # all of it is here
        return request.content.read_nowait()
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
