"""One handler, one view value: read a form or JSON, work in one transaction, answer in kind."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from aiohttp import web

from federation import Document, FederationError, Iri
from federation.collections import activity_response, wants_activity
from instance.csrf import masked_token
from instance.csvfile import steps_to
from instance.db import Database, Tx
from instance.errors import Invalid, SignInNeeded
from instance.pages import Pages
from instance.settings import Settings
from instance.viewer import KEPT_FOR, VIEWER, Viewer, mark_of

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Form = TypeVar("Form")

SETTINGS = web.AppKey("settings", Settings)
DATABASE = web.AppKey("database", Database)
PAGES = web.AppKey("pages", Pages)

FLASH_COOKIE = "ayni_flash"
MOST_FIELDS = 5_000
MOST_BYTES, MOST_SENT = 256_000, 8_000_000
"""How large a body may be: usually, and where a file is sent."""
JSON, CSV = "application/json", "text/csv"
NOTHING: Mapping[str, str] = {}
_PAGED = {"page": "Which page of the list, from 1"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a page or a program can ask for, as OpenAPI describes it."""

    method: str
    path: str
    handler: Handler
    feature: str
    summary: str
    scope: str = "public"
    form: type | None = None
    view: Any = None
    page: Handler | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON
    status: int = 200
    most_bytes: int = MOST_BYTES
    lists: Mapping[str, str] = field(default_factory=dict)
    paged: str = ""

    def list_path(self, name: str) -> str:
        """Return where one of the page's lists is a file."""
        return f"{self.path}/{name}.csv"


OPERATIONS: web.AppKey[list[Operation]] = web.AppKey("operations")
OPERATION: web.RequestKey[Operation] = web.RequestKey("operation")

ENTERED: web.RequestKey[dict[str, Any]] = web.RequestKey("entered")


@dataclass
class Draft:
    """What somebody entered and what is wrong with it, so that nothing has to be typed again."""

    values: Mapping[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def value(self, name: str, default: Any = "") -> Any:
        """Return what was entered in a field, or a default."""
        return self.values.get(name, default)


DRAFT: web.RequestKey[Draft] = web.RequestKey("draft")


class Shown(list[Any]):
    """The views that a page would have shown, when its lists are wanted and not the page."""


SHOWN: web.RequestKey[Shown] = web.RequestKey("shown")


@dataclass(frozen=True, slots=True)
class ListFile:
    """One list of a page as a file to take away."""

    name: str
    href: str
    label: str


class Routes:
    """The addresses of one feature, each at its path and, for programs, at `path.json`."""

    def __init__(self, feature: str) -> None:
        self.feature = feature
        self.operations: list[Operation] = []

    def get(
        self,
        path: str,
        summary: str,
        *,
        view: Any = None,
        scope: str = "public",
        query: Mapping[str, str] = NOTHING,
        media: str = JSON,
        lists: Mapping[str, str] = NOTHING,
        paged: str = "",
    ) -> Callable[[Handler], Handler]:
        """Declare a page: what it shows (`view`, a Struct) and who may ask.

        `query` says what each query parameter means. With another `media` type than JSON the
        address answers that alone, and has no twin at `path.json`. `lists` names the lists of the
        view and what people call them: each is a file at `path/<name>.csv`; a dot leads into a
        list of a list. `paged` is the one of which the page shows a part.
        """
        return self._declare(
            "GET",
            path,
            summary,
            view=view,
            scope=scope,
            query=_PAGED | dict(query) if paged else query,
            media=media,
            lists=lists,
            paged=paged,
        )

    def post(
        self,
        path: str,
        summary: str,
        *,
        form: type | None = None,
        view: Any = None,
        scope: str = "self",
        page: Handler | None = None,
        query: Mapping[str, str] = NOTHING,
        status: int = 200,
        most_bytes: int = MOST_BYTES,
    ) -> Callable[[Handler], Handler]:
        """Declare an act; `page` is shown again, with what was entered, when it is refused.

        `status` is 201 for an act that makes something. A body above `most_bytes` is refused.
        """
        return self._declare(
            "POST",
            path,
            summary,
            form=form,
            view=view,
            scope=scope,
            page=page,
            query=query,
            status=status,
            most_bytes=most_bytes,
        )

    def _declare(
        self, method: str, path: str, summary: str, **more: Any
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self.operations.append(Operation(method, path, handler, self.feature, summary, **more))
            return handler

        return declare


def transaction(request: web.Request) -> AbstractAsyncContextManager[Tx]:
    """Open the request's one transaction."""
    return request.app[DATABASE].transaction()


def reading(request: web.Request) -> AbstractAsyncContextManager[Tx]:
    """Open a transaction that only reads."""
    return request.app[DATABASE].reading()


def viewer(request: web.Request) -> Viewer:
    """Return who asks; raise SignInNeeded when nobody has signed in."""
    found: Viewer | None = request.get(VIEWER)
    if found is None:
        raise SignInNeeded
    return found


def maybe_viewer(request: web.Request) -> Viewer | None:
    """Return who asks, or None."""
    found: Viewer | None = request.get(VIEWER)
    return found


async def signed_reader(request: web.Request) -> Iri | None:
    """Return which actor signed a GET, or None when nobody provably did."""
    try:
        return await request.app[DATABASE].federation.inbox.signer_of(request)
    except FederationError:
        return None


def wants_document(request: web.Request) -> bool:
    """Tell whether the answer is to be an ActivityStreams document rather than a page."""
    return wants_activity(request) and not is_api(request)


def is_api(request: web.Request) -> bool:
    """Tell whether the answer is to be JSON: the path says `.json`, or the body was."""
    return request.path.endswith(".json") or request.content_type == "application/json"


async def read(request: web.Request, form: type[Form]) -> Form:
    """Fill a Struct from a form or a JSON body; raise Invalid naming the field that is wrong."""
    values = await entered(request)
    try:
        return msgspec.convert(values, form, strict=request.content_type == "application/json")
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        name = path.strip("`.")
        raise Invalid(
            "%(name)s: %(reason)s", field=name or None, name=name or "form", reason=message
        ) from error


async def entered(request: web.Request) -> dict[str, Any]:
    """Return what was entered: a JSON object, or a form with dotted names unfolded."""
    if ENTERED in request:
        kept: dict[str, Any] = request[ENTERED]
        return dict(kept)
    if request.content_type == "application/json":
        try:
            values = msgspec.json.decode(await request.read())
        except msgspec.DecodeError as error:
            raise Invalid("The body is not JSON.") from error
        if not isinstance(values, dict):
            raise Invalid("The body has to be a JSON object.")
    else:
        values = unfold(await request.post())
    request[ENTERED] = values
    return dict(values)


def unfold(posted: Mapping[str, Any]) -> dict[str, Any]:
    """Turn form fields into nested values: `shifts.0.start`, and `skills[]` for several.

    Empty fields are left out, so that defaults hold. Raises Invalid for too many fields.
    """
    pairs = list(posted.items())
    if len(pairs) > MOST_FIELDS:
        raise Invalid("The form has too many fields.")
    nested: dict[str, Any] = {}
    for name, value in pairs:
        if value == "" or name == "csrf":
            continue
        if name.endswith("[]"):
            nested.setdefault(name[:-2], []).append(value)
        else:
            _put(nested, name.split("."), value)
    folded = _listed(nested)
    assert isinstance(folded, dict)
    return folded


def respond(
    request: web.Request,
    template: str,
    view: Any,
    *,
    activity: Document | None = None,
    status: int = 200,
    **context: Any,
) -> web.Response:
    """Answer one view value as a page, as JSON, or as its ActivityStreams document."""
    if SHOWN in request:
        request[SHOWN].append(view)
        return web.Response()
    if activity is not None and wants_document(request):
        return activity_response(activity)
    if is_api(request):
        return json_response(view, status)
    draft = request.get(DRAFT) or Draft()
    body = request.app[PAGES].render(
        request,
        template,
        view=view,
        draft=draft,
        csrf=masked_token(request),
        lists=list_files(request, view),
        **context,
    )
    status = 422 if draft.errors else status
    answer = web.Response(text=body, content_type="text/html", status=status)
    answer.headers["Vary"] = "Accept, Cookie, Authorization, Signature"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers[KEPT_FOR] = mark_of(request)
    if FLASH_COOKIE in request.cookies:
        answer.del_cookie(FLASH_COOKIE, path="/")
    return answer


def list_files(request: web.Request, view: Any) -> list[ListFile]:
    """Return the files of those lists of a page that have something in them."""
    operation = request.get(OPERATION)
    if operation is None or view is None:
        return []
    query = f"?{request.query_string}" if request.query_string else ""
    return [
        ListFile(name, f"{request.path}/{name}.csv{query}", label)
        for name, label in operation.lists.items()
        if next(steps_to(view, name), None) is not None
    ]


def respond_document(document: Document, *, public: bool = True, status: int = 200) -> web.Response:
    """Answer an ActivityStreams document without a page; private ones are not cached."""
    return activity_response(document, status, public=public)


def done(
    request: web.Request,
    to: str,
    view: Any = None,
    *,
    status: int = 200,
    said: str = "",
    kind: str = "ok",
    **values: object,
) -> web.Response:
    """Answer a POST: on to a page with a sentence for people, or the view as JSON."""
    if is_api(request):
        return json_response(view if view is not None else {"ok": True}, status)
    answer = web.Response(status=303, headers={"Location": to})
    if said:
        flash = msgspec.json.encode({"kind": kind, "said": said, "values": values})
        answer.set_cookie(
            FLASH_COOKIE,
            base64.urlsafe_b64encode(flash).decode(),
            max_age=60,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return answer


def json_response(view: Any, status: int = 200) -> web.Response:
    """Answer a view value as JSON that nobody caches."""
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept, Cookie, Authorization"}
    return web.Response(
        body=msgspec.json.encode(view),
        status=status,
        content_type="application/json",
        headers=headers,
    )


def _put(nested: dict[str, Any], parts: list[str], value: Any) -> None:
    for part in parts[:-1]:
        inner = nested.setdefault(part, {})
        if not isinstance(inner, dict):
            raise Invalid("The form's fields contradict each other.")
        nested = inner
    nested[parts[-1]] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner
