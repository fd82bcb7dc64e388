"""What is left of what came in long ago: what may still be asked for, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any, Final

import sqlalchemy as sa

from federation.activity import Document, encode, is_activity, only, stored
from federation.sql.rows import hash_of
from federation.sql.statements import Statements
from federation.sql.tables import in_state

_STUB: Final = ("id", "type", "actor", "published")
_SETTLED: Final = ("done", "ignored", "failed")
_DEEPEST: Final = 5


class PruningRows(Statements):
    """Goes through what came in long ago, oldest first, a few rows at a time."""

    def prune(
        self,
        connection: sa.Connection,
        before: datetime,
        after: int,
        own: str,
        kinds: Collection[str],
        limit: int,
    ) -> int:
        """Look at a few of what came in before a moment; return the last row, 0 at the end.

        Begins behind the row `after`. Rows stand as they came: behind the first that is younger
        there is nothing to do. Of what took effect a stub stays, unless it is of a kind that is
        compared with peers for good; the rest goes. What was given up is forgotten altogether, so
        that it may come again.
        """
        inbox = self.tables.inbox
        columns = (inbox.c.seq, inbox.c.id, inbox.c.origin, inbox.c.state, inbox.c.received)
        looked_at = sa.select(*columns).where(inbox.c.seq > after).order_by(inbox.c.seq)
        rows = connection.execute(looked_at.limit(limit)).all()
        came_before = list(takewhile(lambda row: row.received < before, rows))
        old = [row for row in came_before if row.state in _SETTLED]
        if old:
            gone = [row.seq for row in old if row.state != "done" or row.origin == own]
            self._forget(connection, gone, before)
            done = {row.id: row for row in old if row.seq not in set(gone)}
            kept = self._compared(connection, done, kinds)
            self._shorten(connection, [row.seq for one, row in done.items() if one not in kept])
        return rows[-1].seq if len(came_before) == limit else 0

    def prune_deliveries(self, connection: sa.Connection, before: datetime, limit: int) -> None:
        """Forget a few deliveries that were given up before a moment."""
        deliveries = self.tables.deliveries
        old = (in_state(deliveries.c.state, "failed"), deliveries.c.next_try < before)
        few = sa.select(deliveries.c.id).where(*old).order_by(deliveries.c.id).limit(limit)
        connection.execute(sa.delete(deliveries).where(deliveries.c.id.in_(few), *old))

    def _forget(self, connection: sa.Connection, gone: Sequence[int], before: datetime) -> None:
        """Forget rows; the ids of those that were given up may come again."""
        inbox, seen = self.tables.inbox, self.tables.seen
        here = (inbox.c.seq.in_(gone), inbox.c.received < before, inbox.c.state.in_(_SETTLED))
        forgotten = sa.delete(inbox).where(*here).returning(inbox.c.id, inbox.c.state)
        found = connection.execute(forgotten).all()
        again = [hash_of(row.id) for row in found if row.state == "failed"]
        if again:
            connection.execute(sa.delete(seen).where(seen.c.hash.in_(again)))

    def _compared(
        self, connection: sa.Connection, done: Mapping[str, Any], kinds: Collection[str]
    ) -> set[str]:
        exchanges = self.tables.exchanges
        here = (
            exchanges.c.peer.in_({row.origin for row in done.values()}),
            exchanges.c.heard.is_(True),
            exchanges.c.kind.in_(kinds),
            exchanges.c.item.in_(done),
        )
        return set(connection.execute(sa.select(exchanges.c.item).where(*here)).scalars())

    def _shorten(self, connection: sa.Connection, chosen: Sequence[int]) -> None:
        inbox = self.tables.inbox
        bodies = sa.select(inbox.c.seq, inbox.c.body).where(inbox.c.seq.in_(chosen))
        found = [(row.seq, row.body) for row in connection.execute(bodies)]
        stubs = [(seq, body, encode(stub_of(stored(body)))) for seq, body in found]
        rows = [{"of_seq": seq, "stub": stub} for seq, body, stub in stubs if stub != body]
        if rows:
            short = sa.update(inbox).where(inbox.c.seq == sa.bindparam("of_seq"))
            connection.execute(short.values(body=sa.bindparam("stub")), rows)


def stub_of(document: Document, levels: int = _DEEPEST) -> dict[str, Any]:
    """Return what is kept of an activity: enough to know it again, and what it was about."""
    stub = {name: document[name] for name in _STUB if isinstance(document.get(name), str)}
    inner = only(document.get("object"))
    if isinstance(inner, str):
        stub["object"] = inner
    elif isinstance(inner, dict) and is_activity(inner) and levels:
        stub["object"] = stub_of(inner, levels - 1)
    elif isinstance(inner, dict):
        stub["object"] = {n: inner[n] for n in ("id", "type") if isinstance(inner.get(n), str)}
    return stub
