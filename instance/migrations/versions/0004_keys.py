"""Keys that actors had before, and when a peer was seen with new ones."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "actors", sa.Column("generation", sa.Integer(), server_default="1", nullable=False)
    )
    op.add_column("federation_peers", sa.Column("keys_changed", UtcTime(), nullable=True))
    op.create_table(
        "former_keys",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("rsa", sa.Text(), nullable=False),
        sa.Column("ed25519", sa.Text(), nullable=False),
        sa.Column("rsa_pem", sa.Text(), nullable=True),
        sa.Column("ed25519_pem", sa.Text(), nullable=True),
        sa.Column("replaced", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor"], ["actors.iri"], name=op.f("fk_former_keys_actor_actors")
        ),
        sa.PrimaryKeyConstraint("actor", "generation", name=op.f("pk_former_keys")),
    )
