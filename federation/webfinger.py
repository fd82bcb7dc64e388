"""WebFinger and host-meta: finding an actor by its address (RFC 7033, RFC 6415, FEP-d556)."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from federation.activity import ACTIVITY_JSON
from federation.errors import Malformed
from federation.iri import origin_of
from federation.ports import Database, Directory, LocalActor, Tx

SERVICE = "https://www.w3.org/ns/activitystreams#Service"
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}


class WebFinger:
    """Answers who stands behind an address."""

    def __init__(self, directory: Directory, database: Database) -> None:
        self._directory = directory
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the two well-known addresses."""
        return [
            web.get("/.well-known/webfinger", self.show),
            web.get("/.well-known/host-meta", self.show_host_meta),
        ]

    async def show(self, request: web.Request) -> web.Response:
        """Answer a JRD: 400 for a resource that is none, 404 for nobody, 410 for somebody gone."""
        resource = request.query.get("resource", "")
        try:
            async with self._database.reading() as tx:
                actor = await self._find(tx, resource)
        except Malformed as error:
            return _json({"error": str(error)}, 400)
        if actor is None:
            return _json({"error": "Nobody of that name is here."}, 404)
        if actor.gone:
            return _json({"error": "This address is no longer in use."}, 410)
        rels = request.query.getall("rel", [])
        document = self._jrd(actor, resource)
        if rels:
            document["links"] = [link for link in document["links"] if link["rel"] in rels]
        return _json(document, 200)

    async def show_host_meta(self, _request: web.Request) -> web.Response:
        """Answer the XRD that old servers ask for first."""
        template = f"{self._directory.origin}/.well-known/webfinger?resource={{uri}}"
        body = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
            f'<Link rel="lrdd" template="{template}"/></XRD>\n'
        )
        return web.Response(text=body, content_type="application/xrd+xml", headers=OPEN)

    async def _find(self, tx: Tx, resource: str) -> LocalActor | None:
        scheme, colon, rest = resource.partition(":")
        if not colon or not scheme.isalpha():
            raise Malformed("Ask for a resource such as acct:name@host.")
        if scheme.lower() == "acct":
            name, _, host = rest.removeprefix("@").rpartition("@")
            if host.lower() != self._host:
                return None
            return await self._directory.actor_named(tx, name)
        if scheme.lower() not in {"http", "https"} or origin_of(resource) != self._directory.origin:
            return None
        return await self._at_address(tx, resource)

    async def _at_address(self, tx: Tx, resource: str) -> LocalActor | None:
        path = "/" + resource.partition("://")[2].partition("/")[2]
        if path == "/":
            return await self._directory.actor(tx, self._directory.instance_actor)
        if path.startswith("/@"):
            return await self._directory.actor_named(tx, path[2:])
        return await self._directory.actor(tx, f"{self._directory.origin}{path}")

    @property
    def _host(self) -> str:
        return self._directory.origin.partition("://")[2]

    def _jrd(self, actor: LocalActor, resource: str) -> dict[str, Any]:
        links = [
            {"rel": "self", "type": ACTIVITY_JSON, "href": actor.id},
            {"rel": PROFILE_PAGE, "type": "text/html", "href": actor.id},
        ]
        if resource.rstrip("/") == self._directory.origin:
            links.append({"rel": SERVICE, "type": ACTIVITY_JSON, "href": actor.id})
        return {
            "subject": f"acct:{actor.username}@{self._host}",
            "aliases": [actor.id, f"{self._directory.origin}/@{actor.username}"],
            "links": links,
        }


def _json(document: dict[str, Any], status: int) -> web.Response:
    kind = "application/jrd+json" if status == 200 else "application/json"
    return web.Response(
        body=msgspec.json.encode(document), status=status, content_type=kind, headers=OPEN
    )
