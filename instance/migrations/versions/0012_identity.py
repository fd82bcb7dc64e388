"""What a person's own key has signed, for her actor to carry."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("actors", sa.Column("identity", sa.JSON(), nullable=True))
