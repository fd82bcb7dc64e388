"""What allies said about their free people: coarse counts, kept a few minutes, never names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.alliances.models import CapacityAsked, HeardCapacity
from instance.alliances.views import CapacityView, Count
from instance.db import Tx
from instance.errors import TooMany

FRESH = timedelta(minutes=5)
AHEAD = timedelta(days=14)
MOST_AN_HOUR = 60
MOST_AT_ONCE = 20
MOST_COUNTS = 5_000
NEVER = datetime.min.replace(tzinfo=UTC)
LABELS = frozenset({"1–2", "3–5", "6+"})  # noqa: RUF001  # the dash that pages show

Answer: TypeAlias = tuple[tuple[Count, ...], datetime] | str
"""What an ally answers: its counts and when they were true, or why there are none."""


async def heard(tx: Tx, group: Iri, ally: Iri) -> CapacityView:
    """Return what an ally last said, and when; empty when it was never asked."""
    return (await heard_from(tx, group, [ally]))[ally]


async def heard_from(tx: Tx, group: Iri, allies: Collection[Iri]) -> dict[Iri, CapacityView]:
    """Return what each of these allies last said; empty for those that were never asked."""
    chosen = sa.select(HeardCapacity).where(
        HeardCapacity.group == group, HeardCapacity.ally.in_(allies)
    )
    known = {row.ally: row for row in (await tx.session.scalars(chosen)).all()}
    return {one: _view(one, known.get(one)) for one in allies}


async def to_ask(tx: Tx, group: Iri, allies: Collection[Iri]) -> list[Iri]:
    """Choose the allies to ask anew: those not asked for some minutes, the longest ago first."""
    known = await heard_from(tx, group, allies)
    asked = {one: view.asked or NEVER for one, view in known.items()}
    old = [one for one, when in asked.items() if tx.now - when >= FRESH]
    return sorted(old, key=lambda one: (asked[one], one))[:MOST_AT_ONCE]


async def keep(tx: Tx, group: Iri, answers: Mapping[Iri, Answer]) -> None:
    """Keep what allies answered just now; beside a failure what was said before stays."""
    allies = sorted(answers)
    empty = {"group": group, "counts": {"items": []}, "asked": tx.now, "failed": ""}
    rows = [{"ally": one, **empty} for one in allies]
    await tx.session.execute(tx.insert(HeardCapacity).on_conflict_do_nothing(), rows)
    # taken in one order everywhere, so that two leaders who ask at once do not block each other
    chosen = (
        sa.select(HeardCapacity)
        .where(HeardCapacity.group == group, HeardCapacity.ally.in_(allies))
        .order_by(HeardCapacity.ally)
        .with_for_update()
    )
    for row in (await tx.session.scalars(chosen)).all():
        answer = answers[Iri(row.ally)]
        row.asked, row.failed = tx.now, answer[:300] if isinstance(answer, str) else ""
        if not isinstance(answer, str):
            counts, as_of = answer
            row.counts, row.as_of = {"items": msgspec.to_builtins(counts)}, min(as_of, tx.now)


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


def _view(ally: Iri, row: HeardCapacity | None) -> CapacityView:
    if row is None:
        return CapacityView(ally)
    counts = msgspec.convert(row.counts["items"], tuple[Count, ...])
    return CapacityView(ally, counts, row.as_of, row.asked, row.failed)
