"""The words of the trade for people and programs to look up."""

from __future__ import annotations

import msgspec
from aiohttp import web

from instance.csvfile import csv_response
from instance.skills import service
from instance.skills.service import Term
from instance.web import CSV, SETTINGS, Routes, respond

routes = Routes("skills")


class Words(msgspec.Struct, frozen=True):
    """All words of the kinds that were asked for, and what was searched."""

    terms: list[Term]
    kind: str
    search: str


@routes.get(
    "/ns/skills",
    "List occupations, skills, certificates and languages",
    view=Words,
    query={"kind": "Only words of this kind", "search": "Only words with these letters"},
)
async def show_words(request: web.Request) -> web.Response:
    """Answer the vocabulary as a page, as JSON, or to servers as a SKOS scheme."""
    kind = request.query.get("kind", "")
    search = request.query.get("search", "")[:60]
    view = Words(_found(kind, search), kind if kind in service.KINDS else "", search)
    document = service.document(request.app[SETTINGS].origin)
    return respond(request, "skills/words.html", view, activity=document)


@routes.get("/ns/skills.csv", "Download the vocabulary", media=CSV)
async def download_words(_request: web.Request) -> web.Response:
    """Answer the vocabulary as CSV, in the columns that an import reads."""
    header = ("key", "kind", "isco", "esco_uri", "en", "zh_hant", "aliases", "occupations")
    rows = (
        (
            one.key,
            one.kind,
            one.isco,
            one.esco_uri,
            one.en,
            one.zh_hant,
            "|".join(one.aliases),
            "|".join(one.occupations),
        )
        for one in _found("", "")
    )
    return csv_response("vocabulary.csv", header, rows)


@routes.get("/ns/places.csv", "Download the districts and neighbourhoods", media=CSV)
async def download_places(_request: web.Request) -> web.Response:
    """Answer every place with its key and names as CSV, for those who write other servers."""
    header = ("key", "en", "zh_hant", "district_en", "district_zh_hant", "region")
    rows = ([getattr(one, name) for name in header] for one in service.places())
    return csv_response("places.csv", header, rows)


def _found(kind: str, search: str) -> list[Term]:
    kinds = [kind] if kind in service.KINDS else service.KINDS
    wanted = service.folded(search)
    return [
        term
        for one in kinds
        for term in service.vocabulary().terms(one)
        if any(wanted in word for word in _words(term))
    ]


def _words(term: Term) -> list[str]:
    return [service.folded(word) for word in (term.key, term.en, term.zh_hant, *term.aliases)]
