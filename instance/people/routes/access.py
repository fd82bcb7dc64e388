"""How somebody gets into her account, and which devices and programs have."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.language import N_
from instance.people import rights, sessions, signin
from instance.people.routes.me import show_me
from instance.people.views import TokenView
from instance.web import DATABASE, Routes, done, is_api, read, reading, respond, transaction, viewer

routes = Routes("people")


class PasswordForm(msgspec.Struct):
    """A new password, and the current one where there is one."""

    password: str
    current: str = ""


class SessionForm(msgspec.Struct):
    """Which device is signed out; none means all others."""

    id: str = ""


class TokenForm(msgspec.Struct):
    """What a token is for, and what it may do."""

    label: str
    scopes: list[str]
    days: int | None = None


class TokenId(msgspec.Struct):
    """Which token."""

    id: str


class Scope(msgspec.Struct, frozen=True):
    """Something a token may be given; `group` is the group's name, where it is about one."""

    value: str
    group: str = ""


class Tokens(msgspec.Struct, frozen=True):
    """The programs that act for somebody; `token` is shown once, when it was made."""

    tokens: list[TokenView]
    scopes: list[Scope]
    token: str = ""


@routes.post(
    "/me/password", "Give oneself a new password", form=PasswordForm, scope="self", page=show_me
)
async def change_password(request: web.Request) -> web.Response:
    """Keep a new password and sign out every other device."""
    who = viewer(request).in_person()
    form = await read(request, PasswordForm)
    await signin.set_password(request.app[DATABASE], who, form.password, form.current)
    said = "Your new password holds. Every other device was signed out."
    return done(request, "/me#sign-in", said=said)


@routes.post("/me/sessions/end", "Sign out a device, or all others", form=SessionForm)
async def end_session(request: web.Request) -> web.Response:
    """Sign out one device, or every one but this."""
    who = viewer(request).in_person()
    form = await read(request, SessionForm)
    async with transaction(request) as tx:
        if form.id:
            await sessions.end_by_id(tx, who.person, form.id)
        else:
            await sessions.end_all(tx, who.person, keep=who.session)
    return done(request, "/me#sign-in", said="Signed out there.")


@routes.get(
    "/me/tokens",
    "List the programs that act for one",
    view=Tokens,
    scope="self",
    lists={"tokens": N_("Programs that act for me")},
)
async def show_tokens(request: web.Request) -> web.Response:
    """Show which programs may act for the person who asks."""
    return respond(request, "people/tokens.html", await _tokens(request))


@routes.post(
    "/me/tokens",
    "Let a program act for one",
    form=TokenForm,
    view=Tokens,
    page=show_tokens,
)
async def create_token(request: web.Request) -> web.Response:
    """Make a token and show it, this once."""
    who = viewer(request).in_person()
    form = await read(request, TokenForm)
    async with transaction(request) as tx:
        token = await sessions.make_token(tx, who.person, form.scopes, form.label, form.days)
    view = msgspec.structs.replace(await _tokens(request), token=token)
    status = 201 if is_api(request) else 200
    answer = respond(request, "people/tokens.html", view, status=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@routes.post("/me/tokens/revoke", "Let a program act for one no longer", form=TokenId)
async def revoke_token(request: web.Request) -> web.Response:
    """End a token at once."""
    who = viewer(request)
    form = await read(request, TokenId)
    async with transaction(request) as tx:
        await sessions.revoke_token(tx, who.person, form.id)
    return done(request, "/me/tokens", said="That program can no longer act for you.")


async def _tokens(request: web.Request) -> Tokens:
    who = viewer(request)
    async with reading(request) as tx:
        found = await sessions.tokens(tx, who.person)
        held = await rights.rights_of(tx, who.person)
    led = {one.group: one.group_name for one in held if one.role in rights.LEADING}
    scopes = [Scope("self")]
    scopes += [Scope(f"group:{iri.rpartition('/')[2]}:lead", name) for iri, name in led.items()]
    if who.administrator:
        scopes.append(Scope("admin"))
    return Tokens(found, scopes)
