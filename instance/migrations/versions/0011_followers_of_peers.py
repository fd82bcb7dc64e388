"""Finding an actor's followers by the peer they are at."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_federation_followers_peer", "federation_followers", ["actor", "peer"])
