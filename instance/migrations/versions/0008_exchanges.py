"""What was exchanged with each peer for good, and the comparing of it."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "federation_exchanges",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("heard", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("published", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint(
            "peer", "heard", "kind", "item", name=op.f("pk_federation_exchanges")
        ),
    )
    op.create_index(
        "ix_federation_exchanges_about",
        "federation_exchanges",
        ["peer", "heard", "kind", "about"],
        postgresql_where=sa.text("about IS NOT NULL"),
        sqlite_where=sa.text("about IS NOT NULL"),
    )
    op.create_table(
        "federation_comparisons",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("next_try", UtcTime(), nullable=False),
        sa.Column("failed", UtcTime(), nullable=True),
        sa.Column("agreed", UtcTime(), nullable=True),
        sa.Column("differs", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_federation_comparisons")),
    )
    op.create_index(
        "ix_federation_comparisons_next_try", "federation_comparisons", ["next_try"]
    )
