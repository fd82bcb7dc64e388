"""Somebody's page: an actor for servers, a few facts for those who may, nothing for others."""

from __future__ import annotations

import msgspec
from aiohttp import web

from federation import Iri
from instance import qr
from instance.db import Tx
from instance.errors import NotFound
from instance.network import service as network
from instance.people import rights, service, signin
from instance.people.views import PublicView
from instance.viewer import Viewer
from instance.web import (
    SETTINGS,
    Routes,
    is_api,
    maybe_viewer,
    reading,
    respond,
    respond_document,
    transaction,
    viewer,
)

routes = Routes("people")


class PersonPage(msgspec.Struct, frozen=True):
    """Somebody as her group's leader sees her here; `group` names the group they share."""

    person: PublicView
    acct: str
    group: str
    is_me: bool
    may_show_code: bool


class CodeView(msgspec.Struct, frozen=True):
    """The code that a leader shows somebody beside her."""

    username: str
    code: str
    minutes: int
    address: str


@routes.get("/people/{id}", "Show somebody to servers and to those who may", view=PersonPage)
async def show_person(request: web.Request) -> web.Response:
    """Answer the actor to servers, and a page to herself and to her groups' leaders."""
    iri = _iri(request)
    who = maybe_viewer(request)
    async with reading(request) as tx:
        actor = await network.actor(tx, iri)
        if actor is None:
            raise NotFound
        if _for_servers(request):
            document, status = network.document_of(tx, actor)
            answer = respond_document(document)
            answer.set_status(status)
            return answer
        view = await _page(tx, iri, who) if who and not actor.gone else None
    if view is None:
        raise NotFound
    return respond(request, "people/person.html", view)


@routes.post(
    "/people/{id}/code",
    "Show a code with which somebody signs in",
    view=CodeView,
    scope="group:<id>:lead",
)
async def show_code(request: web.Request) -> web.Response:
    """Make a code and show it to the leader, for the person beside her to type."""
    iri = _iri(request)
    async with transaction(request) as tx:
        code = await signin.make_code(tx, viewer(request), iri)
        person = await service.require_person(tx, iri)
    address = f"{request.app[SETTINGS].origin}/sign-in?way=code&as={person.username}"
    view = CodeView(person.username, code, signin.CODE_MINUTES, address)
    answer = respond(request, "people/code.html", view, qr=qr.drawn(address))
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _page(tx: Tx, iri: Iri, who: Viewer) -> PersonPage | None:
    group = await rights.leads_somebody(tx, who, iri)
    if group is None and who.person != iri:
        return None
    person = await service.person(tx, iri)
    if person is None:
        return None
    names = await network.names_of(tx, [group] if group else [])
    public = PublicView(iri, person.username, person.name if person.name_public else "")
    return PersonPage(
        person=public,
        acct=person.acct,
        group=" ".join(names.get(group or "", ())[1:]),
        is_me=who.person == iri,
        may_show_code=group is not None and who.person != iri,
    )


def _iri(request: web.Request) -> Iri:
    return Iri(f"{request.app[SETTINGS].origin}/people/{request.match_info['id']}")


def _for_servers(request: web.Request) -> bool:
    accepted = request.headers.get("Accept", "")
    kinds = ("application/activity+json", "application/ld+json")
    return not is_api(request) and any(kind in accepted for kind in kinds)
