"""The form for a new job, for once or every week."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from instance.jobs import entry, repeating, screens, service
from instance.jobs.routes.asked import LEAD, group_named, page_words
from instance.jobs.views import JobForm, NewJob, Posted
from instance.pages import language_of
from instance.web import (
    DRAFT,
    SETTINGS,
    Draft,
    Routes,
    done,
    entered,
    is_api,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("jobs")

MOST_ROWS = 40


@routes.get(
    "/jobs/new",
    "Show the form for a new job",
    view=JobForm,
    scope=LEAD,
    query={"from": "The last part of the id of a job that is posted again"},
)
async def show_new(request: web.Request) -> web.Response:
    """Show the form, with what was entered so far, or what another job says."""
    async with reading(request) as tx:
        view = await screens.job_form(tx, viewer(request))
        if DRAFT not in request and (token := request.query.get("from", "")):
            found = await screens.job_again(tx, viewer(request), token)
            language = language_of(request, request.app[SETTINGS].language)
            request[DRAFT] = Draft(entry.again(found, language, tx.now))
    draft = request.get(DRAFT) or Draft()
    context = {**page_words(request), "rows": _rows(draft.values.get("shifts"))}
    return respond(request, "jobs/new.html", view, **context)


@routes.post(
    "/jobs",
    "Publish a job",
    form=entry.JobEntry,
    view=Posted,
    scope=LEAD,
    page=show_new,
    status=201,
)
async def post_job(request: web.Request) -> web.StreamResponse:
    """Publish a job; a button that adds or removes a row shows the form again instead."""
    if not is_api(request) and (changed := _changed_rows(await entered(request))) is not None:
        request[DRAFT] = Draft(changed)
        return await show_new(request)
    form = await read(request, entry.JobEntry)
    new = entry.new_job(form, request.app[SETTINGS].timezone)
    rule = entry.rule(form, _first_day(new, request))
    asker = viewer(request)
    group = group_named(form.group, asker.leads)
    async with transaction(request) as tx:
        if rule is None:
            iri = await service.post_job(tx, asker, group, new)
        else:
            iri = await repeating.repeat_job(tx, asker, group, new, rule)
    said = "The job is published. Next: find people for it."
    if rule is not None:
        said = "The job repeats. The coming weeks are published, and the others follow in time."
    path = iri.removeprefix(request.app[SETTINGS].origin)
    return done(request, path, Posted(iri), status=201, said=said)


def _first_day(new: NewJob, request: web.Request) -> date:
    zone = ZoneInfo(request.app[SETTINGS].timezone)
    return min((one.start.astimezone(zone).date() for one in new.shifts), default=date.min)


def _changed_rows(values: dict[str, Any]) -> dict[str, Any] | None:
    """Return the form with a row more or less, as its buttons ask, or None when it is sent."""
    wanted = str(values.get("more", "")), str(values.get("less", ""))
    if wanted == ("", ""):
        return None
    changed = copy.deepcopy({n: v for n, v in values.items() if n not in {"more", "less"}})
    shifts = changed.get("shifts")
    shifts = changed["shifts"] = shifts if isinstance(shifts, list) else [{}]
    for at, path in enumerate(wanted):
        kind, _, where = path.partition(".")
        indexes = [int(one) for one in where.split(".") if one.isdigit()]
        _change_row(shifts, kind, indexes, more=at == 0)
    return changed


def _change_row(shifts: list[Any], kind: str, indexes: list[int], *, more: bool) -> None:
    rows = shifts
    if kind == "opening" and indexes and indexes[0] < len(shifts):
        rows = shifts[indexes.pop(0)].setdefault("openings", [{}])
    elif kind != "shift":
        return
    if more and len(rows) < MOST_ROWS:
        rows.append(copy.deepcopy(rows[-1]) if kind == "shift" and rows else {})
    elif not more and indexes and indexes[0] < len(rows) and len(rows) > 1:
        del rows[indexes[0]]


def _rows(shifts: object) -> list[int]:
    """Return how many openings each shift of the form shows."""
    if not isinstance(shifts, list) or not shifts:
        return [1]
    counts = [one.get("openings") if isinstance(one, dict) else None for one in shifts]
    return [max(len(one), 1) if isinstance(one, list) else 1 for one in counts]
