"""What allies said about their free people: coarse counts, kept a few minutes, never names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from federation import Iri
from instance.alliances.models import CapacityAsked, HeardCapacity
from instance.alliances.views import CapacityView, Count
from instance.db import Tx
from instance.errors import TooMany

FRESH = timedelta(minutes=5)
AHEAD = timedelta(days=14)
MOST_AN_HOUR = 60
MOST_COUNTS = 5_000
LABELS = frozenset({"1–2", "3–5", "6+"})  # noqa: RUF001  # the dash that pages show


async def heard(tx: Tx, group: Iri, ally: Iri) -> CapacityView:
    """Return what an ally last said, and when; empty when it was never asked."""
    row = await tx.get(HeardCapacity, (group, ally))
    if row is None:
        return CapacityView(ally)
    counts = msgspec.convert(row.counts["items"], tuple[Count, ...])
    return CapacityView(ally, counts, row.as_of, row.asked, row.failed)


def is_fresh(view: CapacityView, now: datetime) -> bool:
    """Tell whether an ally was asked so lately that it is not asked again."""
    return view.asked is not None and now - view.asked < FRESH


async def keep(tx: Tx, group: Iri, ally: Iri, counts: Sequence[Count], as_of: datetime) -> None:
    """Keep what an ally says now."""
    row = await _row(tx, group, ally)
    row.counts = {"items": msgspec.to_builtins(counts)}
    row.as_of, row.asked, row.failed = as_of, tx.now, ""


async def keep_failure(tx: Tx, group: Iri, ally: Iri, reason: str) -> None:
    """Keep that an ally could not be asked; what it said before stays, with its hour."""
    row = await _row(tx, group, ally)
    row.asked, row.failed = tx.now, reason[:300]


async def count_asking(tx: Tx, group: Iri, ally: Iri) -> None:
    """Count that an ally asks for our counts; raise TooMany when it does so all the time."""
    row = await tx.session.get(CapacityAsked, (group, ally), with_for_update=True)
    if row is None:
        row = CapacityAsked(group=group, ally=ally, since=tx.now, times=0)
        tx.session.add(row)
    if tx.now - row.since > timedelta(hours=1):
        row.since, row.times = tx.now, 0
    row.times += 1
    if row.times > MOST_AN_HOUR:
        raise TooMany("The counts were asked for too often. Please wait an hour.")


async def _row(tx: Tx, group: Iri, ally: Iri) -> HeardCapacity:
    row = await tx.get(HeardCapacity, (group, ally))
    if row is None:
        empty: dict[str, Any] = {"items": []}
        row = HeardCapacity(group=group, ally=ally, counts=empty, asked=tx.now, failed="")
        tx.session.add(row)
    return row
