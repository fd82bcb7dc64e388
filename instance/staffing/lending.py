"""Ask a group's own people for all that was lent, in one press."""

from __future__ import annotations

from datetime import timedelta

from federation import Iri
from instance.db import Database, Tx
from instance.errors import Conflict
from instance.staffing import cascade
from instance.staffing.board import lent_by_id
from instance.staffing.cover import fragment
from instance.staffing.openings import OpeningToFill
from instance.staffing.problem import work_at
from instance.staffing.shortlist import find_people
from instance.staffing.waves import Waves
from instance.viewer import Viewer

PATIENCE = ((timedelta(hours=12), 10), (timedelta(days=2), 60))
"""Minutes to answer for shifts that begin sooner than this; four hours for all others."""
PLENTY = 240


async def ask_my_people(database: Database, viewer: Viewer, loan: str) -> str:
    """Find people for what a loan lends, and begin to ask them a few at a time; return the page.

    Nobody is asked for half a minute, in which it can be undone. An opening that is full, or for
    which people are being asked, stays as it is. Raises NotFound for all but the lending group's
    leaders, Conflict where there is nothing to begin.
    """
    async with database.reading() as tx:
        agreement = await lent_by_id(tx, viewer, loan)
    await find_people(database, viewer, agreement)
    async with database.transaction() as tx:
        begun = await _begin(tx, viewer, agreement)
    if not begun:
        raise Conflict("There is nobody left to ask, or people are being asked already.")
    return f"/loans/{loan}/cover/{begun[0]}" if len(begun) == 1 else f"/loans/{loan}/staffing"


async def _begin(tx: Tx, viewer: Viewer, agreement: Iri) -> list[str]:
    work = await work_at(tx, agreement)
    begun = []
    for one in work.openings:  # a loan has a handful
        waves = Waves(people=max(one.places, 3), minutes=_minutes(tx, one), allies=False)
        try:
            await cascade.begin(tx, viewer, one.opening, agreement, work.subject, waves)
        except Conflict:
            continue
        begun.append(fragment(one.opening))
    return begun


def _minutes(tx: Tx, one: OpeningToFill) -> int:
    ahead = one.start - tx.now
    return next((minutes for within, minutes in PATIENCE if ahead < within), PLENTY)
