"""The instance's own actor, and finding a page by a name."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.labour import CODES, TERMS, namespace
from instance.network import service
from instance.web import SETTINGS, Routes, reading, respond, respond_document

routes = Routes("network")


@routes.get("/actor", "Show the actor that signs this instance's fetches")
async def show_instance_actor(request: web.Request) -> web.Response:
    """Answer the Application, to anybody, signed or not."""
    iri = service.instance_actor(request.app[SETTINGS].origin)
    async with reading(request) as tx:
        document, _ = service.document_of(tx, await service.require_actor(tx, iri))
    return respond_document(document)


class Namespace(msgspec.Struct, frozen=True):
    """Our own terms: the address that each begins with, what each means, and what codes mean."""

    base: str
    terms: dict[str, str]
    codes: dict[str, str]


@routes.get("/ns/labour", "Explain the terms that our documents use", view=Namespace)
async def show_namespace(request: web.Request) -> web.Response:
    """Answer every term of ours with its meaning, for those who write other servers."""
    view = Namespace(namespace(request.app[SETTINGS].origin), dict(TERMS), dict(CODES))
    return respond(request, "network/namespace.html", view)


@routes.get("/@{username}", "Find somebody's page by username")
async def show_named(request: web.Request) -> web.Response:
    """Lead from a name, which may change, to the page, which stays."""
    async with reading(request) as tx:
        actor = await service.actor_named(tx, request.match_info["username"])
    if actor is None or actor.gone:
        raise web.HTTPNotFound
    raise web.HTTPFound(actor.id)
