"""What people were told, and for administrators what went out by e-mail."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web

from instance.db import Tx
from instance.gate import Authenticate
from instance.language import N_
from instance.notices import service
from instance.notices.mailing import MailsView
from instance.notices.routes import reaching
from instance.notices.service import NoticesView
from instance.paging import page_of
from instance.viewer import Viewer
from instance.web import (
    Routes,
    done,
    is_api,
    json_response,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("notices")
routes.operations.extend(reaching.routes.operations)


def counting(authenticate: Authenticate) -> Authenticate:
    """Let whoever asks know, on every page, how much she has not read."""

    async def know(tx: Tx, request: web.Request) -> Viewer | None:
        found = await authenticate(tx, request)
        if found is None or found.scopes is not None:
            return found
        return replace(found, unread=await service.count_unread(tx, found.person))

    return know


@routes.get(
    "/notices",
    "List what I was told, unread first",
    view=NoticesView,
    scope="self",
    lists={"notices": N_("Notices")},
    paged="notices",
)
async def show(request: web.Request) -> web.Response:
    """Show a page of the viewer's notices."""
    async with reading(request) as tx:
        view = await service.notices(tx, viewer(request), page_of(request.query))
    return respond(request, "notices/notices.html", view)


@routes.get("/notices/{id:[a-z0-9]{20}}", "Open what a notice leads to", scope="self")
async def open_notice(request: web.Request) -> web.Response:
    """Mark a notice as read and lead on to where something can be done."""
    async with transaction(request) as tx:
        link = await service.open_notice(tx, viewer(request), request.match_info["id"])
    if is_api(request):
        return json_response({"link": link})
    return web.Response(status=303, headers={"Location": link or "/notices"})


@routes.post("/notices/read", "Mark all that I was told as read")
async def read_all(request: web.Request) -> web.Response:
    """Mark all of the viewer's notices as read."""
    async with transaction(request) as tx:
        await service.read_all(tx, viewer(request))
    return done(request, "/notices")


@routes.get(
    "/mail",
    "List the e-mails of this co-op",
    view=MailsView,
    scope="admin",
    lists={"mails": N_("E-mails")},
    paged="mails",
)
async def show_mail(request: web.Request) -> web.Response:
    """Show administrators what was sent, what waits and what failed."""
    async with reading(request) as tx:
        view = await service.mails(tx, viewer(request), page_of(request.query))
    return respond(request, "notices/mail.html", view)
