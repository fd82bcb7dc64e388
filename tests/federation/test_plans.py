"""How the loops find what waits, however much there is: by what plan, on both databases."""

from functools import partial

import sqlalchemy as sa

from federation.sql import prepared
from federation.sql.rows import Settled, Visited
from tests.federation.host import activity
from tests.federation.test_store import MINUTE, host, now, post, remember

__all__ = ["host", "now"]  # fixtures


async def test_what_waits_is_found_by_index_however_much_there_is(host, now, monkeypatch):
    """No query of the two loops reads a table from end to end (peers, which are few, apart)."""
    plans = await plans_of(host, now, monkeypatch)

    assert len(plans) >= 12
    for statement, plan in plans:
        for table in ("arrivals", "inbox", "deliveries", "outbox", "seen"):
            for scan in (f"SCAN federation_{table}", f"Seq Scan on federation_{table}"):
                found = [line for line in plan if line.strip(" ->").startswith(scan)]
                assert not [line for line in found if "INDEX" not in line], (statement, plan)


async def plans_of(host, now, monkeypatch):
    """Explain every statement of the loops, on tables that are worth an index."""
    await remember(host, now, *(activity(f"http://p{n % 50}.test/users/a") for n in range(100)))
    for number in range(10):
        recipients = [f"http://p{n}.test/users/a" for n in range(50)]
        await post(host, now, *recipients, conversation=str(number))
    explained = partial(_explained, store=host.federation.store, now=now, monkeypatch=monkeypatch)
    return await host.batch(explained)


def _explained(connection, store, now, monkeypatch):
    on_postgresql = connection.dialect.name == "postgresql"
    if on_postgresql:
        connection.exec_driver_sql("ANALYZE")
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plans, asking = [], False

    def explain(conn, cursor, statement, parameters, context, executemany):
        nonlocal asking
        if asking or executemany or statement.startswith("INSERT"):
            return
        asking = True
        verb = "EXPLAIN" if on_postgresql else "EXPLAIN QUERY PLAN"
        found = conn.exec_driver_sql(f"{verb} {statement}", parameters).all()
        plans.append((statement, [str(row[-1]) for row in found]))
        asking = False

    execute = prepared._executed

    def executed(conn, sql, rows):
        explain(conn, None, sql, rows[0], None, len(rows) > 1)
        return execute(conn, sql, rows)

    monkeypatch.setattr(prepared, "_executed", executed)

    sa.event.listen(connection, "before_cursor_execute", explain)
    later = now + MINUTE
    (lease, *_) = store.inbox.lease_in(connection, now, later, 5)
    (row, *_) = store.inbox.ready(connection, lease, now, 5)
    store.inbox.settle(connection, {lease: later}, [Settled(row.seq, "done")])
    store.inbox.hurry(connection, [lease.origin], now)
    (road, *_) = store.outbox.roads(connection, now, later, 5, 4)
    visited = Visited(road.lease, [one.id for one in road.heads], (), 0, now)
    store.outbox.settle(connection, [visited], now, later, 4)
    store.outbox.lapse(connection, [road.lease.origin], now)
    sa.event.remove(connection, "before_cursor_execute", explain)
    return plans
