"""What a leader sees of her group's coming weeks."""

from __future__ import annotations

from aiohttp import web

from instance.home.routes.asked import group_of
from instance.language import N_
from instance.skills import service as skills
from instance.staffing import service as staffing
from instance.staffing.service import GapsView
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
