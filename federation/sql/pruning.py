"""What is left of what came in long ago: what may still be asked for, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from federation.activity import Document, encode, is_activity, only, stored
from federation.sql.rows import hash_of
from federation.sql.statements import Statements, insert_of
from federation.sql.tables import in_state

_COUNTER: Final = "pruned"
_STUB: Final = ("id", "type", "actor", "published")
_SETTLED: Final = ("done", "ignored", "failed")
_DEEPEST: Final = 5


class PruningRows(Statements):
    """Goes through what came in, oldest first, again and again, a few rows at a time."""

    def prune(
        self,
        connection: sa.Connection,
        before: datetime,
        own: str,
        kinds: Collection[str],
        limit: int,
    ) -> int:
        """Look at the next few of what came in; return how many there were, 0 at the end.

        Of what took effect before a moment a stub stays, unless it is of a kind that is compared
        with peers for good; the rest goes. What was given up is forgotten altogether, so that it
        may come again.
        """
        inbox = self.tables.inbox
        columns = (inbox.c.seq, inbox.c.id, inbox.c.origin, inbox.c.state, inbox.c.received)
        after = self._reached(connection)
        looked_at = sa.select(*columns).where(inbox.c.seq > after).order_by(inbox.c.seq)
        rows = connection.execute(looked_at.limit(limit)).all()
        old = [row for row in rows if row.state in _SETTLED and row.received < before]
        if old:
            gone = [row.seq for row in old if row.state != "done" or row.origin == own]
            self._forget(connection, gone, before)
            done = {row.id: row for row in old if row.seq not in set(gone)}
            kept = self._compared(connection, done, kinds)
            self._shorten(connection, [row.seq for one, row in done.items() if one not in kept])
        self._reach(connection, rows[-1].seq if rows else 0)
        return len(rows)

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

    def _reached(self, connection: sa.Connection) -> int:
        counters = self.tables.counters
        found = sa.select(counters.c.number).where(counters.c.name == _COUNTER)
        return int(connection.execute(found).scalar_one_or_none() or 0)

    def _reach(self, connection: sa.Connection, seq: int) -> None:
        insert = insert_of(connection.dialect, self.tables.counters)
        reached = insert.values(name=_COUNTER, number=seq)
        upsert = reached.on_conflict_do_update(index_elements=["name"], set_={"number": seq})
        connection.execute(upsert)


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
