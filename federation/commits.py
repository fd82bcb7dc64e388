"""Group commits: many requests share one durable commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

LULL = 0.02
LONGEST = 2.0
SHARE = 2


class GroupCommit(Generic[Item, Result]):
    """Lets many requests share one durable commit; each is answered only after its own.

    `store` makes items durable together and returns what came of each. Where nobody waits for an
    answer, more come together within the seconds of `gather`, as long as there are many.
    """

    def __init__(
        self,
        store: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        most: int = 200,
        *,
        gather: float = 0.0,
    ) -> None:
        self._store = store
        self._most = most
        self._gather = gather
        self._many = False
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._running: asyncio.Task[None] | None = None
        self._last = self._gave_way = float("-inf")
        self._crowded = False

    async def add(self, item: Item) -> Result:
        """Return what came of an item once it is durable; raise what storing raised."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, done))
        self._last = loop.time()
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        return await done

    async def lull(self) -> None:
        """Return when nothing has come for a moment, two seconds after it was asked at the latest.

        Whoever asks again and finds no such moment waits twice as long as it has worked since, so
        that of what keeps coming nothing is left undone.
        """
        loop = asyncio.get_running_loop()
        begun = loop.time()
        patience = min(SHARE * (begun - self._gave_way), LONGEST) if self._crowded else LONGEST
        while True:
            self._crowded = self._is_crowded()
            if not self._crowded or loop.time() - begun >= patience:
                break
            await asyncio.sleep(LULL / 4)
        self._gave_way = loop.time()

    def _is_crowded(self) -> bool:
        going_on = self._running is not None and not self._running.done()
        return going_on or asyncio.get_running_loop().time() - self._last < LULL

    async def _drain(self) -> None:
        while self._waiting:
            if self._gather and self._many:
                await asyncio.sleep(self._gather)
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            self._many = len(batch) > 1
            await self._commit(batch)
            self._last = asyncio.get_running_loop().time()

    async def _commit(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Store a batch, or else one by one: nobody's item fails because of another's."""
        try:
            results = await self._store([item for item, _ in batch])
        except BaseException as error:
            if len(batch) > 1 and isinstance(error, Exception):
                for one in batch:
                    await self._commit([one])
                return
            for _, done in batch:
                if not done.done():
                    done.set_exception(error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, done), result in zip(batch, results, strict=True):
                if not done.cancelled():
                    done.set_result(result)
