"""Pages: one Jinja environment for each language, and what every template finds in it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
import msgspec
from aiohttp import web
from jinja2.bccache import Bucket
from jinja2.environment import TemplateModule

from instance.language import (
    LANGUAGES,
    PARTIAL,
    Writer,
    catalogue,
    chosen,
    direction,
    tag,
    translate,
)
from instance.settings import Settings
from instance.spoken import apology, wordless
from instance.viewer import VIEWER, Viewer

_CHECKOUT = Path(__file__).parent.parent / "templates"
_YEAR = 31_536_000

_READY = "_ready"
"""What a page's macros are kept under while it is written."""


def templates_folder() -> Path:
    """Return where the templates lie: beside the packages in a checkout, inside them in a wheel."""
    if _CHECKOUT.is_dir():
        return _CHECKOUT
    return Path(str(resources.files("instance") / "_templates"))


class Flash(msgspec.Struct, frozen=True):
    """One sentence about what was just done."""

    kind: str
    text: str


class _Template(jinja2.Template):
    """A template whose macros are made ready once for each page that is written.

    Jinja does it for every import "with context", though all of a page's imports see the same:
    most files of macros import the small parts again, and these translate dozens of words.
    """

    def make_module(
        self,
        vars: dict[str, Any] | None = None,  # noqa: A002  # as Jinja names it
        shared: bool = False,  # the same
        locals: Mapping[str, Any] | None = None,  # noqa: A002  # the same
    ) -> TemplateModule:
        """Return the macros of this template, ready for the page that is being written."""
        ready: dict[str | None, TemplateModule] | None = (vars or {}).get(_READY)
        if ready is None:
            return super().make_module(vars, shared, locals)
        if self.name not in ready:
            ready[self.name] = super().make_module(vars, shared, locals)
        return ready[self.name]


class Pages:
    """Renders templates in the reader's language, and serves the files they need."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = templates_folder()
        self._addresses: dict[str, str] = {}
        self._whole: dict[tuple[str, str], bool] = {}
        self._environments = {one: self._environment(one) for one in LANGUAGES}

    def render(self, request: web.Request, template: str, **context: Any) -> str:
        """Render a page for a request."""
        wanted = language_of(request, self._settings.language)
        shown = wanted if self.has_words(wanted, template) else "en"
        return (
            self._environments[shown]
            .get_template(template)
            .render(
                apology=apology(wanted) if shown != wanted else None,
                viewer=request.get(VIEWER),
                path=request.path,
                here=request.path_qs,
                **{_READY: {}},
                flash=_flash(request, shown),
                **context,
            )
        )

    def has_words(self, language: str, template: str) -> bool:
        """Tell whether a language has every word of a page; else the whole page is in English."""
        if language not in PARTIAL:
            return True
        known = self._whole.get((language, template))
        if known is None:
            known = not wordless(self._environments[language], template, language)
            self._whole[language, template] = known
        return known

    def text_of(self, name: str) -> str:
        """Return the text of a static file."""
        return (self._folder / "static" / name).read_text(encoding="utf-8")

    def write(self, language: str, template: str, **context: Any) -> str:
        """Render a text that is not an answer to a request: an e-mail."""
        return self._environments[language].get_template(template).render(**context)

    def routes(self) -> list[web.RouteDef]:
        """Return the address of static files, whose names carry their contents' hash."""
        return [web.get("/static/{hash:[0-9a-f]{12}}/{name:[A-Za-z0-9._-]+}", self._serve)]

    def _environment(self, language: str) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(self._folder),
            bytecode_cache=_compiled(language, self._settings.timezone, self._settings.currency),
            autoescape=jinja2.select_autoescape(["html", "svg"]),
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.template_class = _Template
        translations = catalogue(language)
        environment.install_gettext_callables(  # type: ignore[attr-defined]  # i18n adds it
            translations.gettext, translations.ngettext, newstyle=True
        )
        settings = self._settings
        writer = Writer(language, settings.timezone, settings.currency)
        environment.filters.update(writer.filters())
        environment.filters["say"] = lambda message, **v: translate(language, str(message), **v)
        environment.globals.update(
            site=settings,
            locale=language,
            languages=LANGUAGES,
            language_tag=tag,
            direction=direction(language),
            static=self.static,
        )
        return environment

    def static(self, name: str) -> str:
        """Return the address of a file, which changes with its contents."""
        known = self._addresses.get(name)
        if known is None:
            known = f"/static/{_hash_of(self._folder / 'static' / name)}/{name}"
            self._addresses[name] = known
        return known

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = self._folder / "static" / request.match_info["name"]
        if not path.is_file():
            raise web.HTTPNotFound
        headers = {
            "Cache-Control": f"public, max-age={_YEAR}, immutable",
            "Vary": "Accept-Encoding",
        }
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.FileResponse(path, headers=headers)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        headers["Content-Encoding"] = "gzip"
        return web.Response(body=_packed(path), content_type=kind, charset="utf-8", headers=headers)


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled from a source, kept while the process lives.

    One for each set of filters: what a filter makes of a constant is part of the compiled code.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Find what was compiled from the same source."""
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        self._kept[bucket.key, bucket.checksum] = bucket.code


@cache
def _compiled(_language: str, _timezone: str, _currency: str) -> _Compiled:
    return _Compiled()


def language_of(request: web.Request, default: str) -> str:
    """Return the reader's language: hers if she signed in, her choice, or her browser's."""
    viewer: Viewer | None = request.get(VIEWER)
    if viewer is not None:
        return viewer.language
    choice = request.cookies.get("ayni_language", "")
    if choice in LANGUAGES:
        return choice
    return chosen(request.headers.get("Accept-Language", ""), default)


def _flash(request: web.Request, language: str) -> Flash | None:
    kept = request.cookies.get("ayni_flash", "")
    if not kept:
        return None
    try:
        flash = msgspec.json.decode(base64.urlsafe_b64decode(kept), type=_Kept)
        text = translate(language, flash.said, **flash.values)
    except (ValueError, TypeError, KeyError, msgspec.MsgspecError):
        return None
    return Flash(flash.kind if flash.kind in {"ok", "warn", "error"} else "ok", text[:500])


class _Kept(msgspec.Struct):
    kind: str
    said: str
    values: dict[str, Any] = {}


@cache
def _packed(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), 9, mtime=0)


@cache
def _hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
