"""What followed groups write, for those who follow them."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followed_posts",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("said", UtcTime(), nullable=False),
        sa.Column("version", UtcTime(), nullable=False),
        sa.Column("heard", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("iri", name=op.f("pk_followed_posts")),
    )
    op.create_index("ix_followed_posts_author", "followed_posts", ["author", "said"])
    op.create_index(op.f("ix_followed_posts_heard"), "followed_posts", ["heard"])
