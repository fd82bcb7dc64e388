"""A week of a group: its plan is asked for, looked at while it is made, and acted on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from instance.errors import Invalid
from instance.home.routes.asked import day_of, group_of
from instance.home.routes.live import stream
from instance.language import N_
from instance.skills import service as skills
from instance.staffing import service as staffing
from instance.staffing.service import WeekAsked, WeekPlan, Weeks
from instance.web import (
    DATABASE,
    SETTINGS,
    Routes,
    done,
    is_api,
    read,
    reading,
    respond,
    viewer,
)

routes = Routes("home")

LEAD = "group:<id>:lead"
PLAN = "/groups/{id:[a-z0-9]{20}}/plan"
WEEK = {
    "from": "A day of the week to show, such as 2027-01-31",
    "day": "The day to show, where a week is too long for one page",
}
PATIENCE = 0.6
"""Seconds to wait for a plan before its page says how far it has come: a small one is made then."""


ANSWER_WITHIN = {"1h": timedelta(hours=1), "1d": timedelta(days=1), "2d": timedelta(days=2)}

WEEKS: web.AppKey[Weeks] = web.AppKey("weeks")


class WeekForm(msgspec.Struct):
    """Which week is meant, by its Monday."""

    monday: date


class ChosenForm(msgspec.Struct):
    """Whom of a week's plan to ask, by the ids of suggestions, or all; and for how long.

    `reply` is 1h, 1d or 2d; `day` is the one that was looked at.
    """

    monday: date
    places: list[str] = []
    all: bool = False
    reply: str = "1d"
    day: date | None = None


@routes.get(
    PLAN,
    "Show a week of a group with its plan",
    view=WeekPlan,
    scope=LEAD,
    query=WEEK,
    lists={
        "days": N_("The days of the week"),
        "hours": N_("The hours of the week"),
        "lines": N_("The places of the week"),
        "lines.suggested": N_("People suggested"),
        "lines.allies": N_("Allies who could help"),
    },
)
async def show_plan(request: web.Request) -> web.Response:
    """Show every place of a week: who comes, whom the plan suggests, and what stays open."""
    asker, settings = viewer(request), request.app[SETTINGS]
    async with reading(request) as tx:
        group, monday = group_of(request), _monday(request, tx.now)
        progress = request.app[WEEKS].progress(group, monday)
        day = day_of(request, "day")
        view = await staffing.week_view(tx, asker, group, monday, day, progress)
        now = tx.now
    hours = staffing.hours_picture(view.hours, view.monday, asker.language, settings)
    words = skills.vocabulary()
    return respond(request, "staffing/week.html", view, words=words, now=now, hours=hours)


@routes.get(
    f"{PLAN}/events",
    "Hear when the plan of a week has come further",
    scope=LEAD,
    query=WEEK,
    media="text/event-stream",
)
async def hear_progress(request: web.Request) -> web.StreamResponse:
    """Send an event whenever the plan has come further (server-sent events)."""
    asker, group = viewer(request), group_of(request)
    async with reading(request) as tx:
        monday = _monday(request, tx.now)

    async def state() -> bytes:
        async with reading(request) as tx:
            found = await staffing.week_found(tx, asker, group, monday)
        return msgspec.json.encode((request.app[WEEKS].progress(group, monday), found))

    return await stream(request, state)


@routes.post(PLAN, "Plan a week of a group", form=WeekForm, scope=LEAD, page=show_plan)
async def plan(request: web.Request) -> web.Response:
    """Begin to plan a week, or join whoever has begun; the page says how far it has come."""
    form, group = await read(request, WeekForm), group_of(request)
    monday = _monday_of(form.monday)
    weeks = request.app[WEEKS]
    await weeks.begin(viewer(request), group, monday)
    progress = await weeks.wait(group, monday, PATIENCE)
    to = f"{request.path.removesuffix('.json')}?from={monday.isoformat()}"
    return done(request, to, progress)


@routes.post(
    f"{PLAN}/ask",
    "Ask those whom the plan of a week suggests",
    form=ChosenForm,
    view=WeekAsked,
    scope=LEAD,
    page=show_plan,
    status=201,
)
async def ask(request: web.Request) -> web.Response:
    """Ask all whom the plan suggests, or those chosen; say who cannot be asked any more, and why.

    Sending it again asks nobody twice.
    """
    form, group = await read(request, ChosenForm), group_of(request)
    monday = _monday_of(form.monday)
    if form.reply not in ANSWER_WITHIN:
        raise Invalid("Choose until when an answer is awaited.", field="reply")
    if not (form.places or form.all):
        raise Invalid("Choose whom to ask.", field="places")
    chosen = None if form.all else frozenset(form.places)
    asked = await staffing.accept_week(
        request.app[DATABASE], viewer(request), group, monday, chosen, ANSWER_WITHIN[form.reply]
    )
    back = f"/groups/{request.match_info['id']}/plan?from={monday.isoformat()}"
    back += f"&day={form.day.isoformat()}" if form.day else ""
    if (asked.refused or asked.gone) and not is_api(request):
        return respond(request, "staffing/week_asked.html", asked, status=201, back=back)
    said = "Asked: %(number)s. Each decides herself; you see the answers here."
    return done(request, back, asked, status=201, said=said, number=len(asked.invites))


def _monday(request: web.Request, now: datetime) -> date:
    zone = ZoneInfo(request.app[SETTINGS].timezone)
    day = day_of(request, "from") or now.astimezone(zone).date()
    return _monday_of(day)


def _monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())
