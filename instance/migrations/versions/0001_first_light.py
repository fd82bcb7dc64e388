"""First light."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "actors",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "Person", "Group", "Application", name="actorkind", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("rsa_pem", sa.Text(), nullable=False),
        sa.Column("ed25519_pem", sa.Text(), nullable=False),
        sa.Column("also_known_as", sa.JSON(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=True),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("gone", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_actors")),
        sa.UniqueConstraint("username", name=op.f("uq_actors_username")),
    )
    op.create_table(
        "alliance_capacities",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("ally", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("as_of", UtcTime(), nullable=True),
        sa.Column("asked", UtcTime(), nullable=False),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("group", "ally", name=op.f("pk_alliance_capacities")),
    )
    op.create_table(
        "alliance_capacity_askings",
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("ally", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group", "ally", name=op.f("pk_alliance_capacity_askings")),
    )
    op.create_table(
        "alliance_early_undos",
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("activity", "actor", name=op.f("pk_alliance_early_undos")),
    )
    op.create_table(
        "alliances",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("ally", sa.Text(), nullable=False),
        sa.Column("ally_name", sa.Text(), nullable=False),
        sa.Column("offered_by_us", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "active",
                "rejected",
                "ended",
                name="state",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("our_proof", sa.JSON(), nullable=False),
        sa.Column("their_proof", sa.JSON(), nullable=False),
        sa.Column("accept", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("offered", UtcTime(), nullable=False),
        sa.Column("answered", UtcTime(), nullable=True),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alliances")),
        sa.UniqueConstraint("offer", "group", name=op.f("uq_alliances_offer_group")),
    )
    with op.batch_alter_table("alliances", schema=None) as batch_op:
        batch_op.create_index("ix_alliances_pair", ["group", "ally", "state"], unique=False)

    op.create_table(
        "answered",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("content_type", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_answered")),
    )
    op.create_table(
        "asks",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("borrower", "lender", name="side", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("ally", sa.Text(), nullable=False),
        sa.Column("ally_name", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "withdrawn", "declined", name="askstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("job_updated", UtcTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("rate_cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("levy_percent", sa.Integer(), nullable=False),
        sa.Column("asked", UtcTime(), nullable=False),
        sa.Column("updated", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asks")),
        sa.UniqueConstraint("iri", "side", name=op.f("uq_asks_iri_side")),
    )
    with op.batch_alter_table("asks", schema=None) as batch_op:
        batch_op.create_index("ix_asks_group", ["group", "side", "state"], unique=False)
        batch_op.create_index("ix_asks_job", ["job", "side"], unique=False)

    op.create_table(
        "due",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_due")),
    )
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_at"), ["at"], unique=False)

    op.create_table(
        "early_hours_answers",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("heard", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("event", "group", name=op.f("pk_early_hours_answers")),
    )
    op.create_table(
        "early_undos",
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("heard", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("invite", name=op.f("pk_early_undos")),
    )
    op.create_table(
        "early_unnames",
        sa.Column("announce", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("heard", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("announce", name=op.f("pk_early_unnames")),
    )
    op.create_table(
        "ended_shares",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_ended_shares")),
    )
    op.create_table(
        "federation_actors",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("shared_inbox", sa.Text(), nullable=True),
        sa.Column("fetched", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_actors")),
    )
    op.create_table(
        "federation_followers",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("follower", sa.Text(), nullable=False),
        sa.Column("follow", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=True),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "follower", name=op.f("pk_federation_followers")),
    )
    with op.batch_alter_table("federation_followers", schema=None) as batch_op:
        batch_op.create_index("ix_federation_followers_follower", ["follower"], unique=False)

    op.create_table(
        "federation_inbox",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received", UtcTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waits", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("next_try", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_federation_inbox")),
        sa.UniqueConstraint("id", name=op.f("uq_federation_inbox_id")),
    )
    with op.batch_alter_table("federation_inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_federation_inbox_due",
            ["origin", "next_try"],
            unique=False,
            postgresql_where=sa.text("state = 'ready'"),
            sqlite_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(
            "ix_federation_inbox_ignored",
            ["reason"],
            unique=False,
            postgresql_where=sa.text("state = 'ignored'"),
            sqlite_where=sa.text("state = 'ignored'"),
        )
        batch_op.create_index(
            "ix_federation_inbox_order",
            ["origin", "seq"],
            unique=False,
            postgresql_where=sa.text("state = 'ready'"),
            sqlite_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(
            "ix_federation_inbox_waiting",
            ["next_try"],
            unique=False,
            postgresql_where=sa.text("state = 'ready' AND waits"),
            sqlite_where=sa.text("state = 'ready' AND waits = 1"),
        )

    op.create_table(
        "federation_outbox",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("published", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_federation_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_federation_outbox_id")),
    )
    with op.batch_alter_table("federation_outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_federation_outbox_public",
            ["sender", "seq"],
            unique=False,
            postgresql_where=sa.text("public"),
            sqlite_where=sa.text("public = 1"),
        )

    op.create_table(
        "federation_peers",
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("in_until", UtcTime(), nullable=False),
        sa.Column("in_fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("out_until", UtcTime(), nullable=False),
        sa.Column("out_fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", UtcTime(), nullable=True),
        sa.Column("next_try", UtcTime(), nullable=False),
        sa.Column("asked_to_wait", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_heard", UtcTime(), nullable=True),
        sa.Column("last_delivered", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_federation_peers")),
    )
    op.create_table(
        "federation_seen",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_federation_seen")),
    )
    op.create_table(
        "known_jobs",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.Column("posting", sa.JSON(), nullable=False),
        sa.Column("exact", sa.JSON(), nullable=False),
        sa.Column("version", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("heard", UtcTime(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_known_jobs")),
    )
    with op.batch_alter_table("known_jobs", schema=None) as batch_op:
        batch_op.create_index("ix_known_jobs_group_until", ["group_iri", "until"], unique=False)
        batch_op.create_index(batch_op.f("ix_known_jobs_origin"), ["origin"], unique=False)
        batch_op.create_index(batch_op.f("ix_known_jobs_until"), ["until"], unique=False)

    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("credit", sa.Boolean(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("reverses", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint(
            "cause", "unit", "credit", name=op.f("uq_ledger_entries_cause_unit_credit")
        ),
    )
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_ledger_entries_account", ["account", "counter", "unit"], unique=False
        )

    op.create_table(
        "ledger_reversals",
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("by_cause", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("cause", name=op.f("pk_ledger_reversals")),
    )
    op.create_table(
        "loan_early_ends",
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("activity", "actor", name=op.f("pk_loan_early_ends")),
    )
    op.create_table(
        "named_places",
        sa.Column("announce", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("create", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("promised", "named", "done", name="placestate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("named", UtcTime(), nullable=False),
        sa.Column("changed", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("announce", name=op.f("pk_named_places")),
        sa.UniqueConstraint("id", name=op.f("uq_named_places_id")),
    )
    with op.batch_alter_table("named_places", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_named_places_commitment"), ["commitment"], unique=False
        )
        batch_op.create_index("ix_named_places_group", ["group", "starts"], unique=False)
        batch_op.create_index(
            "ix_named_places_opening", ["opening", "agreement", "state"], unique=False
        )

    op.create_table(
        "placements",
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "answered",
                "confirming",
                "confirmed",
                "done",
                "declined",
                "expired",
                "lost",
                "dropped out",
                "called off",
                "not needed",
                "replaced",
                name="placementstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("reply_by", UtcTime(), nullable=False),
        sa.Column("hold_until", UtcTime(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("accept", sa.Text(), nullable=True),
        sa.Column("commitment", sa.Text(), nullable=True),
        sa.Column("create", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("announce", sa.Text(), nullable=True),
        sa.Column("withdrawal", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("invited", UtcTime(), nullable=False),
        sa.Column("changed", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("invite", name=op.f("pk_placements")),
        sa.UniqueConstraint("id", name=op.f("uq_placements_id")),
    )
    with op.batch_alter_table("placements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_placements_commitment"), ["commitment"], unique=False)
        batch_op.create_index("ix_placements_group", ["group", "starts"], unique=False)
        batch_op.create_index(batch_op.f("ix_placements_job"), ["job"], unique=False)
        batch_op.create_index(
            "ix_placements_opening", ["opening", "agreement", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_placements_person"), ["person"], unique=False)
        batch_op.create_index(batch_op.f("ix_placements_replaces"), ["replaces"], unique=False)

    op.create_table(
        "rights",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "member",
                "leader",
                "administrator",
                "auditor",
                name="role",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("person", "group", "role", "source", name=op.f("pk_rights")),
    )
    with op.batch_alter_table("rights", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_rights_group"), ["group"], unique=False)

    op.create_table(
        "shortlist_gaps",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("allies", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "opening", name=op.f("pk_shortlist_gaps")),
    )
    op.create_table(
        "shortlist_rows",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("suggested", sa.Boolean(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "opening", "person", name=op.f("pk_shortlist_rows")),
    )
    with op.batch_alter_table("shortlist_rows", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shortlist_rows_person"), ["person"], unique=False)

    op.create_table(
        "shortlists",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("problem_hash", sa.Text(), nullable=False),
        sa.Column("rule_version", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("found", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_shortlists")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_since"), ["since"], unique=False)

    op.create_table(
        "staffed_openings",
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("auto_confirm", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("opening", "agreement", name=op.f("pk_staffed_openings")),
    )
    op.create_table(
        "transparency_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=True),
        sa.Column("by_mark", sa.Text(), nullable=False),
        sa.Column("about_mark", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_transparency_entries")),
        sa.UniqueConstraint("decision", name=op.f("uq_transparency_entries_decision")),
    )
    with op.batch_alter_table("transparency_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_transparency_entries_about_mark"), ["about_mark"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_transparency_entries_by_mark"), ["by_mark"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_transparency_entries_group"), ["group"], unique=False)

    op.create_table(
        "transparency_head",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("one", name=op.f("pk_transparency_head")),
    )
    op.create_table(
        "transparency_salts",
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_transparency_salts")),
        sa.UniqueConstraint("person", name=op.f("uq_transparency_salts_person")),
    )
    op.create_table(
        "work_records",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("worker", "group", "lender", name="side", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("lender", sa.Text(), nullable=True),
        sa.Column("agreement", sa.Text(), nullable=True),
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("started", UtcTime(), nullable=False),
        sa.Column("ended", UtcTime(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "code",
            sa.Enum(
                "entered",
                "changed",
                "agreed",
                "disputed",
                name="code",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "entered",
                "corrected",
                "disputed",
                "confirmed",
                "replaced",
                "overtaken",
                name="hoursstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("proposed", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("placed", sa.Boolean(), nullable=False),
        sa.Column("stated", UtcTime(), nullable=False),
        sa.Column("answered", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("event", "side", name=op.f("pk_work_records")),
        sa.UniqueConstraint("id", name=op.f("uq_work_records_id")),
    )
    with op.batch_alter_table("work_records", schema=None) as batch_op:
        batch_op.create_index(
            "ix_work_records_group", ["group", "side", "state", "started"], unique=False
        )
        batch_op.create_index("ix_work_records_invite", ["invite", "side"], unique=False)
        batch_op.create_index(
            "ix_work_records_lender", ["lender", "side", "state", "started"], unique=False
        )
        batch_op.create_index("ix_work_records_person", ["person", "side", "started"], unique=False)
        batch_op.create_index("ix_work_records_replaces", ["replaces", "side"], unique=False)

    op.create_table(
        "agendas",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["actors.iri"], name=op.f("fk_agendas_person_actors")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_agendas")),
    )
    op.create_table(
        "agreements",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("join", "paper", "moved", name="source", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.Column("agreed", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["actors.iri"], name=op.f("fk_agreements_person_actors")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreements")),
    )
    with op.batch_alter_table("agreements", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreements_ended"), ["ended"], unique=False)
        batch_op.create_index("ix_agreements_person_group", ["person", "group"], unique=False)

    op.create_table(
        "ask_places",
        sa.Column("ask_id", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["asks.id"], name=op.f("fk_ask_places_ask_id_asks")),
        sa.PrimaryKeyConstraint("ask_id", "opening", name=op.f("pk_ask_places")),
    )
    op.create_table(
        "concierges",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("leader", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["leader"], ["actors.iri"], name=op.f("fk_concierges_leader_actors")
        ),
        sa.ForeignKeyConstraint(
            ["person"], ["actors.iri"], name=op.f("fk_concierges_person_actors")
        ),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_concierges")),
    )
    with op.batch_alter_table("concierges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_concierges_leader"), ["leader"], unique=False)

    op.create_table(
        "days_off",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["actors.iri"], name=op.f("fk_days_off_person_actors")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_days_off")),
    )
    with op.batch_alter_table("days_off", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_days_off_person"), ["person"], unique=False)

    op.create_table(
        "federation_deliveries",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=True),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try", UtcTime(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["federation_outbox.seq"],
            name=op.f("fk_federation_deliveries_seq_federation_outbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_federation_deliveries")),
        sa.UniqueConstraint(
            "seq", "peer", "recipient", name=op.f("uq_federation_deliveries_seq_peer_recipient")
        ),
    )
    with op.batch_alter_table("federation_deliveries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_federation_deliveries_failed",
            ["id"],
            unique=False,
            postgresql_where=sa.text("state = 'failed'"),
            sqlite_where=sa.text("state = 'failed'"),
        )
        batch_op.create_index(
            "ix_federation_deliveries_order",
            ["peer", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'ready'"),
            sqlite_where=sa.text("state = 'ready'"),
        )
        batch_op.create_index(
            "ix_federation_deliveries_parked",
            ["peer", "next_try"],
            unique=False,
            postgresql_where=sa.text("state = 'parked'"),
            sqlite_where=sa.text("state = 'parked'"),
        )

    op.create_table(
        "groups",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("asked_days", sa.Integer(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["iri"], ["actors.iri"], name=op.f("fk_groups_iri_actors")),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_groups")),
    )
    op.create_table(
        "inviters",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["actors.iri"], name=op.f("fk_inviters_person_actors")),
        sa.PrimaryKeyConstraint("person", "group", name=op.f("pk_inviters")),
    )
    op.create_table(
        "jobs",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "called_off", name="jobstate", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum("public", "members", "allies", name="audience", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("district", sa.Text(), nullable=False),
        sa.Column("pay_cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("worker_percent", sa.Integer(), nullable=False),
        sa.Column("insurance_percent", sa.Integer(), nullable=False),
        sa.Column("levy_percent", sa.Integer(), nullable=False),
        sa.Column("fund_percent", sa.Integer(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("bring", sa.Text(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("customer_phone", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("lot_seed", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("published", UtcTime(), nullable=False),
        sa.Column("updated", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_iri"], ["actors.iri"], name=op.f("fk_jobs_group_iri_actors")
        ),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_ends"), ["ends"], unique=False)
        batch_op.create_index("ix_jobs_group_ends", ["group_iri", "ends"], unique=False)

    op.create_table(
        "loans",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("offer", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("borrower", "lender", name="side", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("ally", sa.Text(), nullable=False),
        sa.Column("ally_name", sa.Text(), nullable=False),
        sa.Column("ask_id", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "standing",
                "refused",
                "withdrawn",
                "replaced",
                "ended",
                name="loanstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("agreement", sa.Text(), nullable=True),
        sa.Column("accept", sa.Text(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("job_updated", UtcTime(), nullable=False),
        sa.Column("updated", UtcTime(), nullable=False),
        sa.Column("offered", UtcTime(), nullable=False),
        sa.Column("accepted", UtcTime(), nullable=True),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["ask_id"], ["asks.id"], name=op.f("fk_loans_ask_id_asks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
        sa.UniqueConstraint("offer", "side", name=op.f("uq_loans_offer_side")),
    )
    with op.batch_alter_table("loans", schema=None) as batch_op:
        batch_op.create_index("ix_loans_agreement", ["agreement", "side"], unique=False)
        batch_op.create_index(batch_op.f("ix_loans_ask_id"), ["ask_id"], unique=False)
        batch_op.create_index("ix_loans_group", ["group", "side", "state"], unique=False)

    op.create_table(
        "painted_days",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["actors.iri"], name=op.f("fk_painted_days_person_actors")
        ),
        sa.PrimaryKeyConstraint("person", "day", name=op.f("pk_painted_days")),
    )
    op.create_table(
        "painted_hours",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("start_minute", sa.Integer(), nullable=False),
        sa.Column("end_minute", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["actors.iri"], name=op.f("fk_painted_hours_person_actors")
        ),
        sa.PrimaryKeyConstraint("person", "weekday", "start_minute", name=op.f("pk_painted_hours")),
    )
    op.create_table(
        "people",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_public", sa.Boolean(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("adult", sa.Boolean(), nullable=False),
        sa.Column("weekly_minutes", sa.Integer(), nullable=False),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("joined", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["iri"], ["actors.iri"], name=op.f("fk_people_iri_actors")),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_people")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_people_email"), ["email"], unique=False)

    op.create_table(
        "promises",
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "held",
                "confirmed",
                "done",
                "called off",
                "released",
                "refused",
                "declined",
                "expired",
                "withdrawn held",
                "withdrawn",
                "replaced",
                name="promisestate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("pay_cents_per_hour", sa.Integer(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("reply_by", UtcTime(), nullable=False),
        sa.Column("hold_until", UtcTime(), nullable=True),
        sa.Column("replaces", sa.Text(), nullable=True),
        sa.Column("gives_way", sa.Text(), nullable=True),
        sa.Column("claims", sa.Boolean(), nullable=False),
        sa.Column("accept", sa.Text(), nullable=True),
        sa.Column("create", sa.Text(), nullable=True),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("offered", sa.JSON(), nullable=False),
        sa.Column("invited", UtcTime(), nullable=False),
        sa.Column("changed", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["actors.iri"], name=op.f("fk_promises_person_actors")),
        sa.PrimaryKeyConstraint("invite", name=op.f("pk_promises")),
        sa.UniqueConstraint("create", name=op.f("uq_promises_create")),
        sa.UniqueConstraint("id", name=op.f("uq_promises_id")),
    )
    with op.batch_alter_table("promises", schema=None) as batch_op:
        batch_op.create_index("ix_promises_person_starts", ["person", "starts"], unique=False)

    op.create_table(
        "readings",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["actors.iri"], name=op.f("fk_readings_person_actors")),
        sa.PrimaryKeyConstraint("person", "group", "reader", "day", name=op.f("pk_readings")),
    )
    op.create_table(
        "answer_links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_answer_links_person_people")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_answer_links")),
    )
    with op.batch_alter_table("answer_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_links_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_answer_links_person"), ["person"], unique=False)

    op.create_table(
        "belongings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("group_handle", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "asked",
                "member",
                "refused",
                "left",
                "removed",
                "moved",
                name="memberstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("join", sa.Text(), nullable=True),
        sa.Column("share", sa.Text(), nullable=False),
        sa.Column("sent", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("asked", UtcTime(), nullable=False),
        sa.Column("since", UtcTime(), nullable=True),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_belongings_person_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_belongings")),
        sa.UniqueConstraint("person", "group", name=op.f("uq_belongings_person_group")),
        sa.UniqueConstraint("share", name=op.f("uq_belongings_share")),
    )
    with op.batch_alter_table("belongings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_belongings_group"), ["group"], unique=False)
        batch_op.create_index(batch_op.f("ix_belongings_join"), ["join"], unique=False)

    op.create_table(
        "held_certificates",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_held_certificates_person_people")
        ),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_held_certificates")),
    )
    op.create_table(
        "held_languages",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_held_languages_person_people")
        ),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_held_languages")),
    )
    op.create_table(
        "held_skills",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_held_skills_person_people")
        ),
        sa.PrimaryKeyConstraint("person", "key", name=op.f("pk_held_skills")),
    )
    op.create_table(
        "join_links",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["groups.iri"], name=op.f("fk_join_links_group_groups")),
        sa.ForeignKeyConstraint(
            ["made_by"], ["people.iri"], name=op.f("fk_join_links_made_by_people")
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_join_links")),
    )
    with op.batch_alter_table("join_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_join_links_group"), ["group"], unique=False)

    op.create_table(
        "loan_places",
        sa.Column("loan_id", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("worked", sa.Integer(), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["loan_id"], ["loans.id"], name=op.f("fk_loan_places_loan_id_loans")
        ),
        sa.PrimaryKeyConstraint("loan_id", "opening", name=op.f("pk_loan_places")),
    )
    with op.batch_alter_table("loan_places", schema=None) as batch_op:
        batch_op.create_index("ix_loan_places_opening", ["opening"], unique=False)

    op.create_table(
        "mails",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("signs_in", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "kept",
                "late",
                "failed",
                name="mailstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("until", UtcTime(), nullable=True),
        sa.Column("next_try", UtcTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.iri"], name=op.f("fk_mails_person_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    with op.batch_alter_table("mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mails_made"), ["made"], unique=False)
        batch_op.create_index(batch_op.f("ix_mails_person"), ["person"], unique=False)
        batch_op.create_index("ix_mails_state_next_try", ["state", "next_try"], unique=False)

    op.create_table(
        "memberships",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "asked",
                "member",
                "refused",
                "left",
                "removed",
                "moved",
                name="memberstate",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("join", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("offered", sa.JSON(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("asked", UtcTime(), nullable=False),
        sa.Column("since", UtcTime(), nullable=True),
        sa.Column("ended", UtcTime(), nullable=True),
        sa.Column("moved", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group"], ["groups.iri"], name=op.f("fk_memberships_group_groups")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("group", "person", name=op.f("uq_memberships_group_person")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index("ix_memberships_group_state", ["group", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_memberships_person"), ["person"], unique=False)

    op.create_table(
        "named_homes",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("home", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("named", UtcTime(), nullable=False),
        sa.Column("moved", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_named_homes_person_people")
        ),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_named_homes")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("read", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.iri"], name=op.f("fk_notices_person_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_made"), ["made"], unique=False)
        batch_op.create_index("ix_notices_person_made", ["person", "made"], unique=False)

    op.create_table(
        "promise_details",
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("told", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invite"], ["promises.invite"], name=op.f("fk_promise_details_invite_promises")
        ),
        sa.PrimaryKeyConstraint("invite", name=op.f("pk_promise_details")),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("seen", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.iri"], name=op.f("fk_sessions_person_people")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sessions")),
        sa.UniqueConstraint("id", name=op.f("uq_sessions_id")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sessions_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_sessions_person"), ["person"], unique=False)

    op.create_table(
        "shifts",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("job_iri", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("starts", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("called_off", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["job_iri"], ["jobs.iri"], name=op.f("fk_shifts_job_iri_jobs")),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_shifts")),
    )
    with op.batch_alter_table("shifts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shifts_job_iri"), ["job_iri"], unique=False)

    op.create_table(
        "sign_in_links",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("link", "code", name="linkkind", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("expires", UtcTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_sign_in_links_person_people")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in_links")),
    )
    with op.batch_alter_table("sign_in_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_links_expires"), ["expires"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_links_person"), ["person"], unique=False)

    op.create_table(
        "takeovers",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("until", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_takeovers_person_people")
        ),
        sa.PrimaryKeyConstraint("person", "group", name=op.f("pk_takeovers")),
    )
    op.create_table(
        "tokens",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.Column("seen", UtcTime(), nullable=True),
        sa.Column("expires", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["person"], ["people.iri"], name=op.f("fk_tokens_person_people")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_tokens")),
        sa.UniqueConstraint("id", name=op.f("uq_tokens_id")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_person"), ["person"], unique=False)

    op.create_table(
        "member_shares",
        sa.Column("membership", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("district", sa.Text(), nullable=True),
        sa.Column("weekly_minutes", sa.Integer(), nullable=True),
        sa.Column("adult", sa.Boolean(), nullable=True),
        sa.Column("skills", sa.JSON(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("windows", sa.JSON(), nullable=False),
        sa.Column("as_of", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership"], ["memberships.id"], name=op.f("fk_member_shares_membership_memberships")
        ),
        sa.PrimaryKeyConstraint("membership", name=op.f("pk_member_shares")),
    )
    op.create_table(
        "openings",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("shift_iri", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("certificates", sa.JSON(), nullable=False),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["shift_iri"], ["shifts.iri"], name=op.f("fk_openings_shift_iri_shifts")
        ),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_openings")),
    )
    with op.batch_alter_table("openings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_openings_shift_iri"), ["shift_iri"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "ALTER TABLE promises ADD CONSTRAINT ex_promises_one_place EXCLUDE USING gist ("
            "int8range(hashtextextended(person, 0), hashtextextended(person, 0), '[]') WITH &&, "
            "tstzrange(starts, ends) WITH &&) "
            "WHERE (claims AND state IN ('held', 'confirmed', 'done'))"
        )
