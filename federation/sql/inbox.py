"""What came in: kept as it came, its id remembered, leased by origin, settled at last."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from federation.activity import Document, encode, stored
from federation.errors import Malformed
from federation.iri import origin_of
from federation.ports import Tx
from federation.sql.prepared import Prepared, PreparedForMany
from federation.sql.rows import Lease, Received, Settled, hash_of
from federation.sql.statements import Statements, insert_of, once
from federation.sql.tables import in_state

MOST_HURRIED = 100

log = logging.getLogger(__name__)


class InboxRows(Statements):
    """Received activities and the leases on their origins.

    What is done to many rows at once, or for many requests, works on a bare connection.
    """

    def arrive(self, connection: sa.Connection, bodies: Sequence[bytes]) -> None:
        """Store received activities as they came: whoever sent one waits for no more than that.

        `sort` looks through them before anything else is done with them.
        """
        self._arrival.run(connection, [{"body": one} for one in bodies])

    def sort(self, connection: sa.Connection, now: datetime, limit: int) -> int:
        """Look through what has arrived, oldest first, and keep it; return how much that was.

        Who does the same elsewhere waits, so that nothing overtakes what its origin sent before.
        """
        arrivals = self.tables.arrivals
        oldest = sa.select(arrivals.c.seq).order_by(arrivals.c.seq).limit(limit).with_for_update()
        taken = sa.delete(arrivals).where(arrivals.c.seq.in_(once(oldest))).returning(*arrivals.c)
        found = sorted(connection.execute(taken).all())
        rows = [one for row in found if (one := _looked_through(row.body)) is not None]
        if rows:
            self._keep(connection, rows, now)
        return len(found)

    def keep(
        self,
        connection: sa.Connection,
        activities: Sequence[Document],
        now: datetime,
        *,
        heard: bool = True,
    ) -> int:
        """Keep activities that were never seen before; return how many were new.

        `heard` says that their origins have spoken to us over the network.
        """
        rows = [_row(document, encode(document)) for document in activities]
        return self._keep(connection, rows, now, heard=heard)

    def _keep(
        self,
        connection: sa.Connection,
        rows: Sequence[Mapping[str, Any]],
        now: datetime,
        *,
        heard: bool = True,
    ) -> int:
        firsts: dict[bytes, Mapping[str, Any]] = {}
        for one in rows:
            firsts.setdefault(hash_of(one["id"]), one)
        note = self.wake if heard else self.touch
        note(connection, {one["origin"] for one in rows}, now)
        new = self._new(connection, sorted(firsts))
        fresh = [one for key, one in firsts.items() if key in new]
        if fresh:
            self._row.run(connection, fresh, {"state": "ready", "received": now, "next_try": now})
        return len(fresh)

    async def withdraw(self, tx: Tx, iri: str) -> None:
        """Remember an activity that was undone before it took effect: it never will."""
        await self.within(tx, self._new, [hash_of(iri)])
        inbox = self.tables.inbox
        waiting = (inbox.c.id == iri, inbox.c.state.in_(("ready", "failed")))
        undone = {"state": "ignored", "reason": "undone before it took effect"}
        await self.run(tx, sa.update(inbox).where(*waiting).values(undone))

    async def was_seen(self, tx: Tx, iri: str) -> bool:
        """Tell whether an activity of this id was ever received."""
        seen = self.tables.seen
        found = await self.run(tx, sa.select(seen.c.hash).where(seen.c.hash == hash_of(iri)))
        return found.first() is not None

    def lease_in(
        self, connection: sa.Connection, now: datetime, until: datetime, limit: int
    ) -> list[Lease]:
        """Take origins that have activities ready and are free, the longest unserved first."""
        inbox, peers = self.tables.inbox, self.tables.peers
        ready = sa.exists().where(
            inbox.c.origin == peers.c.origin,
            in_state(inbox.c.state, "ready"),
            inbox.c.next_try <= now,
        )
        found = self.lease(connection, "in", ready, now, until, limit)
        return [Lease(row.origin, row.fence) for row in found]

    def ready(
        self, connection: sa.Connection, lease: Lease, now: datetime, limit: int
    ) -> list[Received]:
        """List an origin's activities that are ready, oldest first."""
        inbox = self.tables.inbox
        statement = (
            sa.select(inbox.c.seq, inbox.c.body, inbox.c.attempts, inbox.c.received)
            .where(
                in_state(inbox.c.state, "ready"),
                inbox.c.origin == lease.origin,
                inbox.c.next_try <= now,
            )
            .order_by(inbox.c.seq)
            .limit(limit)
        )
        return [
            Received(row.seq, stored(row.body), row.attempts, row.received)
            for row in connection.execute(statement)
        ]

    def settle(
        self,
        connection: sa.Connection,
        until: Mapping[Lease, datetime],
        settled: Sequence[Settled],
    ) -> bool:
        """Note what became of activities and renew the leases; return whether all were held.

        Takes the origins' rows until the commit. To be undone when one was lost.
        """
        # In one order everywhere, or two transactions could wait for each other.
        for lease in sorted(until, key=lambda one: one.origin):
            if not self.holds(connection, "in", lease, until[lease]):
                return False
        inbox = self.tables.inbox
        statement = (
            sa.update(inbox)
            .where(inbox.c.seq == sa.bindparam("of_seq"))
            .values(
                state=sa.bindparam("to_state"),
                reason=sa.bindparam("for_reason"),
                next_try=sa.func.coalesce(
                    sa.bindparam("at", type_=inbox.c.next_try.type), inbox.c.next_try
                ),
                waits=sa.bindparam("for_another"),
                attempts=inbox.c.attempts + 1,
            )
        )
        rows = [
            {
                "of_seq": one.seq,
                "to_state": one.state,
                "for_reason": one.reason,
                "at": one.next_try,
                "for_another": one.waits,
            }
            for one in settled
        ]
        if rows:
            connection.execute(statement, rows)
        return True

    def hurry(self, connection: sa.Connection, origins: Collection[str], now: datetime) -> None:
        """Try waiting activities again at once: what they waited for may just have come.

        Those of `origins` are hurried before all others, a hundred of either: nobody can make us
        try thousands again by sending one.
        """
        inbox = self.tables.inbox
        waiting = (in_state(inbox.c.state, "ready"), inbox.c.waits, inbox.c.next_try > now)
        for nearest in (inbox.c.origin.in_(sorted(origins)), sa.true()):
            soonest = (
                sa.select(inbox.c.seq)
                .where(*waiting, nearest)
                .order_by(inbox.c.next_try)
                .limit(MOST_HURRIED)
                .with_for_update(skip_locked=True)
            )
            chosen = inbox.c.seq.in_(once(soonest))
            connection.execute(sa.update(inbox).where(chosen).values(next_try=now))

    def give_back(self, connection: sa.Connection, lease: Lease, now: datetime) -> None:
        """Give an origin back, if it is still ours."""
        self.holds(connection, "in", lease, now)

    async def ignored(self, tx: Tx, limit: int = 100) -> Mapping[str, int]:
        """Count what nobody here understands, by reason, the commonest first."""
        inbox = self.tables.inbox
        number = sa.func.count().label("number")
        statement = (
            sa.select(inbox.c.reason, number)
            .where(in_state(inbox.c.state, "ignored"))
            .group_by(inbox.c.reason)
            .order_by(number.desc(), inbox.c.reason)
            .limit(limit)
        )
        return {row.reason: row.number for row in await self.run(tx, statement)}

    def _new(self, connection: sa.Connection, hashes: Sequence[bytes]) -> set[bytes]:
        """Remember hashes, in one order everywhere; return those never seen before."""
        if not hashes:
            return set()
        return {bytes(one) for (one,) in self._hashes.run(connection, hashes)}

    @cached_property
    def _arrival(self) -> Prepared:
        body = sa.bindparam("body", type_=sa.LargeBinary())
        return Prepared(lambda _: sa.insert(self.tables.arrivals).values(body=body).inline())

    @cached_property
    def _row(self) -> Prepared:
        inbox = self.tables.inbox
        stored = ("id", "origin", "type", "body", "received", "state", "next_try")
        values = {name: sa.bindparam(name, type_=inbox.c[name].type) for name in stored}
        return Prepared(lambda _: sa.insert(inbox).values(values).inline())

    @cached_property
    def _hashes(self) -> PreparedForMany:
        seen = self.tables.seen

        def make(dialect: sa.Dialect, names: Sequence[str]) -> sa.Executable:
            rows = [{"hash": sa.bindparam(one, type_=seen.c.hash.type)} for one in names]
            insert = insert_of(dialect, seen).values(rows)
            return insert.on_conflict_do_nothing().returning(seen.c.hash)

        return PreparedForMany(make)


def _looked_through(body: bytes) -> dict[str, Any] | None:
    """Return the row of an arrival; None for one that an earlier version let in and this one not.

    Nothing that arrived may keep what came after it waiting.
    """
    try:
        return _row(stored(body), body)
    except Malformed:
        log.warning("something that arrived is not taken any more")
        return None


def _row(document: Document, body: bytes) -> dict[str, Any]:
    return {
        "id": document["id"],
        "origin": origin_of(document["id"]),
        "type": document["type"],
        "body": body,
    }
