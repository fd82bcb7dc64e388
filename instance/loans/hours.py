"""The hours between a group and an ally, each way: owed, promised, and left to lend."""

from __future__ import annotations

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import NotFound
from instance.ledger import service as ledger
from instance.loans.reading import minutes_left


async def hours_between(tx: Tx, group: Iri, ally: Iri) -> alliances.HoursBetween | None:
    """Return what goes between a group of ours and an ally; None when no terms are in force."""
    try:
        terms = await alliances.require_ally(tx, group, ally)
    except NotFound:
        return None
    owed = await ledger.balance(tx, group, ally)
    ways = []
    for way, limit, due in (
        ("lend", terms.minutes_limit_lend, owed),
        ("borrow", terms.minutes_limit_borrow, -owed),
    ):
        left = await minutes_left(tx, group, ally, way)
        # what is neither owed nor left of the limit is promised
        ways.append(alliances.OneWay(max(due, 0), limit - due - left, max(left, 0)))
    return alliances.HoursBetween(*ways)
