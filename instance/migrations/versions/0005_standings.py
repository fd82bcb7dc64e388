"""What was decided about hosts and actors elsewhere, and whom of ours others block."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "federation_standings",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("standing", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_federation_standings")),
    )
    op.create_table(
        "federation_blocks",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("block", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "by", name=op.f("pk_federation_blocks")),
    )
    op.create_table(
        "federation_counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_federation_counters")),
    )
