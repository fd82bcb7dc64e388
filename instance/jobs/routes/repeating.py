"""Jobs that repeat: what is published of them, what is to come, and how that is changed."""

from __future__ import annotations

from datetime import date

import msgspec
from aiohttp import web

from federation import Iri
from instance.errors import Invalid
from instance.jobs import entry, repeated, repeating
from instance.jobs.repeating_views import RepeatingPage, RepeatingView
from instance.jobs.routes.asked import LEAD, page_words
from instance.language import N_
from instance.pages import language_of
from instance.web import SETTINGS, Routes, done, read, reading, respond, transaction, viewer

routes = Routes("jobs")

REPEATING = "/jobs/repeating/{id:[a-z0-9]{20}}"


class DayForm(msgspec.Struct):
    """One day of a job that repeats."""

    day: date


class StopForm(msgspec.Struct):
    """Whether to call off, too, what is published already."""

    published: bool = False


@routes.get(
    "/jobs/repeating",
    "List the jobs that repeat in the groups one leads",
    view=RepeatingPage,
    scope=LEAD,
    lists={"repeating": N_("Jobs that repeat")},
)
async def show_all(request: web.Request) -> web.Response:
    """Show the leader's jobs that repeat, those that go on first."""
    async with reading(request) as tx:
        view = await repeated.repeating_page(tx, viewer(request))
    return respond(request, "jobs/repeating_all.html", view, **page_words(request))


@routes.get(
    REPEATING,
    "Show a job that repeats",
    view=RepeatingView,
    scope=LEAD,
    lists={"coming": N_("Coming days")},
)
async def show(request: web.Request) -> web.Response:
    """Show on which days a job repeats, and which of them are published."""
    return await _page(request, "jobs/repeating.html")


@routes.get(
    f"{REPEATING}/edit", "Show the form for a job that repeats", view=RepeatingView, scope=LEAD
)
async def show_edit(request: web.Request) -> web.Response:
    """Show what can be said anew of a job that repeats."""
    return await _page(request, "jobs/repeating_edit.html")


@routes.post(
    REPEATING, "Change a job that repeats", form=entry.RepeatingEntry, scope=LEAD, page=show_edit
)
async def change(request: web.Request) -> web.Response:
    """Say anew when a job repeats and what it says; what is published follows."""
    form = await read(request, entry.RepeatingEntry)
    async with transaction(request) as tx:
        found = await repeated.repeating(tx, viewer(request), _iri(request))
        rule = entry.rule(form, found.first)
        if rule is None:
            raise Invalid("Say how often the job repeats on these days.", field="repeat_every")
        details, hours = entry.details(form), entry.hours(form.hours)
        await repeating.change_repeating(tx, viewer(request), found.iri, rule, hours, details)
    said = "The job is changed from now on. Those concerned are told."
    return done(request, found.page, said=said)


@routes.post(f"{REPEATING}/leave-out", "Leave a day out", form=DayForm, scope=LEAD, page=show)
async def leave_out(request: web.Request) -> web.Response:
    """Have a job not take place on a day; what is published for it is called off."""
    return await _day(request, out=True)


@routes.post(f"{REPEATING}/take-in", "Take a day in again", form=DayForm, scope=LEAD, page=show)
async def take_in(request: web.Request) -> web.Response:
    """Have a job take place on a day that was left out."""
    return await _day(request, out=False)


@routes.get(f"{REPEATING}/stop", "Ask whether to stop a job", view=RepeatingView, scope=LEAD)
async def ask_to_stop(request: web.Request) -> web.Response:
    """Say what stopping would mean, before it is done."""
    return await _page(request, "jobs/repeating_stop.html")


@routes.post(f"{REPEATING}/stop", "Stop a job", form=StopForm, scope=LEAD, page=ask_to_stop)
async def stop(request: web.Request) -> web.Response:
    """Publish no more weeks of a job."""
    form = await read(request, StopForm)
    async with transaction(request) as tx:
        await repeating.stop_repeating(tx, viewer(request), _iri(request), published=form.published)
    return done(request, "/jobs/repeating", said="The job repeats no more.")


async def _day(request: web.Request, *, out: bool) -> web.Response:
    form = await read(request, DayForm)
    async with transaction(request) as tx:
        await repeating.leave_out(tx, viewer(request), _iri(request), form.day, out=out)
    said = "That day is left out." if out else "That day is taken in again."
    return done(request, request.path.removesuffix(".json").rpartition("/")[0], said=said)


async def _page(request: web.Request, template: str) -> web.Response:
    async with reading(request) as tx:
        view = await repeated.repeating(tx, viewer(request), _iri(request))
    language = language_of(request, request.app[SETTINGS].language)
    values = entry.typed(view.details, language)
    return respond(request, template, view, values=values, **page_words(request))


def _iri(request: web.Request) -> Iri:
    return Iri(f"{request.app[SETTINGS].origin}/jobs/repeating/{request.match_info['id']}")
