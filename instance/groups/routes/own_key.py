"""A key of one's own: making it, keeping its file good, giving it up."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from instance.groups import keyfile, membership, own_key
from instance.groups.keyfile import KeyFile
from instance.web import Routes, done, is_api, read, reading, respond, transaction, viewer

routes = Routes("groups")


class OwnKeyPage(msgspec.Struct, frozen=True):
    """Whether somebody has a key of her own, and since when."""

    account: str
    since: datetime | None


class SureForm(msgspec.Struct):
    """That somebody is sure; nothing is lost without it."""

    sure: bool = False


class FileForm(msgspec.Struct):
    """The file of a key, or its text."""

    file: Any = None
    text: str = ""


@routes.get("/me/key", "Show whether one has a key of one's own", view=OwnKeyPage, scope="self")
async def show_key(request: web.Request) -> web.Response:
    """Say what a key of one's own is for, and whether there is one."""
    who = viewer(request)
    async with reading(request) as tx:
        view = OwnKeyPage(
            account=await membership.handle_of(tx, who.person),
            since=await own_key.own_key(tx, who.person),
        )
    return respond(request, "groups/own_key.html", view)


@routes.post(
    "/me/key", "Make a key of one's own", form=SureForm, view=KeyFile, page=show_key, status=201
)
async def make_key(request: web.Request) -> web.Response:
    """Make a key, and hand over its file, this once."""
    form = await read(request, SureForm)
    async with transaction(request) as tx:
        made = await own_key.make_key(tx, viewer(request), sure=form.sure)
    return hand_over(request, made, status=201)


@routes.post(
    "/me/key/renew",
    "Check the file of one's key, and bring it up to date",
    form=FileForm,
    view=KeyFile,
    page=show_key,
)
async def renew_file(request: web.Request) -> web.Response:
    """Hand over the file of today, if what was brought is the key's."""
    held = keyfile.read_key_file(bytes_of(await read(request, FileForm)))
    async with reading(request) as tx:
        fresh = await own_key.renew_file(tx, viewer(request), held)
    return hand_over(request, fresh, checked=True)


@routes.post("/me/key/remove", "Have no key of one's own any more", form=SureForm, page=show_key)
async def remove_key(request: web.Request) -> web.Response:
    """Take the key off the viewer's account."""
    form = await read(request, SureForm)
    async with transaction(request) as tx:
        await own_key.remove_key(tx, viewer(request), sure=form.sure)
    return done(request, "/me/key", said="Your account has no key any more. Delete its file.")


def bytes_of(form: FileForm) -> bytes:
    """Return a file that was sent, or the text in its place, as far as it may be read."""
    if isinstance(form.file, web.FileField):
        return form.file.file.read(keyfile.MOST_BYTES + 1)
    return form.text.encode()


def hand_over(
    request: web.Request, file: KeyFile, *, status: int = 200, **context: Any
) -> web.Response:
    """Answer with the file of a key, which neither we nor the browser keep."""
    if is_api(request):
        answer = respond(request, "", file, status=status)
    else:
        encoded = base64.b64encode(file.text.encode()).decode()
        href = f"data:text/plain;charset=utf-8;base64,{encoded}"
        answer = respond(request, "groups/key_file.html", file, href=href, **context)
    answer.headers["Cache-Control"] = "no-store"  # what is kept of an answer looks for just this
    return answer
