"""How each peer's requests are signed."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("federation_peers", sa.Column("manner", sa.Text(), nullable=True))
    op.add_column("federation_peers", sa.Column("manner_since", UtcTime(), nullable=True))
