"""What goes out: activities once, found again by their ids, and shown page by page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from federation.activity import Document, encode, stored
from federation.ports import Tx
from federation.sql.deliveries import DeliveryRows
from federation.sql.rows import Said


class OutboxRows(DeliveryRows):
    """Sent activities and their deliveries."""

    async def take(
        self, tx: Tx, conversations: Iterable[str], origins: Iterable[str], now: datetime
    ) -> None:
        """Take all that a transaction's activities need, before the first of them is written.

        Each origin has its row then. The conversations are taken until the commit, because
        PostgreSQL's numbers are not commit-ordered; in one order everywhere, or two transactions
        could wait for each other.
        """
        await self.within(tx, self.touch, origins, now)
        if self.on_postgresql(tx):
            for conversation in sorted(set(conversations)):
                key = sa.func.hashtextextended(conversation, 0)
                await self.run(tx, sa.select(sa.func.pg_advisory_xact_lock(key)))

    async def post(self, tx: Tx, said: Said) -> int:
        """Write an activity, and a delivery for each recipient elsewhere; return its number.

        What it needs has been taken; see `take`. Raises ValueError for an id that was said before.
        """
        outbox = self.tables.outbox
        written = sa.insert(outbox).values(
            id=said.document["id"],
            sender=said.document["actor"],
            public=said.public,
            body=encode(said.document),
            published=said.at,
        )
        try:
            found = await self.run(tx, written.returning(outbox.c.seq))
        except sa.exc.IntegrityError as error:
            raise ValueError(f"{said.document['id']} was said before") from error
        seq = int(found.scalar_one())
        await self.address(tx, seq, said)
        return seq

    async def find_activity(self, tx: Tx, iri: str) -> Document | None:
        """Return a stored activity, sent or received, by its id."""
        for table in (self.tables.outbox, self.tables.inbox):
            row = (await self.run(tx, sa.select(table.c.body).where(table.c.id == iri))).first()
            if row:
                return stored(row.body)
        return None

    async def public_page(
        self, tx: Tx, sender: str, before: int | None, limit: int
    ) -> list[tuple[int, Document]]:
        """List an actor's public activities, newest first, with their numbers."""
        outbox = self.tables.outbox
        where = [outbox.c.sender == sender, outbox.c.public]
        if before is not None:
            where.append(outbox.c.seq < before)
        statement = (
            sa.select(outbox.c.seq, outbox.c.body)
            .where(*where)
            .order_by(outbox.c.seq.desc())
            .limit(limit)
        )
        found = await self.run(tx, statement)
        return [(row.seq, stored(row.body)) for row in found]

    async def count_public(self, tx: Tx, sender: str) -> int:
        """Count an actor's public activities."""
        outbox = self.tables.outbox
        counted = sa.select(sa.func.count()).where(outbox.c.sender == sender, outbox.c.public)
        return int((await self.run(tx, counted)).scalar_one())
