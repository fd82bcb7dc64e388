"""Coming to this co-op from one whose server is gone, with a key of one's own."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from instance.db import Database
from instance.errors import Invalid
from instance.groups import arriving, keyfile, membership, moving
from instance.groups.activities import find_group
from instance.groups.keyfile import KeyFile
from instance.groups.moving_wire import require_not_taken_back
from instance.groups.routes.own_key import FileForm, bytes_of, hand_over
from instance.groups.views import FoundGroup, host_of
from instance.language import N_
from instance.web import DATABASE, Routes, read, reading, respond, transaction, viewer

routes = Routes("groups")

MOST_NAMED = 10


class Told(msgspec.Struct, frozen=True):
    """A group that was told and has not answered yet."""

    group: str
    name: str
    host: str


class ArrivalPage(msgspec.Struct, frozen=True):
    """To which account groups would follow, and which have yet to."""

    account: str
    waiting: list[Told]


class ArrivalForm(FileForm):
    """The file of a key, and addresses of groups that are not in it, one on each line."""

    groups: str = ""


@routes.get(
    "/me/arrival",
    "Show how one comes from a server that is gone",
    view=ArrivalPage,
    scope="self",
    lists={"waiting": N_("Groups that have not answered yet")},
)
async def show_arrival(request: web.Request) -> web.Response:
    """Ask for the file, and show which groups have not answered yet."""
    who = viewer(request)
    async with reading(request) as tx:
        view = ArrivalPage(
            account=await membership.handle_of(tx, who.person),
            waiting=[
                Told(one.group, one.group_name, host_of(one.group))
                for one in await moving.expected(tx, who.person)
            ],
        )
    return respond(request, "groups/arrival.html", view)


@routes.post(
    "/me/arrival",
    "Bring one's groups to this account",
    form=ArrivalForm,
    view=KeyFile,
    page=show_arrival,
)
async def arrive(request: web.Request) -> web.Response:
    """Tell the groups of another account that it was the viewer's, and hand over a fresh file."""
    who = viewer(request).in_person()
    form = await read(request, ArrivalForm)
    database = request.app[DATABASE]
    held = keyfile.read_key_file(bytes_of(form))
    named = await _named(database, form.groups)
    await require_not_taken_back(database, held)
    async with transaction(request) as tx:
        fresh = await arriving.arrive(tx, who, held, named)
        told = await moving.expected(tx, who.person)
    names = [Told(one.group, one.group_name, host_of(one.group)) for one in told]
    return hand_over(request, fresh, told=names)


async def _named(database: Database, text: str) -> list[FoundGroup]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_NAMED:
        raise Invalid("Please name no more than ten groups at once.", field="groups")
    try:
        return await asyncio.gather(*(find_group(database, line) for line in lines))
    except Invalid as error:
        error.field = "groups"
        raise
