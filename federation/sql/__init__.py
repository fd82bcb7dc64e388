"""The rows of federation: the only place here that knows a database."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.ext.asyncio import AsyncSession

from federation.ports import Tx
from federation.sql.inbox import InboxRows
from federation.sql.outbox import OutboxRows
from federation.sql.peers import PeerRows
from federation.sql.tables import Tables

__all__ = ["SqlStore", "Tables"]


class SqlStore:
    """Everything that federation keeps, read and written in the host's own transactions."""

    def __init__(self, tables: Tables, session_of: Callable[[Tx], AsyncSession]) -> None:
        self.inbox = InboxRows(tables, session_of)
        self.outbox = OutboxRows(tables, session_of)
        self.peers = PeerRows(tables, session_of)
