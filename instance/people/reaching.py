"""Whom of the people here something is told, as a notice and an e-mail need them: one query."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.people.models import Person, Right
from instance.people.rights import LEADING


class Reader(msgspec.Struct, frozen=True):
    """Somebody with an account here, in which language she reads and where she is reached."""

    iri: Iri
    language: str
    email: str | None
    phone: str | None


async def readers(tx: Tx, persons: Iterable[Iri]) -> list[Reader]:
    """Return those of these people whose home is here."""
    wanted = sorted(set(persons))
    return await _read(tx, Person.iri.in_(wanted)) if wanted else []


async def leading_readers(tx: Tx, group: Iri) -> list[Reader]:
    """Return those whose home is here and who may act as the group."""
    leading = sa.select(Right.person).where(Right.group == group, Right.role.in_(LEADING))
    return await _read(tx, Person.iri.in_(leading))


async def _read(tx: Tx, which: sa.ColumnElement[bool]) -> list[Reader]:
    chosen = sa.select(Person.iri, Person.language, Person.email, Person.phone).where(which)
    return [
        Reader(Iri(row.iri), row.language, row.email, row.phone)
        for row in await tx.session.execute(chosen.order_by(Person.iri))
    ]
