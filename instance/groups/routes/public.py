"""A group's own page and documents, its invitation, and the proofs that are fetched signed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import quote

import msgspec
from aiohttp import web

from federation import Iri
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.groups import belonging, finding, founding, links, serving
from instance.groups.models import MemberState
from instance.groups.routes.drafts import remember
from instance.groups.views import GroupView, Question, Questions, host_of
from instance.language import N_
from instance.network import service as network
from instance.paging import page_of
from instance.people import service as people
from instance.viewer import Viewer
from instance.web import (
    DATABASE,
    SETTINGS,
    Routes,
    maybe_viewer,
    reading,
    respond,
    respond_document,
    transaction,
    wants_document,
)

routes = Routes("groups")

QUESTIONS: web.AppKey[Callable[[Tx, Viewer | None, Iri, int], Awaitable[Questions]]] = web.AppKey(
    "questions"
)
"""Lists what a group asks, as far as the reader may see it; `app.py` says by which feature."""


class GroupPage(msgspec.Struct, frozen=True):
    """A group as anybody may see it: who leads it, where the viewer stands with it, what it asks.

    `page` of `pages` is shown of its past questions, of which there are `total`.
    """

    group: GroupView
    leaders: list[str]
    state: MemberState | None
    leads: bool
    open_questions: tuple[Question, ...]
    past_questions: tuple[Question, ...]
    page: int
    pages: int
    total: int


class Invitation(msgspec.Struct, frozen=True):
    """A group's invitation; `onward` leads to the group at the visitor's own co-op."""

    group: GroupView
    link: str
    good: bool
    home: str = ""
    onward: str = ""


@routes.get(
    "/groups/{id}",
    "Show a group",
    view=GroupPage,
    lists={"open_questions": N_("Open questions"), "past_questions": N_("Earlier questions")},
    paged="past_questions",
)
async def show_group(request: web.Request) -> web.Response:
    """Answer a group's actor document or its public page."""
    iri, who = group_iri(request), maybe_viewer(request)
    async with reading(request) as tx:
        group = await founding.require_group(tx, iri)
        if wants_document(request):
            return respond_document(await serving.group_document(tx, group))
        leaders = await people.leaders_of(tx, iri)
        names = await network.names_of(tx, leaders)
        mine = await belonging.belonging_of(tx, who.person, iri) if who else None
        asks = await request.app[QUESTIONS](tx, who, iri, page_of(request.query))
    view = GroupPage(
        group=group,
        leaders=[names[one][1] or names[one][0] for one in leaders if one in names],
        state=mine.state if mine else None,
        leads=who is not None and who.person in leaders,
        open_questions=asks.open,
        past_questions=asks.over,
        page=asks.page,
        pages=asks.pages,
        total=asks.total,
    )
    return respond(request, "groups/group.html", view)


@routes.get("/groups/{id}/affiliations", "List a group's public roles")
async def show_affiliations(request: web.Request) -> web.Response:
    """Answer who leads the group; plain members are nobody's business."""
    async with reading(request) as tx:
        group = await founding.require_group(tx, group_iri(request))
        document = await serving.affiliations_document(tx, group)
    return respond_document(document)


@routes.get("/groups/{id}/affiliations/{membership}", "Prove a membership")
async def show_stamp(request: web.Request) -> web.Response:
    """Answer the proof of a membership to the member, her home and the group's leaders."""
    who, reader = maybe_viewer(request), await _signer(request)
    async with reading(request) as tx:
        document = await serving.stamp_for(
            tx,
            group_iri(request),
            request.match_info["membership"],
            reader or (who.person if who else None),
        )
    if document is None:
        raise NotFound
    return respond_document(document, public=False)


@routes.get("/shares/{id}", "Fetch what a member's home shares with one group")
async def show_share(request: web.Request) -> web.Response:
    """Answer what is shared to the one group it is shared with; the reading is noted."""
    reader = await _signer(request)
    if reader is None:
        raise NotFound
    share = Iri(f"{request.app[SETTINGS].origin}/shares/{request.match_info['id']}")
    async with transaction(request) as tx:
        document = await serving.share_for(tx, share, reader)
    if document is None:
        raise NotFound
    return respond_document(document, public=False)


@routes.get(
    "/groups/{id}/join",
    "Follow an invitation into a group",
    view=Invitation,
    query={"link": "The invitation's secret", "home": "The address of the reader's home"},
)
async def show_invitation(request: web.Request) -> web.Response:
    """Lead somebody of this co-op on to joining; show others the way by their own co-op."""
    iri, token = group_iri(request), request.query.get("link", "")[:200]
    async with reading(request) as tx:
        group = await founding.require_group(tx, iri)
        good = await links.link_is_good(tx, iri, token)
    if maybe_viewer(request):
        raise web.HTTPSeeOther(f"/groups/find?address={quote(iri, safe='')}&link={quote(token)}")
    home, onward, typed = "", "", request.query.get("home", "").strip()
    if typed:
        origin = _home(request, typed)
        home = host_of(origin) if origin else ""
        onward = f"{origin}/groups/find?address={quote(group.handle)}&link={quote(token)}"
    view = Invitation(group, token, good, home, onward if home else "")
    return respond(request, "groups/invitation.html", view)


def group_iri(request: web.Request) -> Iri:
    """Return the id of the group that a path names."""
    return Iri(f"{request.app[SETTINGS].origin}/groups/{request.match_info['id']}")


def _home(request: web.Request, typed: str) -> str:
    try:
        return finding.read_home(typed, request.app[SETTINGS])
    except Invalid as error:
        remember(request, "home", typed, error)
        return ""


async def _signer(request: web.Request) -> Iri | None:
    return await request.app[DATABASE].federation.inbox.signer_of(request)
