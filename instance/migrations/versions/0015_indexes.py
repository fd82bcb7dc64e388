"""What grows without end is looked up by an index."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_shared_jobs_job"), "shared_jobs", ["job"])
    op.create_index(op.f("ix_named_places_job"), "named_places", ["job"])
    op.create_index(op.f("ix_named_places_invite"), "named_places", ["invite"])
    op.create_index(op.f("ix_notices_link"), "notices", ["link"])
    op.create_index("ix_readings_reader", "readings", ["group", "reader", "day"])
