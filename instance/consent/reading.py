"""The access log: who read what a person shares, for her to see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from federation import Iri
from instance.consent.models import Reading
from instance.consent.views import ReadingView
from instance.db import Tx
from instance.network import service as network

MOST_READINGS = 200


async def note_read(tx: Tx, person: Iri, group: Iri, reader: Iri, fields: Iterable[str]) -> None:
    """Note that somebody read these fields of a person; once a day, with all that was read."""
    await note_reads(tx, group, reader, {person: fields})


async def note_reads(tx: Tx, group: Iri, reader: Iri, read: Mapping[Iri, Iterable[str]]) -> None:
    """Note that somebody read these fields of each of these people, in two statements."""
    if not read:
        return
    day = tx.now.date()
    chosen = sa.select(Reading).where(
        Reading.group == group, Reading.reader == reader, Reading.day == day
    )
    known = {row.person: row for row in (await tx.session.execute(chosen)).scalars()}
    for person, fields in read.items():
        row = known.get(person)
        if row is None:
            row = Reading(person=person, group=group, reader=reader, day=day, fields=[])
            tx.session.add(row)
        row.fields = sorted({*row.fields, *fields})
        row.at = tx.now


async def readings(tx: Tx, person: Iri) -> list[ReadingView]:
    """List who read what of a person, newest first."""
    chosen = (
        sa.select(Reading)
        .where(Reading.person == person)
        .order_by(Reading.at.desc())
        .limit(MOST_READINGS)
    )
    rows = (await tx.session.execute(chosen)).scalars().all()
    names = await network.names_of(tx, {row.reader for row in rows})
    return [
        ReadingView(
            group=Iri(row.group),
            reader=Iri(row.reader),
            reader_name=_called(names.get(row.reader), row.reader),
            fields=tuple(row.fields),
            at=row.at,
        )
        for row in rows
    ]


def _called(known: tuple[str, str] | None, iri: str) -> str:
    return (known[1] or known[0]) if known else iri
