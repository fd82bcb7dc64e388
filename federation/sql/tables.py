"""The tables of federation, made on the host's own metadata, for SQLite and PostgreSQL alike.

What waits is found by partial indexes, so that what is done costs nothing: the states in their
conditions, and in the queries that use them, have to be literals.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

import sqlalchemy as sa

Time: TypeAlias = sa.types.TypeEngine[datetime]

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


class Tables:
    """The tables that a SqlStore works on, made on the host's own metadata."""

    def __init__(self, metadata: sa.MetaData, time: Time) -> None:
        self.arrivals = _arrivals(metadata)
        self.seen = _seen(metadata)
        self.inbox = _inbox(metadata, time)
        self.outbox = _outbox(metadata, time)
        self.deliveries = _deliveries(metadata, time)
        self.peers = _peers(metadata, time)
        self.actors = _actors(metadata, time)
        self.followers = _followers(metadata, time)
        self.standings = _standings(metadata, time)
        self.blocks = _blocks(metadata, time)
        self.counters = _counters(metadata)
        self.exchanges = _exchanges(metadata, time)
        self.comparisons = _comparisons(metadata, time)


def in_state(column: sa.ColumnElement[Any], state: str) -> sa.ColumnElement[bool]:
    """Compare a state with a literal, as partial indexes want it."""
    return column == sa.literal_column(f"'{state}'")


def _table(metadata: sa.MetaData, name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    return sa.Table(f"federation_{name}", metadata, *parts)


def _column(name: str, kind: Any, *parts: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, *parts, nullable=False, **more)


def _while(condition: str) -> dict[str, Any]:
    # SQLAlchemy writes a truth value as `x` for PostgreSQL and as `x = 1` for SQLite.
    return {
        "postgresql_where": sa.text(condition.replace(" = 1", "")),
        "sqlite_where": sa.text(condition),
    }


def _arrivals(metadata: sa.MetaData) -> sa.Table:
    """What has come and was not looked through yet: only ever appended to, emptied in order."""
    return _table(
        metadata,
        "arrivals",
        sa.Column("seq", BIG, primary_key=True, autoincrement=True),
        _column("body", sa.LargeBinary),
    )


def _seen(metadata: sa.MetaData) -> sa.Table:
    return _table(metadata, "seen", sa.Column("hash", sa.LargeBinary(16), primary_key=True))


def _inbox(metadata: sa.MetaData, time: Time) -> sa.Table:
    ready = _while("state = 'ready'")
    waiting = _while("state = 'ready' AND waits = 1")
    return _table(
        metadata,
        "inbox",
        sa.Column("seq", BIG, primary_key=True, autoincrement=True),
        _column("id", sa.Text, unique=True),
        _column("origin", sa.Text),
        _column("type", sa.Text),
        _column("body", sa.LargeBinary),
        _column("received", time),
        _column("state", sa.Text),
        _column("attempts", sa.Integer, server_default="0"),
        _column("waits", sa.Boolean, server_default=sa.false()),
        _column("next_try", time),
        sa.Column("reason", sa.Text),
        sa.Index("ix_federation_inbox_order", "origin", "seq", **ready),
        sa.Index("ix_federation_inbox_due", "origin", "next_try", **ready),
        sa.Index("ix_federation_inbox_waiting", "next_try", **waiting),
        sa.Index("ix_federation_inbox_ignored", "reason", **_while("state = 'ignored'")),
    )


def _outbox(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "outbox",
        sa.Column("seq", BIG, primary_key=True, autoincrement=True),
        _column("id", sa.Text, unique=True),
        _column("sender", sa.Text),
        _column("public", sa.Boolean),
        _column("body", sa.LargeBinary),
        _column("published", time),
        sa.Index("ix_federation_outbox_public", "sender", "seq", **_while("public = 1")),
    )


def _deliveries(metadata: sa.MetaData, time: Time) -> sa.Table:
    seq = sa.ForeignKey("federation_outbox.seq", ondelete="CASCADE")
    return _table(
        metadata,
        "deliveries",
        sa.Column("id", BIG, primary_key=True, autoincrement=True),
        _column("seq", BIG, seq),
        _column("peer", sa.Text),
        _column("recipient", sa.Text),
        sa.Column("inbox", sa.Text),
        _column("conversation", sa.Text),
        _column("state", sa.Text),
        sa.Column("status", sa.Integer),
        _column("attempts", sa.Integer, server_default="0"),
        _column("next_try", time),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("seq", "peer", "recipient"),
        sa.Index("ix_federation_deliveries_order", "peer", "id", **_while("state = 'ready'")),
        sa.Index(
            "ix_federation_deliveries_parked", "peer", "next_try", **_while("state = 'parked'")
        ),
        sa.Index("ix_federation_deliveries_failed", "id", **_while("state = 'failed'")),
    )


def _peers(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "peers",
        sa.Column("origin", sa.Text, primary_key=True),
        _column("in_until", time),
        _column("in_fence", sa.Integer, server_default="0"),
        _column("out_until", time),
        _column("out_fence", sa.Integer, server_default="0"),
        _column("failures", sa.Integer, server_default="0"),
        sa.Column("failing_since", time),
        _column("next_try", time),
        _column("asked_to_wait", sa.Boolean, server_default=sa.false()),
        sa.Column("last_heard", time),
        sa.Column("last_delivered", time),
        sa.Column("manner", sa.Text),
        sa.Column("manner_since", time),
        sa.Column("keys_changed", time),
    )


def _actors(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "actors",
        sa.Column("id", sa.Text, primary_key=True),
        _column("body", sa.LargeBinary),
        _column("inbox", sa.Text),
        sa.Column("shared_inbox", sa.Text),
        _column("fetched", time),
    )


def _followers(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "followers",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("follower", sa.Text, primary_key=True),
        _column("follow", sa.Text),
        _column("peer", sa.Text),
        sa.Column("inbox", sa.Text),
        _column("since", time),
        sa.Index("ix_federation_followers_follower", "follower"),
        sa.Index("ix_federation_followers_peer", "actor", "peer"),
    )


def _standings(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "standings",
        sa.Column("subject", sa.Text, primary_key=True),
        _column("standing", sa.Text),
        _column("reason", sa.Text),
        _column("since", time),
    )


def _blocks(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "blocks",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("by", sa.Text, primary_key=True),
        _column("block", sa.Text),
        _column("since", time),
    )


def _counters(metadata: sa.MetaData) -> sa.Table:
    return _table(
        metadata, "counters", sa.Column("name", sa.Text, primary_key=True), _column("number", BIG)
    )


def _exchanges(metadata: sa.MetaData, time: Time) -> sa.Table:
    about = _while("about IS NOT NULL")
    return _table(
        metadata,
        "exchanges",
        sa.Column("peer", sa.Text, primary_key=True),
        sa.Column("heard", sa.Boolean, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("item", sa.Text, primary_key=True),
        sa.Column("about", sa.Text),
        _column("published", sa.Text),
        _column("at", time),
        sa.Index("ix_federation_exchanges_about", "peer", "heard", "kind", "about", **about),
    )


def _comparisons(metadata: sa.MetaData, time: Time) -> sa.Table:
    return _table(
        metadata,
        "comparisons",
        sa.Column("peer", sa.Text, primary_key=True),
        _column("next_try", time),
        sa.Column("failed", time),
        sa.Column("agreed", time),
        _column("differs", sa.Text, server_default=""),
        sa.Index("ix_federation_comparisons_next_try", "next_try"),
    )
