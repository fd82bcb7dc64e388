"""The instance's own actor, and what we know of our peers."""

from __future__ import annotations

from aiohttp import web

from federation import LocalActor
from federation.actors import actor_document, tombstone
from federation.collections import activity_response
from instance.network import service
from instance.web import SETTINGS, Routes, reading

routes = Routes("network")


@routes.get("/actor", "Show the actor that signs this instance's fetches")
async def show_instance_actor(request: web.Request) -> web.Response:
    """Answer the Application, to anybody, signed or not."""
    settings = request.app[SETTINGS]
    async with reading(request) as tx:
        actor = await service.require_actor(tx, service.instance_actor(settings.origin))
    return activity_response(document_of(actor, settings.origin))


@routes.get("/@{username}", "Find somebody's page by username")
async def show_named(request: web.Request) -> web.Response:
    """Lead from a name, which may change, to the page, which stays."""
    async with reading(request) as tx:
        actor = await service.actor_named(tx, request.match_info["username"])
    if actor is None or actor.gone:
        raise web.HTTPNotFound
    raise web.HTTPFound(actor.id)


def document_of(actor: LocalActor, origin: str) -> dict[str, object]:
    """Write an actor of ours as the world sees it, or its tombstone."""
    if actor.gone:
        return tombstone(actor.id, actor.type)
    return actor_document(actor, service.instance_actor(origin), origin)
