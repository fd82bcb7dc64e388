"""How many work together in a shift, as far as it is known here."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.jobs.known import known_job
from instance.jobs.reading import openings


async def people_wanted(tx: Tx, opening: Iri, job: str) -> int:
    """Return how many people the shift of an opening wants in all; 0 when nobody told us."""
    ours = await openings(tx, [opening])
    if opening in ours:
        return ours[opening][1].places
    known = await known_job(tx, job, exact=True)
    for shift in known.posting.shifts if known else ():
        if any(one.iri == opening for one in shift.openings):
            return sum(one.count for one in shift.openings)
    return 0
