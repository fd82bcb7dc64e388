"""Polls as pages, as JSON and as ActivityStreams documents."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

import msgspec
from aiohttp import web

from federation import Iri
from instance.errors import Invalid
from instance.language import N_
from instance.polls import activities, service
from instance.polls.views import Asked, NewPoll, PollForm, PollsPage, PollView
from instance.web import (
    DATABASE,
    SETTINGS,
    Routes,
    done,
    maybe_viewer,
    read,
    reading,
    respond,
    respond_document,
    signed_reader,
    transaction,
    viewer,
    wants_document,
)

routes = Routes("polls")

LEAD = "group:<id>:lead"


class PollEntry(msgspec.Struct):
    """A question, its answers to choose from, and for how many hours it is open."""

    text: str = ""
    choices: list[str] = []
    hours: int = 72
    several: bool = False
    audience: Literal["public", "members"] = "public"
    group: str = ""


class VoteForm(msgspec.Struct):
    """A poll, and which of its choices are taken, by their places from 0.

    `stay` leads back to the poll's own page rather than to all that one is asked.
    """

    poll: str
    choices: list[int] = []
    stay: bool = False


class Nothing(msgspec.Struct):
    """An act that needs no words."""


@routes.get(
    "/polls",
    "List what one is asked, and what the groups one leads ask",
    view=PollsPage,
    scope="self",
    lists={"open.choices": N_("Open questions"), "over.choices": N_("Earlier questions")},
)
async def show_polls(request: web.Request) -> web.Response:
    """Show questions, those that end first before the others."""
    async with reading(request) as tx:
        view = await service.polls_page(tx, viewer(request))
    return respond(request, "polls/polls.html", view)


@routes.get(
    "/polls/new",
    "Show the form for a new question",
    view=PollForm,
    scope=LEAD,
    query={"group": "The last part of the group's address, of several that one leads"},
)
async def show_new(request: web.Request) -> web.Response:
    """Show the form, with what was entered so far."""
    async with reading(request) as tx:
        view = await service.poll_form(tx, viewer(request))
    asks = request.query.get("group", view.groups[0][0])
    return respond(request, "polls/new.html", view, most=service.MOST, asks=asks)


@routes.post(
    "/polls",
    "Ask members and followers something",
    form=PollEntry,
    view=Asked,
    scope=LEAD,
    page=show_new,
    status=201,
)
async def ask(request: web.Request) -> web.Response:
    """Put a question to those it is for."""
    form, who = await read(request, PollEntry), viewer(request)
    group = _group(form.group, who.leads)
    until = request.app[DATABASE].clock() + timedelta(hours=min(max(form.hours, 0), 10_000))
    new = NewPoll(
        text=form.text,
        choices=tuple(form.choices),
        ends=until,
        several=form.several,
        public=form.audience == "public",
    )
    async with transaction(request) as tx:
        made = await service.ask(tx, who, group, new)
    said = "The question is on its way."
    return done(request, f"/polls/{made.rpartition('/')[2]}", Asked(made), status=201, said=said)


@routes.post("/polls/vote", "Answer a question", form=VoteForm, page=show_polls)
async def vote(request: web.Request) -> web.Response:
    """Answer a question of any group one is asked by."""
    form = await read(request, VoteForm)
    async with transaction(request) as tx:
        await service.vote(tx, viewer(request), Iri(form.poll), form.choices)
    origin = request.app[SETTINGS].origin
    here = form.stay and form.poll.startswith(f"{origin}/polls/")
    to = form.poll.removeprefix(origin) if here else "/polls"
    return done(request, to, said="Your answer is counted. Only the counts are shown.")


@routes.get(
    "/polls/{id:[a-z0-9]{20}}",
    "Show a question",
    view=PollView,
    lists={"choices": N_("Answers")},
)
async def show_poll(request: web.Request) -> web.Response:
    """Show a question: its page, its JSON, or its ActivityStreams document."""
    if wants_document(request):
        reader = await signed_reader(request)
        async with reading(request) as tx:
            document, public, status = await activities.served_question(tx, _iri(request), reader)
        return respond_document(document, public=public, status=status)
    async with reading(request) as tx:
        view = await service.seen_poll(tx, maybe_viewer(request), _iri(request))
    if view.gone is not None:
        return respond(request, "polls/gone.html", view, status=410)
    return respond(request, "polls/poll.html", view)


@routes.post("/polls/{id:[a-z0-9]{20}}/close", "Close a question now", form=Nothing, scope=LEAD)
async def close(request: web.Request) -> web.Response:
    """Take no more answers, and tell the counts."""
    async with transaction(request) as tx:
        await service.close(tx, viewer(request), _iri(request))
    path = request.path.removesuffix(".json").removesuffix("/close")
    return done(request, path, said="The question is closed.")


@routes.get(
    "/polls/{id:[a-z0-9]{20}}/take-down",
    "Ask whether to take down a question",
    view=PollView,
    scope=LEAD,
    lists={"choices": N_("Answers")},
)
async def ask_to_take_down(request: web.Request) -> web.Response:
    """Say what taking it down would mean, before it is done."""
    async with reading(request) as tx:
        view = await service.led_poll(tx, viewer(request), _iri(request))
    return respond(request, "polls/take_down.html", view)


@routes.post("/polls/{id:[a-z0-9]{20}}/take-down", "Take down a question", form=Nothing, scope=LEAD)
async def take_down(request: web.Request) -> web.Response:
    """Leave nothing of a question, here and wherever it was told."""
    async with transaction(request) as tx:
        await service.take_down(tx, viewer(request), _iri(request))
    said = "The question is taken down. Every server that was told of it is asked to forget it."
    return done(request, "/polls", said=said)


def _group(named: str, leads: tuple[Iri, ...]) -> Iri:
    chosen = [one for one in leads if named in {one, one.rpartition("/")[2]}]
    if not chosen and not named and len(leads) == 1:
        chosen = list(leads)
    if not chosen:
        raise Invalid("Choose the group that asks.", field="group")
    return chosen[0]


def _iri(request: web.Request) -> Iri:
    return Iri(f"{request.app[SETTINGS].origin}/polls/{request.match_info['id']}")
