"""The board of a group's week, which also prints as its roster."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from instance.home.board import week_board
from instance.home.board_views import WeekBoard
from instance.home.routes.asked import day_of, group_of
from instance.language import N_
from instance.paging import page_of
from instance.skills import service as skills
from instance.web import SETTINGS, Routes, reading, respond, viewer

routes = Routes("home")


@routes.get(
    "/groups/{id:[a-z0-9]{20}}/board",
    "Show a week of a group: its shifts, who comes and what is open",
    view=WeekBoard,
    scope="group:<id>:lead",
    query={
        "week": "A day of the week to show, such as 2027-01-31",
        "by": "Rows are jobs, or people",
        "page": "The page of rows to show, from 1",
    },
    lists={
        "rows.places": N_("The shifts of the week"),
        "cover.days": N_("How far each skill is covered"),
    },
)
async def show_board(request: web.Request) -> web.Response:
    """Show a week as a table of jobs or people by days."""
    by = "people" if request.query.get("by") == "people" else "jobs"
    asked, page = day_of(request, "week"), page_of(request.query)
    async with reading(request) as tx:
        today = tx.now.astimezone(ZoneInfo(request.app[SETTINGS].timezone)).date()
        day = asked or today
        monday = day - timedelta(days=day.weekday())
        view = await week_board(tx, viewer(request), group_of(request), monday, by, page)
        now = tx.now
    words, places = skills.vocabulary(), skills.places()
    return respond(
        request, "home/board.html", view, words=words, places=places, today=today, now=now
    )
