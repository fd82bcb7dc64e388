"""Own people instead of an ally's: what follows when the promise of one of ours is confirmed."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.errors import NotFound
from instance.loans import service as loans
from instance.staffing import openings, placements
from instance.staffing.events import PlacementConfirmed


async def on_placement_confirmed(tx: Tx, happened: PlacementConfirmed) -> None:
    """Give an ally the place back, in the same commit, that somebody of ours fills from now on.

    Only if there is no other for her: a place of the group's own may have come free meanwhile.
    The ally then calls off whom it has no place for any more, by the terms.
    """
    row = await placements.sent_of(tx, happened.placement)
    if row.instead is None:
        return
    try:
        filled = await openings.opening(tx, happened.opening)
    except NotFound:
        return
    if await placements.taken(tx, happened.opening, None) > filled.places:
        await loans.give_back(tx, Iri(row.instead), happened.opening, row.decision)
