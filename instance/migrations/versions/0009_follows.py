"""Groups elsewhere that people here follow, and which jobs were told to everybody."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "known_jobs", sa.Column("public", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "subscriptions",
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("follow", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("group_iri", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "follows",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("since", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.iri"], name=op.f("fk_follows_person_people")),
        sa.ForeignKeyConstraint(
            ["group_iri"],
            ["subscriptions.group_iri"],
            name=op.f("fk_follows_group_iri_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("person", "group_iri", name=op.f("pk_follows")),
    )
    op.create_index(op.f("ix_follows_group_iri"), "follows", ["group_iri"])
    op.create_table(
        "shared_jobs",
        sa.Column("announce", sa.Text(), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("announce", name=op.f("pk_shared_jobs")),
    )
    op.create_index(op.f("ix_shared_jobs_at"), "shared_jobs", ["at"])
    op.create_index(op.f("ix_shared_jobs_group_iri"), "shared_jobs", ["group_iri"])
