"""The tables of federation, made on the host's own metadata, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa


class Tables:
    """The tables that a SqlStore works on, made on the host's own metadata."""

    def __init__(self, metadata: sa.MetaData, time: sa.types.TypeEngine[datetime]) -> None:
        def table(name: str, *columns: sa.schema.SchemaItem) -> sa.Table:
            return sa.Table(f"federation_{name}", metadata, *columns)

        big = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.seen = table("seen", sa.Column("hash", sa.LargeBinary(16), primary_key=True))
        self.inbox = table(
            "inbox",
            sa.Column("seq", big, primary_key=True, autoincrement=True),
            sa.Column("id", sa.Text, nullable=False, unique=True),
            sa.Column("origin", sa.Text, nullable=False),
            sa.Column("actor", sa.Text, nullable=False),
            sa.Column("type", sa.Text, nullable=False),
            sa.Column("body", sa.LargeBinary, nullable=False),
            sa.Column("received", time, nullable=False),
            sa.Column("state", sa.Text, nullable=False),
            sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
            sa.Column("next_try", time, nullable=False),
            sa.Column("reason", sa.Text),
            sa.Index("ix_federation_inbox_ready", "state", "origin", "next_try"),
        )
        self.outbox = table(
            "outbox",
            sa.Column("seq", big, primary_key=True, autoincrement=True),
            sa.Column("id", sa.Text, nullable=False, unique=True),
            sa.Column("sender", sa.Text, nullable=False),
            sa.Column("conversation", sa.Text, nullable=False),
            sa.Column("public", sa.Boolean, nullable=False),
            sa.Column("body", sa.LargeBinary, nullable=False),
            sa.Column("published", time, nullable=False),
            sa.Index("ix_federation_outbox_sender", "sender", "public", "seq"),
        )
        self.deliveries = table(
            "deliveries",
            sa.Column("id", big, primary_key=True, autoincrement=True),
            sa.Column(
                "seq", big, sa.ForeignKey("federation_outbox.seq", ondelete="CASCADE"), index=True
            ),
            sa.Column("peer", sa.Text, nullable=False),
            sa.Column("recipient", sa.Text, nullable=False),
            sa.Column("inbox", sa.Text),
            sa.Column("state", sa.Text, nullable=False),
            sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
            sa.Column("next_try", time, nullable=False),
            sa.Column("reason", sa.Text),
            sa.Index("ix_federation_deliveries_ready", "state", "peer", "next_try"),
            sa.UniqueConstraint("seq", "peer", "recipient"),
        )
        self.peers = table(
            "peers",
            sa.Column("origin", sa.Text, primary_key=True),
            sa.Column("in_until", time, nullable=False),
            sa.Column("in_fence", sa.Integer, nullable=False, server_default="0"),
            sa.Column("out_until", time, nullable=False),
            sa.Column("out_fence", sa.Integer, nullable=False, server_default="0"),
            sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
            sa.Column("failing_since", time),
            sa.Column("next_try", time, nullable=False),
            sa.Column("last_heard", time),
            sa.Column("last_delivered", time),
        )
        self.actors = table(
            "actors",
            sa.Column("id", sa.Text, primary_key=True),
            sa.Column("body", sa.LargeBinary, nullable=False),
            sa.Column("inbox", sa.Text, nullable=False),
            sa.Column("shared_inbox", sa.Text),
            sa.Column("fetched", time, nullable=False),
        )
        self.followers = table(
            "followers",
            sa.Column("actor", sa.Text, primary_key=True),
            sa.Column("follower", sa.Text, primary_key=True),
            sa.Column("follow", sa.Text, nullable=False),
            sa.Column("peer", sa.Text, nullable=False),
            sa.Column("inbox", sa.Text),
            sa.Column("since", time, nullable=False),
            sa.Index("ix_federation_followers_peer", "actor", "peer"),
        )
