"""Where our allies live: who may speak to an instance that hears allies only."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from instance.alliances.models import Alliance, State
from instance.db import Tx

STILL_HEARD: Final = timedelta(days=90)
"""After its end: what was lent before stays agreed, and its hours have to arrive."""


async def allied_origins(tx: Tx) -> frozenset[str]:
    """Return the origins of our groups' allies, of those we offered terms, and of recent ones."""
    waits = sa.and_(Alliance.state == State.PROPOSED, Alliance.offered_by_us)
    recent = sa.and_(Alliance.state == State.ENDED, Alliance.ended > tx.now - STILL_HEARD)
    chosen = sa.select(Alliance.ally).where(sa.or_(Alliance.state == State.ACTIVE, waits, recent))
    found = await tx.session.scalars(chosen.distinct())
    return frozenset("/".join(one.split("/")[:3]) for one in found)
