"""Cover for one opening: find people, ask them a few at a time, take answers and offers."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Invalid
from instance.language import N_
from instance.loans import service as loans
from instance.skills import service as skills
from instance.staffing import cascade, cover, placements
from instance.staffing.cover import Wanted
from instance.staffing.cover_views import CoverPage
from instance.staffing.moving import ask_move, find_moves, moves_at
from instance.staffing.own_groups import ask_own_group, find_in_own_groups, own_groups
from instance.staffing.routes.places import ASK_ALLIES
from instance.staffing.shortlist import find_people
from instance.staffing.waves import Waves
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

routes = Routes("staffing")

LEAD = "group:<id>:lead"
COVER = "/{kind:jobs|loans}/{id:[a-z0-9]{20}}/cover/{at:[A-Za-z0-9]{1,60}}"


class WavesForm(msgspec.Struct):
    """How many to ask at once, minutes to answer, whether allies come last; now or in 30 s."""

    people: int = 3
    minutes: int = 10
    allies: bool = False
    first_come: bool = False
    now: bool = False


class LendForm(msgspec.Struct):
    """Which of the reader's other groups to borrow from, and how to ask its people."""

    group: str
    people: int = 3
    minutes: int = 10
    now: bool = False


class MoveForm(msgspec.Struct):
    """Whom to ask to leave the place that she has."""

    person: str


class InviteForm(msgspec.Struct):
    """Which invitation is meant."""

    invite: str


class AnswerForm(msgspec.Struct):
    """What somebody said by telephone, yes or no, to which invitation."""

    invite: str
    answer: str = ""


class LoanForm(msgspec.Struct):
    """Which of an ally's offers is meant, by the last part of its address."""

    loan: str


@routes.get(
    COVER,
    "Show who could fill an open place",
    view=CoverPage,
    scope=LEAD,
    lists={
        "able": N_("People who could be asked"),
        "passed": N_("People passed over"),
        "groups.able": N_("People of my other groups"),
        "moves": N_("Moves that would fill it"),
        "allies": N_("Allies who could help"),
        "calls": N_("People to ring up"),
    },
)
async def show_cover(request: web.Request) -> web.Response:
    """Show who could be asked for one opening, in fair order, and how far asking has come."""
    asker = viewer(request)
    async with reading(request) as tx:
        wanted = await _wanted(tx, asker, request)
        others = await own_groups(tx, asker, wanted)
        moves = await moves_at(tx, wanted)
        view = await cover.cover_page(tx, asker, wanted, others, moves)
        now = tx.now
    zone = ZoneInfo(request.app[SETTINGS].timezone)
    words: dict[str, Any] = {"words": skills.vocabulary(), "places": skills.places()}
    return respond(request, "staffing/cover.html", view, now=now, zone=zone, **words)


@routes.post(f"{COVER}/find", "Find people for an open place", scope=LEAD, page=show_cover)
async def find(request: web.Request) -> web.Response:
    """Look for people, and go to the page on which they can be asked."""
    asker, database = viewer(request), request.app[DATABASE]
    async with reading(request) as tx:
        wanted = await _wanted(tx, asker, request)
    if wanted.work.agreement is None:
        await request.app[ASK_ALLIES](database, wanted.work.group)
    await find_people(database, asker, wanted.work.subject)
    if wanted.work.agreement is None:
        await find_in_own_groups(database, asker, wanted)
        await find_moves(database, asker, wanted)
    return done(request, wanted.base)


@routes.post(
    f"{COVER}/begin",
    "Ask a few people at a time for an open place",
    form=WavesForm,
    scope=LEAD,
    page=show_cover,
    status=201,
)
async def begin(request: web.Request) -> web.Response:
    """Begin to ask: in half a minute, or now."""
    asker, form = viewer(request), await read(request, WavesForm)
    waves = Waves(form.people, form.minutes, form.allies, form.first_come)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        place = wanted.filled.opening, wanted.work.agreement
        await cascade.begin(tx, asker, *place, wanted.work.subject, waves)
        if form.now:
            await cascade.send_now(tx, asker, *place)
    said = (
        "Asked. Each decides herself; you see the answers here."
        if form.now
        else "Nobody is asked yet: for half a minute you can undo it."
    )
    return done(request, f"{wanted.base}#asking", status=201, said=said)


@routes.post(
    f"{COVER}/lend",
    "Ask people of another group of mine for an open place",
    form=LendForm,
    scope=LEAD,
    page=show_cover,
    status=201,
)
async def lend(request: web.Request) -> web.Response:
    """Borrow from another group that the reader leads, and begin to ask its people."""
    asker, form = viewer(request), await read(request, LendForm)
    waves = Waves(form.people, form.minutes)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        to = await ask_own_group(tx, asker, wanted, Iri(form.group), waves, now=form.now)
        name = await alliances.name_of(tx, Iri(form.group))
    said = "%(name)s lends here now. For half a minute you can undo it."
    if form.now:
        said = "%(name)s lends here now, and the first of its people are asked."
    return done(request, f"{to}#asking", {"page": to}, status=201, said=said, name=name)


@routes.post(
    f"{COVER}/move",
    "Ask somebody to leave her place for an open one",
    form=MoveForm,
    scope=LEAD,
    page=show_cover,
    status=201,
)
async def move(request: web.Request) -> web.Response:
    """Ask somebody to move here; what she has promised stands until she has said yes."""
    asker, form = viewer(request), await read(request, MoveForm)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        await ask_move(tx, asker, wanted, Iri(form.person))
    said = "Asked. Her place elsewhere stands until she has said yes."
    return done(request, wanted.base, status=201, said=said)


@routes.post(f"{COVER}/now", "Ask the first people now", scope=LEAD, page=show_cover)
async def send_now(request: web.Request) -> web.Response:
    """Ask the first ones without waiting for the half-minute to be over."""
    asker = viewer(request)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        await cascade.send_now(tx, asker, wanted.filled.opening, wanted.work.agreement)
    said = "Asked. Each decides herself; you see the answers here."
    return done(request, f"{wanted.base}#asking", said=said)


@routes.post(f"{COVER}/stop", "Ask nobody more for an open place", scope=LEAD, page=show_cover)
async def stop(request: web.Request) -> web.Response:
    """Undo what has not begun, or ask nobody more."""
    asker = viewer(request)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        place = wanted.filled.opening, wanted.work.agreement
        outcome = await cascade.stop(tx, asker, *place)
        back = wanted.base
        if outcome == "undone" and wanted.work.agreement is not None:
            undone = await loans.undo_among_own(tx, asker, wanted.work.agreement)
            token = wanted.filled.job.rpartition("/")[2]
            back = f"/jobs/{token}/cover/{request.match_info['at']}" if undone else back
    said = (
        "Undone. Nobody was asked."
        if outcome == "undone"
        else "Nobody more is asked. Those who were asked may still answer."
    )
    return done(request, f"{back}#asking", said=said)


@routes.post(
    f"{COVER}/confirm", "Confirm a yes to cover", form=InviteForm, scope=LEAD, page=show_cover
)
async def confirm(request: web.Request) -> web.Response:
    """Confirm somebody who said yes."""
    asker, form = viewer(request), await read(request, InviteForm)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        await cover.require_asked(tx, wanted, Iri(form.invite))
        await placements.confirm(tx, asker, Iri(form.invite))
    return done(request, wanted.base, said="Confirmed. She is told, and promises the time.")


@routes.post(
    f"{COVER}/not-needed",
    "Tell somebody who would cover that she is not needed",
    form=InviteForm,
    scope=LEAD,
    page=show_cover,
)
async def not_needed(request: web.Request) -> web.Response:
    """Let somebody go who said yes."""
    asker, form = viewer(request), await read(request, InviteForm)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        await cover.require_asked(tx, wanted, Iri(form.invite))
        await placements.not_needed(tx, asker, Iri(form.invite))
    return done(request, wanted.base, said="She is told, and her time is hers again.")


@routes.post(
    f"{COVER}/answer",
    "Enter an answer that was given by telephone",
    form=AnswerForm,
    scope=LEAD,
    page=show_cover,
)
async def answer(request: web.Request) -> web.Response:
    """Enter what somebody said who was rung up."""
    asker, form = viewer(request), await read(request, AnswerForm)
    if form.answer not in {"yes", "no"}:
        raise Invalid("Please answer yes or no.", field="answer")
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        await cover.answer_for(tx, asker, wanted, Iri(form.invite), form.answer == "yes")
    said = "Kept. The log says that you entered it."
    return done(request, wanted.base, said=said)


@routes.post(
    f"{COVER}/accept",
    "Accept what an ally offers to cover",
    form=LoanForm,
    scope=LEAD,
    page=show_cover,
)
async def accept(request: web.Request) -> web.Response:
    """Accept an ally's offer for this job."""
    asker, form = viewer(request), await read(request, LoanForm)
    async with transaction(request) as tx:
        wanted = await _wanted(tx, asker, request)
        name = await cover.accept_ally(tx, asker, wanted, form.loan)
    said = "Accepted. %(name)s is looking for people now; names come after each yes."
    return done(request, wanted.base, said=said, name=name)


async def _wanted(tx: Tx, asker: Viewer, request: web.Request) -> Wanted:
    named = request.match_info
    return await cover.wanted_at(tx, asker, named["kind"], named["id"], named["at"])
