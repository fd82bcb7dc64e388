"""Forgetting what was received long ago, a little at a time."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from federation.kinds import Kinds
from federation.ports import Clock, Database
from federation.sql import SqlStore

KEPT: Final = timedelta(days=180)
FEW: Final = 200
AGAIN: Final = timedelta(seconds=1)
ROUND: Final = timedelta(days=1)


class Pruning:
    """Lets what came in be short once it is old; see ARCHITECTURE.md for what is kept, and why."""

    def __init__(
        self, origin: str, store: SqlStore, database: Database, kinds: Kinds, clock: Clock
    ) -> None:
        self._origin = origin
        self._store = store
        self._database = database
        self._kinds = kinds
        self._clock = clock
        self._next = datetime.min.replace(tzinfo=clock().tzinfo)
        self._after = 0

    async def step(self) -> bool:
        """Look at the next few rows, if it is time to; whoever waits for that is not told."""
        now = self._clock()
        if now >= self._next:
            self._after = await self._database.batch(partial(self._prune, before=now - KEPT))
            self._next = now + (AGAIN if self._after else ROUND)
        return False

    def _prune(self, connection: Any, before: datetime) -> int:
        rows, names = self._store.pruning, self._kinds.names
        rows.prune_deliveries(connection, before, FEW)
        return rows.prune(connection, before, self._after, self._origin, names, FEW)
