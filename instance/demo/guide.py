"""What a newcomer is told to click first, and the door through which she becomes somebody."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from aiohttp import web

from instance.db import Database
from instance.demo.coops import Coop
from instance.demo.peopling import new_link
from instance.welcome import rendered

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>What to click first</title><main>{body}</main></html>"""


def door_origin(port: int) -> str:
    """Return where the demonstration itself answers: the port after the last co-op's."""
    return f"http://localhost:{port}"


def write_guides(coops: tuple[Coop, ...], port: int) -> str:
    """Write the text on the first page of each co-op, and return it."""
    places = {"DOOR": door_origin(port)}
    for coop in coops:
        places[coop.key.upper()] = coop.origin
        places[f"{coop.key.upper()}HOST"] = coop.origin.partition("://")[2]
    template = resources.files("instance.demo") / "guide.md"
    text = template.read_text(encoding="utf-8")
    for name, origin in places.items():
        text = text.replace(f"%{name}%", origin)
    for coop in coops:
        coop.guide.write_text(text, encoding="utf-8")
    return text


class Door:
    """A small server beside the co-ops: the guide, and a fresh sign-in link for each click.

    It listens on this machine only and answers to its own name only, so that no other site can
    lead a browser through it under another.
    """

    def __init__(self, text: str, port: int, databases: Mapping[str, Database]) -> None:
        self._text = text
        self._port = port
        self._databases = databases
        app = web.Application()
        app.router.add_get("/", self._show)
        app.router.add_get("/be/{coop:[a-z]+}/{username:[a-z0-9_]+}", self._lead_in)
        self._runner = web.AppRunner(app, access_log=None)

    async def open(self) -> None:
        """Begin to listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()

    async def close(self) -> None:
        """Stop, and let go of the databases."""
        await self._runner.cleanup()
        for database in self._databases.values():
            await database.close()

    async def _show(self, request: web.Request) -> web.Response:
        self._check(request)
        headers = {"Content-Security-Policy": "default-src 'none'"}
        text = PAGE.format(body=rendered(self._text))
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _lead_in(self, request: web.Request) -> web.Response:
        self._check(request)
        database = self._databases.get(request.match_info["coop"])
        link = await new_link(database, request.match_info["username"]) if database else None
        if link is None:
            raise web.HTTPNotFound
        raise web.HTTPSeeOther(link)

    def _check(self, request: web.Request) -> None:
        if request.host not in {f"localhost:{self._port}", f"127.0.0.1:{self._port}"}:
            raise web.HTTPForbidden
