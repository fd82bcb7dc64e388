"""Who reads: a request that is signed in the name of somebody blocked here is answered 403."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from federation.actors import owner_of_key
from federation.errors import Malformed
from federation.standing import Standings

# `keyId` of draft-cavage in `Signature`, `keyid` of RFC 9421 in `Signature-Input`.
_KEY_ID = re.compile(r'\bkeyid="([^"]{1,2048})"', re.IGNORECASE)
_FOR_EVERYBODY = "/actor"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Readers:
    """Refuses readers by the name that they sign in, before anything is read for them.

    Whether the signature is good does not matter: nobody signs in the name of somebody blocked to
    see more. The instance's own actor is shown to all.
    """

    def __init__(self, standings: Standings) -> None:
        self._standings = standings

    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pass a request on to its handler, or raise Forbidden."""
        if request.method in {"GET", "HEAD"} and request.path != _FOR_EVERYBODY:
            for name in ("Signature-Input", "Signature"):
                for key_id in _KEY_ID.findall(request.headers.get(name, "")):
                    await self._refuse(key_id)
        return await handler(request)

    async def _refuse(self, key_id: str) -> None:
        try:
            await self._standings.let_in(owner_of_key(key_id))
        except Malformed:
            return  # no address at all: whoever checks the signature says so
