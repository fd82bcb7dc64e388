"""Key pairs made ahead, because an RSA key takes longer to make than anything else we do."""

from __future__ import annotations

import asyncio
from collections import deque
from concurrent.futures import Executor

from federation.keys import KeyPair
from federation.ports import ActorKeys


def make_keys() -> ActorKeys:
    """Make the two key pairs of a new actor."""
    return ActorKeys(rsa=KeyPair.generate_rsa(), ed25519=KeyPair.generate_ed25519())


class KeyPool:
    """Hands out fresh keys and makes new ones in an executor."""

    def __init__(self, ahead: int = 4, executor: Executor | None = None) -> None:
        self._ahead = ahead
        self._executor = executor
        self._spare: deque[ActorKeys] = deque()
        self._lock = asyncio.Lock()

    async def take(self) -> ActorKeys:
        """Return keys that nobody else has."""
        if not self._spare:
            await self.fill(1)
        return self._spare.popleft()

    async def fill(self, count: int | None = None) -> None:
        """Make keys until `count` (or the usual number) lie ready.

        Call it before a transaction that makes many actors, so that none is held open meanwhile.
        """
        loop = asyncio.get_running_loop()
        async with self._lock:
            while len(self._spare) < (self._ahead if count is None else count):
                self._spare.append(await loop.run_in_executor(self._executor, make_keys))
