"""What everybody asks for is answered from memory: for a second, or until something is written.

An actor's document, a public job, a name: after a post goes out hundreds of servers ask for the
same few within moments.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

from instance.db import Database

KEPT: Final = 1.0
"""Seconds after which what another process has written shows here, too."""
MOST: Final = 500
LARGEST: Final = 32_000
_ASKS_FOR_ITSELF: Final = (
    *("Cookie", "Authorization", "Signature", "Signature-Input"),
    *("If-None-Match", "If-Modified-Since", "Range"),
)


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer, until when it is good, and how much had been written here when it was made."""

    body: bytes
    status: int
    headers: CIMultiDict[str]
    until: float
    writes: int


def keep_warm(database: Database) -> Middleware:
    """Return the middleware that answers from memory; it stands before all others.

    Only what is said to be public (`Cache-Control`) to somebody who says nothing of who she is. A
    commit of this process empties it, so whoever changes something here sees it at once.
    """
    kept: dict[tuple[str, str], _Kept] = {}

    @web.middleware
    async def warm(request: web.Request, handler: Handler) -> web.StreamResponse:
        asked = request.headers
        if request.method != "GET" or any(one in asked for one in _ASKS_FOR_ITSELF):
            return await handler(request)
        key, now = (request.raw_path, asked.get("Accept", "")), asyncio.get_running_loop().time()
        known = kept.get(key)
        if known and known.writes == database.writes and now < known.until:
            headers = CIMultiDict(known.headers)
            return web.Response(body=known.body, status=known.status, headers=headers)
        writes = database.writes
        answer = await handler(request)
        if (body := _public_body(answer)) is not None:
            if len(kept) >= MOST:
                kept.clear()
            headers = CIMultiDict(answer.headers)
            kept[key] = _Kept(body, answer.status, headers, now + KEPT, writes)
        return answer

    return warm


def _public_body(answer: web.StreamResponse) -> bytes | None:
    """Return the body of an answer that is the same for everybody, and not too large to keep."""
    if not isinstance(answer, web.Response) or not isinstance(answer.body, bytes):
        return None
    if "Content-Encoding" in answer.headers:  # not everybody reads it
        return None
    public = answer.headers.get("Cache-Control", "").startswith("public")
    own = answer.status in {200, 410} and not answer.cookies
    return answer.body if public and own and len(answer.body) <= LARGEST else None
