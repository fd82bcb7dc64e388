"""What every request passes: who asks, whether the form is ours, and one shape for errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import msgspec
import sqlalchemy as sa
import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from federation import FederationError
from federation.collections import wants_activity
from instance.csrf import csrf_matches, csrf_token, masked_token
from instance.csvfile import csv_response, listed
from instance.db import Tx
from instance.errors import DomainError, Forbidden, SignInNeeded
from instance.language import translate
from instance.pages import language_of
from instance.viewer import VIEWER, Viewer
from instance.web import (
    DATABASE,
    DRAFT,
    OPERATION,
    PAGES,
    SETTINGS,
    SHOWN,
    Draft,
    Handler,
    Operation,
    Shown,
    entered,
    is_api,
    maybe_viewer,
)

Authenticate = Callable[[Tx, web.Request], Awaitable[Viewer | None]]

AUTHENTICATE: web.AppKey[Authenticate] = web.AppKey("authenticate")
LIMITS: web.AppKey[dict[Any, int]] = web.AppKey("limits")
WAYS: web.AppKey[Mapping[str, str]] = web.AppKey("ways")
"""What can be done instead, as a sentence, by the code of what was refused."""
SLOWEST_BODY = 60.0
TRIES = 3
UNDONE = frozenset({"40001", "40P01"})
"""PostgreSQL's states of a transaction that another one stood against."""
MOST_PAGES = 1_000
"""How much of a paged list is read into one file."""
SHORTENED = frozenset({"text/html"})
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}
HEADERS_OVER_TLS = HEADERS | {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
}

log = structlog.get_logger(__name__)


def lead_to_inbox(receive: Handler) -> Middleware:
    """Return the middleware that leads what another server brings straight to `receive`.

    It needs nothing of what stands between here and people's browsers.
    """

    @web.middleware
    async def lead(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.match_info.handler == receive:
            return await explain_errors(request, receive)
        return await handler(request)

    return lead


@web.middleware
async def guard_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every answer the headers that keep browsers careful."""
    answer = await handler(request)
    encrypted = request.app[SETTINGS].origin.startswith("https://")
    for name, value in (HEADERS_OVER_TLS if encrypted else HEADERS).items():
        answer.headers.setdefault(name, value)
    _compress(request, answer)
    return answer


def _compress(request: web.Request, answer: web.StreamResponse) -> None:
    """Send pages short: a worker pays for every byte of them."""
    if not isinstance(answer, web.Response) or answer.content_type not in SHORTENED:
        return
    answer.headers["Vary"] = f"{answer.headers.get('Vary', '')}, Accept-Encoding".lstrip(", ")
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        answer.enable_compression(web.ContentCoding.gzip)


@web.middleware
async def bound_bodies(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a form carry no more than what it asks for needs, before anybody reads it."""
    most = request.app[LIMITS].get(request.match_info.handler)
    if most is not None and request.method == "POST":
        if "Transfer-Encoding" in request.headers:
            raise web.HTTPLengthRequired
        if (request.content_length or 0) > most:
            raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    return await handler(request)


@web.middleware
async def try_again(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Handle a request again whose transaction PostgreSQL undid so that another could go on."""
    for _ in range(TRIES - 1):
        try:
            return await handler(request)
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in UNDONE:
                raise
            log.warning("a request is handled again", path=request.path)
    return await handler(request)


@web.middleware
async def explain_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure in one shape: problem+json (RFC 9457), or one page."""
    try:
        return await handler(request)
    except DomainError as error:
        return _problem(request, error)
    except FederationError as error:
        answer = _problem_json(error.status, type(error).__name__, str(error))
        answer.headers.update(error.headers)
        return answer
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _problem(request, _from_http(error))
    except Exception:
        log.exception("a request failed", path=request.path)
        message = "Something went wrong here. Nothing was changed; please try again."
        return _problem(request, _with_status(DomainError(message, code="internal"), 500))


@web.middleware
async def know_the_viewer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who asks, and refuse forms that did not come from our own pages."""
    given = request.headers
    carries = "Authorization" in given or ("Cookie" in given and "ayni_session" in request.cookies)
    if carries and not request.path.startswith("/static/"):
        async with request.app[DATABASE].reading() as tx:
            known = await request.app[AUTHENTICATE](tx, request)
        if known:
            request[VIEWER] = known
    if request.method == "POST":
        await _read_in_time(request)
        await _refuse_foreign_forms(request)
    return await handler(request)


def served(operation: Operation) -> Handler:
    """Wrap a handler with its scope and, for forms, with showing them again when refused."""

    async def serve(request: web.Request) -> web.StreamResponse:
        _check_scope(request, operation.scope)
        request[OPERATION] = operation
        if operation.page is None or is_api(request):
            return await operation.handler(request)
        try:
            return await operation.handler(request)
        except DomainError as error:
            if error.status not in {409, 422}:
                raise
            request[DRAFT] = await _draft(request, error)
            return await operation.page(request)

    return serve


def listing(operation: Operation, name: str) -> Handler:
    """Answer one list of a page as a file: all of it, where the page shows a part."""

    async def serve(request: web.Request) -> web.StreamResponse:
        _check_scope(request, operation.scope)
        request[SHOWN] = shown = Shown()
        answer = await operation.handler(_turned(request, 1) if operation.paged else request)
        if not shown:  # it led elsewhere
            return answer
        if name == operation.paged:
            for page in range(2, min(shown[0].pages, MOST_PAGES) + 1):
                await operation.handler(_turned(request, page))
        return csv_response(f"{name}.csv", *listed(operation.view, name, shown))

    return serve


def _turned(request: web.Request, page: int) -> web.Request:
    return request.clone(rel_url=request.rel_url.update_query(page=str(page)))


def _check_scope(request: web.Request, scope: str) -> None:
    if scope == "public":
        return
    found = maybe_viewer(request)
    if found is None:
        raise SignInNeeded
    if found.scopes is None:
        return
    wanted = scope.replace("<id>", request.match_info.get("id", "<id>"))
    held = found.scopes
    if wanted.startswith("group:") and any(one.startswith("group:") for one in held):
        return  # which group is asked by the service, row by row
    if wanted not in held and "admin" not in held:
        raise Forbidden("This token was not given the scope %(scope)s.", scope=scope)


async def _draft(request: web.Request, error: DomainError) -> Draft:
    language = language_of(request, request.app[SETTINGS].language)
    text = translate(language, error.message, **error.values)
    way = _way(request, error)
    said = f"{text} {way}".strip() if language != "zh-Hant" else f"{text}{way}"
    return Draft(await entered(request), {error.field or "": said})


def _way(request: web.Request, error: DomainError) -> str:
    """Say in the reader's language what can be done instead of what was refused, if we know."""
    language = language_of(request, request.app[SETTINGS].language)
    return translate(language, request.app.get(WAYS, {}).get(error.code, ""))


async def _read_in_time(request: web.Request) -> None:
    """Read what was sent, before anything is taken that others would have to wait for."""
    try:
        async with asyncio.timeout(SLOWEST_BODY):
            await (request.read() if request.content_type == "application/json" else request.post())
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


async def _refuse_foreign_forms(request: web.Request) -> None:
    """Refuse a POST that another site made a browser send (CSRF)."""
    if "Authorization" in request.headers:
        return
    origin = request.headers.get("Origin")
    if origin not in {None, request.app[SETTINGS].origin}:
        raise Forbidden("This form came from another site.")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("This form came from another site.")
    if not csrf_token(request):
        return
    token = request.headers.get("X-CSRF-Token", "")
    if not token and request.content_type != "application/json":
        token = str((await request.post()).get("csrf", ""))
    if not csrf_matches(request, token):
        raise Forbidden("This page was open for too long. Please load it again.")


def _from_http(error: web.HTTPException) -> DomainError:
    messages = {
        404: "There is nothing here, or it is not yours to see.",
        405: "That cannot be done here.",
        408: "That took too long to arrive. Please try again.",
        411: "Say with Content-Length how large that is.",
        413: "That is too large.",
    }
    return _with_status(
        DomainError(messages.get(error.status, error.reason), code=f"http_{error.status}"),
        error.status,
    )


def _with_status(error: DomainError, status: int) -> DomainError:
    error.status = status
    return error


def _problem(request: web.Request, error: DomainError) -> web.Response:
    page_wanted = "text/html" in request.headers.get("Accept", "") and not is_api(request)
    if isinstance(error, SignInNeeded) and page_wanted and request.method == "GET":
        raise web.HTTPSeeOther(f"/sign-in?next={quote(request.path_qs)}")
    language = language_of(request, request.app[SETTINGS].language)
    text = translate(language, error.message, **error.values)
    if not page_wanted or wants_activity(request):
        return _problem_json(
            error.status, error.code, text, field=error.field, way=_way(request, error)
        )
    body = request.app[PAGES].render(
        request,
        "errors/error.html",
        problem={
            "status": error.status,
            "title": text,
            "detail": _way(request, error),
            "code": error.code,
        },
        csrf=masked_token(request),
    )
    answer = web.Response(text=body, status=error.status, content_type="text/html")
    return _uncached(answer)


def _problem_json(status: int, code: str, detail: str, **more: str | None) -> web.Response:
    problem: dict[str, Any] = {
        "type": "about:blank",
        "status": status,
        "title": HTTPStatus(status).phrase,
        "code": code,
        "detail": detail,
    }
    problem |= {name: value for name, value in more.items() if value}
    answer = web.Response(
        body=msgspec.json.encode(problem), status=status, content_type="application/problem+json"
    )
    return _uncached(answer)


def _uncached(answer: web.Response) -> web.Response:
    answer.headers["Vary"] = "Accept, Cookie, Authorization, Signature"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
