"""My week without a network: what a telephone installs, keeps, and asks before it sends."""

from __future__ import annotations

import hashlib
import json

import msgspec
from aiohttp import web

from instance.csrf import csrf_token
from instance.language import LANGUAGES, N_, direction, tag, translate
from instance.viewer import VIEWER, mark_of
from instance.web import PAGES, SETTINGS, Routes, json_response, respond

routes = Routes("home")

SCRIPT, MANIFEST = "text/javascript", "application/manifest+json"
OFFLINE = "/offline"
FILES = ("ayni.css", "ayni.js", "kept.js", "htmx-2.0.11.min.js", "icons.svg", "logo.svg")
_SAID = {
    "title": N_("You have no network"),
    "lead": N_("This page is not kept on this telephone. My week and your next shifts are."),
    "week": N_("My week"),
}


class Here(msgspec.Struct, frozen=True):
    """Who is signed in, as a mark, and the token that her forms carry; both tell nobody else."""

    whose: str
    csrf: str


@routes.get("/me/here", "Say whether I am still signed in", view=Here)
async def show_here(request: web.Request) -> web.Response:
    """Say for whom a telephone may send what was answered on it without a network."""
    return json_response(Here(mark_of(request), csrf_token(request)))


@routes.get(OFFLINE, "Show that there is no network", media="text/html")
async def show_offline(request: web.Request) -> web.Response:
    """Show the page that stands where there is no network, to nobody in particular."""
    request.pop(VIEWER, None)  # it is kept on the telephone, whoever holds it
    texts = [
        {"lang": tag(one), "dir": direction(one)}
        | {name: translate(one, text) for name, text in _SAID.items()}
        for one in LANGUAGES
    ]
    return respond(request, "home/offline.html", None, texts=texts)


@routes.get("/offline.js", "Fetch what keeps pages on a telephone", media=SCRIPT)
async def show_script(request: web.Request) -> web.Response:
    """Answer the service worker: its first line names this version and the files it needs."""
    pages = request.app[PAGES]
    shell = [*(pages.static(name) for name in FILES), OFFLINE]
    script = pages.text_of("offline.js")
    version = hashlib.sha256("".join([*shell, script]).encode()).hexdigest()[:12]
    first = f"const VERSION = {json.dumps(version)}, SHELL = {json.dumps(shell)};\n"
    answer = web.Response(text=first + script, content_type=SCRIPT)
    answer.etag = version
    answer.headers["Cache-Control"] = "no-cache"
    if any(one.value == version for one in request.if_none_match or ()):
        return web.Response(status=304, headers=answer.headers)
    return answer


@routes.get(
    "/manifest.webmanifest",
    "Show how this co-op stands among a telephone's programs",
    media=MANIFEST,
)
async def show_manifest(request: web.Request) -> web.Response:
    """Answer the web app manifest: whoever wants to puts My week on her first screen."""
    settings, pages = request.app[SETTINGS], request.app[PAGES]
    manifest = {
        "id": "/week",
        "name": settings.name,
        "short_name": settings.name[:12],
        "start_url": "/week",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf5ec",
        "theme_color": "#faf5ec",
        "lang": settings.language,
        "icons": [{"src": pages.static("logo.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    answer = web.Response(body=msgspec.json.encode(manifest), content_type=MANIFEST)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer
