"""Pages about labour asked of allies and lent to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.jobs import service as jobs
from instance.loans import lists, screens, service
from instance.loans.models import Side
from instance.loans.reading import ask_by_id, loan_by_id, loans_of_ask
from instance.loans.refusals import refusal_of
from instance.loans.views import AskView, LoanView
from instance.people import service as people
from instance.skills import service as skills
from instance.viewer import Viewer
from instance.web import Routes, done, read, reading, respond, transaction, viewer

routes = Routes("loans")

LEADERS = "group:<id>:lead"
CONCERNED: web.AppKey[Callable[[Tx, LoanView], Awaitable[alliances.Concerned]]] = web.AppKey(
    "concerned_by_loan"
)
"""Counts whom the end of a loan concerns; `app.py` says by which feature."""


class AskForm(msgspec.Struct):
    """Whom to ask, for how many places at each opening (by its number), and until when."""

    ally: str
    places: dict[str, int]
    until: str


class PlacesForm(msgspec.Struct):
    """How many places at each opening, in the order of the ask."""

    places: list[int] = []
    reason: str = ""


class ReasonForm(msgspec.Struct):
    """Why, in the words of who decided."""

    reason: str = ""


@routes.get(
    "/allies/requests",
    "List what is asked and lent",
    view=screens.Requests,
    scope=LEADERS,
    lists=lists.REQUESTS,
)
async def show_requests(request: web.Request) -> web.Response:
    """Show what waits for a leader: asks and offers first, then what stands."""
    asker = viewer(request)
    if not asker.leads:
        raise NotFound
    async with reading(request) as tx:
        page = await screens.requests(tx, asker)
    return respond(request, "loans/requests.html", page, **_words(asker))


@routes.get(
    "/allies/requests/{id}",
    "Read an ally's ask",
    view=screens.AskCard,
    scope=LEADERS,
    lists=lists.ASK,
)
async def show_ask(request: web.Request) -> web.Response:
    """Show one ask: what for, on which terms, and what lending would leave."""
    asker = viewer(request)
    async with reading(request) as tx:
        found = await _ask(tx, asker, request, Side.LENDER)
        left = await service.coverage_of(tx, found.group, list(found.places))
        card = screens.AskCard(
            found,
            await screens.standing(tx, found.group, found.ally, "lend"),
            tuple(left[one.opening] for one in found.places),
            tuple(await loans_of_ask(tx, found.id)),
        )
    return respond(request, "loans/ask.html", card, **_words(asker))


@routes.post(
    "/allies/requests/{id}/offer",
    "Offer an ally people",
    form=PlacesForm,
    scope=LEADERS,
    page=show_ask,
    status=201,
)
async def offer(request: web.Request) -> web.Response:
    """Offer as many places as the leader chose."""
    asker, form = viewer(request), await read(request, PlacesForm)
    async with transaction(request) as tx:
        found = await _ask(tx, asker, request, Side.LENDER)
        places = dict(zip((one.opening for one in found.places), form.places, strict=False))
        loan = await service.offer_loan(tx, asker, found.iri, places)
        identifier = (await service.loan(tx, loan, Side.LENDER)).id
    said = "Your offer is on its way to %(name)s. Nobody is named, and your people decide."
    to = f"/loans/{identifier}"
    return done(request, to, {"id": identifier}, status=201, said=said, name=found.ally_name)


@routes.post("/allies/requests/{id}/decline", "Put an ally's ask aside", scope=LEADERS)
async def decline(request: web.Request) -> web.Response:
    """Put an ask aside: it is no longer shown as waiting."""
    asker = viewer(request)
    async with transaction(request) as tx:
        found = await _ask(tx, asker, request, Side.LENDER)
        await service.decline_ask(tx, asker, found.iri)
    return done(request, "/allies/requests", said="The ask was put aside.")


@routes.post("/asks/{id}/withdraw", "Take an ask back", scope=LEADERS)
async def withdraw(request: web.Request) -> web.Response:
    """Take back what we asked of an ally."""
    asker = viewer(request)
    async with transaction(request) as tx:
        found = await _ask(tx, asker, request, Side.BORROWER)
        await service.withdraw_ask(tx, asker, found.iri)
    to = f"/jobs/{found.job.rpartition('/')[2]}/ask"
    return done(request, to, said="The ask was taken back. You can ask again, or somebody else.")


@routes.get(
    "/jobs/{id}/ask",
    "Show whom a job could be asked of",
    view=screens.AskPage,
    scope=LEADERS,
    lists=lists.CHOICE,
)
async def show_asking(request: web.Request) -> web.Response:
    """Show what is open at a job, and which allies might have somebody."""
    asker = viewer(request)
    async with reading(request) as tx:
        job = Iri(f"{tx.origin}/jobs/{request.match_info['id']}")
        page = await screens.ask_page(tx, asker, job, request.query)
    return respond(request, "loans/asking.html", page, **_words(asker))


@routes.post(
    "/jobs/{id}/ask",
    "Ask an ally for labour",
    form=AskForm,
    scope=LEADERS,
    page=show_asking,
    status=201,
)
async def ask(request: web.Request) -> web.Response:
    """Ask one ally for places at a job's openings."""
    asker, form = viewer(request), await read(request, AskForm)
    async with transaction(request) as tx:
        job = await jobs.require_job(tx, f"{tx.origin}/jobs/{request.match_info['id']}")
        known = {one.iri.rpartition("#")[2]: one.iri for s in job.standing for one in s.openings}
        if form.places.keys() - known.keys():
            raise Invalid("This opening is not in the job.", field="places")
        places = {known[name]: number for name, number in form.places.items() if number}
        until = _moment(tx, form.until)
        ally = Iri(form.ally)
        iri = await service.ask_ally(tx, asker, job.group, ally, job.iri, places, until)
        name = await alliances.name_of(tx, ally)
    said = "%(name)s was asked. They see the places and hours, and nobody's name."
    return done(request, f"/jobs/{job.token}/ask", {"ask": iri}, status=201, said=said, name=name)


@routes.get(
    "/loans/{id}",
    "Read one loan",
    view=screens.LoanPage,
    scope=LEADERS,
    lists=lists.LOAN,
)
async def show_loan(request: web.Request) -> web.Response:
    """Show a loan, its terms, and what can still be done with it."""
    asker = viewer(request)
    async with reading(request) as tx:
        found = await _loan(tx, asker, request)
        direction = "lend" if found.side is Side.LENDER else "borrow"
        page = screens.LoanPage(
            found,
            await screens.standing(tx, found.group, found.ally, direction),
            begun=any(one.start <= tx.now for one in found.places),
            over=all(one.end <= tx.now for one in found.places),
            why=refusal_of(found.code, found.side),
            concerned=await request.app[CONCERNED](tx, found),
        )
    return respond(request, "loans/loan.html", page, **_words(asker))


@routes.post("/loans/{id}/accept", "Accept what an ally offers", scope=LEADERS, page=show_loan)
async def accept(request: web.Request) -> web.Response:
    """Accept an ally's offer: its places are promised from now on."""
    asker = viewer(request)
    async with transaction(request) as tx:
        found = await _loan(tx, asker, request)
        await service.accept_loan(tx, asker, found.offer)
    said = "Accepted. %(name)s is looking for people now; names come after each yes."
    return done(request, f"/loans/{found.id}", said=said, name=found.ally_name)


@routes.post("/loans/{id}/refuse", "Refuse what an ally offers", form=ReasonForm, scope=LEADERS)
async def refuse(request: web.Request) -> web.Response:
    """Say no to an ally's offer."""
    asker, form = viewer(request), await read(request, ReasonForm)
    async with transaction(request) as tx:
        found = await _loan(tx, asker, request)
        await service.refuse_loan(tx, asker, found.offer, form.reason)
    return done(request, "/allies/requests", said="You said no. The ally is told.")


@routes.post(
    "/loans/{id}/end", "End what is borrowed", form=ReasonForm, scope=LEADERS, page=show_loan
)
async def end(request: web.Request) -> web.Response:
    """End what we borrow; the lender calls its people off, by the terms."""
    asker, form = viewer(request), await read(request, ReasonForm)
    async with transaction(request) as tx:
        found = await _loan(tx, asker, request)
        await service.end_loan(tx, asker, found.offer, form.reason)
    return done(request, f"/loans/{found.id}", said="The loan is over. The ally is told.")


@routes.post(
    "/loans/{id}/take-back",
    "Take back what is lent",
    form=PlacesForm,
    scope=LEADERS,
    page=show_loan,
)
async def take_back(request: web.Request) -> web.Response:
    """Take back places that we lend: all, or all but those that are left."""
    asker, form = viewer(request), await read(request, PlacesForm)
    async with transaction(request) as tx:
        found = await _loan(tx, asker, request)
        left = dict(zip((one.opening for one in found.places), form.places, strict=False))
        await service.take_back(tx, asker, found.offer, left, form.reason)
    said = "Taken back. %(name)s is told."
    return done(request, f"/loans/{found.id}", said=said, name=found.ally_name)


def _moment(tx: Tx, entered: str) -> datetime:
    """Read a moment as a form or a program writes it; without a zone it is the place's clock."""
    try:
        moment = datetime.fromisoformat(entered)
    except ValueError as error:
        raise Invalid("Write a day and a time.", field="until") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(tx.settings.timezone))


async def _ask(tx: Tx, asker: Viewer, request: web.Request, side: Side) -> AskView:
    found = await ask_by_id(tx, request.match_info["id"])
    if found.side is not side:
        raise NotFound
    await people.require_leader(tx, asker, found.group)
    return found


async def _loan(tx: Tx, asker: Viewer, request: web.Request) -> LoanView:
    found = await loan_by_id(tx, request.match_info["id"])
    await people.require_leader(tx, asker, found.group)
    return found


def _words(asker: Viewer) -> dict[str, Any]:
    """Return what templates say words of the vocabulary and places with."""
    words, places = skills.vocabulary(), skills.places()
    return {
        "label": lambda key: words.label(key, asker.language),
        "place": lambda name: places.label(name, asker.language),
    }
