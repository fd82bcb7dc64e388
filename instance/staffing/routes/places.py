"""The places of a job or a loan: find people for them, ask, confirm, call off."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from federation import Iri
from instance.db import Database, Tx
from instance.errors import Invalid, NotFound
from instance.language import N_
from instance.people import service as people
from instance.skills import service as skills
from instance.staffing import pictures, service
from instance.staffing.board import lent_by_id, staffing_page
from instance.staffing.inviting import LEAST_NOTICE
from instance.staffing.lending import ask_my_people
from instance.staffing.problem import Work, work_at
from instance.staffing.shortlist import find_people, promised_work, reasons_to_ask
from instance.staffing.views import ShortlistView, StaffingPage, WhyView
from instance.viewer import Viewer
from instance.web import (
    DATABASE,
    SETTINGS,
    Routes,
    done,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

PLACES = {
    "openings": N_("Places"),
    "openings.people": N_("Who comes"),
    "openings.past": N_("Who does not come any more"),
    "shortlist.openings.suggested": N_("People suggested"),
    "shortlist.openings.passed_over": N_("People passed over"),
    "shortlist.openings.allies": N_("Allies who could help"),
    "openings.looking": N_("Places for which an ally looks"),
    "instead.openings.suggested": N_("People who could come instead"),
    "instead.openings.passed_over": N_("People passed over for what allies look for"),
    "instead.openings.allies": N_("Allies who could help"),
}
routes = Routes("staffing")

ASK_ALLIES: web.AppKey[Callable[[Database, Iri], Awaitable[None]]] = web.AppKey("ask_allies")
"""Asks the allies of a group who could come; `app.py` says by which part of the wire."""

LEAD = "group:<id>:lead"
JOB, LOAN = "/jobs/{id:[a-z0-9]{20}}/staffing", "/loans/{id:[a-z0-9]{20}}/staffing"
SOON = {"10m": timedelta(minutes=10), "1h": timedelta(hours=1)}


class InviteForm(msgspec.Struct):
    """Whom to ask for an opening, and until when: 10m, 1h, today, or a moment of one's own.

    `instead` is the Agreement by which an ally has promised the place and looks for somebody.
    """

    opening: str
    people: list[str] = []
    reply: str = ""
    until: str = ""
    instead: str = ""


class AnswerForm(msgspec.Struct):
    """Which invitation is meant."""

    invite: str


class SwitchForm(msgspec.Struct):
    """At which opening the first yes is confirmed by itself, or no longer."""

    opening: str
    on: bool = False


class Asked(msgspec.Struct, frozen=True):
    """The invitations that were just sent."""

    invites: tuple[Iri, ...]


@routes.get(JOB, "Show the places of a job", view=StaffingPage, scope=LEAD, lists=PLACES)
@routes.get(
    LOAN, "Show the places of a loan to its lender", view=StaffingPage, scope=LEAD, lists=PLACES
)
async def show_staffing(request: web.Request) -> web.Response:
    """Show who comes, who was asked and what is open, with whom matching suggests."""
    asker = viewer(request)
    async with reading(request) as tx:
        view = await staffing_page(tx, asker, await _subject(tx, asker, request), _base(request))
        now = tx.now
    zone = ZoneInfo(request.app[SETTINGS].timezone)
    words = {"words": skills.vocabulary(), "places": skills.places()}
    near = pictures.near_openings(view, asker.language)
    context: dict[str, Any] = {**words, "now": now, "zone": zone, "near": near}
    return respond(request, "staffing/staffing.html", view, **context)


@routes.get(
    f"{JOB}/why",
    "Show a member why she is asked for the places of a job, or is not",
    view=WhyView,
    scope="self",
    lists={"openings": N_("Reasons about me")},
)
async def show_why(request: web.Request) -> web.Response:
    """Show what matching said of the reader, and of nobody else."""
    job = Iri(f"{request.app[SETTINGS].origin}/jobs/{request.match_info['id']}")
    async with reading(request) as tx:
        view = await service.why_of_job(tx, viewer(request), job)
    return respond(request, "staffing/why.html", view, words=skills.vocabulary())


@routes.post(
    f"{JOB}/find",
    "Find people for the places of a job",
    view=ShortlistView,
    scope=LEAD,
    page=show_staffing,
)
@routes.post(
    f"{LOAN}/find",
    "Find people for the places of a loan",
    view=ShortlistView,
    scope=LEAD,
    page=show_staffing,
)
async def find(request: web.Request) -> web.Response:
    """Ask matching, and show what it answers; allies are asked first, for what may stay open."""
    asker, database = viewer(request), request.app[DATABASE]
    async with reading(request) as tx:
        work = await _work(tx, asker, request)
    if work.agreement is None:
        await request.app[ASK_ALLIES](database, work.group)
    found = await find_people(database, asker, work.subject)
    return done(request, f"{_base(request)}#places", found)


@routes.post(
    f"{LOAN}/ask",
    "Ask my people for all that a loan lends",
    scope=LEAD,
    page=show_staffing,
    status=201,
)
async def ask_mine(request: web.Request) -> web.Response:
    """Find people for what is lent, and begin to ask them: in half a minute, or undone."""
    asker, loan = viewer(request), request.match_info["id"]
    to = await ask_my_people(request.app[DATABASE], asker, loan)
    said = "Nobody is asked yet: for half a minute you can undo it."
    return done(request, f"{to}#asking", {"page": to}, status=201, said=said)


@routes.post(
    f"{JOB}/invite",
    "Ask people to fill places of a job",
    form=InviteForm,
    view=Asked,
    scope=LEAD,
    page=show_staffing,
    status=201,
)
@routes.post(
    f"{LOAN}/invite",
    "Ask people to fill places of a loan",
    form=InviteForm,
    view=Asked,
    scope=LEAD,
    page=show_staffing,
    status=201,
)
async def invite(request: web.Request) -> web.Response:
    """Ask those whom the leader chose; everything is asked again first."""
    asker, form = viewer(request), await read(request, InviteForm)
    chosen = [Iri(one) for one in form.people]
    async with transaction(request) as tx:
        work = await _work(tx, asker, request)
        opening = next((one for one in work.openings if one.opening == form.opening), None)
        if opening is None:
            raise NotFound
        sent = await service.invite(
            tx,
            asker,
            opening.opening,
            chosen,
            _reply_by(tx, form, opening.start),
            agreement=work.agreement,
            instead=Iri(form.instead) if form.instead else None,
            why=await reasons_to_ask(
                tx, promised_work(work) if form.instead else work, opening.opening, chosen
            ),
        )
    said = "Asked: %(number)s. Each decides herself; you see the answers here."
    view = Asked(tuple(sent))
    return done(request, _base(request), view, status=201, said=said, number=len(sent))


@routes.post(f"{JOB}/confirm", "Confirm a yes", form=AnswerForm, scope=LEAD, page=show_staffing)
@routes.post(
    f"{LOAN}/confirm", "Confirm a yes for a loan", form=AnswerForm, scope=LEAD, page=show_staffing
)
async def confirm(request: web.Request) -> web.Response:
    """Confirm somebody who said yes."""
    asker, form = viewer(request), await read(request, AnswerForm)
    async with transaction(request) as tx:
        await _known(tx, asker, request, form)
        await service.confirm(tx, asker, Iri(form.invite))
    return done(request, _base(request), said="Confirmed. She is told, and promises the time.")


@routes.post(
    f"{JOB}/not-needed",
    "Tell somebody who said yes that she is not needed",
    form=AnswerForm,
    scope=LEAD,
    page=show_staffing,
)
@routes.post(
    f"{LOAN}/not-needed",
    "Tell somebody who said yes for a loan that she is not needed",
    form=AnswerForm,
    scope=LEAD,
    page=show_staffing,
)
async def not_needed(request: web.Request) -> web.Response:
    """Let somebody go who said yes."""
    asker, form = viewer(request), await read(request, AnswerForm)
    async with transaction(request) as tx:
        await _known(tx, asker, request, form)
        await service.not_needed(tx, asker, Iri(form.invite))
    return done(request, _base(request), said="She is told, and her time is hers again.")


@routes.post(
    f"{JOB}/call-off",
    "Call off an invitation or a placement",
    form=AnswerForm,
    scope=LEAD,
    page=show_staffing,
)
@routes.post(
    f"{LOAN}/call-off",
    "Call off an invitation or a placement of a loan",
    form=AnswerForm,
    scope=LEAD,
    page=show_staffing,
)
async def call_off(request: web.Request) -> web.Response:
    """Call off what was asked of somebody, or what was confirmed."""
    asker, form = viewer(request), await read(request, AnswerForm)
    async with transaction(request) as tx:
        await _known(tx, asker, request, form)
        await service.call_off(tx, asker, Iri(form.invite))
    return done(
        request, _base(request), said="Called off. She is told, and her time is hers again."
    )


@routes.post(
    f"{JOB}/auto-confirm",
    "Say whether the first yes is confirmed by itself",
    form=SwitchForm,
    scope=LEAD,
    page=show_staffing,
)
@routes.post(
    f"{LOAN}/auto-confirm",
    "Say whether the first yes for a loan is confirmed by itself",
    form=SwitchForm,
    scope=LEAD,
    page=show_staffing,
)
async def switch(request: web.Request) -> web.Response:
    """Let the first valid yes be confirmed by itself, or wait for the leader."""
    asker, form = viewer(request), await read(request, SwitchForm)
    async with transaction(request) as tx:
        work = await _work(tx, asker, request)
        opening = next((one for one in work.openings if one.opening == form.opening), None)
        if opening is None:
            raise NotFound
        await service.set_auto_confirm(tx, asker, opening, form.on)
    said = (
        "The first yes is confirmed by itself from now on."
        if form.on
        else "Every yes waits for you from now on."
    )
    return done(request, _base(request), said=said)


async def _subject(tx: Tx, asker: Viewer, request: web.Request) -> Iri:
    """Return the job, or the loan's Agreement, that an address means; raise NotFound."""
    identifier = request.match_info["id"]
    if request.path.startswith("/loans/"):
        return await lent_by_id(tx, asker, identifier)
    return Iri(f"{tx.origin}/jobs/{identifier}")


async def _work(tx: Tx, asker: Viewer, request: web.Request) -> Work:
    work = await work_at(tx, await _subject(tx, asker, request))
    await people.require_leader(tx, asker, work.group)
    return work


async def _known(tx: Tx, asker: Viewer, request: web.Request, form: AnswerForm) -> None:
    """Raise NotFound unless an invitation belongs to what the address means."""
    work = await _work(tx, asker, request)
    found = await service.known_placement(tx, Iri(form.invite))
    places = {one.opening for one in work.openings}
    if found is None or found.opening not in places or found.agreement != work.agreement:
        raise NotFound


def _base(request: web.Request) -> str:
    kind = "loans" if request.path.startswith("/loans/") else "jobs"
    return f"/{kind}/{request.match_info['id']}/staffing"


def _reply_by(tx: Tx, form: InviteForm, start: datetime) -> datetime | None:
    """Return the moment to answer by; a usual choice ends in time before the shift begins."""
    zone = ZoneInfo(tx.settings.timezone)
    if form.until:
        return _moment(form.until, zone)
    latest = start - LEAST_NOTICE
    if latest <= tx.now:
        return None
    if form.reply in SOON:
        return min(tx.now + SOON[form.reply], latest)
    if form.reply == "today":
        midnight = tx.now.astimezone(zone).replace(hour=23, minute=59, second=0, microsecond=0)
        return min(max(midnight, tx.now + SOON["10m"]), latest)
    if form.reply:
        raise Invalid("Choose until when an answer is awaited.", field="reply")
    return None


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """Read a moment as forms send it, by the clock of the place unless it names its zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Choose until when an answer is awaited.", field="until") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
