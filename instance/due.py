"""Everything that must happen later: one row each, handled once, harmless when late or twice."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, Database, Tx

Handler: TypeAlias = Callable[[Tx, str], Awaitable[None]]

RETRY = timedelta(minutes=1)
BATCH = 100

log = structlog.get_logger(__name__)


class Due(Base):
    """Something to do at a moment: `kind` says what, `key` on which row."""

    __tablename__ = "due"

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


async def schedule(tx: Tx, at: datetime, kind: str, key: str) -> None:
    """Have something done at a moment; doing so again moves the moment."""
    new = tx.insert(Due).values(kind=kind, key=key, at=at)
    moved = new.on_conflict_do_update(index_elements=[Due.kind, Due.key], set_={"at": at})
    await tx.session.execute(moved)


async def schedule_all(tx: Tx, kind: str, moments: Mapping[str, datetime]) -> None:
    """Have many things of one kind done, each by its key at its moment, in one statement."""
    if moments:
        new = tx.insert(Due)
        moved = new.on_conflict_do_update(
            index_elements=[Due.kind, Due.key], set_={"at": new.excluded.at}
        )
        rows = [{"kind": kind, "key": key, "at": at} for key, at in moments.items()]
        await tx.session.execute(moved, rows)


async def schedule_once(tx: Tx, at: datetime, kind: str, key: str) -> None:
    """Have something done that many ask for, at the moment that the first of them named.

    A row that stands is not taken: those who ask for it at once do not wait for each other.
    """
    new = tx.insert(Due).values(kind=kind, key=key, at=at)
    await tx.session.execute(new.on_conflict_do_nothing())


async def cancel(tx: Tx, kind: str, key: str) -> None:
    """Have something not done after all, unless it is being done at this moment.

    Who does it has taken its row, and may wait for what the caller has taken.
    """
    here = sa.and_(Due.kind == kind, Due.key == key)
    free = sa.select(Due.key).where(here).with_for_update(skip_locked=True)
    await tx.session.execute(sa.delete(Due).where(Due.kind == kind, Due.key.in_(free)))


async def next_moment(tx: Tx) -> datetime | None:
    """Return when something is due next."""
    return (await tx.session.execute(sa.select(sa.func.min(Due.at)))).scalar()


async def step(database: Database, handlers: Mapping[str, Handler]) -> bool:
    """Do what is due, each in its own transaction; return whether there was anything."""
    async with database.reading() as tx:
        rows = await tx.session.execute(
            sa.select(Due.kind, Due.key).where(Due.at <= tx.now).order_by(Due.at).limit(BATCH)
        )
        due = rows.all()
    for kind, key in due:
        await _handle(database, handlers, kind, key)
    return bool(due)


async def _handle(database: Database, handlers: Mapping[str, Handler], kind: str, key: str) -> None:
    try:
        async with database.transaction() as tx:
            if await _take(tx, kind, key):
                await handlers[kind](tx, key)
    except Exception:
        log.exception("what was due failed and is tried again", kind=kind, key=key)
        async with database.transaction() as tx:
            await schedule(tx, tx.now + RETRY, kind, key)


async def _take(tx: Tx, kind: str, key: str) -> bool:
    """Take a due row out; False when somebody else has, or it was moved to later."""
    taken = await tx.session.execute(
        sa.delete(Due).where(Due.kind == kind, Due.key == key, Due.at <= tx.now).returning(Due.kind)
    )
    return taken.first() is not None
