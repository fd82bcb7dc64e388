"""Copying a week's jobs into the next."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from federation import Iri
from instance.errors import Invalid
from instance.jobs import copying
from instance.jobs.copying import WeekCopy
from instance.jobs.recurrence import monday_of
from instance.jobs.routes.asked import LEAD, page_words
from instance.language import N_
from instance.web import SETTINGS, Routes, done, read, reading, respond, transaction, viewer

routes = Routes("jobs")

COPY = "/groups/{id:[a-z0-9]{20}}/copy-week"
FIRST_YEAR, LAST_YEAR = 2000, 2200


class WeekForm(msgspec.Struct):
    """The week to copy into, by its Monday."""

    monday: date


@routes.get(
    COPY,
    "Show what copying the week before would publish",
    view=WeekCopy,
    scope=LEAD,
    query={"week": "A day of the week to copy into, such as 2027-01-31"},
    lists={"shifts": N_("Shifts of the week before")},
)
async def show_copy(request: web.Request) -> web.Response:
    """Show each shift of the week before, and whether it would be published again."""
    async with reading(request) as tx:
        today = tx.now.astimezone(ZoneInfo(request.app[SETTINGS].timezone)).date()
        monday = _monday(request.query.get("week", ""), today + timedelta(days=7))
        view = await copying.week_copy(tx, viewer(request), _group(request), monday)
    return respond(request, "jobs/copy_week.html", view, **page_words(request))


@routes.post(COPY, "Publish a week's jobs again", form=WeekForm, scope=LEAD, page=show_copy)
async def copy(request: web.Request) -> web.Response:
    """Publish what is not there already; sending it again publishes nothing."""
    monday = monday_of((await read(request, WeekForm)).monday)
    if not FIRST_YEAR <= monday.year <= LAST_YEAR:
        raise Invalid("Enter the day, as in 2027-01-09.", field="monday")
    async with transaction(request) as tx:
        number = await copying.copy_week(tx, viewer(request), _group(request), monday)
    to = f"/groups/{request.match_info['id']}/board?week={monday.isoformat()}"
    return done(request, to, {"jobs": number}, said="Published: %(number)s.", number=number)


def _monday(asked: str, otherwise: date) -> date:
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = otherwise
    return monday_of(day if FIRST_YEAR <= day.year <= LAST_YEAR else otherwise)


def _group(request: web.Request) -> Iri:
    return Iri(f"{request.app[SETTINGS].origin}/groups/{request.match_info['id']}")
