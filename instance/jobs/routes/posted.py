"""Jobs as pages, as JSON and as ActivityStreams documents."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from aiohttp import web

from federation import Iri
from instance.csvfile import csv_response
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs import activities, entry, screens, service
from instance.jobs.models import JobState
from instance.jobs.routes.asked import LEAD, page_words
from instance.jobs.views import JobForm, JobPage, JobsPage, ShiftPage
from instance.language import N_
from instance.pages import language_of
from instance.skills import service as skills
from instance.web import (
    CSV,
    SETTINGS,
    Routes,
    done,
    entered,
    is_api,
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

routes = Routes("jobs")

FEATURED = 20


@routes.get(
    "/jobs",
    "List the jobs that are open to the reader",
    view=JobsPage,
    lists={
        "mine.posting.shifts.openings": N_("Jobs of my groups"),
        "allied.posting.shifts.openings": N_("Jobs of allies"),
        "public.posting.shifts.openings": N_("Jobs open to everybody"),
        "nearly": N_("What I nearly could do"),
    },
)
async def show_jobs(request: web.Request) -> web.Response:
    """Show a leader's board, a worker's open jobs, or to strangers what is public."""
    async with reading(request) as tx:
        view = await screens.jobs_page(tx, maybe_viewer(request))
    return respond(request, "jobs/jobs.html", view, **page_words(request))


@routes.get(
    "/jobs/list.csv", "Download the coming shifts of the groups one leads", scope=LEAD, media=CSV
)
async def download_jobs(request: web.Request) -> web.Response:
    """Answer the board as a table for a spreadsheet, in the reader's language."""
    language = language_of(request, request.app[SETTINGS].language)
    async with reading(request) as tx:
        rows = await screens.board(tx, viewer(request))
    words, header = skills.vocabulary(), "job,title,group,audience,district,begins,ends,state"
    return csv_response(
        "jobs.csv",
        [*header.split(","), "skill", "level", "certificates", "languages", "places"],
        [
            (
                row.job,
                row.title,
                row.group_name,
                row.audience.value,
                skills.places().label(row.district, language),
                row.shift.start,
                row.shift.end,
                "called off" if row.shift.called_off else "open",
                words.label(place.skill, language),
                place.level,
                "; ".join(words.label(one, language) for one in place.certificates),
                "; ".join(words.label(one, language) for one in place.languages),
                place.count,
            )
            for row in rows
            for place in row.shift.openings
        ],
    )


@routes.get(
    "/jobs/elsewhere",
    "Show a job of another co-op that reached us",
    view=JobPage,
    scope="self",
    query={"job": "The job's id"},
    lists={
        "posting.shifts.openings": N_("Shifts and places"),
        "private.shifts.openings": N_("Exact hours and places"),
        "pay_split": N_("How the pay is split"),
        "fits": N_("What I meet of what is asked for"),
    },
)
async def show_elsewhere(request: web.Request) -> web.Response:
    """Show a known job to members of its group and leaders of its allies."""
    async with reading(request) as tx:
        view = await screens.job_elsewhere(tx, viewer(request), request.query.get("job", ""))
    return respond(request, "jobs/job.html", view, **page_words(request))


@routes.get(
    "/jobs/{id:[a-z0-9]{20}}",
    "Show a job",
    view=JobPage,
    lists={
        "posting.shifts.openings": N_("Shifts and places"),
        "private.shifts.openings": N_("Exact hours and places"),
        "pay_split": N_("How the pay is split"),
        "fits": N_("What I meet of what is asked for"),
    },
)
async def show_job(request: web.Request) -> web.Response:
    """Show a job: its page, its JSON, or its Note; exact hours to members only."""
    iri = _iri(request)
    if wants_document(request):
        return await _answer_note(request, iri)
    async with reading(request) as tx:
        view = await screens.job_page(tx, maybe_viewer(request), iri)
    return respond(request, "jobs/job.html", view, **page_words(request))


@routes.get("/jobs/{id:[a-z0-9]{20}}/proposal", "Show a public job as a strict FEP-0837 Proposal")
async def show_proposal(request: web.Request) -> web.Response:
    """Answer the twin of a public job's Note, to anybody."""
    async with reading(request) as tx:
        found, _ = await screens.note_for(tx, _iri(request), None)
    if found.state is not JobState.OPEN:
        raise NotFound
    return respond_document(activities.twin_document(found))


@routes.get("/groups/{id:[a-z0-9]{20}}/featured", "List a group's open public jobs as Notes")
async def show_featured(request: web.Request) -> web.Response:
    """Answer the collection that microblogs show first of a group."""
    async with reading(request) as tx:
        group = Iri(f"{tx.origin}/groups/{request.match_info['id']}")
        await groups.require_group(tx, group)
        document = await activities.featured_document(tx, group, FEATURED)
    return respond_document(document)


@routes.get(
    "/jobs/{id:[a-z0-9]{20}}/edit", "Show the form that changes a job", view=JobForm, scope=LEAD
)
async def show_edit(request: web.Request) -> web.Response:
    """Show a job's details as they can be entered anew."""
    language = language_of(request, request.app[SETTINGS].language)
    async with reading(request) as tx:
        found = await screens.led_job(tx, viewer(request), _iri(request))
    values = entry.typed(found, language)
    return respond(
        request, "jobs/edit.html", JobForm((), found), values=values, **page_words(request)
    )


@routes.post(
    "/jobs/{id:[a-z0-9]{20}}",
    "Change a job's details",
    form=entry.DetailsEntry,
    scope=LEAD,
    page=show_edit,
)
async def change_job(request: web.Request) -> web.Response:
    """Say anew what was entered; fields that a program leaves out stay as they are."""
    given = await entered(request)
    form = await read(request, entry.DetailsEntry)
    changes = entry.details(form)
    if is_api(request):
        named = {"pay_cents_per_hour" if one == "pay" else one for one in given}
        changes = {name: value for name, value in changes.items() if name in named}
    async with transaction(request) as tx:
        await service.change_job(tx, viewer(request), _iri(request), **changes)
    return done(request, _path(_iri(request)), said="The job is changed. Those concerned are told.")


@routes.get(
    "/jobs/{id:[a-z0-9]{20}}/call-off", "Ask whether to call off a job", view=JobForm, scope=LEAD
)
async def ask_to_call_off(request: web.Request) -> web.Response:
    """Say what calling off would mean, before it is done."""
    async with reading(request) as tx:
        found = await screens.led_job(tx, viewer(request), _iri(request))
    return respond(request, "jobs/call_off.html", JobForm((), found), **page_words(request))


@routes.post("/jobs/{id:[a-z0-9]{20}}/call-off", "Call off a job", scope=LEAD, page=ask_to_call_off)
async def call_off_job(request: web.Request) -> web.Response:
    """Call off every shift that has not begun."""
    async with transaction(request) as tx:
        await service.call_off_job(tx, viewer(request), _iri(request))
    return done(request, "/jobs", said="The job is called off. Everybody concerned is told.")


@routes.get(
    r"/jobs/{id:[a-z0-9]{20}}/shifts/{number:\d{1,3}}/move",
    "Ask when to have a shift",
    view=ShiftPage,
    scope=LEAD,
)
async def ask_to_move(request: web.Request) -> web.Response:
    """Show a shift's times as they can be entered anew."""
    return await _shift_page(request, "jobs/move.html")


@routes.post(
    r"/jobs/{id:[a-z0-9]{20}}/shifts/{number:\d{1,3}}/move",
    "Move a shift",
    form=entry.ShiftEntry,
    scope=LEAD,
    page=ask_to_move,
)
async def move_shift(request: web.Request) -> web.Response:
    """Have a shift at another time of the place's clock."""
    form = await read(request, entry.ShiftEntry)
    start, end = entry.span(form.day, form.start, form.end, request.app[SETTINGS].timezone)
    async with transaction(request) as tx:
        await service.move_shift(tx, viewer(request), _shift_iri(request), start, end)
    said = "The shift is moved. Everybody who was asked for it is asked again."
    return done(request, _path(_iri(request)), said=said)


@routes.get(
    r"/jobs/{id:[a-z0-9]{20}}/shifts/{number:\d{1,3}}/call-off",
    "Ask whether to call off a shift",
    view=ShiftPage,
    scope=LEAD,
)
async def ask_to_call_off_shift(request: web.Request) -> web.Response:
    """Say what calling off a shift would mean, before it is done."""
    return await _shift_page(request, "jobs/call_off_shift.html")


@routes.post(
    r"/jobs/{id:[a-z0-9]{20}}/shifts/{number:\d{1,3}}/call-off",
    "Call off a shift",
    scope=LEAD,
    page=ask_to_call_off_shift,
)
async def call_off_shift(request: web.Request) -> web.Response:
    """Call off one shift that has not begun."""
    async with transaction(request) as tx:
        await service.call_off_shift(tx, viewer(request), _shift_iri(request))
    said = "The shift is called off. Everybody concerned is told."
    return done(request, "/jobs", said=said)


async def _answer_note(request: web.Request, iri: Iri) -> web.Response:
    origin = request.app[SETTINGS].origin
    reader = await signed_reader(request)
    async with reading(request) as tx:
        found, exact = await screens.note_for(tx, iri, reader)
    if found.state is not JobState.OPEN:
        return respond_document(activities.gone_document(found, origin), status=410)
    public = not exact and found.audience is service.Audience.PUBLIC
    document = activities.note_document(found, exact=exact, origin=origin)
    return respond_document(document, public=public)


async def _shift_page(request: web.Request, template: str) -> web.Response:
    number = request.match_info["number"]
    async with reading(request) as tx:
        view = await screens.led_shift(tx, viewer(request), _iri(request), number)
    day = view.shift.start.astimezone(ZoneInfo(view.shift.timezone)).date()
    return respond(request, template, view, day=day, **page_words(request))


def _iri(request: web.Request) -> Iri:
    return Iri(f"{request.app[SETTINGS].origin}/jobs/{request.match_info['id']}")


def _shift_iri(request: web.Request) -> Iri:
    return Iri(f"{_iri(request)}#s{request.match_info['number']}")


def _path(iri: Iri) -> str:
    return f"/jobs/{iri.rpartition('/')[2]}"
