"""Codes at the doors of shifts, and who came."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "door_codes",
        sa.Column("shift", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("shift", name=op.f("pk_door_codes")),
    )
    op.create_index(op.f("ix_door_codes_job"), "door_codes", ["job"])
    op.create_table(
        "check_ins",
        sa.Column("invite", sa.Text(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("worker", "group", "lender", name="side", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sent", "taken", "refused", name="checkinstate", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("arrived", UtcTime(), nullable=False),
        sa.Column("received", UtcTime(), nullable=False),
        sa.Column("left", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("invite", "side", name=op.f("pk_check_ins")),
    )
    for name in ("event", "person", "opening"):
        op.create_index(op.f(f"ix_check_ins_{name}"), "check_ins", [name])
