"""Finding an actor by the address that people write: WebFinger, asked of others (RFC 7033)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from federation.activity import ACTIVITY_JSON, ACTIVITY_STREAMS, Document
from federation.actors import Actors
from federation.collections import Collections
from federation.errors import Malformed, Missing
from federation.fetch import Fetcher
from federation.iri import Iri, origin_of
from federation.ports import Database, Directory, LocalActor

_ACCT = re.compile(r"(?:acct:)?@?(?P<name>[^@/:?#\s]{1,64})@(?P<host>[A-Za-z0-9.-]+(?::\d+)?)")
_ACTOR_TYPES = {ACTIVITY_JSON, f'application/ld+json; profile="{ACTIVITY_STREAMS}"'}


class Finder:
    """Asks hosts who stands behind an address."""

    def __init__(
        self,
        directory: Directory,
        database: Database,
        fetcher: Fetcher,
        actors: Actors,
        collections: Collections,
    ) -> None:
        self._directory = directory
        self._database = database
        self._fetcher = fetcher
        self._actors = actors
        self._collections = collections

    async def find(self, address: str) -> Document:
        """Return the actor at `name@host`, `acct:name@host` or a web address, as it is now.

        An address may lead to an actor of another host, when that host gives its actor this very
        address. Raise Malformed for what is no address or leads to no actor, Gone when nobody is
        there, Unreachable when that cannot be known now.
        """
        written = _ACCT.fullmatch(address.strip())
        if written is None:
            return await self._document(address.strip())
        name, host = written["name"], written["host"].lower()
        if host == self._directory.origin.partition("://")[2]:
            async with self._database.reading() as tx:
                return self._own(await self._directory.actor_named(tx, name))
        iri, _ = await self._ask(name, host)
        document = await self._document(iri)
        home = origin_of(str(document["id"])).partition("://")[2]
        if home != host:
            await self._require_word_of(home, document, f"acct:{name}@{host}")
        return document

    async def _document(self, iri: str) -> Document:
        if origin_of(iri) != self._directory.origin:
            return await self._actors.fetch(iri)
        async with self._database.reading() as tx:
            return self._own(await self._directory.actor(tx, Iri(iri)))

    def _own(self, actor: LocalActor | None) -> Document:
        if actor is None or actor.gone:
            raise Missing("Nobody of that name is here.")
        return self._collections.document(actor)[0]

    async def _require_word_of(self, home: str, document: Document, address: str) -> None:
        """Raise unless an actor's own host calls it by an address of another host."""
        iri, subject = await self._ask(str(document.get("preferredUsername", "")), home)
        if iri != document["id"] or subject.lower() != address.lower():
            raise Malformed(f"{home} does not say that {document['id']} is {address}.")

    async def _ask(self, name: str, host: str) -> tuple[str, str]:
        """Return which actor a host says is behind a name, and which address it gives it."""
        resource = f"acct:{quote(name)}@{quote(host, safe=':')}"
        scheme = self._directory.origin.partition("://")[0]
        url = f"{scheme}://{host}/.well-known/webfinger?resource={resource}"
        answer = await self._fetcher.get_json(url)
        links = answer.get("links") if isinstance(answer, dict) else None
        for link in links if isinstance(links, list) else []:
            if _leads_to_actor(link):
                return link["href"], str(answer.get("subject", ""))
        raise Malformed(f"{host} names no actor for {name}.")


def _leads_to_actor(link: Any) -> bool:
    return (
        isinstance(link, dict)
        and link.get("rel") == "self"
        and link.get("type") in _ACTOR_TYPES
        and isinstance(link.get("href"), str)
    )
