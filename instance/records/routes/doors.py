"""The code at a door: the leader's sheet to print, and where it leads whoever comes."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import msgspec
from aiohttp import web

from federation import Iri
from instance import qr
from instance.errors import Invalid
from instance.language import LANGUAGES, N_, translate
from instance.records import service
from instance.records.service import AtDoor, DoorSheet, ShiftHere
from instance.web import (
    SETTINGS,
    Routes,
    done,
    maybe_viewer,
    read,
    reading,
    respond,
    transaction,
    viewer,
)

routes = Routes("records")

LEAD = "group:<id>:lead"
_ID = "{id:[a-z0-9]{20}}"
_HOST = re.compile(r"(?:https?://)?([a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?)(?:/.*)?")
_TAGS = {"zh-Hant": "zh-Hant-HK"}
_SAID = {
    "title": N_("Here for work?"),
    "scan": N_("Scan this with your telephone and press “I am here”."),
    "type": N_("Or type these six digits on My week."),
    "place": N_("Nobody is told where you are: only that you came, and when."),
}
DOOR = {"code": "The six digits at the door", "at": "The address of the reader's own co-op"}


class HereForm(msgspec.Struct):
    """The code at the door; `at` is the moment by a telephone that had no network."""

    code: str = ""
    at: str = ""


class MomentForm(msgspec.Struct):
    """A moment by a telephone that had no network; left out, it is this one."""

    at: str = ""


@routes.get("/here", "Show where the code at a door leads", view=AtDoor, query=DOOR)
async def show_here(request: web.Request) -> web.Response:
    """Show whoever has come her shifts about now, with the code filled in."""
    code = "".join(one for one in request.query.get("code", "")[:20] if one in "0123456789")[:6]
    view = AtDoor(code=code, shifts=())
    here = maybe_viewer(request)
    if here is not None:
        async with reading(request) as tx:
            view = await service.at_door(tx, here, code)
    elif named := _HOST.fullmatch(request.query.get("at", "").strip().lower()):
        address = f"{request.app[SETTINGS].origin.partition(':')[0]}://{named[1]}/here?code={code}"
        view = AtDoor(code=code, shifts=(), elsewhere=address)
    return respond(request, "records/here.html", view)


@routes.post(
    f"/record/shifts/{_ID}/here", "Say that I am at my work", form=HereForm, page=show_here
)
async def check_in(request: web.Request) -> web.Response:
    """Say that one is there, by the code at the door."""
    form, identifier = await read(request, HereForm), request.match_info["id"]
    async with transaction(request) as tx:
        await service.take_try(tx, viewer(request), identifier)
    async with transaction(request) as tx:
        said = await service.check_in(tx, viewer(request), identifier, form.code, _moment(form.at))
    return done(request, "/here", said, said=_said(said))


@routes.post(f"/record/shifts/{_ID}/leave", "Note that I leave", form=MomentForm, page=show_here)
async def leave(request: web.Request) -> web.Response:
    """Note when one left, for one's own hours."""
    form = await read(request, MomentForm)
    async with transaction(request) as tx:
        said = await service.leave(tx, viewer(request), request.match_info["id"], _moment(form.at))
    return done(request, "/record", said, said="Noted. Your hours are filled in with it.")


@routes.get(
    f"/jobs/{_ID}/door",
    "Show the codes for the doors of a job",
    view=DoorSheet,
    scope=LEAD,
    lists={"shifts.came": N_("Who has come")},
)
async def show_door(request: web.Request) -> web.Response:
    """Show a leader the sheet to print for a door, and who has come."""
    async with reading(request) as tx:
        view = await service.door_sheet(tx, viewer(request), _job(request, tx.origin))
    texts = [
        {"lang": _TAGS.get(one, one)} | {name: translate(one, said) for name, said in _SAID.items()}
        for one in LANGUAGES
    ]
    drawn = {one.shift: qr.drawn(one.address) for one in view.shifts}
    return respond(request, "records/door.html", view, codes=drawn, texts=texts)


@routes.post(f"/jobs/{_ID}/door", "Make the codes for the doors of a job", scope=LEAD)
async def make_codes(request: web.Request) -> web.Response:
    """Give each shift of a job that is not over a code, if it has none."""
    async with transaction(request) as tx:
        await service.make_codes(tx, viewer(request), _job(request, tx.origin))
    return done(request, f"/jobs/{request.match_info['id']}/door")


def _job(request: web.Request, origin: str) -> Iri:
    return Iri(f"{origin}/jobs/{request.match_info['id']}")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid("A moment is written as in 2027-01-04T08:00:00Z.", field="at") from error
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _said(said: ShiftHere) -> str:
    if said.state == "taken":
        return "You are here. Your group knows."
    return "You are here. Your group is told, and looks at the code."
