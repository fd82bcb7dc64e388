"""How often somebody may fail to sign in before she has to wait."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import sqlalchemy as sa

from instance import due
from instance.db import Tx
from instance.errors import TooMany
from instance.people.models import Attempt

WINDOW = timedelta(minutes=15)
FORGET = "people.forget_attempts"

# From one place as one person, from one place as anybody, from anywhere as one person.
PAIR, PLACE, ACCOUNT = 8, 100, 50


async def take(tx: Tx, address: str, account: str) -> None:
    """Count an attempt before it is tried, so that many at once are counted too.

    Raises TooMany when there were too many in the last quarter of an hour.
    """
    for key, most in sorted(_limits(address, account)):  # in one order, so that none wait in a ring
        if await _counted(tx, key) > most:
            raise TooMany("Too many tries. Please wait a quarter of an hour, or ask for help.")


async def clear(tx: Tx, address: str, account: str) -> None:
    """Forget the failures of somebody who has now succeeded."""
    pair, place, _ = (key for key, _ in _limits(address, account))
    await tx.session.execute(sa.delete(Attempt).where(Attempt.key == pair))
    less = sa.update(Attempt).where(Attempt.key == place, Attempt.count > 0)
    await tx.session.execute(less.values(count=Attempt.count - 1))


async def take_few(tx: Tx, purpose: str, account: str, most: int) -> bool:
    """Count something that is done rarely, such as asking for a link; False when too often."""
    return await _counted(tx, _hash(purpose, account)) <= most


async def forget(tx: Tx, key: str) -> None:
    """Forget what lies longer back than it counts."""
    old = sa.delete(Attempt).where(Attempt.key == key, Attempt.since <= tx.now - WINDOW)
    if (await tx.session.execute(old.returning(Attempt.key))).first() is None:
        await due.schedule(tx, tx.now + WINDOW, FORGET, key)


def _limits(address: str, account: str) -> tuple[tuple[str, int], ...]:
    account = account.strip().casefold()
    return (
        (_hash("pair", address, account), PAIR),
        (_hash("place", address), PLACE),
        (_hash("account", account), ACCOUNT),
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


async def _counted(tx: Tx, key: str) -> int:
    """Add one to a count that began less than a window ago, or begin it; return it."""
    old = Attempt.since <= tx.now - WINDOW
    counted = tx.insert(Attempt).values(key=key, count=1, since=tx.now)
    counted = counted.on_conflict_do_update(
        index_elements=[Attempt.key],
        set_={
            "count": sa.case((old, 1), else_=Attempt.count + 1),
            "since": sa.case((old, sa.literal(tx.now, Attempt.since.type)), else_=Attempt.since),
        },
    )
    count = int((await tx.session.execute(counted.returning(Attempt.count))).scalar_one())
    if count == 1:
        await due.schedule(tx, tx.now + WINDOW, FORGET, key)
    return count
