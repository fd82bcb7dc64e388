"""Plans of weeks under way: made beside the server's other work, whoever still looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime

import msgspec
import structlog

from federation import Iri
from instance.db import Database
from instance.people import service as people
from instance.staffing.week import PLANS, keep_week, week_asking
from instance.staffing.week_views import WeekProgress
from instance.viewer import Viewer

AT_ONCE = 1
"""So many weeks are read and planned at once in a process; the others wait for their turn."""

log = structlog.get_logger(__name__)

AskAllies = Callable[[Database, Iri], Awaitable[None]]


class _Making(msgspec.Struct):
    begun: datetime
    viewers: list[Viewer]
    stage: str = "allies"
    task: asyncio.Task[None] | None = None


class Weeks:
    """Makes plans of weeks in the background, one computation for all who ask for the same.

    A plan goes on when the browser that asked for it has gone, and is kept when it is made. What
    was computed a moment ago for the same question is not computed again.
    """

    def __init__(self, database: Database, ask_allies: AskAllies) -> None:
        self._database, self._ask_allies = database, ask_allies
        self._making: dict[tuple[Iri, date], _Making] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._executor = ThreadPoolExecutor(AT_ONCE, "weeks")

    async def begin(self, viewer: Viewer, group: Iri, monday: date) -> None:
        """Begin to plan a week, or join who began before; NotFound for all but leaders."""
        async with self._database.reading() as tx:
            await people.require_leader(tx, viewer, group)
            now = tx.now
        making = self._making.get((group, monday))
        if making is None or making.stage == "failed":
            making = self._making[group, monday] = _Making(now, [viewer])
            making.task = asyncio.create_task(self._make(group, monday, making))
        elif viewer.person not in {one.person for one in making.viewers}:
            making.viewers.append(viewer)

    async def wait(self, group: Iri, monday: date, seconds: float) -> WeekProgress | None:
        """Wait for the plan of a week, but no longer; return how far it has come, as `progress`."""
        making = self._making.get((group, monday))
        if making and making.task:
            await asyncio.wait([making.task], timeout=seconds)
        return self.progress(group, monday)

    def progress(self, group: Iri, monday: date) -> WeekProgress | None:
        """Say how far the plan of a week has come; None when none is being made."""
        making = self._making.get((group, monday))
        return WeekProgress(making.stage, making.begun) if making else None

    async def close(self) -> None:
        """Stop what is under way, and wait for what cannot be stopped."""
        tasks = [one.task for one in self._making.values() if one.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._executor.shutdown, cancel_futures=True)

    async def _make(self, group: Iri, monday: date, making: _Making) -> None:
        try:
            await self._ask_allies(self._database, group)
            making.stage = "waiting"
            async with self._turn:
                await self._plan(group, monday, making)
        except Exception:
            log.exception("a week could not be planned", group=group, monday=monday)
            making.stage = "failed"
        else:
            del self._making[group, monday]

    async def _plan(self, group: Iri, monday: date, making: _Making) -> None:
        making.stage = "reading"
        async with self._database.reading() as tx:
            asked = await week_asking(tx, making.viewers[0], group, monday)
        making.stage = "planning"
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(self._executor, PLANS.answer, asked.problem)
        making.stage = "keeping"
        async with self._database.transaction() as tx:
            await keep_week(tx, making.viewers, asked, answer)
