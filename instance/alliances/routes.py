"""Pages about allies, the public list of a group's alliances, and its counts for allies."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec
from aiohttp import web

from federation import Iri
from instance.alliances import activities, capacity, pictures, service
from instance.alliances.terms import Employer, LendingMode, Terms
from instance.alliances.views import AllianceView, CapacityView, Concerned, FoundGroup, HoursBetween
from instance.db import Tx
from instance.errors import Invalid, NotFound
from instance.groups import service as groups
from instance.language import N_
from instance.ledger import service as ledger
from instance.network import service as network
from instance.skills import service as skills
from instance.web import DATABASE, DRAFT, Routes, done, read, reading, respond, transaction, viewer

routes = Routes("alliances")

LEADERS = "group:<id>:lead"
OUR_PATH = re.compile(r"(/[a-z0-9]+)+(\?[a-z0-9=&]*)?")


CONCERNED: web.AppKey[Callable[[Tx, Iri, Iri], Awaitable[Concerned]]] = web.AppKey("concerned")
"""Counts what stands between a group and its ally; `app.py` says by which feature."""

HOURS: web.AppKey[Callable[[Tx, Iri, Iri], Awaitable[HoursBetween | None]]] = web.AppKey("hours")
"""Counts the hours between a group and its ally; `app.py` says by which feature."""


class Ally(msgspec.Struct, frozen=True):
    """An alliance with what stands open between the two groups, in minutes, and its counts.

    `concerned` is whom its end would concern, `hours` what goes each way under its terms.
    """

    alliance: AllianceView
    balance: int
    capacity: CapacityView | None = None
    concerned: Concerned | None = None
    hours: HoursBetween | None = None


class AlliesPage(msgspec.Struct, frozen=True):
    """Every alliance of the groups somebody leads: in force, waiting, and past."""

    active: tuple[Ally, ...]
    waiting: tuple[AllianceView, ...]
    past: tuple[AllianceView, ...]


class FreePeople(msgspec.Struct, frozen=True):
    """One line of an ally's counts, ready to be read."""

    skill: str
    start: str
    label: str


class OfferPage(msgspec.Struct, frozen=True):
    """The form for terms: for which of our groups, to whom once found, from what to begin with."""

    groups: tuple[tuple[str, str], ...]
    address: str = ""
    found: FoundGroup | None = None
    today: date | None = None


class TermsForm(msgspec.Struct, kw_only=True):
    """Terms as they are entered: hours, and money as people write it."""

    group: str
    address: str
    hours_lend: int = 40
    hours_borrow: int = 40
    rate: str = "0"
    currency: str = ""
    levy_percent: int = 0
    lending_mode: LendingMode = LendingMode.SERVICE_SUBCONTRACT
    employer: Employer = Employer.LENDER
    insurer: str = ""
    licence: str = ""
    notice_hours: int = 12
    end: date | None = None
    text: str = ""


class BackForm(msgspec.Struct):
    """Which of our pages to go back to."""

    back: str = "/allies"


class ReasonForm(msgspec.Struct):
    """Why, in the words of who decided."""

    reason: str = ""


@routes.get(
    "/allies",
    "List allies and offers of alliances",
    view=AlliesPage,
    scope=LEADERS,
    lists={
        "active": N_("Allies"),
        "active.capacity.counts": N_("How many could come"),
        "waiting": N_("Offers of alliances"),
        "past": N_("Past alliances"),
    },
)
async def show_allies(request: web.Request) -> web.Response:
    """Show whom a leader's groups are allied with, and who waits for an answer."""
    asker = viewer(request)
    async with reading(request) as tx:
        found = [one for group in asker.leads for one in await service.alliances(tx, asker, group)]
        active = [
            Ally(
                one,
                await ledger.balance(tx, one.group, one.ally),
                hours=await request.app[HOURS](tx, one.group, one.ally),
            )
            for one in found
            if one.state == "active"
        ]
    if not asker.leads:
        raise NotFound
    page = AlliesPage(
        tuple(active),
        tuple(one for one in found if one.state == "proposed"),
        tuple(one for one in found if one.state in {"rejected", "ended"})[:50],
    )
    between = [(one.alliance, one.hours) for one in active if one.hours]
    picture = pictures.hours_picture(between, asker.language)
    return respond(request, "alliances/allies.html", page, picture=picture)


@routes.get(
    "/allies/new",
    "Show the form that offers terms",
    view=OfferPage,
    scope=LEADERS,
    query={"address": "The other group's handle or page"},
)
async def show_offer(request: web.Request) -> web.Response:
    """Show the form: first the other group's address, then, once it was found, the terms."""
    asker = viewer(request)
    if not asker.leads:
        raise NotFound
    draft = request.get(DRAFT)
    address = str(draft.value("address") if draft else request.query.get("address", "")).strip()
    found = None
    if address and not (draft and "address" in draft.errors):
        try:
            found = await activities.find_group(request.app[DATABASE], address)
        except Invalid as error:
            return respond(
                request, "alliances/find.html", await _offer_page(request, address), problem=error
            )
    page = await _offer_page(request, address, found)
    template = "alliances/offer.html" if found else "alliances/find.html"
    return respond(request, template, page, problem=None)


@routes.post(
    "/allies/new",
    "Offer another group terms",
    form=TermsForm,
    scope=LEADERS,
    page=show_offer,
    status=201,
)
async def offer(request: web.Request) -> web.Response:
    """Offer terms to the group at an address."""
    asker, form = viewer(request), await read(request, TermsForm)
    found = await activities.find_group(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        group = Iri(form.group)
        identifier = await service.offer(tx, asker, group, found.iri, _terms(tx, form))
    said = "Your terms are on their way to %(name)s."
    view = {"id": identifier}
    return done(request, f"/allies/{identifier}", view, status=201, said=said, name=found.name)


@routes.post("/allies/refresh", "Ask all allies for their counts", form=BackForm, scope=LEADERS)
async def refresh(request: web.Request) -> web.Response:
    """Ask every ally who could come, and lead back to the page that wanted to know."""
    asker, form = viewer(request), await read(request, BackForm)
    database = request.app[DATABASE]
    for group in asker.leads:  # a leader leads a few groups
        await activities.ask_allies(database, group)
    back = form.back if OUR_PATH.fullmatch(form.back) else "/allies"
    return done(request, back, said="The allies' numbers are as fresh as can be.")


@routes.get(
    "/allies/{id:[a-z0-9]{20}}",
    "Read an alliance's terms",
    view=Ally,
    scope=LEADERS,
    lists={"capacity.counts": N_("How many could come")},
)
async def show_ally(request: web.Request) -> web.Response:
    """Show the terms in plain words, what stands open, and what the ally says of its people."""
    asker = viewer(request)
    async with reading(request) as tx:
        found = await service.alliance(tx, asker, request.match_info["id"])
        balance = await ledger.balance(tx, found.group, found.ally)
        concerned = await request.app[CONCERNED](tx, found.group, found.ally)
    heard = None
    if found.state == "active":
        heard = await activities.ask_capacity(request.app[DATABASE], found.group, found.ally)
    page = Ally(found, balance, heard, concerned)
    lines = _lines(heard, request) if heard else []
    return respond(request, "alliances/ally.html", page, lines=lines)


@routes.post("/allies/{id:[a-z0-9]{20}}/accept", "Accept offered terms", scope=LEADERS)
async def accept(request: web.Request) -> web.Response:
    """Sign the terms that another group offered."""
    identifier = request.match_info["id"]
    async with transaction(request) as tx:
        await service.accept(tx, viewer(request), identifier)
    said = "You are allies now. Both co-ops keep the same signed text."
    return done(request, f"/allies/{identifier}", said=said)


@routes.post(
    "/allies/{id:[a-z0-9]{20}}/refuse", "Refuse offered terms", form=ReasonForm, scope=LEADERS
)
async def refuse(request: web.Request) -> web.Response:
    """Say no to the terms that another group offered."""
    identifier, form = request.match_info["id"], await read(request, ReasonForm)
    async with transaction(request) as tx:
        await service.refuse(tx, viewer(request), identifier, form.reason)
    return done(request, "/allies", said="You said no. The other group is told.")


@routes.post("/allies/{id:[a-z0-9]{20}}/end", "End an alliance", form=ReasonForm, scope=LEADERS)
async def end(request: web.Request) -> web.Response:
    """End an alliance, or take an offer of one back."""
    identifier, form = request.match_info["id"], await read(request, ReasonForm)
    async with transaction(request) as tx:
        await service.end(tx, viewer(request), identifier, form.reason)
    said = "This alliance is over. What is promised already stays promised."
    return done(request, f"/allies/{identifier}", said=said)


@routes.get("/groups/{id}/alliances", "List a group's allies in public")
async def show_public_list(request: web.Request) -> web.Response:
    """Answer the collection of stamps: whom the group is allied with, since when."""
    async with reading(request) as tx:
        group = await _group(tx, request)
        document = await activities.alliances_document(tx, group)
    return _activity(document)


@routes.get("/alliances/{id}", "Show the stamp of one alliance")
async def show_stamp(request: web.Request) -> web.Response:
    """Answer our group's signed word that it has this ally; gone once the alliance is over."""
    async with reading(request) as tx:
        row = await service.require_row(tx, request.match_info["id"])
        if row not in await service.standing_rows(tx, Iri(row.group)):
            raise NotFound
        document = await activities.signed_stamp(tx, row)
    return _activity(document)


@routes.get("/groups/{id}/capacity", "Tell an ally how many could come")
async def show_capacity(request: web.Request) -> web.Response:
    """Answer coarse counts to a standing ally that signed its request; to others nothing."""
    asker = await request.app[DATABASE].federation.inbox.signer_of(request)
    if asker is None:
        raise NotFound
    async with transaction(request) as tx:
        group = await _group(tx, request)
        await service.require_ally(tx, group, asker)
        await capacity.count_asking(tx, group, asker)
    async with reading(request) as tx:
        document = await activities.capacity_document(tx, group)
    return _activity(document, cache="private, no-store")


async def _offer_page(
    request: web.Request, address: str, found: FoundGroup | None = None
) -> OfferPage:
    asker = viewer(request)
    async with reading(request) as tx:
        names = await network.names_of(tx, asker.leads)
        choices = tuple((str(one), names[one][1]) for one in asker.leads if one in names)
        return OfferPage(choices, address, found, tx.now.date())


def _terms(tx: Tx, form: TermsForm) -> Terms:
    return Terms(
        minutes_limit_lend=form.hours_lend * 60,
        minutes_limit_borrow=form.hours_borrow * 60,
        rate_cents_per_hour=_cents(form.rate),
        currency=(form.currency or tx.settings.currency).upper(),
        levy_percent=form.levy_percent,
        lending_mode=form.lending_mode,
        employer=form.employer,
        insurer=form.insurer.strip(),
        notice_minutes=form.notice_hours * 60,
        end=form.end,
        text=form.text.strip(),
        licence=form.licence.strip(),
    )


def _cents(entered: str) -> int:
    try:
        cents = Decimal(entered.strip().replace(",", ".")) * 100
        whole = int(cents)
    except (InvalidOperation, ValueError, OverflowError):
        cents, whole = Decimal(1), 0
    if cents != whole:
        raise Invalid("Write the rate as an amount, such as 85 or 85.50.", field="rate")
    return whole


def _lines(heard: CapacityView, request: web.Request) -> list[dict[str, object]]:
    """Gather an ally's counts by skill: the half-days when somebody could come."""
    language = viewer(request).language
    by_skill: dict[str, list[object]] = {}
    for one in heard.counts:
        by_skill.setdefault(one.skill, []).append(one)
    return [
        {"skill": skills.vocabulary().label(key, language), "counts": counts}
        for key, counts in sorted(by_skill.items())
    ]


async def _group(tx: Tx, request: web.Request) -> Iri:
    iri = f"{tx.origin}/groups/{request.match_info['id']}"
    return (await groups.require_group(tx, iri)).iri


def _activity(document: dict[str, object], cache: str = "public, max-age=180") -> web.Response:
    headers = {
        "Cache-Control": cache,
        "Vary": "Accept, Cookie, Authorization, Signature",
        "Access-Control-Allow-Origin": "*",
    }
    return web.Response(
        body=msgspec.json.encode(document),
        content_type="application/activity+json",
        headers=headers,
    )
