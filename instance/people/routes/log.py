"""Who decided what. The page stands here, above the log itself, because names are known here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from aiohttp import web

from federation import Iri
from instance.csvfile import csv_response
from instance.db import Tx
from instance.language import N_, translate
from instance.network import service as network
from instance.pages import language_of
from instance.paging import page_of, turned_to
from instance.people import rights, service
from instance.people.models import Role
from instance.transparency import service as transparency
from instance.transparency.service import EntryView, Verdict
from instance.viewer import Viewer
from instance.web import CSV, SETTINGS, Routes, maybe_viewer, reading, respond

routes = Routes("people")

PAGE = 50
MOST_ROWS = 10_000
CHECKED = 2_000
ROLES = {
    Role.LEADER: N_("leader"),
    Role.ADMINISTRATOR: N_("administrator"),
    Role.AUDITOR: N_("auditor"),
}


class Line(msgspec.Struct, frozen=True):
    """An act in plain words. Names of people are there for those entitled to them, else empty."""

    seq: int
    at: datetime
    kind: str
    decision: str
    text: str
    values: dict[str, Any]
    group: str
    by: str
    about: str
    digest: str


class Log(msgspec.Struct, frozen=True):
    """A page of the log, newest first, and whether the chain holds."""

    lines: list[Line]
    verdict: Verdict
    holds: bool
    whole: bool
    total: int
    page: int
    pages: int


@routes.get(
    "/transparency",
    "Show who decided what",
    view=Log,
    query={"check": "all to check every entry"},
    paged="lines",
)
async def show_log(request: web.Request) -> web.Response:
    """Show a page of the log; `?check=all` reads the chain from its very beginning."""
    whole = request.query.get("check") == "all"
    async with reading(request) as tx:
        total = await transparency.count_entries(tx)
        page, pages = turned_to(page_of(request.query), total, PAGE)
        found = await transparency.entries(tx, total + 1 - (page - 1) * PAGE, PAGE)
        lines = await _lines(tx, found, request)
        verdict = await transparency.verify(tx, None if whole else CHECKED)
    whole = whole or total <= CHECKED
    view = Log(lines, verdict, verdict.holds, whole, total, page, pages)
    return respond(request, "transparency/log.html", view)


@routes.get("/transparency.csv", "Download who decided what", media=CSV)
async def download_log(request: web.Request) -> web.Response:
    """Answer the latest ten thousand acts as CSV."""
    async with reading(request) as tx:
        found = await transparency.entries(tx, None, MOST_ROWS)
        lines = await _lines(tx, found, request)
    header = ("number", "at", "what", "group", "by", "about", "decision", "kind", "digest")
    rows = (
        (
            one.seq,
            one.at,
            one.text,
            one.group,
            one.by,
            one.about,
            one.decision,
            one.kind,
            one.digest,
        )
        for one in lines
    )
    return csv_response("decisions.csv", header, rows)


async def _lines(tx: Tx, found: Sequence[EntryView], request: web.Request) -> list[Line]:
    who = maybe_viewer(request)
    language = language_of(request, request.app[SETTINGS].language)
    audited = await rights.audited_by(tx, who.person) if who else frozenset()
    iris = {iri for one in found for iri in (one.by, one.about, one.group) if iri}
    names = {iri: one.name for iri, one in (await service.people(tx, iris)).items()}
    for iri, (username, name) in (await network.names_of(tx, iris)).items():
        names.setdefault(Iri(iri), name or username)
    return [
        _line(one, _said(one, language), names, named=_may_name(one, who, audited)) for one in found
    ]


def _may_name(one: EntryView, who: Viewer | None, audited: frozenset[Iri]) -> bool:
    """Names are for whom it is about, who did it, and the group's leaders and auditors."""
    if who is None:
        return False
    if who.person in {one.by, one.about}:
        return True
    if one.group is None:
        return who.administrator
    return one.group in who.leads or one.group in audited


def _said(one: EntryView, language: str) -> str:
    if not one.text:
        return one.kind.replace(".", ": ").replace("_", " ")
    text, values = translate(language, one.text), dict(one.values)
    if values.get("role") in ROLES:
        values["role"] = translate(language, ROLES[values["role"]])
    return text % values if values else text


def _line(one: EntryView, text: str, names: dict[Iri, str], *, named: bool) -> Line:
    def name(iri: Iri | None) -> str:
        if iri is None or not (named or "/groups/" in iri or iri.endswith("/actor")):
            return ""
        return names.get(iri, iri)

    return Line(
        seq=one.seq,
        at=one.at,
        kind=one.kind,
        decision=one.decision,
        text=text,
        values=one.values if named else {},
        group=name(one.group),
        by=name(one.by),
        about=name(one.about),
        digest=one.digest,
    )
