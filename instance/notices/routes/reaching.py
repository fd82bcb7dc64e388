"""How I am reached: the order of the channels, the quiet time, my devices, a test message."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.language import N_
from instance.notices import channels, sending
from instance.notices.channels import ReachingView
from instance.notices.models import Channel
from instance.web import Routes, done, read, reading, respond, transaction, viewer

routes = Routes("notices")

PAGE = "/me/messages"


class MoveForm(msgspec.Struct):
    """A channel, and whether it is tried earlier (up) or later (down)."""

    channel: Channel
    to: str = "up"


class SwitchForm(msgspec.Struct):
    """A channel, and whether it is used: on or off."""

    channel: Channel
    to: str = "on"


class QuietForm(msgspec.Struct):
    """When nothing is sent, such as from 22:00 until 06:30; `urgent` breaks it."""

    quiet_from: str = ""
    quiet_until: str = ""
    urgent: str = ""


class DeviceForm(msgspec.Struct):
    """What a browser gives who may write to it (Push API): an address, a key and a secret."""

    endpoint: str
    public: str
    secret: str


class DeviceKey(msgspec.Struct):
    """Which device."""

    id: str


class Nothing(msgspec.Struct):
    """A form with a button only."""


@routes.get(
    PAGE,
    "Show how I am reached",
    view=ReachingView,
    scope="self",
    lists={"devices": N_("My devices that show messages")},
)
async def show(request: web.Request) -> web.Response:
    """Show in which order the viewer is reached, when not, and on which devices."""
    async with reading(request) as tx:
        view = await channels.reaching(tx, viewer(request))
    return respond(request, "notices/reaching.html", view)


@routes.post(f"{PAGE}/move", "Try a channel earlier or later", form=MoveForm, page=show)
async def move(request: web.Request) -> web.Response:
    """Move a channel by one place in the order."""
    form = await read(request, MoveForm)
    async with transaction(request) as tx:
        await channels.move(tx, viewer(request), form.channel, up=form.to != "down")
    return done(request, f"{PAGE}#order")


@routes.post(f"{PAGE}/switch", "Use a channel, or leave it out", form=SwitchForm, page=show)
async def switch(request: web.Request) -> web.Response:
    """Switch a channel on or off."""
    form = await read(request, SwitchForm)
    async with transaction(request) as tx:
        await channels.switch(tx, viewer(request), form.channel, on=form.to == "on")
    return done(request, f"{PAGE}#order")


@routes.post(f"{PAGE}/quiet", "Set when nothing is sent", form=QuietForm, page=show)
async def be_quiet(request: web.Request) -> web.Response:
    """Set or end the quiet time."""
    form = await read(request, QuietForm)
    async with transaction(request) as tx:
        await channels.be_quiet(
            tx, viewer(request), form.quiet_from, form.quiet_until, urgent=bool(form.urgent)
        )
    return done(request, f"{PAGE}#quiet", said="Kept.")


@routes.post(f"{PAGE}/test", "Send me a test message", form=Nothing, page=show)
async def try_out(request: web.Request) -> web.Response:
    """Send a test message by every channel that is on."""
    async with transaction(request) as tx:
        await sending.trial(tx, viewer(request))
    said = "A test message is on its way, by each way that is on."
    return done(request, PAGE, said=said)


@routes.post(
    f"{PAGE}/devices", "Show messages on this device", form=DeviceForm, page=show, status=201
)
async def add_device(request: web.Request) -> web.Response:
    """Have the browser that asks show messages from now on."""
    form, who = await read(request, DeviceForm), viewer(request).in_person()
    async with transaction(request) as tx:
        made = await channels.add_device(tx, who, form.endpoint, form.public, form.secret)
    return done(
        request, f"{PAGE}#devices", {"id": made}, status=201, said="This device shows messages now."
    )


@routes.post(f"{PAGE}/devices/end", "Show no messages on a device", form=DeviceKey, page=show)
async def end_device(request: web.Request) -> web.Response:
    """Have a device show no messages any more."""
    form = await read(request, DeviceKey)
    async with transaction(request) as tx:
        await channels.end_device(tx, viewer(request), form.id)
    return done(request, f"{PAGE}#devices", said="Kept.")
