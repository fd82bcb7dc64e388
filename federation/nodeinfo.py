"""NodeInfo 2.0 and 2.1: what software runs here (FEP-f1d5, FEP-2677)."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from federation.ports import Database, Directory

SCHEMA = "http://nodeinfo.diaspora.software/ns/schema"
APPLICATION = "https://www.w3.org/ns/activitystreams#Application"
VERSIONS = ("2.1", "2.0")
OPEN = {"Access-Control-Allow-Origin": "*", "Cache-Control": "public, max-age=3600"}


class NodeInfo:
    """Answers what software runs here, and which actor signs our fetches."""

    def __init__(self, directory: Directory, database: Database) -> None:
        self._directory = directory
        self._database = database

    def routes(self) -> list[web.RouteDef]:
        """Return the well-known address and one for each version."""
        return [
            web.get("/.well-known/nodeinfo", self.show_links),
            web.get("/nodeinfo/{version:2\\.[01]}", self.show),
        ]

    async def show_links(self, _request: web.Request) -> web.Response:
        """Answer where the documents are."""
        links = [
            {"rel": f"{SCHEMA}/{one}", "href": f"{self._directory.origin}/nodeinfo/{one}"}
            for one in VERSIONS
        ]
        links.append({"rel": APPLICATION, "href": self._directory.instance_actor})
        return _json({"links": links}, "application/json")

    async def show(self, request: web.Request) -> web.Response:
        """Answer the document of one version; 2.0 has no repository and no homepage."""
        version = request.match_info["version"]
        async with self._database.reading() as tx:
            about = dict(await self._directory.node_information(tx))
        software = dict(about.pop("software"))
        if version == "2.0":
            software = {name: software[name] for name in ("name", "version")}
        document = {
            "version": version,
            "software": software,
            "protocols": ["activitypub"],
            "services": {"inbound": [], "outbound": []},
            **about,
        }
        profile = f'application/json; profile="{SCHEMA}/{version}#"'
        return _json(document, profile)


def _json(document: dict[str, Any], content_type: str) -> web.Response:
    headers = {"Content-Type": content_type, **OPEN}
    return web.Response(body=msgspec.json.encode(document), headers=headers)
