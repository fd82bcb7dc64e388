"""What a group's leaders see and do: members, requests, invitations, adding somebody by hand."""

from __future__ import annotations

from datetime import date

import msgspec
from aiohttp import web

from instance import qr
from instance.groups import founding, importing, links, membership, sharing
from instance.groups.activities import find_person
from instance.groups.routes.public import group_iri
from instance.groups.views import Asked, GroupView, LinkView, MemberView, RequestView
from instance.language import N_
from instance.paging import page_of, turned_to
from instance.people import service as people
from instance.skills import service as skills
from instance.web import DATABASE, Routes, done, read, respond, transaction, viewer

routes = Routes("groups")

PAGE = 100
LEAD = "group:<id>:lead"


class MembersPage(msgspec.Struct, frozen=True):
    """A group's members, those who ask to join, and the link that leads in."""

    group: GroupView
    members: list[MemberView]
    requests: list[RequestView]
    link: LinkView | None
    page: int
    pages: int
    total: int


class AddForm(msgspec.Struct):
    """Somebody from the co-op's own list; on which day she agreed on paper, if she did."""

    username: str
    name: str
    phone: str = ""
    email: str = ""
    agreed: bool = False
    agreed_on_paper: date | None = None


class AddressForm(msgspec.Struct):
    """The address of somebody who is asked to join."""

    address: str


class AskedForm(msgspec.Struct):
    """What the group asks of those who join: which fields, which of them are essential."""

    fields: list[str] = []
    essential: list[str] = []
    days: int = founding.USUAL_DAYS


class Nothing(msgspec.Struct):
    """A form with a button only."""


@routes.get(
    "/groups/{id}/members",
    "List a group's members",
    view=MembersPage,
    scope=LEAD,
    lists={"members": N_("Members"), "requests": N_("Who asks to join")},
    paged="members",
)
async def show_members(request: web.Request) -> web.StreamResponse:
    """Show leaders who belongs to the group and who shares what."""
    who, iri = viewer(request), group_iri(request)
    async with transaction(request) as tx:
        await people.require_leader(tx, who, iri)
        group = await founding.require_group(tx, iri)
        found = await membership.members(tx, iri)
        page, pages = turned_to(page_of(request.query), len(found), PAGE)
        wanted = found[(page - 1) * PAGE : page * PAGE]
        await sharing.note_shown(tx, iri, who.person, wanted)
        view = MembersPage(
            group=group,
            members=wanted,
            requests=await membership.requests(tx, iri),
            link=await links.newest_link(tx, who, iri),
            page=page,
            pages=pages,
            total=len(found),
        )
    code = qr.drawn(view.link.url) if view.link else ""
    return respond(request, "groups/members.html", view, qr=code, label=skills.vocabulary().label)


@routes.post(
    "/groups/{id}/members/add",
    "Add somebody by hand",
    form=AddForm,
    scope=LEAD,
    page=show_members,
    status=201,
)
async def add_member(request: web.Request) -> web.Response:
    """Give somebody an account here and make her a member, with or without consent on paper."""
    who, iri, form = viewer(request), group_iri(request), await read(request, AddForm)
    new = people.NewPerson(
        username=form.username,
        name=form.name,
        phone=form.phone or None,
        email=form.email or None,
    )
    known = {"name": form.name, "phone": form.phone, "email": form.email}
    async with transaction(request) as tx:
        await people.require_leader(tx, who, iri)
        agreed = (form.agreed_on_paper or tx.now.date()) if form.agreed else None
        person = await people.add_person(tx, new)
        fields = [field for field, value in known.items() if value]
        await importing.add_by_import(tx, who, iri, person, fields, agreed)
    said = "%(name)s is a member now. Show her the code by which she signs in."
    return done(request, f"{iri}/members", status=201, said=said, name=form.name)


@routes.post("/groups/{id}/members/{membership}/accept", "Take somebody in", scope=LEAD)
async def accept(request: web.Request) -> web.Response:
    """Accept a request to join."""
    async with transaction(request) as tx:
        await membership.accept_member(tx, viewer(request), request.match_info["membership"])
    return done(request, f"{group_iri(request)}/members", said="She is a member now.")


@routes.post("/groups/{id}/members/{membership}/refuse", "Refuse somebody", scope=LEAD)
async def refuse(request: web.Request) -> web.Response:
    """Refuse a request to join; what was offered is forgotten."""
    async with transaction(request) as tx:
        await membership.refuse_member(tx, viewer(request), request.match_info["membership"])
    return done(request, f"{group_iri(request)}/members", said="Answered. Nothing of hers is kept.")


@routes.post("/groups/{id}/members/{membership}/remove", "Remove a member", scope=LEAD)
async def remove(request: web.Request) -> web.Response:
    """End a membership by the group's word."""
    async with transaction(request) as tx:
        await membership.remove_member(tx, viewer(request), request.match_info["membership"])
    said = "Removed. What she shared is forgotten here."
    return done(request, f"{group_iri(request)}/members", said=said)


@routes.post("/groups/{id}/link", "Make an invitation link", scope=LEAD, status=201)
async def make_link(request: web.Request) -> web.Response:
    """Make a link into the group, good for 30 days."""
    iri = group_iri(request)
    async with transaction(request) as tx:
        link = await links.invite_link(tx, viewer(request), iri)
    return done(request, f"{iri}/members#invite", link, status=201, said="The link is ready.")


@routes.post("/groups/{id}/link/end", "End the invitation links", scope=LEAD)
async def end_links(request: web.Request) -> web.Response:
    """Make every link into the group useless."""
    iri = group_iri(request)
    async with transaction(request) as tx:
        await links.end_links(tx, viewer(request), iri)
    return done(request, f"{iri}/members#invite", said="The links lead nowhere now.")


@routes.post(
    "/groups/{id}/invite",
    "Ask somebody to join, by address",
    form=AddressForm,
    scope=LEAD,
    page=show_members,
)
async def invite(request: web.Request) -> web.Response:
    """Ask somebody, here or elsewhere, to join."""
    who, iri, form = viewer(request), group_iri(request), await read(request, AddressForm)
    async with transaction(request) as tx:
        await people.require_leader(tx, who, iri)
    found = await find_person(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        await membership.invite_person(tx, who, iri, found.iri)
    said = "%(name)s is asked. If she agrees, she is a member at once."
    return done(request, f"{iri}/members", said=said, name=found.handle)


@routes.post(
    "/groups/{id}/asked",
    "Change what is asked of members",
    form=AskedForm,
    scope=LEAD,
    page=show_members,
)
async def change_asked(request: web.Request) -> web.Response:
    """Change which fields the group asks for from now on."""
    iri, form = group_iri(request), await read(request, AskedForm)
    asked = [Asked(one, one in form.essential) for one in form.fields]
    async with transaction(request) as tx:
        await founding.change_asked(tx, viewer(request), iri, asked, form.days)
    return done(request, f"{iri}/members", said="Kept. It holds for those who join from now on.")
