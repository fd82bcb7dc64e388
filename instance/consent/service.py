"""What people agreed to share: asked field by field, kept as receipts, ended in one act."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.consent.concierge import (
    concierge_of,
    end_concierge,
    leaders_for,
    may_answer_for,
    name_concierge,
    people_of_concierge,
)
from instance.consent.events import SharingAgreed, SharingEnded, SharingEndsSoon, SharingRanOut
from instance.consent.fields import FIELDS, Field
from instance.consent.models import Agreement, Source
from instance.consent.reading import note_read, note_reads, readings
from instance.consent.views import Asked, ConciergeView, ReadingView, Receipt, reminded_at
from instance.db import Tx
from instance.errors import Invalid, NotFound

__all__ = [
    "EXPIRE",
    "FIELDS",
    "REMIND",
    "Asked",
    "ConciergeView",
    "Field",
    "ReadingView",
    "Receipt",
    "Source",
    "agree",
    "concierge_of",
    "end",
    "end_concierge",
    "expire",
    "keep",
    "leaders_for",
    "may_answer_for",
    "name_concierge",
    "narrow",
    "note_read",
    "note_reads",
    "people_of_concierge",
    "readings",
    "receipt",
    "receipts",
    "remind",
    "shared_fields",
    "waiting",
]

EXPIRE = "consent.expire"
REMIND = "consent.remind"
PURPOSE = "To plan work together and to ask you whether you come."
MOST_RECEIPTS = 200
USUAL_DAYS = 365
OFFERED_AGAIN = timedelta(days=90)
"""For so long what ran out waits to be taken up again."""


async def agree(
    tx: Tx,
    person: Iri,
    group: Iri,
    fields: Iterable[str],
    until: datetime,
    source: Source | str = Source.JOIN,
    *,
    purpose: str = PURPOSE,
    group_name: str = "",
    asked: Sequence[Asked] = (),
    days: int | None = None,
) -> str:
    """Write down what a person agreed to share with a group; returns the receipt's id.

    Kept later, it holds for `days` more: as long again if she agreed herself, else a year. An
    earlier one ends here. Emits SharingAgreed. Raises Invalid for a field not in the catalogue.
    """
    chosen, source = _known(fields), Source(source)
    await _close(tx, person, group, by_her=source is Source.JOIN)
    if days is None:
        days = max(1, (until - tx.now).days) if source is Source.JOIN else USUAL_DAYS
    row = Agreement(
        id=tx.federation.new_id("agreements").rpartition("/")[2],
        person=person,
        group=group,
        group_name=group_name,
        fields=chosen,
        asked={"fields": msgspec.to_builtins(list(asked)), "days": days},
        purpose=purpose,
        source=source,
        answered=source is Source.JOIN,
        agreed=tx.now,
        until=until,
        ended=None,
    )
    tx.session.add(row)
    await _schedule(tx, row)
    tx.emit(SharingAgreed(person, group))
    return row.id


async def _schedule(tx: Tx, row: Agreement) -> None:
    await due.schedule(tx, row.until, EXPIRE, row.id)
    await due.schedule(tx, reminded_at(row.agreed, row.until), REMIND, row.id)


def _known(fields: Iterable[str]) -> list[str]:
    chosen = sorted(set(fields))
    unknown = [field for field in chosen if field not in FIELDS]
    if unknown:
        raise Invalid("Nobody may ask for %(name)s.", field="fields", name=unknown[0])
    return chosen


async def shared_fields(tx: Tx, person: Iri, group: Iri) -> frozenset[str]:
    """Return what a person shares with a group now: nothing when she never agreed, or no more."""
    row = await _standing(tx, person, group)
    return frozenset(row.fields) if row else frozenset()


async def receipt(tx: Tx, person: Iri, group: Iri) -> Receipt | None:
    """Return the agreement that stands between a person and a group, or None."""
    row = await _standing(tx, person, group)
    return _receipt(row) if row else None


async def receipts(tx: Tx, person: Iri) -> list[Receipt]:
    """List a person's receipts: those that stand first, then the newest."""
    chosen = (
        sa.select(Agreement)
        .where(Agreement.person == person)
        .order_by(Agreement.ended.is_not(None), Agreement.agreed.desc())
        .limit(MOST_RECEIPTS)
    )
    return [_receipt(row) for row in (await tx.session.execute(chosen)).scalars()]


async def waiting(tx: Tx, person: Iri) -> list[Receipt]:
    """List the agreements that wait for a person's word.

    Those made in her name (on paper) that she has not seen yet, those that end soon, and those
    whose time ran out a while ago.
    """
    recent, last = tx.now - OFFERED_AGAIN, dict[Iri, Receipt]()
    for one in await receipts(tx, person):
        last.setdefault(one.group, one)
    return [
        one
        for one in last.values()
        if one.ends_soon(tx.now) or (not one.answered and one.until > recent)
    ]


async def keep(tx: Tx, person: Iri, group: Iri) -> None:
    """Let an agreement go on that waits for a person's word; raises NotFound when none does."""
    known = next((one for one in await waiting(tx, person) if one.group == group), None)
    if known is None:
        raise NotFound
    await agree(
        tx,
        person,
        group,
        known.fields,
        tx.now + timedelta(days=known.days),
        Source.JOIN,
        purpose=known.purpose,
        group_name=known.group_name,
        asked=known.asked,
        days=known.days,
    )


async def narrow(tx: Tx, person: Iri, group: Iri, fields: Iterable[str]) -> None:
    """Let a person change which of the fields that the group asked for she shares.

    Ends the agreement when none is left. Raises NotFound when none stands, and Invalid for a
    field that the group never asked for.
    """
    row = await _standing(tx, person, group)
    if row is None:
        raise NotFound
    known = _receipt(row)
    chosen = set(fields)
    if not chosen <= {one.field for one in known.asked} | set(known.fields):
        raise Invalid("The group did not ask for this.", field="fields")
    if not chosen:
        await end(tx, person, group)
        return
    await agree(
        tx,
        person,
        group,
        chosen,
        known.until,
        Source.JOIN,
        purpose=known.purpose,
        group_name=known.group_name,
        asked=known.asked,
        days=known.days,
    )


async def end(tx: Tx, person: Iri, group: Iri) -> None:
    """End what a person shares with a group, at once; ending it again changes nothing.

    What ran out before is not offered to her again.
    """
    if await _close(tx, person, group, by_her=True):
        tx.emit(SharingEnded(person, group))


async def expire(tx: Tx, key: str) -> None:
    """End an agreement whose time is over."""
    row = await tx.get(Agreement, key)
    if row is not None and row.ended is None and row.until <= tx.now:
        row.ended, row.answered = tx.now, False
        tx.emit(SharingEnded(Iri(row.person), Iri(row.group)))
        tx.emit(SharingRanOut(Iri(row.person), Iri(row.group)))


async def remind(tx: Tx, key: str) -> None:
    """Say that an agreement ends soon, while it stands."""
    row = await tx.get(Agreement, key)
    if row is not None and _receipt(row).stands(tx.now):
        tx.emit(SharingEndsSoon(Iri(row.person), Iri(row.group)))


async def _standing(tx: Tx, person: Iri, group: Iri) -> Agreement | None:
    chosen = sa.select(Agreement).where(
        Agreement.person == person,
        Agreement.group == group,
        Agreement.ended.is_(None),
        Agreement.until > tx.now,
    )
    return (await tx.session.execute(chosen)).scalars().first()


async def _close(tx: Tx, person: Iri, group: Iri, *, by_her: bool) -> bool:
    """End what stands; if it is her own act, what ran out waits for her word no longer."""
    theirs = sa.and_(Agreement.person == person, Agreement.group == group)
    if by_her:
        unanswered = sa.update(Agreement).where(theirs, Agreement.answered.is_(False))
        await tx.session.execute(unanswered.values(answered=True))
    standing = sa.update(Agreement).where(theirs, Agreement.ended.is_(None))
    closed = await tx.session.execute(standing.values(ended=tx.now).returning(Agreement.id))
    ids = list(closed.scalars())
    for one in ids:
        await due.cancel(tx, EXPIRE, one)
        await due.cancel(tx, REMIND, one)
    return bool(ids)


def _receipt(row: Agreement) -> Receipt:
    asked = cast("list[Any]", row.asked["fields"])
    return Receipt(
        id=row.id,
        group=Iri(row.group),
        group_name=row.group_name or row.group,
        fields=tuple(row.fields),
        asked=tuple(msgspec.convert(asked, list[Asked])),
        purpose=row.purpose,
        source=row.source,
        answered=row.answered,
        agreed=row.agreed,
        until=row.until,
        ended=row.ended,
        days=row.asked.get("days", USUAL_DAYS),
    )
