"""A client that costs next to nothing: ready-made requests over a few kept connections.

python -m benchmarks.measuring.client PORT FILE CONNECTIONS [TIMES]   prints JSON
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import cast

import uvloop

from benchmarks.measuring.population import load


class Connection(asyncio.Protocol):
    """Sends one request after the other and reads no more of an answer than it must."""

    def __init__(self, requests: list[bytes], statuses: Counter[int]) -> None:
        self._requests = requests
        self._statuses = statuses
        self._at = 0
        self._buffer = b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        # uvloop's transports descend from none of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def data_received(self, data: bytes) -> None:
        """Read an answer; when it is whole, send the next request."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        _, _, after = lowered.partition(b"content-length:")
        length = int(after.partition(b"\r\n")[0]) if after else 0
        if len(rest) < length:
            return
        self._statuses[int(head[9:12])] += 1
        self._buffer = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Say so, if it was not the end."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("cut off"))

    def _next(self) -> None:
        if self._at == len(self._requests):
            self.done.set_result(None)
            self._transport.close()
            return
        self._transport.write(self._requests[self._at])
        self._at += 1


async def measure(port: int, requests: list[bytes], connections: int) -> dict[str, object]:
    """Send everything; return how long it took and what was answered."""
    statuses: Counter[int] = Counter()
    loop, going = asyncio.get_running_loop(), []
    begun = time.monotonic()
    for number in range(connections):
        share = requests[number::connections]
        _, one = await loop.create_connection(
            lambda share=share: Connection(share, statuses), "127.0.0.1", port
        )
        going.append(one.done)
    await asyncio.gather(*going)
    return {"seconds": time.monotonic() - begun, "statuses": dict(statuses)}


def main(port: str, file: str, connections: str, times: str = "1") -> None:
    """Measure once and print it."""
    requests = [one.raw for one in load(Path(file))] * int(times)
    print(json.dumps(uvloop.run(measure(int(port), requests, int(connections)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
