"""My week, one invitation, the leader's board, and the administrators' start."""

from __future__ import annotations

from datetime import date

import msgspec
from aiohttp import web

from instance.agenda import service as agenda
from instance.errors import Invalid
from instance.home import service
from instance.home.routes import ahead, board, calendar, offline, planning
from instance.home.routes.asked import day_of
from instance.home.routes.live import open_streams, stream
from instance.home.routes.planning import WEEKS
from instance.home.views import (
    AdminView,
    AnswerView,
    InvitationView,
    TelephoneDesk,
    TodayView,
    WeekView,
)
from instance.language import N_
from instance.skills import service as skills
from instance.staffing.service import WhyView
from instance.web import Routes, done, read, reading, respond, transaction, viewer

__all__ = ["WEEKS", "open_streams", "routes"]

BOARD = {
    "day": "A day of the week to show, such as 2027-01-31",
    "group": "The last part of a group's id; without it, all that one leads",
}

routes = Routes("home")
routes.operations.extend(ahead.routes.operations)
routes.operations.extend(planning.routes.operations)
routes.operations.extend(board.routes.operations)
routes.operations.extend(calendar.routes.operations)
routes.operations.extend(offline.routes.operations)

LEAD = "group:<id>:lead"
_ID = "{id:[a-z0-9]{20}}"
_HELD = "{held:[A-Za-z0-9_-]{43}}"


class AnswerForm(msgspec.Struct):
    """The answer to an invitation: yes, no, or later."""

    answer: str = ""


class PaintForm(msgspec.Struct):
    """A painted week: its Monday, and the squares such as 2027-01-04/morning."""

    monday: date
    free: list[str] = []
    always: str = ""


class MondayForm(msgspec.Struct):
    """A week, by its Monday."""

    monday: date
    free: list[str] = []
    always: str = ""


class DaysOffForm(msgspec.Struct):
    """Days off, both named days included; without a last day it is one."""

    first: date
    last: date | None = None


@routes.get(
    "/week",
    "Show my week over all my groups",
    view=WeekView,
    scope="self",
    query={"from": "A day of the week to show, such as 2027-01-31"},
    lists={
        "invitations": N_("Invitations"),
        "days.promises": N_("My shifts of the week"),
        "days_off": N_("Days off"),
        "to_ring": N_("People to ring up"),
    },
)
async def show_week(request: web.Request) -> web.Response:
    """Show the viewer's week: invitations, promises, availability."""
    async with reading(request) as tx:
        view = await service.week(tx, viewer(request), day_of(request, "from"))
    return respond(request, "home/week.html", view, places=skills.places())


@routes.get(
    "/by-telephone",
    "Show those for whom one answers by telephone",
    view=TelephoneDesk,
    scope=LEAD,
    lists={
        "workers.invitations": N_("What they are asked"),
        "workers.promises": N_("What they have promised"),
    },
)
async def show_telephone(request: web.Request) -> web.Response:
    """Show a leader whom she may answer for, to enter what they say."""
    async with reading(request) as tx:
        view = await service.on_the_telephone(tx, viewer(request))
    return respond(request, "home/by_telephone.html", view, places=skills.places())


@routes.get(f"/invitations/{_ID}", "Show one invitation", view=InvitationView, scope="self")
async def show_invitation(request: web.Request) -> web.Response:
    """Show one invitation, or what became of it, with all that is known."""
    async with reading(request) as tx:
        view = await service.invitation(tx, viewer(request), request.match_info["id"])
        unseen = await service.is_unseen(tx, viewer(request), view.id)
    if (
        unseen and request.headers.get("Purpose") != "prefetch"
    ):  # a telephone that keeps it reads nothing
        async with transaction(request) as tx:
            await service.seen(tx, viewer(request), view.id)
    return respond(request, "home/invitation.html", view, held="", places=skills.places())


@routes.get(
    f"/invitations/{_ID}/why",
    "Show why one was asked",
    view=WhyView,
    scope="self",
    lists={"openings": N_("Reasons about me")},
)
async def show_why(request: web.Request) -> web.Response:
    """Show what was said of the reader when her group asked her, and of nobody else."""
    async with reading(request) as tx:
        view = await service.why(tx, viewer(request), request.match_info["id"])
    return respond(request, "staffing/why.html", view, words=skills.vocabulary())


@routes.post(
    f"/invitations/{_ID}/answer", "Answer an invitation", form=AnswerForm, page=show_invitation
)
async def answer(request: web.Request) -> web.Response:
    """Say yes, no or later; the answer of somebody who rang counts if she allowed it."""
    here, identifier = viewer(request), request.match_info["id"]
    said = (await read(request, AnswerForm)).answer
    if said == "later":
        return done(request, "/week", said="It stays here until it has to be answered.")
    async with transaction(request) as tx:
        given = await service.answer(tx, here, identifier, _yes(said))
        hers = await service.invitation(tx, here, identifier)
    to = (
        f"/invitations/{identifier}" if given.state is not agenda.PromiseState.DECLINED else "/week"
    )
    kind, sentence = _SAID[given.state]
    return done(request, to, hers, said=sentence, kind=kind)


@routes.post(f"/invitations/{_ID}/withdraw", "Take a promise back", page=show_invitation)
async def withdraw(request: web.Request) -> web.Response:
    """Say "I can't come"; no reason is asked."""
    async with transaction(request) as tx:
        await service.withdraw(tx, viewer(request), request.match_info["id"])
    said = "Your group knows, and looks for somebody else. Thank you for saying so."
    return done(request, "/week", said=said)


@routes.get(f"/answer/{_HELD}", "Show the invitation behind a link", view=AnswerView)
async def show_by_link(request: web.Request) -> web.Response:
    """Show one invitation to whoever was sent the link to it; looking does not answer."""
    held = request.match_info["held"]
    async with reading(request) as tx:
        view = await service.invitation_by_link(tx, held)
        unseen = await service.is_unseen_by_link(tx, held)
    if unseen:
        async with transaction(request) as tx:
            await service.seen_by_link(tx, held)
    return respond(request, "home/invitation.html", view, held=held, places=skills.places())


@routes.post(
    f"/answer/{_HELD}",
    "Answer the invitation behind a link",
    form=AnswerForm,
    scope="public",
    page=show_by_link,
)
async def answer_by_link(request: web.Request) -> web.Response:
    """Answer one invitation, by the link from an e-mail alone."""
    held, said = request.match_info["held"], (await read(request, AnswerForm)).answer
    if said == "later":
        return done(request, f"/answer/{held}", said="The link works until an answer is wanted.")
    async with transaction(request) as tx:
        given = await service.answer_by_link(tx, held, _yes(said))
    kind, sentence = _SAID[given.state]
    return done(request, f"/answer/{held}", {"state": given.state}, said=sentence, kind=kind)


@routes.post("/week/free", "Keep when I could work in a week", form=PaintForm, page=show_week)
async def paint(request: web.Request) -> web.Response:
    """Keep a painted week."""
    form = await read(request, PaintForm)
    async with transaction(request) as tx:
        await service.paint(tx, viewer(request), form.monday, form.free, always=bool(form.always))
    return done(request, _week_of(form.monday), said="Kept. Your groups learn when you are free.")


@routes.post("/week/copy", "Paint a week like the one before", form=MondayForm, page=show_week)
async def copy_week(request: web.Request) -> web.Response:
    """Paint a week like the one before it."""
    form = await read(request, MondayForm)
    async with transaction(request) as tx:
        await service.copy_week(tx, viewer(request), form.monday)
    return done(request, _week_of(form.monday), said="This week is like the one before now.")


@routes.post("/week/days-off", "Take days off", form=DaysOffForm, page=show_week, status=201)
async def take_days_off(request: web.Request) -> web.Response:
    """Take days off: nobody is told why, and nobody asks for them."""
    form = await read(request, DaysOffForm)
    async with transaction(request) as tx:
        identifier = await agenda.add_day_off(
            tx, viewer(request).person, form.first, form.last or form.first
        )
    said = "You are off then. What you had promised stands until you say otherwise."
    return done(request, "/week#off", {"id": identifier}, status=201, said=said)


@routes.post(f"/week/days-off/{_ID}/end", "Take days off back", page=show_week)
async def end_days_off(request: web.Request) -> web.Response:
    """Take days off back."""
    async with transaction(request) as tx:
        await agenda.remove_day_off(tx, viewer(request).person, request.match_info["id"])
    return done(request, "/week#off", said="You are not off then any more.")


@routes.get(
    "/today",
    "Show the board of the groups I lead",
    view=TodayView,
    scope=LEAD,
    query=BOARD,
    lists={
        "open": N_("Open places"),
        "filled": N_("Filled places"),
        "asks.places": N_("Asked of us"),
        "offers.places": N_("Offered to us"),
        "requests": N_("Who asks to join"),
        "unheard": N_("Co-ops not heard from"),
    },
)
async def show_today(request: web.Request) -> web.Response:
    """Show a leader what is open today, what waits, and who cannot be reached."""
    async with reading(request) as tx:
        view = await service.today(tx, viewer(request), day_of(request, "day"), _group(request))
    return respond(request, "home/today.html", view, words=skills.vocabulary())


@routes.get(
    "/today/events",
    "Hear when the board has changed",
    scope=LEAD,
    query=BOARD,
    media="text/event-stream",
)
async def hear_changes(request: web.Request) -> web.StreamResponse:
    """Send an event whenever the board is another than before (server-sent events)."""
    here, day, group = viewer(request), day_of(request, "day"), _group(request)

    async def board() -> bytes:
        async with reading(request) as tx:
            return msgspec.json.encode(await service.today(tx, here, day, group))

    return await stream(request, board)


@routes.get(
    "/admin",
    "Show where administrators start",
    view=AdminView,
    scope="admin",
    lists={"groups": N_("This co-op's groups")},
)
async def show_admin(request: web.Request) -> web.Response:
    """Show the co-op's groups, e-mail, other co-ops, and what to do next."""
    async with reading(request) as tx:
        view = await service.administration(tx, viewer(request))
    return respond(request, "home/admin.html", view)


_SAID = {
    agenda.PromiseState.HELD: (
        "ok",
        "Yes is said. The time is held for you until it is confirmed.",
    ),
    agenda.PromiseState.DECLINED: ("ok", "No is said. It costs you nothing and keeps your turn."),
    agenda.PromiseState.REFUSED: (
        "warn",
        "This does not fit beside what you have promised. The group only reads: not free then.",
    ),
}


def _yes(said: str) -> bool:
    if said not in {"yes", "no"}:
        raise Invalid("Please answer yes or no.", field="answer")
    return said == "yes"


def _group(request: web.Request) -> str:
    token = request.query.get("group", "")
    return token if token.isalnum() else ""


def _week_of(monday: date) -> str:
    return f"/week?from={monday.isoformat()}#free"
