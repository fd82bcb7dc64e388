"""Tells a page that what it shows has changed, by server-sent events; it works without, too."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

EVERY_SECONDS = 3.0
LONGEST_SECONDS = 600.0

log = structlog.get_logger(__name__)

STREAMS: web.AppKey[set[asyncio.Event]] = web.AppKey("streams")


def open_streams(app: web.Application) -> None:
    """Prepare an application to hold streams open, and to end them when it stops."""
    app[STREAMS] = set()
    app.on_shutdown.append(_end_streams)


async def stream(request: web.Request, look: Callable[[], Awaitable[bytes]]) -> web.StreamResponse:
    """Send an event whenever what `look` returns is another than before.

    The browser opens the stream again when it has ended, which it does after ten minutes.
    """
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/event-stream",
            "Cache-Control": "no-store",
            "X-Accel-Buffering": "no",
        }
    )
    ends = asyncio.Event()
    known = _digest(await look())
    request.app[STREAMS].add(ends)
    try:
        await response.prepare(request)
        await response.write(b"retry: 5000\n\n")
        for _ in range(int(LONGEST_SECONDS / EVERY_SECONDS)):
            if await _ended(ends):
                break
            seen = _digest(await look())
            # an empty comment finds out that nobody listens any more
            await response.write(b": \n\n" if seen == known else b"data: changed\n\n")
            known = seen
    except ConnectionError:
        log.debug("nobody listens to the board any more")
    finally:
        request.app[STREAMS].discard(ends)
    return response


async def _ended(ends: asyncio.Event) -> bool:
    try:
        await asyncio.wait_for(ends.wait(), EVERY_SECONDS)
    except TimeoutError:
        return False
    return True


async def _end_streams(app: web.Application) -> None:
    for ends in app[STREAMS]:
        ends.set()


def _digest(seen: bytes) -> bytes:
    return hashlib.sha256(seen).digest()
