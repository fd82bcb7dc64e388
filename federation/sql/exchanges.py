"""What was exchanged with each peer for good, by kind, and when both sides last agreed on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from federation.activity import stored
from federation.iri import Iri, same_origin
from federation.ports import Tx
from federation.sql.rows import Comparison, Exchanged
from federation.sql.statements import Statements, once
from federation.sql.tables import in_state

MOST_ASKED = 10


class ExchangeRows(Statements):
    """What peers were told and what was heard of them, item by item, and the comparing of it."""

    async def note(self, tx: Tx, noted: Sequence[Exchanged], now: datetime) -> None:
        """Note what was exchanged; of what supersedes itself only the latest is kept."""
        exchanges = self.tables.exchanges
        for one in noted:
            if one.about is not None and await self._is_superseded(tx, one):
                continue
            insert = self.insert(tx, exchanges).values(
                peer=one.peer,
                heard=one.heard,
                kind=one.kind,
                item=one.item,
                about=one.about,
                published=one.published,
                at=now,
            )
            await self.run(tx, insert.on_conflict_do_nothing())

    async def items(self, tx: Tx, peer: str, kind: str, *, heard: bool) -> list[str]:
        """List what was told to a peer, or heard of it, oldest first."""
        exchanges = self.tables.exchanges
        where = (exchanges.c.peer == peer, exchanges.c.heard.is_(heard), exchanges.c.kind == kind)
        chosen = sa.select(exchanges.c.item).where(*where)
        ordered = chosen.order_by(exchanges.c.published, exchanges.c.item)
        return list((await self.run(tx, ordered)).scalars())

    async def take_due(self, tx: Tx, now: datetime, until: datetime, limit: int) -> list[str]:
        """Take peers that it is time to compare with, until they are settled or that moment comes.

        A comparison that failed is due as soon as the peer is heard of, or reached, again.
        """
        comparisons, peers = self.tables.comparisons, self.tables.peers
        signs = (peers.c.last_heard, peers.c.last_delivered)
        back = sa.exists().where(
            peers.c.origin == comparisons.c.peer,
            peers.c.failures == 0,
            sa.or_(*(one > comparisons.c.failed for one in signs)),
        )
        due = sa.or_(comparisons.c.next_try <= now, back)
        chosen = (
            sa.select(comparisons.c.peer)
            .where(due)
            .order_by(comparisons.c.next_try)
            .limit(limit)
            .with_for_update(skip_locked=True, of=comparisons)
        )
        taken = (
            sa.update(comparisons)
            .where(comparisons.c.peer.in_(once(chosen)))
            .values(next_try=until, failed=None)
            .returning(comparisons.c.peer)
        )
        return list((await self.run(tx, taken)).scalars())

    async def expect(self, tx: Tx, after: timedelta) -> None:
        """Have every peer be compared with, so long after the first exchange."""
        exchanges, comparisons = self.tables.exchanges, self.tables.comparisons
        known = sa.exists().where(comparisons.c.peer == exchanges.c.peer)
        first = sa.func.min(exchanges.c.at, type_=comparisons.c.next_try.type).label("first")
        new = sa.select(exchanges.c.peer, first).where(~known).group_by(exchanges.c.peer)
        rows = [
            {"peer": row.peer, "next_try": row.first + after} for row in await self.run(tx, new)
        ]
        if rows:
            insert = self.insert(tx, comparisons)
            await self.run(tx, insert.on_conflict_do_nothing(), rows)

    async def settle(
        self, tx: Tx, peer: str, now: datetime, next_try: datetime, differs: Sequence[str] | None
    ) -> None:
        """Note how a comparison went: which kinds differ, or None when it could not be made."""
        comparisons = self.tables.comparisons
        values: dict[str, object] = {"next_try": next_try, "failed": now}
        if differs is not None:
            values |= {"failed": None, "differs": " ".join(differs)}
        if differs is not None and not differs:
            values["agreed"] = now
        here = comparisons.c.peer == peer
        await self.run(tx, sa.update(comparisons).where(here).values(values))

    async def compared(self, tx: Tx) -> list[Comparison]:
        """List how the last comparison with each peer went."""
        comparisons = self.tables.comparisons
        found = await self.run(tx, sa.select(comparisons).order_by(comparisons.c.peer))
        return [Comparison(row.peer, row.agreed, tuple(row.differs.split())) for row in found]

    async def state_of(self, tx: Tx, iri: str) -> str | None:
        """Return how far a received activity has come, or None when it is not stored."""
        inbox = self.tables.inbox
        found = await self.run(tx, sa.select(inbox.c.state).where(inbox.c.id == iri))
        state: str | None = found.scalar_one_or_none()
        return state

    async def revive(self, tx: Tx, iri: str, now: datetime) -> None:
        """Let a received activity that was given up be tried for another week."""
        inbox = self.tables.inbox
        given_up = (inbox.c.id == iri, in_state(inbox.c.state, "failed"))
        again = {"state": "ready", "received": now, "next_try": now, "attempts": 0}
        await self.run(tx, sa.update(inbox).where(*given_up).values(again))

    async def application_of(self, tx: Tx, peer: str) -> Iri | None:
        """Return the Application of a peer, as its actors name it (FEP-844e), or None."""
        actors = self.tables.actors
        start = f"{peer}/"
        chosen = (
            sa.select(actors.c.body)
            .where(sa.func.substr(actors.c.id, 1, len(start)) == start)
            .order_by(actors.c.fetched.desc(), actors.c.id)
            .limit(MOST_ASKED)
        )
        for body in (await self.run(tx, chosen)).scalars():
            document = stored(body)
            generator = document.get("generator")
            named = generator.get("id") if isinstance(generator, Mapping) else None
            if document.get("type") == "Application":
                named = document["id"]
            if isinstance(named, str) and same_origin(named, peer):
                return Iri(named)
        return None

    async def _is_superseded(self, tx: Tx, one: Exchanged) -> bool:
        """Drop what an item supersedes; tell whether the item itself is superseded already.

        Compared here and not by the database, whose order of letters may not be the peer's.
        """
        exchanges = self.tables.exchanges
        same = (
            exchanges.c.peer == one.peer,
            exchanges.c.heard.is_(one.heard),
            exchanges.c.kind == one.kind,
            exchanges.c.about == one.about,
        )
        found = await self.run(tx, sa.select(exchanges.c.published, exchanges.c.item).where(*same))
        known = [(row.published, row.item) for row in found]
        older = [item for published, item in known if (published, item) < (one.published, one.item)]
        if older:
            await self.run(tx, sa.delete(exchanges).where(*same, exchanges.c.item.in_(older)))
        return len(older) < len(known)
