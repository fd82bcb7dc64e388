"""The rows of federation: the only place here that knows a database."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from federation.ports import Tx
from federation.sql.exchanges import ExchangeRows
from federation.sql.inbox import InboxRows
from federation.sql.outbox import OutboxRows
from federation.sql.peers import PeerRows
from federation.sql.pruning import PruningRows
from federation.sql.roster import RosterRows
from federation.sql.rows import Said
from federation.sql.standings import StandingRows
from federation.sql.tables import Tables

__all__ = ["SqlStore", "Tables"]


_SAID = "said by federation"


class SqlStore:
    """Everything that federation keeps, read and written in the host's own transactions."""

    def __init__(self, tables: Tables, session_of: Callable[[Tx], AsyncSession]) -> None:
        self.inbox = InboxRows(tables, session_of)
        self.outbox = OutboxRows(tables, session_of)
        self.peers = PeerRows(tables, session_of)
        self.standings = StandingRows(tables, session_of)
        self.roster = RosterRows(tables, session_of)
        self.exchanges = ExchangeRows(tables, session_of)
        self.pruning = PruningRows(tables, session_of)
        self._session_of = session_of

    def say(self, tx: Tx, said: Said) -> None:
        """Keep what a transaction says until its end; it does not commit before that is written."""
        session = self._session_of(tx).sync_session
        if _SAID not in session.info:
            session.info[_SAID] = []
            sa.event.listen(session, "before_commit", _require_all_written)
        session.info[_SAID].append(said)

    def said(self, tx: Tx) -> list[Said]:
        """Return what a transaction has said and has not written yet."""
        said: list[Said] = self._session_of(tx).info.get(_SAID, [])
        return said


def _require_all_written(session: Session) -> None:
    if session.info[_SAID]:
        raise RuntimeError("a host writes what was said before it commits: see Federation.write")
