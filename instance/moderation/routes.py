"""How the other co-ops can be reached, and who of them is shut out or kept quiet."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.language import N_
from instance.moderation import activities, service
from instance.moderation.views import (
    DecisionsView,
    NewReport,
    PeersView,
    PeerView,
    ReportsView,
    ReportView,
)
from instance.network import service as network
from instance.paging import page_of
from instance.web import DATABASE, SHOWN, Routes, done, read, reading, respond, transaction, viewer

routes = Routes("moderation")

LEAD = "group:<id>:lead"
_ID = "{id:[a-z0-9]{20}}"


class OriginForm(msgspec.Struct):
    """Another co-op's server, by its origin such as https://coop.example."""

    origin: str


class DecisionForm(msgspec.Struct):
    """A domain or the address of one account elsewhere, what is decided, and why."""

    subject: str = ""
    standing: network.Standing = network.Standing.BLOCKED
    reason: str = ""


class SubjectForm(msgspec.Struct):
    """A domain or account about which something was decided."""

    subject: str


class NewReportForm(msgspec.Struct):
    """What is reported, by its address, and what is wrong with it."""

    address: str = ""
    words: str = ""


class AnswerForm(msgspec.Struct):
    """What becomes of a report, and the note that whoever sent it is told."""

    state: service.ReportState = service.ReportState.WAITING
    note: str = ""


@routes.get(
    "/peers",
    "Show how the other co-ops can be reached",
    view=PeersView,
    scope=LEAD,
    query={
        "find": "A part of the co-op's address",
        "state": "unreachable, waiting, failed or silent; without it, all",
    },
    lists={"peers": N_("Other co-ops"), "failures": N_("What could not be delivered")},
    paged="peers",
)
async def show_peers(request: web.Request) -> web.Response:
    """Show since when each other co-op was not heard of, and what waits for it."""
    query = request.query
    async with reading(request) as tx:
        view = await service.peers(
            tx,
            viewer(request),
            find=query.get("find", "").strip()[:100],
            state=query.get("state", ""),
            page=page_of(request.query),
            size=_size(request),
        )
    return respond(request, "moderation/peers.html", view)


@routes.get(
    "/peers/one",
    "Show one other co-op",
    view=PeerView,
    scope="admin",
    query={"origin": "The co-op's origin, such as https://coop.example"},
    lists={"failures": N_("What could not be delivered")},
)
async def show_peer(request: web.Request) -> web.Response:
    """Show one co-op's server, with what an administrator can do about it."""
    async with reading(request) as tx:
        view = await service.peer(tx, viewer(request), request.query.get("origin", ""))
    return respond(request, "moderation/peer.html", view)


@routes.post("/peers/retry", "Try at once what waits for a co-op", form=OriginForm, scope="admin")
async def retry(request: web.Request) -> web.Response:
    """Try at once what waits, even if they asked us to wait."""
    origin = (await read(request, OriginForm)).origin
    async with transaction(request) as tx:
        number = await service.retry(tx, viewer(request), origin)
    said = "It is being tried now."
    return done(request, _to_peer(origin), {"waiting": number}, said=said)


@routes.post("/peers/forget", "Drop what waits for a co-op", form=OriginForm, scope="admin")
async def forget(request: web.Request) -> web.Response:
    """Drop for good what waits for a co-op that will not come back."""
    origin = (await read(request, OriginForm)).origin
    async with transaction(request) as tx:
        number = await service.forget(tx, viewer(request), origin)
    said = "Dropped: %(number)s messages."
    return done(request, _to_peer(origin), {"dropped": number}, said=said, number=number)


@routes.get(
    "/moderation",
    "Show who is blocked or limited",
    view=DecisionsView,
    scope="admin",
    query={
        "find": "A part of the domain or address",
        "subject": "A domain or address to begin a decision about",
    },
    lists={"decisions": N_("Blocked and limited")},
    paged="decisions",
)
async def show_decisions(request: web.Request) -> web.Response:
    """Show what was decided about domains and accounts elsewhere, and why."""
    find = request.query.get("find", "").strip()[:100]
    async with reading(request) as tx:
        view = await service.decisions(
            tx, viewer(request), find=find, page=page_of(request.query), size=_size(request)
        )
    subject = request.query.get("subject", "").strip()[:2048]
    view = msgspec.structs.replace(view, subject=subject)
    return respond(request, "moderation/decisions.html", view)


@routes.post(
    "/moderation",
    "Block or limit a domain or an account elsewhere",
    form=DecisionForm,
    scope="admin",
    page=show_decisions,
    status=201,
)
async def decide(request: web.Request) -> web.Response:
    """Block, limit or allow, with a reason."""
    form = await read(request, DecisionForm)
    async with transaction(request) as tx:
        subject = await service.decide(
            tx, viewer(request), form.subject, form.standing, form.reason
        )
    said = _SAID[form.standing]
    return done(request, "/moderation", {"subject": subject}, status=201, said=said)


@routes.post("/moderation/lift", "Take a decision back", form=SubjectForm, scope="admin")
async def lift(request: web.Request) -> web.Response:
    """Take back what was decided about a domain or an account."""
    form = await read(request, SubjectForm)
    async with transaction(request) as tx:
        await service.lift(tx, viewer(request), form.subject)
    return done(
        request, "/moderation", said="Taken back. What had ended does not come back by itself."
    )


@routes.get(
    "/reports",
    "Show what was reported",
    view=ReportsView,
    scope=LEAD,
    query={"state": "waiting, acted or dismissed; without it, all"},
    lists={"reports": N_("Reports")},
    paged="reports",
)
async def show_reports(request: web.Request) -> web.Response:
    """Show what others reported of us, and people here of others."""
    async with reading(request) as tx:
        view = await service.reports(
            tx,
            viewer(request),
            state=request.query.get("state", ""),
            page=page_of(request.query),
            size=_size(request),
        )
    return respond(request, "moderation/reports.html", view)


@routes.get(
    "/reports/new",
    "Begin a report",
    view=NewReport,
    scope="self",
    query={"address": "What it is about"},
)
async def show_new_report(request: web.Request) -> web.Response:
    """Show the form by which somebody reports an account or what it published."""
    viewer(request)
    view = NewReport(request.query.get("address", "")[:2048])
    return respond(request, "moderation/report.html", view)


@routes.post(
    "/reports/new",
    "Report an account or what it published",
    form=NewReportForm,
    page=show_new_report,
    status=201,
)
async def report(request: web.Request) -> web.Response:
    """Report something to those who look after it; who reported it is not said to them."""
    here, form = viewer(request), await read(request, NewReportForm)
    found = await activities.find_reported(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        await service.report(tx, here, found.actor, found.objects, form.words)
    said = "Reported, without your name. Thank you."
    return done(request, "/me", status=201, said=said)


@routes.get(f"/reports/{_ID}", "Show one report", view=ReportView, scope=LEAD)
async def show_report(request: web.Request) -> web.Response:
    """Show one report, with what can be answered."""
    async with reading(request) as tx:
        view = await service.one_report(tx, viewer(request), request.match_info["id"])
    return respond(request, "moderation/one_report.html", view)


@routes.post(
    f"/reports/{_ID}/answer", "Answer a report", form=AnswerForm, page=show_report, scope=LEAD
)
async def answer_report(request: web.Request) -> web.Response:
    """Say what was done about a report, or why nothing is."""
    identifier, form = request.match_info["id"], await read(request, AnswerForm)
    async with transaction(request) as tx:
        await service.answer(tx, viewer(request), identifier, form.state, form.note)
    return done(request, f"/reports/{identifier}", said="Answered.")


_SAID = {
    network.Standing.BLOCKED: "Blocked. Nothing comes from there and nothing goes there any more.",
    network.Standing.LIMITED: "Limited. Only who chose to is told what comes from there.",
    network.Standing.ALLOWED: "Allowed.",
}


def _to_peer(origin: str) -> str:
    return f"/peers/one?origin={origin}"


def _size(request: web.Request) -> int:
    return service.FILE_PAGE if SHOWN in request else service.PAGE
