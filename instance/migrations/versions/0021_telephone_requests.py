"""Which jobs were asked for by telephone."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telephone_requests",
        sa.Column("job_iri", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_iri"], ["jobs.iri"], name=op.f("fk_telephone_requests_job_iri_jobs")
        ),
        sa.PrimaryKeyConstraint("job_iri", name=op.f("pk_telephone_requests")),
    )
