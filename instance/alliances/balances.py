"""What stands in the books between our groups and their allies elsewhere, to be compared."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from federation import Iri
from instance.alliances.models import Alliance
from instance.db import Tx
from instance.ledger import service as ledger


async def shared_items(tx: Tx, peer: str) -> Sequence[str]:
    """List what is posted between groups here and allies of one origin, as both sides write it.

    An item is `<cause> <unit> <debtor> <creditor> <amount>`.
    """
    chosen = sa.select(Alliance.group, Alliance.ally).distinct()
    pairs = (await tx.session.execute(chosen.order_by(Alliance.group, Alliance.ally))).all()
    away = [(Iri(group), Iri(ally)) for group, ally in pairs if ally.startswith(f"{peer}/")]
    return [
        f"{one.cause} {one.unit} {one.debtor} {one.creditor} {one.amount}"
        for group, ally in away
        for one in await ledger.postings(tx, group, ally)
    ]
