"""How the other co-ops can be reached, and who of them is shut out or kept quiet."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.language import N_
from instance.moderation import service
from instance.moderation.views import DecisionsView, PeersView, PeerView
from instance.network import service as network
from instance.web import Routes, done, read, reading, respond, transaction, viewer

routes = Routes("moderation")

LEAD = "group:<id>:lead"


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
            page=_page(request),
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
        view = await service.decisions(tx, viewer(request), find=find, page=_page(request))
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


_SAID = {
    network.Standing.BLOCKED: "Blocked. Nothing comes from there and nothing goes there any more.",
    network.Standing.LIMITED: "Limited. Only who chose to is told what comes from there.",
    network.Standing.ALLOWED: "Allowed.",
}


def _to_peer(origin: str) -> str:
    return f"/peers/one?origin={origin}"


def _page(request: web.Request) -> int:
    text = request.query.get("page", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 1
