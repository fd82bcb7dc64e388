"""What a leader sees of her group's coming weeks."""

from __future__ import annotations

from aiohttp import web

from instance.home.routes.asked import group_of
from instance.language import N_
from instance.skills import service as skills
from instance.staffing import service as staffing
from instance.staffing.service import EvennessView, GapsView
from instance.web import DATABASE, Routes, respond, viewer

routes = Routes("home")

LEAD = "group:<id>:lead"
_GROUP = "/groups/{id:[a-z0-9]{20}}"


@routes.get(
    f"{_GROUP}/gaps",
    "Show what a group lacks in the coming weeks",
    view=GapsView,
    scope=LEAD,
    lists={
        "missing": N_("What is missing"),
        "trainings.places": N_("Who could learn what"),
        "depends.places": N_("On whom work depends"),
    },
)
async def show_gaps(request: web.Request) -> web.Response:
    """Show which skills are missing, who could learn them, and on whom places depend."""
    view = await staffing.gaps(request.app[DATABASE], viewer(request), group_of(request))
    return respond(request, "staffing/gaps.html", view, words=skills.vocabulary())


@routes.get(
    f"{_GROUP}/evenness",
    "Show how evenly a group shares out hours",
    view=EvennessView,
    scope=LEAD,
    lists={"waiting": N_("Who waits for hours"), "orders": N_("Other orders of priorities")},
)
async def show_evenness(request: web.Request) -> web.Response:
    """Show how the coming hours are spread, who waits, and what another order would change."""
    asker = viewer(request)
    view = await staffing.evenness(request.app[DATABASE], asker, group_of(request))
    pictures = staffing.evenness_pictures(view, asker.language)
    return respond(request, "staffing/evenness.html", view, pictures=pictures)
