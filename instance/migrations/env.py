"""What Alembic runs: the migrations, on the connection that it was handed."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

import instance.app  # noqa: F401  # every feature's tables
from instance.db import Base, UtcTime


def render_item(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column type by its name, whatever it is made from."""
    if kind == "type" and isinstance(item, UtcTime):
        autogen.imports.add("from instance.db import UtcTime")
        return "UtcTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
