"""Group commits: many requests share one durable commit."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from federation.activity import Document

Store = Callable[[Sequence[Document]], Awaitable[None]]


class GroupCommit:
    """Lets many requests share one durable commit; each is answered only after its own."""

    def __init__(self, store: Store, most: int = 200) -> None:
        self._store = store
        self._most = most
        self._waiting: list[tuple[Document, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def add(self, document: Document) -> None:
        """Return once the document is durably stored; raise what storing raised."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((document, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        await done

    async def _drain(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._commit(batch)

    async def _commit(self, batch: list[tuple[Document, asyncio.Future[None]]]) -> None:
        """Store a batch, or else one by one: nobody's document fails because of another's."""
        try:
            await self._store([document for document, _ in batch])
        except Exception as error:  # noqa: BLE001  # handed to the one who waits for it
            if len(batch) == 1:
                _resolve(batch[0][1], error)
                return
            for one in batch:
                await self._commit([one])
        else:
            for _, done in batch:
                _resolve(done, None)


def _resolve(done: asyncio.Future[None], error: Exception | None) -> None:
    if done.cancelled():
        return
    if error:
        done.set_exception(error)
    else:
        done.set_result(None)
