"""What a page on jobs is asked for, and the words it is written with."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from federation import Iri
from instance.errors import Invalid
from instance.jobs import service
from instance.jobs.recurrence import DAYS
from instance.language import weekday
from instance.pages import language_of
from instance.web import SETTINGS

LEAD = "group:<id>:lead"


def group_named(named: str, leads: tuple[Iri, ...]) -> Iri:
    """Return the group somebody means of those she leads, by its address or the last part of it.

    Of one group it need not be said; raises Invalid otherwise.
    """
    chosen = [one for one in leads if named in {one, one.rpartition("/")[2]}]
    if not chosen and not named and len(leads) == 1:
        chosen = list(leads)
    if not chosen:
        raise Invalid("Choose the group whose job this is.", field="group")
    return chosen[0]


def page_words(request: web.Request) -> dict[str, Any]:
    """Return what templates say words, places, days and parts of the day with."""
    language = language_of(request, request.app[SETTINGS].language)
    return {
        **service.page_words(language, request.app[SETTINGS].currency),
        "weekdays": [(key, weekday(language, number)) for number, key in enumerate(DAYS)],
    }
