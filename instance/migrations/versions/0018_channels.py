"""Messages by push and text beside e-mail, in each person's order and outside her quiet time."""

import sqlalchemy as sa
from alembic import op

from instance.db import UtcTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

CHANNEL = sa.Enum("push", "mail", "text", name="channel", native_enum=False, length=40)


def upgrade() -> None:
    op.add_column("notices", sa.Column("until", UtcTime()))
    op.add_column("mails", sa.Column("channel", CHANNEL, server_default="mail", nullable=False))
    op.create_table(
        "reaching",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("off", sa.JSON(), nullable=False),
        sa.Column("quiet_from", sa.Integer()),
        sa.Column("quiet_until", sa.Integer()),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.iri"], name=op.f("fk_reaching_person_people")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_reaching")),
    )
    op.create_table(
        "push_devices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.iri"], name=op.f("fk_push_devices_person_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_devices")),
        sa.UniqueConstraint("endpoint", name=op.f("uq_push_devices_endpoint")),
    )
    op.create_index(op.f("ix_push_devices_person"), "push_devices", ["person"])
    op.create_table(
        "push_keys",
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("pem", sa.Text(), nullable=False),
        sa.Column("made", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("public", name=op.f("pk_push_keys")),
    )
