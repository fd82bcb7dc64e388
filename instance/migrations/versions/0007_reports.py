"""What was reported to us by others, and by people here to others."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("objects", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("answered", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("activity", "outgoing", name=op.f("uq_reports_activity_outgoing")),
    )
    op.create_index("ix_reports_state_at", "reports", ["state", "at"])
    op.create_index("ix_reports_origin_state", "reports", ["origin", "state"])
    op.create_table(
        "reported_groups",
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report"],
            ["reports.id"],
            name=op.f("fk_reported_groups_report_reports"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("report", "group", name=op.f("pk_reported_groups")),
    )
    op.create_index(op.f("ix_reported_groups_group"), "reported_groups", ["group"])
