"""My shifts in the calendar of a telephone: a secret address, made, ended, and read."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance import qr
from instance.home import service
from instance.people import service as people
from instance.people.service import CalendarView
from instance.web import SETTINGS, Routes, done, is_api, reading, respond, transaction, viewer

routes = Routes("home")

_HELD = "{held:[A-Za-z0-9_-]{43}}"
ICS = "text/calendar"


class CalendarPage(msgspec.Struct, frozen=True):
    """Whether there is an address; `address` is shown this once, when it was made just now."""

    calendar: CalendarView | None
    address: str = ""


class Nothing(msgspec.Struct):
    """A form with a button only."""


@routes.get(
    "/week/calendar", "Show whether my calendar has an address", view=CalendarPage, scope="self"
)
async def show_calendar(request: web.Request) -> web.Response:
    """Say how shifts come into a telephone's calendar."""
    async with reading(request) as tx:
        view = CalendarPage(await people.calendar(tx, viewer(request).person))
    return respond(request, "home/calendar.html", view, qr="")


@routes.post(
    "/week/calendar",
    "Make an address for my calendar",
    form=Nothing,
    view=CalendarPage,
    page=show_calendar,
)
async def make_calendar(request: web.Request) -> web.Response:
    """Make a secret address and show it, this once; an earlier one leads nowhere from now on."""
    who = viewer(request).in_person()
    async with transaction(request) as tx:
        held = await people.make_calendar(tx, who.person)
        made = await people.calendar(tx, who.person)
    address = f"{request.app[SETTINGS].origin}/calendar/{held}.ics"
    view = CalendarPage(made, address)
    status = 201 if is_api(request) else 200
    answer = respond(request, "home/calendar.html", view, status=status, qr=qr.drawn(address))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@routes.post("/week/calendar/end", "Let the address of my calendar lead nowhere", form=Nothing)
async def end_calendar(request: web.Request) -> web.Response:
    """End the address at once."""
    async with transaction(request) as tx:
        await people.end_calendar(tx, viewer(request).person)
    return done(request, "/week/calendar", said="That address leads nowhere any more.")


@routes.get(f"/calendar/{_HELD}.ics", "Read a calendar by its secret address", media=ICS)
async def read_calendar(request: web.Request) -> web.Response:
    """Answer somebody's shifts to whichever program was given the address."""
    held = request.match_info["held"]
    async with reading(request) as tx:
        body, stale = await service.calendar(tx, held)
    if stale:
        async with transaction(request) as tx:
            await people.touch(tx, held)
    answer = web.Response(body=body, content_type=ICS, charset="utf-8")
    answer.headers["Cache-Control"] = "private, max-age=300"
    answer.headers["Content-Disposition"] = 'inline; filename="shifts.ics"'
    return answer
