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

    @property
    def free(self) -> int:
        """How many more may begin now."""
        return self._most - len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, bool]) -> None:
        """Begin something that tells in the end whether there was anything to do."""
        self._tasks.add(asyncio.create_task(work))

    async def rest(self) -> bool:
        """Wait until all is done, or a second is over and the slow ones go on meanwhile.

        Returns whether anything was or is still being done; raises what a task raised.
        """
        if not self._tasks:
            return False
        done, self._tasks = await asyncio.wait(self._tasks, timeout=self._patience)
        failed = [error for task in done if (error := task.exception())]
        if failed:
            raise failed[0]
        return bool(self._tasks) or any(task.result() for task in done)

    async def close(self) -> None:
        """Stop what is still going on."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = set()
