"""What people ask groups, and how many like a job's post or pass it on."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_enquiries()
    _make_lines()
    _make_reactions()


def _make_enquiries() -> None:
    op.create_table(
        "enquiries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("side", sa.String(length=40), nullable=False),
        sa.Column("group_iri", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("opened", UtcTime(), nullable=False),
        sa.Column("changed", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
        sa.UniqueConstraint(
            "side", "group_iri", "asker", "job", name=op.f("uq_enquiries_side_group_iri_asker_job")
        ),
    )
    op.create_index(op.f("ix_enquiries_asker"), "enquiries", ["asker"])
    op.create_index(op.f("ix_enquiries_origin"), "enquiries", ["origin"])
    op.create_index("ix_enquiries_group_changed", "enquiries", ["group_iri", "changed"])


def _make_lines() -> None:
    op.create_table(
        "enquiry_lines",
        sa.Column("enquiry", sa.Text(), nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("by_group", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("said", UtcTime(), nullable=False),
        sa.Column("version", UtcTime(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enquiry"],
            ["enquiries.id"],
            name=op.f("fk_enquiry_lines_enquiry_enquiries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("enquiry", "iri", name=op.f("pk_enquiry_lines")),
    )
    op.create_index(op.f("ix_enquiry_lines_iri"), "enquiry_lines", ["iri"])


def _make_reactions() -> None:
    op.create_table(
        "job_reactions",
        sa.Column("job_iri", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_iri"], ["jobs.iri"], name=op.f("fk_job_reactions_job_iri_jobs")
        ),
        sa.PrimaryKeyConstraint("job_iri", "kind", "mark", name=op.f("pk_job_reactions")),
    )
