"""The background loop: what is due, what came in, what goes out, until told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

import structlog

from federation import Federation
from instance import due
from instance.db import CARRYING, Database

IDLE_SECONDS = 1.0
PATIENCE_SECONDS = 10.0
MOST_STEPS = 1_000

log = structlog.get_logger(__name__)


class Courier:
    """Steps the calendar, the inbox and the outbox, woken by every commit."""

    def __init__(
        self, database: Database, federation: Federation, handlers: Mapping[str, due.Handler]
    ) -> None:
        self._database = database
        self._federation = federation
        self._handlers = handlers
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def step(self) -> bool:
        """Do once what is waiting; return whether there was anything."""
        done = await due.step(self._database, self._handlers)
        return await self._federation.step() or done

    async def settle(self) -> None:
        """Step until nothing is waiting; raises RuntimeError if that never comes."""
        for _ in range(MOST_STEPS):
            if not await self.step():
                return
        raise RuntimeError("the courier finds no end")

    def start(self) -> None:
        """Begin to run in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Begin nothing new; let what is under way end, or stop it when it takes too long."""
        if self._task is None:
            return
        self._stopping = True
        self._database.committed.set()
        await asyncio.gather(
            asyncio.wait([self._task], timeout=PATIENCE_SECONDS),
            self._federation.drain(PATIENCE_SECONDS),
        )
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None

    async def _run(self) -> None:
        CARRYING.set(True)
        while not self._stopping:
            self._database.committed.clear()
            try:
                busy = await self.step()
            except Exception:
                log.exception("the courier stumbled and goes on")
                busy = False
            if not busy and not self._stopping:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._database.committed.wait(), IDLE_SECONDS)
