"""Work that goes on side by side, so that one slow peer holds up nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from federation.errors import Unreachable

Result = TypeVar("Result")

PATIENCE = 1.0
QUICK = 2.0
LOOKS = 0.25


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

    async def rest(self, *, wait: bool = True) -> bool:
        """Wait until all is done, or a second is over and the slow ones go on meanwhile.

        When more than half of all there may be is going on, it is enough that half is free again.
        Returns whether anything was or is still being done; raises what a task raised.
        """
        half = self._most // 2
        self._wanted = half if len(self._tasks) > half else 0
        if wait and len(self._tasks) > self._wanted:
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


class Places:
    """So many at once may ask other servers something; the others stand in line.

    Who has had its place for longer than a quick answer takes gives it up as soon as somebody is
    in line, so that those who are answered slowly keep nobody waiting for long. When more than
    `line` are in it, nobody joins it.
    """

    def __init__(self, most: int, line: int, quick: float = QUICK) -> None:
        self._free = asyncio.Semaphore(most)
        self._line = line
        self._quick = quick
        self._waiting = 0

    async def hold(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Return what work returns once it has had its place; raise Unreachable if it lost it."""
        try:
            await self._take()
        except BaseException:
            work.close()
            raise
        try:
            return await self._while_nobody_waits(asyncio.ensure_future(work))
        finally:
            self._free.release()

    async def _take(self) -> None:
        if self._waiting >= self._line:
            raise Unreachable("Too many others wait for answers from elsewhere.")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    async def _while_nobody_waits(self, task: asyncio.Task[Result]) -> Result:
        patience = self._quick
        try:
            while not (await asyncio.wait([task], timeout=patience))[0]:
                if self._waiting:
                    raise Unreachable("The answer took too long: others wait for theirs.")
                patience = min(LOOKS, self._quick)
            return task.result()
        finally:
            if not task.done():
                task.cancel()
