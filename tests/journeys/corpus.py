"""The documents of other servers, each sent by a stand-in for its author to a whole instance."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from federation.activity import Activity, owner_of
from federation.actors import ACTOR_TYPES, actor_document
from federation.errors import FederationError
from federation.iri import Iri
from federation.ports import LocalActor
from federation.testing import RemoteServer
from tests.instance.groups.living import a_group

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
TO_US = {"Follow", "Join", "Leave"}
HEAD = ["| document | of | what becomes of it |", "|---|---|---|"]


class Others:
    """A server for each host that an author lives on, and how each document fared."""

    def __init__(self, world: Any, keys: Any) -> None:
        self.world, self.keys = world, keys
        self.servers: dict[str, RemoteServer] = {}
        self.used: set[str] = set()
        self.statuses: dict[str, int] = {}
        self.sent: dict[str, dict[str, Any]] = {}

    async def begin(self) -> None:
        self.here = await self.world.instance("here")
        self.group, _ = await a_group(self.here)
        await self.stand_in("http://nobody.test/users/nobody")

    async def stand_in(self, author: str) -> tuple[RemoteServer, Iri]:
        """Publish an actor under the id that an author has."""
        split = urlsplit(author)
        server = self.servers.get(split.netloc)
        if server is None:
            name = split.netloc
            server = await RemoteServer.start(self.world.network, name, self.world.clock)
            self.servers[name] = server
        iri = Iri(author)
        if iri not in server.actors:
            actor = LocalActor(id=iri, type="Person", username="author", keys=self.keys)
            server.actors[iri] = actor
            server.documents[split.path or "/"] = actor_document(
                actor, Iri(f"{server.origin}/actor"), server.origin
            )
            await self.say(server, iri, "Follow", self.group)
        return server, iri

    async def say(self, server: RemoteServer, who: Iri, kind: str, inner: Any) -> None:
        """Let a stand-in say something of its own, which has to be taken."""
        said = server.activity(kind, who, inner, id=f"{server.origin}/own/{len(self.used)}")
        self.used.add(said["id"])
        assert await server.post(f"{self.here.origin}/inbox", said, signer=who) == 202

    async def send(self, name: str, document: dict[str, Any]) -> None:
        """Send a document as its author would."""
        author = author_of(document)
        if not re.match(r"http://[^/?#@\s]+", author):
            author = "http://nobody.test/users/nobody"
        server, signer = await self.stand_in(author)
        said = self._as_activity(server, signer, document)
        self.sent[name] = said
        self.statuses[name] = await server.post(f"{self.here.origin}/inbox", said, signer=signer)

    def _as_activity(
        self, server: RemoteServer, signer: Iri, document: dict[str, Any]
    ) -> dict[str, Any]:
        said = document
        if is_actor(document):
            keys = {
                one: server.documents[urlsplit(signer).path or "/"][one]
                for one in ("publicKey", "assertionMethod")
            }
            said = server.activity("Update", signer, {**document, **keys})
        elif "object" not in document and "id" in document and owner_of(document) == signer:
            said = server.activity("Create", signer, document)
        if str(said.get("type")) in TO_US and isinstance(said.get("object"), str):
            said = {**said, "object": self.group}
        if isinstance(said.get("id"), str):
            number = 0
            while said["id"] in self.used:
                number += 1
                said = {**said, "id": f"{said['id'].partition('~')[0]}~{number}"}
            self.used.add(said["id"])
        return said

    async def rows(self) -> dict[str, tuple[str, str]]:
        """Return the state and the reason of what is stored, by id."""
        inbox = self.here.federation.store.inbox.tables.inbox
        async with self.here.database.reading() as tx:
            found = (await tx.session.execute(inbox.select())).all()
        return {row.id: (row.state, row.reason or "") for row in found}


def is_actor(document: dict[str, Any]) -> bool:
    """Tell whether a document is an actor's own."""
    return "object" not in document and str(document.get("type")) in ACTOR_TYPES


def author_of(document: dict[str, Any]) -> str:
    """Return who would send a document: an actor itself, else its owner, else whoever is at it."""
    owner = None if is_actor(document) else owner_of(document)
    return owner or str(document.get("id"))


def documents() -> dict[str, dict[str, Any]]:
    """Return every document with its authors' hosts under plain http, by its path."""
    texts, hosts = {}, set()
    for path in sorted(CORPUS.rglob("*.json")):
        text = path.read_text(encoding="utf-8")
        document = json.loads(text)
        if path.name == "index.json" and path.parent == CORPUS:
            continue
        assert isinstance(document, dict)
        texts[str(path.relative_to(CORPUS))] = text
        author = author_of(document)
        if author.startswith(("https://", "http://")):
            hosts.add(urlsplit(author).hostname or "")
    found = {}
    names = "|".join(re.escape(one) for one in sorted(hosts, key=len, reverse=True) if one)
    known = re.compile(rf'https?://({names})(?::[0-9]+)?(?=[/"?#])')
    for name, text in texts.items():
        found[name] = json.loads(known.sub(r"http://\1", text))
    return found


def server_of(name: str) -> str:
    """Name the kind of server that a document is of."""
    first, second, *_ = name.split("/")
    return {"fep": "FEPs", "fedify": "fedify"}.get(first, second)


def shape(said: dict[str, Any]) -> str:
    """Write what kind of document something is: `Create{Note}`."""
    kind = said.get("type")
    if "object" not in said:
        return "no activity"
    inner = said["object"]
    inner = inner[0] if isinstance(inner, list) and len(inner) == 1 else inner
    if isinstance(inner, dict):
        of = shape(inner) if "object" in inner else inner.get("type", "…")
        of = of if isinstance(of, str) else "several types"
    else:
        of = "id" if isinstance(inner, str) else "several" if isinstance(inner, list) else "nothing"
    return f"{kind if isinstance(kind, str) else 'several types'}{{{of}}}"


def fate(said: dict[str, Any], status: int, row: tuple[str, str] | None) -> str:
    """Say in words what became of a document."""
    if status == 400:
        try:
            Activity.read(said)
        except FederationError as error:
            return f"400: {str(error).partition(': ')[0]}"
        return "400"
    if status != 202:
        return f"{status}: not its author's own"
    if row is None:
        return "202, not kept: a stranger's own affair"
    state, reason = row
    if state == "done":
        return "understood"
    if state == "ignored":
        return "ignored: no receiver"
    return f"no effect: {reason}"


def table(others: Others, rows: dict[str, tuple[str, str]]) -> list[str]:
    """Write the table of FEDERATION.md."""
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for name, said in others.sent.items():
        row = rows.get(str(said.get("id")))
        found[fate(said, others.statuses[name], row), shape(said)][server_of(name)] += 1
    return HEAD + [
        f"| `{kind}` | {', '.join(f'{one} {n}' for one, n in sorted(servers.items()))} | {what} |"
        for (what, kind), servers in sorted(found.items())
    ]
