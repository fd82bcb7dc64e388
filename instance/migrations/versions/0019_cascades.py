"""How people are asked for a place a few at a time, so that it goes on after a restart."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cascades",
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("allies", sa.Boolean(), nullable=False),
        sa.Column("first_come", sa.Boolean(), nullable=False),
        sa.Column("queue", sa.JSON(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("asked_allies", sa.Boolean(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=True),
        sa.Column("fair_until", UtcTime(), nullable=True),
        sa.Column("begun", UtcTime(), nullable=False),
        sa.Column("changed", UtcTime(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("opening", "agreement", name=op.f("pk_cascades")),
        sa.UniqueConstraint("id", name=op.f("uq_cascades_id")),
    )
    op.create_index(op.f("ix_cascades_job"), "cascades", ["job"])
