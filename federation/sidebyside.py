"""Work that goes on side by side, so that one slow peer holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

PATIENCE = 1.0


class SideBySide:
    """A bounded number of tasks, which may outlive the step that began them."""

    def __init__(self, most: int, patience: float = PATIENCE) -> None:
        self._most = most
        self._patience = patience
        self._tasks: set[asyncio.Task[bool]] = set()
        self._ended: list[asyncio.Task[bool]] = []
        self._wanted = 0
        self._enough = asyncio.Event()
        self.draining = False

    @property
    def free(self) -> int:
        """How many more may begin now."""
        return 0 if self.draining else self._most - len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, bool]) -> None:
        """Begin something that tells in the end whether there was anything to do."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    async def rest(self) -> bool:
        """Wait until all is done, or a second is over and the slow ones go on meanwhile.

        When more than half of all there may be is going on, it is enough that half is free again.
        Returns whether anything was or is still being done; raises what a task raised.
        """
        half = self._most // 2
        self._wanted = half if len(self._tasks) > half else 0
        if len(self._tasks) > self._wanted:
            self._enough.clear()
            try:
                async with asyncio.timeout(self._patience):
                    await self._enough.wait()
            except TimeoutError:
                pass
        ended, self._ended = self._ended, []
        failed = [error for task in ended if not task.cancelled() and (error := task.exception())]
        if failed:
            raise failed[0]
        return bool(self._tasks) or any(task.result() for task in ended if not task.cancelled())

    async def drain(self, seconds: float) -> None:
        """Let nothing begin any more, and wait for what is still going on, for a while."""
        self.draining = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)

    async def close(self) -> None:
        """Stop what is still going on."""
        going_on = list(self._tasks)
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)

    def _end(self, task: asyncio.Task[bool]) -> None:
        self._tasks.discard(task)
        self._ended.append(task)
        if len(self._tasks) <= self._wanted:
            self._enough.set()
