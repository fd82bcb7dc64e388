"""When a group took its question down."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("polls", sa.Column("gone", UtcTime(), nullable=True))
