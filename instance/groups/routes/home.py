"""Two accounts become one: naming one's home, confirming there, moving."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.errors import NotFound
from instance.groups import membership, moving
from instance.groups.activities import find_person
from instance.groups.views import NamedHomeView, home_of
from instance.web import DATABASE, Routes, done, read, reading, respond, transaction, viewer

routes = Routes("groups")


class HomePage(msgspec.Struct, frozen=True):
    """Which other accounts are hers, and the one she wants to keep, if that is not this one."""

    account: str
    aliases: tuple[str, ...]
    named: NamedHomeView | None
    onward: str


class AddressForm(msgspec.Struct):
    """The address of another account."""

    address: str


class Nothing(msgspec.Struct):
    """A form with a button only."""


@routes.get("/me/home", "Show how two accounts become one", view=HomePage, scope="self")
async def show_home(request: web.Request) -> web.Response:
    """Show both directions: keep another account, or confirm that another one is hers."""
    who = viewer(request)
    async with reading(request) as tx:
        named = await moving.named_home(tx, who.person)
        view = HomePage(
            account=await membership.handle_of(tx, who.person),
            aliases=await moving.aliases_of(tx, who.person),
            named=named,
            onward=f"{home_of(named.home)}/me/home" if named else "",
        )
    return respond(request, "groups/home.html", view)


@routes.post("/me/home/name", "Name the account to keep", form=AddressForm, page=show_home)
async def name_home(request: web.Request) -> web.Response:
    """Write down which other account of hers the viewer wants to keep."""
    form = await read(request, AddressForm)
    found = await find_person(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        await moving.name_home(tx, viewer(request), found)
    said = "Now sign in as %(name)s, confirm there, and come back."
    return done(request, "/me/home", said=said, name=found.handle)


@routes.post("/me/home/confirm", "Confirm another account", form=AddressForm, page=show_home)
async def confirm_alias(request: web.Request) -> web.Response:
    """Let the viewer say that another account is hers too."""
    form = await read(request, AddressForm)
    found = await find_person(request.app[DATABASE], form.address)
    async with transaction(request) as tx:
        await moving.confirm_alias(tx, viewer(request), found)
    said = "Confirmed. Now go back to %(name)s and finish there."
    return done(request, "/me/home", said=said, name=found.handle)


@routes.post("/me/home/move", "Move to the account that was named", form=Nothing, page=show_home)
async def move(request: web.Request) -> web.Response:
    """Let the viewer's groups follow her to the account she named, if that one confirms."""
    who = viewer(request)
    async with reading(request) as tx:
        named = await moving.named_home(tx, who.person)
    if named is None:
        raise NotFound
    found = await find_person(request.app[DATABASE], named.home)
    async with transaction(request) as tx:
        await moving.move(tx, who, found)
    said = "Done. Your groups follow you to %(name)s."
    return done(request, "/me/home", said=said, name=found.handle)


@routes.post("/me/home/forget", "Keep this account after all", form=Nothing, page=show_home)
async def forget_home(request: web.Request) -> web.Response:
    """Take back which account the viewer wanted to keep."""
    async with transaction(request) as tx:
        await moving.forget_home(tx, viewer(request))
    return done(request, "/me/home", said="You keep this account.")
