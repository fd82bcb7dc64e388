"""Which ally's place one of a group's own people was asked to fill instead."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("placements", sa.Column("instead", sa.Text(), nullable=True))
