"""What pages are asked for: a day, and a group of ours."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from federation import Iri
from instance.web import SETTINGS

FIRST_YEAR, LAST_YEAR = 2000, 2200


def day_of(request: web.Request, name: str) -> date | None:
    """Read a day from the query; None for what is no day, or is too far away to be meant."""
    try:
        day = date.fromisoformat(request.query[name])
    except (KeyError, ValueError):
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def group_of(request: web.Request) -> Iri:
    """Return the group whose page this is."""
    return Iri(f"{request.app[SETTINGS].origin}/groups/{request.match_info['id']}")
