"""The secret address of somebody's calendar: whoever has it reads when she works, and no more."""

from __future__ import annotations

import secrets
from datetime import datetime

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.people.models import CALENDAR, Token
from instance.people.sessions import TOUCH, hash_of, secret


class CalendarView(msgspec.Struct, frozen=True):
    """That there is an address, since when, and when it was last read."""

    made: datetime
    seen: datetime | None


async def make_calendar(tx: Tx, person: Iri) -> str:
    """Make an address and return its secret part, which is shown once; an earlier one ends."""
    await end_calendar(tx, person)
    held = secret()
    row = Token(
        hash=hash_of(held),
        id=secrets.token_urlsafe(12),
        person=person,
        label="",
        scopes=[CALENDAR],
        made=tx.now,
    )
    tx.session.add(row)
    return held


async def end_calendar(tx: Tx, person: Iri) -> None:
    """Let an address lead nowhere; ending it again changes nothing."""
    for row in await _rows(tx, person):
        await tx.session.delete(row)


async def calendar(tx: Tx, person: Iri) -> CalendarView | None:
    """Tell whether a person has an address for her calendar."""
    rows = await _rows(tx, person)
    return CalendarView(rows[0].made, rows[0].seen) if rows else None


async def person_of_calendar(tx: Tx, held: str) -> tuple[Iri | None, bool]:
    """Return whose calendar stands at an address, and whether `touch` should note its reading."""
    row = await tx.get(Token, hash_of(held))
    if row is None or row.scopes != [CALENDAR]:
        return None, False
    return Iri(row.person), row.seen is None or row.seen <= tx.now - TOUCH


async def _rows(tx: Tx, person: Iri) -> list[Token]:
    rows = await tx.session.scalars(sa.select(Token).where(Token.person == person))
    return [one for one in rows if one.scopes == [CALENDAR]]
