"""Coming in and going out."""

from __future__ import annotations

import ipaddress
import re

import msgspec
from aiohttp import web

from federation import Iri
from instance.db import Tx
from instance.errors import DomainError
from instance.language import LANGUAGES
from instance.people import service, sessions, signin
from instance.viewer import Viewer
from instance.web import (
    DATABASE,
    FLASH_COOKIE,
    SETTINGS,
    Routes,
    done,
    maybe_viewer,
    read,
    reading,
    respond,
    transaction,
)

NEXT = {"next": "The path to go on to"}

routes = Routes("people")

COOKIE = "ayni_session"
LANGUAGE_COOKIE = "ayni_language"
_YEAR = 31_536_000
_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,500}")
_HELD = "{held:[A-Za-z0-9_-]{43}}"
_SYSTEMS = ("Android", "iPhone", "iPad", "Windows", "Macintosh", "Linux")
_BROWSERS = ("Firefox", "Edg", "SamsungBrowser", "Chrome", "Safari")


class Door(msgspec.Struct, frozen=True):
    """The page to sign in by one of three ways: `password`, `code` or `link`."""

    way: str
    next: str
    username: str = ""
    link_spent: bool = False
    can_send: bool = True


class LinkView(msgspec.Struct, frozen=True):
    """The page behind a link that signs in: one button, for mail scanners press none."""

    next: str


class Entered(msgspec.Struct, frozen=True):
    """Who has signed in."""

    person: Iri
    username: str
    language: str


class PasswordForm(msgspec.Struct):
    """Username and password."""

    username: str
    password: str
    next: str = ""


class CodeForm(msgspec.Struct):
    """Username and the six digits that a leader shows."""

    username: str
    code: str
    next: str = ""


class LinkForm(msgspec.Struct):
    """Username or e-mail address to which a link is sent."""

    name: str
    next: str = ""


class EnterForm(msgspec.Struct):
    """Where to go once signed in."""

    next: str = ""


class Nothing(msgspec.Struct):
    """A form with a button only."""


async def authenticate(tx: Tx, request: web.Request) -> Viewer | None:
    """Return who asks, by bearer token or else by cookie.

    Where there is an Authorization header the cookie is not looked at: the gate asks no CSRF
    token of such requests.
    """
    header = request.headers.get("Authorization")
    if header is None:
        held = request.cookies.get(COOKIE, "")
        found, stale = await sessions.viewer_by_cookie(tx, held)
    else:
        scheme, _, held = header.partition(" ")
        held = held.strip() if scheme.lower() == "bearer" else ""
        found, stale = await sessions.viewer_by_token(tx, held)
    if found and stale:
        async with transaction(request) as writing:
            await sessions.touch(writing, held)
    return found


@routes.get(
    "/sign-in",
    "Show the three ways to sign in",
    view=Door,
    query={"way": "password, code or link", "as": "Whose name to fill in"} | NEXT,
)
async def show_door(request: web.Request) -> web.Response:
    """Show one way to sign in, and the way to the others."""
    return _door(request)


def _door(request: web.Request, status: int = 200, *, spent: bool = False) -> web.Response:
    asked = request.query.get("way") or request.path.removesuffix(".json").rpartition("/")[2]
    if spent:
        asked = "link"
    view = Door(
        way=asked if asked in {"password", "code", "link"} else "password",
        next=safe_path(request.query.get("next", "")),
        username=request.query.get("as", "")[:64],
        link_spent=spent,
    )
    return respond(request, "people/sign_in.html", view, status=status)


@routes.post(
    "/sign-in/password",
    "Sign in with a password",
    form=PasswordForm,
    view=Entered,
    scope="public",
    page=show_door,
)
async def enter_by_password(request: web.Request) -> web.Response:
    """Sign in with username and password."""
    form = await read(request, PasswordForm)
    cookie = await signin.by_password(
        request.app[DATABASE], form.username, form.password, asking(request)
    )
    return await _let_in(request, cookie, form.next)


@routes.post(
    "/sign-in/code",
    "Sign in with a code",
    form=CodeForm,
    view=Entered,
    scope="public",
    page=show_door,
)
async def enter_by_code(request: web.Request) -> web.Response:
    """Sign in with the code that a leader shows."""
    form = await read(request, CodeForm)
    cookie = await signin.by_code(request.app[DATABASE], form.username, form.code, asking(request))
    return await _let_in(request, cookie, form.next)


@routes.post(
    "/sign-in/link",
    "Have a link sent that signs in",
    form=LinkForm,
    scope="public",
    page=show_door,
)
async def ask_for_link(request: web.Request) -> web.Response:
    """Send a link, and answer alike whether or not there is such an account."""
    form = await read(request, LinkForm)
    async with transaction(request) as tx:
        await signin.ask_for_link(tx, form.name, asking(request), safe_path(form.next, ""))
    said = (
        "If we know that name and have an e-mail address for it, a link is on its way. "
        "It works once, for %(minutes)s minutes."
    )
    return done(request, "/sign-in?way=link", said=said, minutes=signin.LINK_MINUTES)


@routes.get(f"/sign-in/{_HELD}", "Show the button behind a link", view=LinkView, query=NEXT)
async def show_link(request: web.Request) -> web.Response:
    """Show one button; looking at the page does not use the link up."""
    async with reading(request) as tx:
        works = await signin.link_works(tx, request.match_info["held"])
    if not works:
        return _door(request, 410, spent=True)
    view = LinkView(safe_path(request.query.get("next", "")))
    return respond(request, "people/sign_in_link.html", view)


@routes.post(
    f"/sign-in/{_HELD}",
    "Sign in with a link",
    form=EnterForm,
    view=Entered,
    scope="public",
    query=NEXT,
)
async def enter_by_link(request: web.Request) -> web.Response:
    """Sign in with a link, which is used up."""
    form = await read(request, EnterForm)
    try:
        async with transaction(request) as tx:
            cookie = await signin.by_link(tx, request.match_info["held"], asking(request))
    except DomainError:
        if request.path.endswith(".json"):
            raise
        return _door(request, 410, spent=True)
    return await _let_in(request, cookie, form.next or request.query.get("next", ""))


@routes.post("/sign-out", "Sign out on this device", form=Nothing)
async def sign_out(request: web.Request) -> web.Response:
    """End this session, and have the browser forget what it kept."""
    viewer = maybe_viewer(request)
    async with transaction(request) as tx:
        await sessions.end(tx, request.cookies.get(COOKIE, ""))
    language = viewer.language if viewer else ""
    answer = done(request, f"/language?to={language}&next=/")
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    for name in (COOKIE, FLASH_COOKIE):
        answer.del_cookie(name, path="/")
    return answer


@routes.get(
    "/language",
    "Choose the language of the pages",
    query={"to": "en, zh-Hant or ar"} | NEXT,
)
async def choose_language(request: web.Request) -> web.Response:
    """Keep a language for this browser, and for the account of who is signed in here."""
    language = request.query.get("to", "")
    answer = done(request, safe_path(request.query.get("next", ""), "/"))
    if language not in LANGUAGES:
        return answer
    viewer = maybe_viewer(request)
    ours = request.headers.get("Sec-Fetch-Site", "same-origin") in {"same-origin", "none"}
    if viewer and viewer.session and ours and viewer.language != language:
        async with transaction(request) as tx:
            await service.change_person(tx, viewer.person, language=language)
    answer.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_YEAR,
        samesite="Lax",
        secure=_secure(request),
        httponly=True,
        path="/",
    )
    return answer


def safe_path(text: str, default: str = "/") -> str:
    """Return a path on this very site, or a default for anything else."""
    if not _PATH.fullmatch(text) or text.startswith(("/sign-in", "/sign-out", "/language")):
        return default
    return text


def asking(request: web.Request) -> signin.Asking:
    """Say from where and with which device somebody tries to sign in."""
    return signin.Asking(
        address=address_of(request.remote or "", request.headers.get("X-Forwarded-For", "")),
        device=device_of(request.headers.get("User-Agent", "")),
        cookie=request.cookies.get(COOKIE, ""),
    )


def address_of(remote: str, forwarded: str) -> str:
    """Return the client's address; a proxy on this very machine is believed, no other."""
    last = forwarded.rpartition(",")[2].strip()
    try:
        if last and ipaddress.ip_address(remote).is_loopback:
            return _network_of(last)
        return _network_of(remote)
    except ValueError:
        return remote


def device_of(agent: str) -> str:
    """Name a device as its owner would: Chrome, Android."""
    browser = next((one for one in _BROWSERS if one in agent), "")
    system = next((one for one in _SYSTEMS if one in agent), "")
    names = {"Edg": "Edge", "SamsungBrowser": "Samsung", "Macintosh": "Mac"}
    return ", ".join(names.get(one, one) for one in (browser, system) if one)


def _network_of(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False))  # one household's addresses


def _secure(request: web.Request) -> bool:
    return request.app[SETTINGS].origin.startswith("https://")


async def _let_in(request: web.Request, cookie: str, to: str) -> web.Response:
    async with reading(request) as tx:
        viewer, _ = await sessions.viewer_by_cookie(tx, cookie)
    assert viewer, "a session has just begun"
    view = Entered(viewer.person, viewer.username, viewer.language)
    answer = done(request, safe_path(to), view)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=int(sessions.KEEP.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=_secure(request),
        path="/",
    )
    return answer
