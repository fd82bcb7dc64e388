"""Actors, their collections and single activities, as documents that others may fetch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from federation.activity import ACTIVITY_JSON, ACTIVITY_STREAMS, PUBLIC, Activity, Document, encode
from federation.actors import actor_document, tombstone
from federation.errors import FederationError, Gone
from federation.inbox import Inbox
from federation.iri import Iri, origin_of
from federation.ports import Database, Directory, LocalActor, Tx
from federation.sql import SqlStore
from federation.synchronizing import MOST_LISTED, SEGMENT

PAGE = 20
OPEN = {"Access-Control-Allow-Origin": "*", "Vary": "Accept, Cookie, Authorization, Signature"}
FORMS = ("application/activity+json", "application/ld+json")


def wants_activity(request: web.Request) -> bool:
    """Tell whether a request asks for ActivityStreams before a page."""
    for part in request.headers.get("Accept", "").split(","):
        kind = part.partition(";")[0].strip().lower()
        if kind in FORMS:
            return True
        if kind in {"text/html", "application/xhtml+xml"}:
            return False
    return False


def activity_response(
    document: Document, status: int = 200, *, public: bool = True
) -> web.Response:
    """Answer an ActivityStreams document; only what is public may be cached by others."""
    cache = "public, max-age=180" if public else "private, no-store"
    headers = {**OPEN, "Cache-Control": cache}
    return web.Response(
        body=encode(document), status=status, content_type=ACTIVITY_JSON, headers=headers
    )


def collection(iri: str, items: Sequence[Any], total: int | None = None) -> dict[str, Any]:
    """Write an ordered collection with its items inline."""
    return {
        "@context": ACTIVITY_STREAMS,
        "id": iri,
        "type": "OrderedCollection",
        "totalItems": len(items) if total is None else total,
        "orderedItems": list(items),
    }


async def signer_of(inbox: Inbox, request: web.Request) -> Iri:
    """Return who signed a request; raise 404 when that is nobody who can be told."""
    try:
        reader = await inbox.signer_of(request)
    except FederationError as error:
        raise web.HTTPNotFound from error
    if reader is None:
        raise web.HTTPNotFound
    return reader


class Collections:
    """Serves what is fetched of our actors: followers' totals, the outbox, activities."""

    def __init__(
        self, *, directory: Directory, database: Database, store: SqlStore, inbox: Inbox
    ) -> None:
        self._directory = directory
        self._database = database
        self._store = store
        self._inbox = inbox

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses of activities and of each actor's collections."""
        kinds = "{kind:people|groups}"
        return [
            web.get("/activities/{id}", self.show_activity),
            web.get(f"/{kinds}/{{id}}/outbox", self.show_outbox),
            web.get(f"/{kinds}/{{id}}/followers", self.show_followers),
            web.get(f"/{kinds}/{{id}}/following", self.show_following),
            web.get(f"/{kinds}/{{id}}/{SEGMENT}", self.show_followers_of_reader),
            web.get("/actor/outbox", self.show_outbox),
            web.get("/actor/followers", self.show_followers),
            web.get("/actor/following", self.show_following),
            web.get(f"/actor/{SEGMENT}", self.show_followers_of_reader),
        ]

    def document(self, actor: LocalActor) -> tuple[Document, int]:
        """Return an actor's document and its status: 200, or 410 with a Tombstone."""
        if actor.gone:
            return tombstone(actor.id, actor.type), 410
        own = self._directory
        return actor_document(actor, own.instance_actor, own.origin), 200

    async def show_activity(self, request: web.Request) -> web.Response:
        """Answer an activity to whom it was addressed; the same 404 for missing and forbidden."""
        iri = f"{self._directory.origin}{request.path}"
        async with self._database.reading() as tx:
            document = await self._store.outbox.find_activity(tx, iri)
        if document is None:
            raise web.HTTPNotFound
        addressees = set(Activity.read(document).addressees())
        public = PUBLIC in addressees
        if not public and not await self._may_read(request, document, addressees):
            raise web.HTTPNotFound
        return activity_response(document, public=public)

    async def show_outbox(self, request: web.Request) -> web.Response:
        """Answer an actor's public activities, newest first, by pages."""
        async with self._database.reading() as tx:
            actor = await self._actor(tx, request)
            iri = f"{actor.id}/outbox"
            if "page" not in request.query:
                total = await self._store.outbox.count_public(tx, actor.id)
                return activity_response(_paged(iri, total))
            before = _number(request.query.get("before"))
            found = await self._store.outbox.public_page(tx, actor.id, before, PAGE)
        return activity_response(_page(iri, before, found))

    async def show_followers(self, request: web.Request) -> web.Response:
        """Answer how many follow an actor, and nobody's name."""
        async with self._database.reading() as tx:
            actor = await self._actor(tx, request)
            total = await self._store.peers.count_followers(tx, actor.id)
        return activity_response(_paged(f"{actor.id}/followers", total, pages=False))

    async def show_followers_of_reader(self, request: web.Request) -> web.Response:
        """Answer to a server which of its own follow an actor (FEP-8fcf), and to nobody else."""
        peer = origin_of(await signer_of(self._inbox, request))
        async with self._database.reading() as tx:
            actor = await self._actor(tx, request)
            found = await self._store.peers.followers_at(tx, actor.id, [peer], MOST_LISTED)
        if peer not in found:
            raise web.HTTPNotFound  # too many: the follows of those left out would end
        listed = collection(f"{actor.id}/{SEGMENT}", sorted(found[peer]))
        return activity_response(listed, public=False)

    async def show_following(self, request: web.Request) -> web.Response:
        """Answer that an actor follows nobody in public."""
        async with self._database.reading() as tx:
            actor = await self._actor(tx, request)
        return activity_response(_paged(f"{actor.id}/following", 0, pages=False))

    async def _actor(self, tx: Tx, request: web.Request) -> LocalActor:
        iri = f"{self._directory.origin}{request.path.rpartition('/')[0]}"
        actor = await self._directory.actor(tx, iri)
        if actor is None:
            raise web.HTTPNotFound
        if actor.gone:
            raise Gone("This actor is gone.")
        return actor

    async def _may_read(
        self, request: web.Request, document: Document, addressees: set[Iri]
    ) -> bool:
        try:
            reader = await self._inbox.signer_of(request)
        except FederationError:
            return False
        if reader is None:
            return False
        origins = {origin_of(one) for one in addressees}
        if reader in addressees or origin_of(reader) in origins:
            return True
        async with self._database.reading() as tx:
            return await self._directory.may_read(tx, document, reader)


def _paged(iri: str, total: int, *, pages: bool = True) -> dict[str, Any]:
    document: dict[str, Any] = {
        "@context": ACTIVITY_STREAMS,
        "id": iri,
        "type": "OrderedCollection",
        "totalItems": total,
    }
    if pages:
        document["first"] = f"{iri}?page=true"
    return document


def _page(iri: str, before: int | None, found: Sequence[tuple[int, Document]]) -> dict[str, Any]:
    here = f"{iri}?page=true" + (f"&before={before}" if before else "")
    document: dict[str, Any] = {
        "@context": ACTIVITY_STREAMS,
        "id": here,
        "type": "OrderedCollectionPage",
        "partOf": iri,
        "orderedItems": [activity for _, activity in found],
    }
    if len(found) == PAGE:
        document["next"] = f"{iri}?page=true&before={found[-1][0]}"
    return document


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
