"""A worker's groups: those she belongs to, finding another one, joining field by field, leaving."""

from __future__ import annotations

from urllib.parse import quote

import msgspec
from aiohttp import web

from federation import Iri
from instance.consent import service as consent
from instance.errors import Invalid, NotFound
from instance.groups import belonging, founding
from instance.groups.activities import find_group
from instance.groups.models import MemberState
from instance.groups.routes.drafts import remember
from instance.groups.views import Belonging, FoundGroup, GroupView
from instance.language import N_
from instance.web import (
    DATABASE,
    Routes,
    done,
    entered,
    is_api,
    maybe_viewer,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("groups")


class MyGroups(msgspec.Struct, frozen=True):
    """The groups somebody belongs to anywhere, what waits for her word, and this co-op's groups."""

    mine: list[Belonging]
    here: list[GroupView]
    unanswered: list[consent.Receipt]


class Joining(msgspec.Struct, frozen=True):
    """A group that was found, where the viewer stands with it, and by which link she came."""

    group: FoundGroup | None
    state: MemberState | None = None
    link: str = ""
    shares: bool = False


class JoinForm(msgspec.Struct):
    """Which group is asked, and which fields she agrees to share with it."""

    group: str
    fields: list[str] = []
    message: str = ""
    link: str = ""


class GroupForm(msgspec.Struct):
    """Which group."""

    group: str


@routes.get(
    "/groups",
    "Show my groups and this co-op's",
    view=MyGroups,
    lists={
        "mine": N_("My groups"),
        "here": N_("This co-op's groups"),
        "unanswered": N_("Agreements that wait for my answer"),
    },
)
async def show_groups(request: web.Request) -> web.Response:
    """Show the viewer's groups everywhere; visitors see this co-op's."""
    who = maybe_viewer(request)
    async with reading(request) as tx:
        view = MyGroups(
            mine=await belonging.standings(tx, who.person) if who else [],
            here=await founding.groups(tx),
            unanswered=await consent.waiting(tx, who.person) if who else [],
        )
    return respond(request, "groups/groups.html", view)


@routes.get(
    "/groups/find",
    "Find a group anywhere by its address",
    view=Joining,
    query={"address": "Its handle or page", "link": "An invitation's secret"},
)
async def show_found(request: web.Request) -> web.Response:
    """Show a group and, field by field, what it asks for; `?address=` says which."""
    if maybe_viewer(request) is None and not is_api(request):
        raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs, safe='')}")
    who, link = viewer(request), request.query.get("link", "")
    address = request.query.get("address", "").strip()
    if request.method == "POST":
        posted = await entered(request)
        address, link = str(posted.get("group", "")), str(posted.get("link", ""))
    found = await _found(request, address) if address else None
    state, shared = None, frozenset[str]()
    if found:
        async with reading(request) as tx:
            row = await belonging.belonging_of(tx, who.person, found.iri)
            shared = await consent.shared_fields(tx, who.person, found.iri)
        state = row.state if row else None
    view = Joining(found, state, link[:200], bool(found and shared))
    return respond(request, "groups/find.html", view)


@routes.post("/groups/join", "Ask a group to be taken in", form=JoinForm, page=show_found)
async def join(request: web.Request) -> web.Response:
    """Send a group the request to join, with the fields that were agreed to."""
    who, form = viewer(request), await read(request, JoinForm)
    group = await find_group(request.app[DATABASE], form.group)
    async with transaction(request) as tx:
        await belonging.ask_to_join(
            tx, who.person, group, form.fields, message=form.message, link=form.link or None
        )
    said = "Your request is on its way to %(group)s. You will hear from its leaders."
    return done(request, "/groups", said=said, group=group.name)


@routes.post("/groups/share", "Share with my group anew", form=JoinForm, page=show_found)
async def share_again(request: web.Request) -> web.Response:
    """Let a member agree anew to what her group asks for."""
    who, form = viewer(request), await read(request, JoinForm)
    group = await find_group(request.app[DATABASE], form.group)
    async with transaction(request) as tx:
        await belonging.share_again(tx, who.person, group, form.fields)
    said = "Agreed. %(group)s knows it at once."
    return done(request, "/me/sharing", said=said, group=group.name)


@routes.get(
    "/groups/leave",
    "Ask before leaving a group",
    view=Belonging,
    scope="self",
    query={"group": "The group's id"},
)
async def show_leave(request: web.Request) -> web.Response:
    """Ask whether the viewer is sure, and say what happens then."""
    who, group = viewer(request), request.query.get("group", "")
    async with reading(request) as tx:
        mine = [one for one in await belonging.standings(tx, who.person) if one.group == group]
    if not mine:
        raise NotFound
    return respond(request, "groups/leave.html", mine[0])


@routes.post("/groups/leave", "Leave a group", form=GroupForm)
async def leave(request: web.Request) -> web.Response:
    """End a belonging, take back having asked, or say no to being asked."""
    who, form = viewer(request), await read(request, GroupForm)
    async with transaction(request) as tx:
        await belonging.leave(tx, who, Iri(form.group))
    return done(request, "/groups", said="Done. The group forgets what you shared with it.")


async def _found(request: web.Request, address: str) -> FoundGroup | None:
    try:
        return await find_group(request.app[DATABASE], address)
    except Invalid as error:
        if is_api(request):
            raise
        remember(request, "address", address, error)
        return None
