"""A week of a group: its plan is asked for, looked at while it is made, and acted on."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from federation import Iri
from instance.home.routes.live import stream
from instance.language import N_
from instance.skills import service as skills
from instance.staffing import service as staffing
from instance.staffing.service import WeekPlan, Weeks
from instance.web import (
    SETTINGS,
    Routes,
    done,
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

FIRST_YEAR, LAST_YEAR = 2000, 2200

WEEKS: web.AppKey[Weeks] = web.AppKey("weeks")


class WeekForm(msgspec.Struct):
    """Which week is meant, by its Monday."""

    monday: date


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
        group, monday = _group(request), _monday(request, tx.now)
        progress = request.app[WEEKS].progress(group, monday)
        day = _day(request, "day")
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
    asker, group = viewer(request), _group(request)
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
    form, group = await read(request, WeekForm), _group(request)
    monday = form.monday - timedelta(days=form.monday.weekday())
    weeks = request.app[WEEKS]
    await weeks.begin(viewer(request), group, monday)
    progress = await weeks.wait(group, monday, PATIENCE)
    to = f"{request.path.removesuffix('.json')}?from={monday.isoformat()}"
    return done(request, to, progress)


def _group(request: web.Request) -> Iri:
    return Iri(f"{request.app[SETTINGS].origin}/groups/{request.match_info['id']}")


def _monday(request: web.Request, now: datetime) -> date:
    zone = ZoneInfo(request.app[SETTINGS].timezone)
    day = _day(request, "from") or now.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def _day(request: web.Request, name: str) -> date | None:
    try:
        day = date.fromisoformat(request.query[name])
    except (KeyError, ValueError):
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None
