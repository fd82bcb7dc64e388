"""What this host shows a peer of all it has told it: digests first, items where they differ.

The pattern is that of FEP-8fcf, for kinds of activities in place of followers. A kind with many
items is told in parts, by the first digits of the items' SHA-256, so that a difference is found in
a few small documents.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from federation.activity import ACTIVITY_STREAMS
from federation.collections import activity_response, signer_of
from federation.inbox import Inbox
from federation.iri import origin_of
from federation.kinds import Kinds, digest_of, hash_of, with_prefix
from federation.ports import Database, Directory
from federation.sql import SqlStore

PATH: Final = "/actor/reconciliation"
MOST_LISTED: Final = 250
DEEPEST: Final = 16
_DIGITS: Final = "0123456789abcdef"
_PREFIX = re.compile(f"[{_DIGITS}]{{0,{DEEPEST}}}")
_SPEAKERS: Final = frozenset({"Application", "Service"})


class Reconciliation:
    """Serves what a peer was told, to the Application that speaks for that peer."""

    def __init__(
        self,
        *,
        directory: Directory,
        database: Database,
        store: SqlStore,
        inbox: Inbox,
        kinds: Kinds,
    ) -> None:
        self._directory = directory
        self._database = database
        self._store = store
        self._inbox = inbox
        self._kinds = kinds

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses of the overview, and of each kind."""
        return [
            web.get(PATH, self.show_overview),
            web.get(f"{PATH}/{{kind}}", self.show_kind),
        ]

    async def show_overview(self, request: web.Request) -> web.Response:
        """Answer the digest of every kind of which the peer was told anything."""
        peer = await self._peer(request)
        kinds = []
        async with self._database.reading() as tx:
            for kind in self._kinds.names:
                items = await self._kinds.items(tx, peer, kind, heard=False)
                kinds.append({**_summary(self._address(kind), items), "name": kind})
        document = {
            "@context": ACTIVITY_STREAMS,
            "id": f"{self._directory.origin}{PATH}",
            "type": "Collection",
            "totalItems": len(kinds),
            "items": kinds,
        }
        return activity_response(document, public=False)

    async def show_kind(self, request: web.Request) -> web.Response:
        """Answer a kind's items, or, when they are many, the digests of its parts."""
        peer = await self._peer(request)
        kind, prefix = request.match_info["kind"], request.query.get("prefix", "")
        if kind not in self._kinds.names or not _PREFIX.fullmatch(prefix):
            raise web.HTTPNotFound
        async with self._database.reading() as tx:
            items = await self._kinds.items(tx, peer, kind, heard=False)
        return activity_response(self._part(kind, prefix, items), public=False)

    async def _peer(self, request: web.Request) -> str:
        """Return the origin whose Application asks; for everybody else there is nothing here."""
        reader = await signer_of(self._inbox, request)
        async with self._database.reading() as tx:
            known = await self._store.peers.known_actor(tx, reader)
        if known is None or known.document.get("type") not in _SPEAKERS:
            raise web.HTTPNotFound
        return origin_of(reader)

    def _part(self, kind: str, prefix: str, items: Sequence[str]) -> dict[str, Any]:
        mine = with_prefix(items, prefix)
        document = {
            "@context": ACTIVITY_STREAMS,
            "type": "OrderedCollection",
            **_summary(self._address(kind, prefix), mine),
        }
        if len(mine) <= MOST_LISTED or len(prefix) == DEEPEST:
            return {**document, "orderedItems": mine}
        return {**document, "parts": self._parts(kind, prefix, mine)}

    def _parts(self, kind: str, prefix: str, items: Sequence[str]) -> list[dict[str, Any]]:
        sorted_in: dict[str, list[str]] = {prefix + digit: [] for digit in _DIGITS}
        for one in items:
            sorted_in[hash_of(one)[: len(prefix) + 1]].append(one)
        return [
            {**_summary(self._address(kind, part), held), "prefix": part}
            for part, held in sorted_in.items()
            if held
        ]

    def _address(self, kind: str, prefix: str = "") -> str:
        query = f"?prefix={prefix}" if prefix else ""
        return f"{self._directory.origin}{PATH}/{kind}{query}"


def _summary(iri: str, items: Sequence[str]) -> dict[str, Any]:
    return {"id": iri, "totalItems": len(items), "digest": digest_of(items)}
