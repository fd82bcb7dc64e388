"""Questions that groups ask, and who has answered while they are open."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "polls",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("voters", sa.Integer(), nullable=False),
        sa.Column("several", sa.Boolean(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("published", UtcTime(), nullable=False),
        sa.Column("version", UtcTime(), nullable=False),
        sa.Column("ends", UtcTime(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("untold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_group_ends", "polls", ["group_iri", "ends"])
    op.create_table(
        "poll_votes",
        sa.Column("poll", sa.Text(), nullable=False),
        sa.Column("voter", sa.Text(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["poll"], ["polls.iri"], name=op.f("fk_poll_votes_poll_polls"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("poll", "voter", "choice", name=op.f("pk_poll_votes")),
    )
    op.create_index(op.f("ix_poll_votes_voter"), "poll_votes", ["voter"])
