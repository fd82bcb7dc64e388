"""What a newcomer is told to click first, and the door through which she becomes somebody."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from aiohttp import web

from instance.db import Database
from instance.demo.coops import Coop
from instance.demo.peopling import new_link
from instance.language import LANGUAGES, chosen
from instance.pages import templates_folder
from instance.welcome import beside, rendered

PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Ayni</title><link rel="stylesheet" href="/ayni.css">
<header class="top"><div class="bar"><a class="brand" href="/"><span>Ayni</span></a>
<div class="tools"><a href="/?language={other}" lang="{other}">{name}</a></div></div>
<div class="weave"></div></header>
<div class="page narrow"><main class="prose">
<h1 class="unseen">Ayni</h1>{body}</main></div></html>"""
HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'self'"}


def door_origin(port: int) -> str:
    """Return where the demonstration itself answers: the port after the last co-op's."""
    return f"http://localhost:{port}"


def write_guides(coops: tuple[Coop, ...], port: int) -> dict[str, str]:
    """Write the text on the first page of each co-op, and return it, both in each language."""
    places = {"DOOR": door_origin(port)}
    for coop in coops:
        places[coop.key.upper()] = coop.origin
        places[f"{coop.key.upper()}HOST"] = coop.origin.partition("://")[2]
    texts = {}
    for language in LANGUAGES:
        template = resources.files("instance.demo") / f"guide.{language}.md"
        if not template.is_file():
            continue
        text = template.read_text(encoding="utf-8")
        for name, origin in places.items():
            text = text.replace(f"%{name}%", origin)
        for coop in coops:
            path = coop.guide if language == "en" else beside(coop.guide, language)
            path.write_text(text, encoding="utf-8")
        texts[language] = text
    return texts


class Door:
    """A small server beside the co-ops: the guide, and a fresh sign-in link for each click.

    It listens on this machine only and answers to its own name only, so that no other site can
    lead a browser through it under another.
    """

    def __init__(
        self, texts: Mapping[str, str], port: int, databases: Mapping[str, Database]
    ) -> None:
        self._texts = texts
        self._port = port
        self._databases = databases
        app = web.Application()
        app.router.add_get("/", self._show)
        app.router.add_get("/ayni.css", self._dress)
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
        language = request.query.get("language", "")
        if language not in self._texts:
            wanted = chosen(request.headers.get("Accept-Language", ""), "en")
            language = wanted if wanted in self._texts else "en"
        other = next(one for one in self._texts if one != language)
        body = rendered(self._texts[language])
        text = PAGE.format(lang=language, other=other, name=LANGUAGES[other], body=body)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def _dress(self, request: web.Request) -> web.StreamResponse:
        self._check(request)
        return web.FileResponse(templates_folder() / "static" / "ayni.css")

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
