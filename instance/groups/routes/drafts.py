"""Showing a page again with what was typed and what is wrong with it, for questions by GET."""

from __future__ import annotations

from aiohttp import web

from instance.errors import DomainError
from instance.language import translate
from instance.pages import language_of
from instance.web import DRAFT, SETTINGS, Draft


def remember(request: web.Request, field: str, typed: str, error: DomainError) -> None:
    """Keep what was typed in a field, and the sentence that says what is wrong with it."""
    if DRAFT in request:
        return
    language = language_of(request, request.app[SETTINGS].language)
    text = translate(language, error.message, **error.values)
    request[DRAFT] = Draft({field: typed}, {field: text})
