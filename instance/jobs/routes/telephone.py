"""A customer rings: one short form, begun with what was last asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from aiohttp import web

from instance.jobs import entry, screens, telephone
from instance.jobs.routes.asked import LEAD, group_named, page_words
from instance.jobs.telephone import TelephonePage
from instance.jobs.views import JobView, Posted
from instance.language import N_
from instance.pages import language_of
from instance.skills import service as skills
from instance.web import SETTINGS, Routes, done, read, reading, respond, transaction, viewer

routes = Routes("jobs")

STAYS = "worker_percent insurance_percent levy_percent fund_percent pay break_minutes".split()
"""What a new customer's job has in common with the last one of the group."""

_HOURS = {"start": "09:00", "end": "12:00", "openings": [{"skill": "", "count": "1"}]}


@routes.get(
    "/jobs/by-telephone",
    "Show the form for what a customer asks for by telephone",
    view=TelephonePage,
    scope=LEAD,
    query={"from": "The last part of the id of a job that is wanted again"},
    lists={"callers": N_("Customers who rang before")},
)
async def show_form(request: web.Request) -> web.Response:
    """Show the form, filled with what was wanted last time or with what the last job pays."""
    settings = request.app[SETTINGS]
    language = language_of(request, settings.language)
    async with reading(request) as tx:
        view, last = await telephone.telephone_page(tx, viewer(request))
        if token := request.query.get("from", ""):
            again = await screens.job_again(tx, viewer(request), token)
            begin = entry.again(again, language, tx.now)
        else:
            begin = _first(last, language, viewer(request).name)
        tomorrow = tx.now.astimezone(ZoneInfo(settings.timezone)).date() + timedelta(days=1)
    blank = dict.fromkeys(entry.JobEntry.__struct_fields__, "")
    begin = {**blank, "shifts": [_HOURS | {"day": tomorrow.isoformat()}], **begin}
    context = {**page_words(request), "begin": begin, "asked_again": token}
    return respond(request, "jobs/by_telephone.html", view, **context)


@routes.post(
    "/jobs/by-telephone",
    "Enter what a customer asks for by telephone",
    form=entry.JobEntry,
    view=Posted,
    scope=LEAD,
    page=show_form,
    status=201,
)
async def take(request: web.Request) -> web.Response:
    """Publish a customer's request; without a title the job is called by its skill."""
    form = await read(request, entry.JobEntry)
    if not form.title.strip() and form.shifts and form.shifts[0].openings:
        form = msgspec.structs.replace(form, title=_called(form, request))
    new = entry.new_job(form, request.app[SETTINGS].timezone)
    asker = viewer(request)
    async with transaction(request) as tx:
        group = group_named(form.group, asker.leads)
        iri = await telephone.take_request(tx, asker, group, new)
    said = "The request is published as a job. Next: find people for it."
    path = iri.removeprefix(request.app[SETTINGS].origin)
    return done(request, path, Posted(iri), status=201, said=said)


def _called(form: entry.JobEntry, request: web.Request) -> str:
    """Return the skill's label in the language of the page."""
    language, words = language_of(request, request.app[SETTINGS].language), skills.vocabulary()
    skill = form.shifts[0].openings[0].skill
    found = words.find("skill", skill) or words.find("occupation", skill)
    return words.label(found.key, language) if found else skill


def _first(last: JobView | None, language: str, name: str) -> dict[str, Any]:
    """Begin for a new customer: what the last job pays, and who it was that took the call."""
    if last is None:
        return {"worker_percent": "100", "contact_name": name}
    said = entry.typed(last, language)
    kept = {one: said[one] for one in (*STAYS, "district", "contact_name", "contact_phone")}
    return {**kept, "group": last.group, "audience": last.audience.value}
