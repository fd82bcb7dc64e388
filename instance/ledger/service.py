"""Post to the ledger and read balances. Rows are reversed, never edited."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.errors import Invalid
from instance.ledger.models import Entry, Reversal

MINUTES = "minutes"
MOST_STEPS = 20_000


class Balance(msgspec.Struct, frozen=True):
    """What `counter` owes an account in one unit; below 0 the account owes it."""

    counter: Iri
    unit: str
    amount: int


class Line(msgspec.Struct, frozen=True):
    """One step of a balance: what changed it, when, by how much, and what it came to."""

    cause: Iri
    at: datetime
    amount: int
    balance: int
    reverses: Iri | None = None


class Posting(msgspec.Struct, frozen=True):
    """One amount by which `debtor` owes `creditor` more, and what made it so."""

    cause: Iri
    unit: str
    debtor: Iri
    creditor: Iri
    amount: int


async def post(
    tx: Tx, cause: Iri, debtor: Iri, creditor: Iri, amount: int, unit: str, at: datetime
) -> bool:
    """Let `debtor` owe `creditor` an amount more; return False when the cause was posted before.

    Each cause counts once in each unit, however often it is posted and in whatever order. Raises
    Invalid for an amount below 0 or an account that would owe itself.
    """
    if amount < 0 or debtor == creditor:
        raise Invalid("An amount is owed by one account to another.")
    await _take(tx, cause)
    posted = await _write(tx, cause, debtor, creditor, amount, unit, at)
    if posted and (reversal := await tx.get(Reversal, cause)):
        await _write(tx, Iri(reversal.by_cause), creditor, debtor, amount, unit, reversal.at, cause)
    return posted


async def reverse(tx: Tx, cause: Iri, by_cause: Iri) -> bool:
    """Take back what a cause posted, by postings of another cause; return False when it was before.

    A reversal that comes first is remembered and takes effect with the posting.
    """
    await _take(tx, cause)
    values = {"cause": cause, "by_cause": by_cause, "at": tx.now}
    added = await _insert(tx, Reversal, [values], Reversal.cause)
    if not added:
        return False
    posted = sa.select(Entry).where(Entry.cause == cause, Entry.credit).order_by(Entry.id)
    for row in (await tx.session.scalars(posted)).all():
        await _write(
            tx, by_cause, Iri(row.account), Iri(row.counter), row.amount, row.unit, tx.now, cause
        )
    return True


async def balance(tx: Tx, account: Iri, counter: Iri, unit: str = MINUTES) -> int:
    """Return what `counter` owes `account`; below 0 `account` owes `counter`."""
    total = sa.select(sa.func.coalesce(sa.func.sum(Entry.amount), 0)).where(
        Entry.account == account, Entry.counter == counter, Entry.unit == unit
    )
    return int((await tx.session.execute(total)).scalar_one())


async def postings(tx: Tx, account: Iri, counter: Iri) -> list[Posting]:
    """List all that stands between two accounts, as either of them would write it."""
    chosen = sa.select(Entry).where(Entry.account == account, Entry.counter == counter)
    return [
        Posting(
            cause=Iri(row.cause),
            unit=row.unit,
            debtor=Iri(row.counter if row.credit else row.account),
            creditor=Iri(row.account if row.credit else row.counter),
            amount=abs(row.amount),
        )
        for row in (await tx.session.scalars(chosen.order_by(Entry.id))).all()
    ]


async def balances(tx: Tx, account: Iri) -> list[Balance]:
    """List an account's balances with everybody, in every unit."""
    statement = (
        sa.select(Entry.counter, Entry.unit, sa.func.sum(Entry.amount).label("amount"))
        .where(Entry.account == account)
        .group_by(Entry.counter, Entry.unit)
        .order_by(Entry.counter, Entry.unit)
    )
    found = await tx.session.execute(statement)
    return [Balance(Iri(row.counter), row.unit, int(row.amount)) for row in found]


async def history(
    tx: Tx, account: Iri, counter: Iri, unit: str = MINUTES, limit: int = 500
) -> list[Line]:
    """List the last steps of a balance, oldest first, each with what the balance came to."""
    newest = (
        sa.select(Entry)
        .where(Entry.account == account, Entry.counter == counter, Entry.unit == unit)
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(limit)
    )
    rows = (await tx.session.scalars(newest)).all()
    now = await balance(tx, account, counter, unit)
    lines: list[Line] = []
    for row in rows:
        reverses = Iri(row.reverses) if row.reverses else None
        lines.append(Line(Iri(row.cause), row.at, row.amount, now, reverses))
        now -= row.amount
    return lines[::-1]


async def histories(tx: Tx, account: Iri) -> dict[tuple[Iri, str], list[Line]]:
    """Return the last steps of all of an account's balances, by (counter account, unit).

    Of very many steps the oldest are left out; what each balance came to is right all the same.
    """
    newest = (
        sa.select(Entry)
        .where(Entry.account == account)
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(MOST_STEPS)
    )
    left = {(one.counter, one.unit): one.amount for one in await balances(tx, account)}
    found: dict[tuple[Iri, str], list[Line]] = {key: [] for key in left}
    for row in (await tx.session.scalars(newest)).all():
        key = (Iri(row.counter), row.unit)
        reverses = Iri(row.reverses) if row.reverses else None
        found[key].append(Line(Iri(row.cause), row.at, row.amount, left[key], reverses))
        left[key] -= row.amount
    return {key: lines[::-1] for key, lines in found.items()}


async def total(tx: Tx, unit: str = MINUTES) -> int:
    """Return the sum of all amounts in a unit: 0, or the ledger is broken."""
    summed = sa.select(sa.func.coalesce(sa.func.sum(Entry.amount), 0)).where(Entry.unit == unit)
    return int((await tx.session.execute(summed)).scalar_one())


async def _take(tx: Tx, cause: Iri) -> None:
    """Let a posting and its reversal, arriving in the same instant, see each other."""
    if not tx.settings.on_sqlite:
        key = sa.func.hashtextextended(f"ledger:{cause}", 0)
        await tx.session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))


async def _write(
    tx: Tx,
    cause: Iri,
    debtor: Iri,
    creditor: Iri,
    amount: int,
    unit: str,
    at: datetime,
    reverses: Iri | None = None,
) -> bool:
    common = {"cause": cause, "unit": unit, "at": at, "reverses": reverses}
    halves = [
        {"credit": True, "account": creditor, "counter": debtor, "amount": amount, **common},
        {"credit": False, "account": debtor, "counter": creditor, "amount": -amount, **common},
    ]
    return await _insert(tx, Entry, halves, Entry.id)


async def _insert(
    tx: Tx, table: type[Entry | Reversal], rows: Sequence[dict[str, Any]], returning: Any
) -> bool:
    """Insert rows whose key is new; return whether there were any."""
    written = tx.insert(table).values(list(rows)).on_conflict_do_nothing().returning(returning)
    return (await tx.session.execute(written)).first() is not None
