"""Jobs that repeat, and the days on which they were published."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repeating_jobs",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("left_out", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.Column("stopped", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_iri"], ["actors.iri"], name=op.f("fk_repeating_jobs_group_iri_actors")
        ),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_repeating_jobs")),
    )
    op.create_index(op.f("ix_repeating_jobs_group_iri"), "repeating_jobs", ["group_iri"])
    op.create_table(
        "repeated_shifts",
        sa.Column("repeating_iri", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("shift_iri", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repeating_iri"],
            ["repeating_jobs.iri"],
            name=op.f("fk_repeated_shifts_repeating_iri_repeating_jobs"),
        ),
        sa.ForeignKeyConstraint(
            ["shift_iri"], ["shifts.iri"], name=op.f("fk_repeated_shifts_shift_iri_shifts")
        ),
        sa.PrimaryKeyConstraint(
            "repeating_iri", "day", "number", name=op.f("pk_repeated_shifts")
        ),
    )
    op.create_index(op.f("ix_repeated_shifts_shift_iri"), "repeated_shifts", ["shift_iri"])
