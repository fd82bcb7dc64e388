"""What I share: every receipt, who read what, and who may answer for me by telephone."""

from __future__ import annotations

from datetime import datetime

import msgspec
from aiohttp import web

from federation import Iri
from instance.consent import service
from instance.consent.service import ConciergeView, Field, ReadingView, Receipt
from instance.language import N_
from instance.web import Routes, done, read, reading, respond, transaction, viewer

routes = Routes("consent")


class Leader(msgspec.Struct, frozen=True):
    """Somebody who leads a group of hers here."""

    person: Iri
    name: str


class SharingPage(msgspec.Struct, frozen=True):
    """Everything somebody shares and shared, who read it, and her concierge."""

    waiting: list[Receipt]
    receipts: list[Receipt]
    readings: list[ReadingView]
    concierge: ConciergeView | None
    leaders: list[Leader]
    fields: list[Field]
    now: datetime


class GroupForm(msgspec.Struct):
    """Which group."""

    group: str


class ChangeForm(msgspec.Struct):
    """Which group, and which of the fields it asked for are shared from now on."""

    group: str
    fields: list[str] = []


class LeaderForm(msgspec.Struct):
    """Which leader."""

    leader: str


class Nothing(msgspec.Struct):
    """A form with a button only."""


@routes.get(
    "/me/sharing",
    "Show what I share, and who read it",
    view=SharingPage,
    scope="self",
    lists={
        "waiting": N_("Agreements that wait for my answer"),
        "receipts": N_("What I agreed to"),
        "readings": N_("Who read it"),
    },
)
async def show_sharing(request: web.Request) -> web.Response:
    """Show the viewer her receipts, the access log, and who may answer for her."""
    who = viewer(request)
    async with reading(request) as tx:
        leaders = await service.leaders_for(tx, who.person)
        view = SharingPage(
            waiting=await service.waiting(tx, who.person),
            receipts=await service.receipts(tx, who.person),
            readings=await service.readings(tx, who.person),
            concierge=await service.concierge_of(tx, who.person),
            leaders=[Leader(iri, name) for iri, name in sorted(leaders.items())],
            fields=list(service.FIELDS.values()),
            now=tx.now,
        )
    return respond(request, "consent/sharing.html", view)


@routes.post("/me/sharing/change", "Change what I share", form=ChangeForm, page=show_sharing)
async def change(request: web.Request) -> web.Response:
    """Share from now on exactly the fields that are ticked."""
    form = await read(request, ChangeForm)
    async with transaction(request) as tx:
        await service.narrow(tx, viewer(request).person, Iri(form.group), form.fields)
    return done(request, "/me/sharing", said="Done. The group is told at once.")


@routes.post("/me/sharing/keep", "Let an agreement go on", form=GroupForm)
async def keep(request: web.Request) -> web.Response:
    """Keep what was agreed in the viewer's name, or what ends soon or ran out."""
    form = await read(request, GroupForm)
    async with transaction(request) as tx:
        await service.keep(tx, viewer(request).person, Iri(form.group))
    return done(request, "/me/sharing", said="Kept. Until when stands below.")


@routes.post("/me/sharing/end", "Share nothing more with a group", form=GroupForm)
async def end(request: web.Request) -> web.Response:
    """End what the viewer shares with a group; the group forgets it at once."""
    form = await read(request, GroupForm)
    async with transaction(request) as tx:
        await service.end(tx, viewer(request).person, Iri(form.group))
    return done(request, "/me/sharing", said="Ended. The group forgets it at once.")


@routes.post("/me/concierge", "Name who may answer for me", form=LeaderForm, page=show_sharing)
async def name_concierge(request: web.Request) -> web.Response:
    """Let a leader here answer for the viewer when she is rung up."""
    form = await read(request, LeaderForm)
    async with transaction(request) as tx:
        await service.name_concierge(tx, viewer(request).person, Iri(form.leader))
    return done(request, "/me/sharing", said="She may answer for you by telephone now.")


@routes.post("/me/concierge/end", "Let nobody answer for me", form=Nothing)
async def end_concierge(request: web.Request) -> web.Response:
    """Let nobody answer for the viewer any more."""
    async with transaction(request) as tx:
        await service.end_concierge(tx, viewer(request).person)
    return done(request, "/me/sharing", said="Nobody answers for you any more.")
