"""What everybody may read: the first page, the privacy notice, and what this software is."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance import __version__, personal
from instance.language import N_
from instance.pages import language_of
from instance.policy import service as policy
from instance.web import SETTINGS, Routes, maybe_viewer, respond
from instance.welcome import welcome

routes = Routes("people")


class Welcome(msgspec.Struct, frozen=True):
    """The first page for who is not signed in."""

    name: str


class Privacy(msgspec.Struct, frozen=True):
    """What is kept of whom, why, and for how long."""

    name: str
    contact: str
    register: tuple[personal.Kept, ...] = personal.REGISTER


class About(msgspec.Struct, frozen=True):
    """What this software is, and the rules it works under here."""

    version: str
    origin: str
    rules: policy.Pack


@routes.get("/", "Lead to one's week, or welcome a stranger", view=Welcome)
async def show_first_page(request: web.Request) -> web.Response:
    """Lead who is signed in to her week, and greet who is not."""
    if maybe_viewer(request) and not request.path.endswith(".json"):
        raise web.HTTPSeeOther("/week")
    settings = request.app[SETTINGS]
    view = Welcome(settings.name)
    words = welcome(settings, language_of(request, settings.language))
    return respond(request, "about/welcome.html", view, words=words)


@routes.get(
    "/privacy",
    "Show the privacy notice",
    view=Privacy,
    lists={"register": N_("What is kept about people")},
)
async def show_privacy(request: web.Request) -> web.Response:
    """Say in plain words what is kept of whom."""
    settings = request.app[SETTINGS]
    view = Privacy(settings.name, settings.help_contact)
    return respond(request, "about/privacy.html", view)


@routes.get(
    "/about",
    "Say what this software is",
    view=About,
    lists={"rules.rule": N_("Working-time rules")},
)
async def show_about(request: web.Request) -> web.Response:
    """Say what this software is, and show the working-time rules in force."""
    settings = request.app[SETTINGS]
    view = About(__version__, settings.origin, policy.pack(settings.policy))
    return respond(request, "about/about.html", view)
