"""The stranger's server: its actors, what it says, what it hears, and what it shows."""

from __future__ import annotations

import json

from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from tests.peers.stranger import wire

CONTEXT = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/data-integrity/v2",
    {"vf": "https://w3id.org/valueflows/ont/vf#"},
]
PUBLIC = f"{CONTEXT[0]}#Public"
BELONGING = {"Join", "Leave", "Add", "Remove", "Move"}
ABOUT = {
    "DataShare": "shares",
    "Relationship": "alliances",
    "Proposal": "agreements",
    "Agreement": "agreements",
    "Commitment": "promises",
    "Event": "details",
    "EconomicEvent": "hours",
}
KINDS = ["agreements", "alliances", "balances", "details", "hours", "memberships", "promises"]
KINDS += ["shares"]
ONE_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Actor:
    """Somebody on the stranger's server."""

    def __init__(self, server: Stranger, kind: str, path: str, name: str, **more) -> None:
        self.id, self.kind, self.name = f"{server.origin}{path}", kind, name
        self.server, self.more = server, more
        self.lacks: set[str] = set()
        self.rsa = ONE_RSA_KEY
        self.ed25519 = ed25519.Ed25519PrivateKey.generate()

    def document(self) -> dict:
        """Return what FEDERATION.md asks of an actor, and no more."""
        spki = serialization.PublicFormat.SubjectPublicKeyInfo
        pem = self.rsa.public_key().public_bytes(serialization.Encoding.PEM, spki)
        raw = b"\xed\x01" + self.ed25519.public_key().public_bytes_raw()
        whole = {
            "@context": CONTEXT,
            "id": self.id,
            "type": self.kind,
            "preferredUsername": self.name,
            "inbox": f"{self.id}/inbox",
            "outbox": f"{self.id}/outbox",
            "publicKey": {
                "id": f"{self.id}#main-key",
                "owner": self.id,
                "publicKeyPem": pem.decode(),
            },
            "assertionMethod": [
                {
                    "id": f"{self.id}#ed25519-key",
                    "type": "Multikey",
                    "controller": self.id,
                    "publicKeyMultibase": f"z{wire.base58(raw)}",
                }
            ],
            "generator": {"type": "Application", "id": f"{self.server.origin}/actor"},
            **self.more,
        }
        return {name: value for name, value in whole.items() if name not in self.lacks}

    def prove(self, document: dict) -> dict:
        """Return a document with this actor's proof."""
        key_id = f"{self.id}#ed25519-key"
        whole = {"@context": CONTEXT, **document}
        return wire.prove(whole, key_id, self.ed25519, self.server.clock())


class Stranger:
    """One server of another make, which reaches others through `network`."""

    def __init__(self, network, name: str, clock, manner: str = wire.CAVAGE) -> None:
        self.network, self.host, self.clock, self.manner = network, name, clock, manner
        self.origin = f"http://{name}"
        self.actors: dict[str, Actor] = {}
        self.documents: dict[str, dict] = {}
        self.received: list[dict] = []
        self.told: list[dict] = []
        self.books: list[str] = []
        self.asked: list[str] = []
        self.said = 0
        self.keys: dict[str, object] = {}
        shown = f"{self.origin}/actor/reconciliation"
        self.application = self.actor("Application", "/actor", "stranger", reconciliation=shown)

    async def serve(self) -> Stranger:
        """Begin to answer."""
        application = web.Application()
        application.router.add_post("/{path:.*}", self._hear)
        application.router.add_get("/{path:.*}", self._show)
        await self.network.serve(self.host, application)
        return self

    def actor(self, kind: str, path: str, name: str, **more) -> Actor:
        """Publish an actor."""
        one = Actor(self, kind, path, name, **more)
        self.actors[one.id] = one
        return one

    # Saying --------------------------------------------------------------------------------------

    def written(self, kind: str, actor: Actor, inner, to: str, **more) -> dict:
        """Write an activity, unproven; `more` may give it another id."""
        self.said += 1
        envelope = {
            "@context": CONTEXT,
            "id": f"{self.origin}/activities/{self.said}",
            "type": kind,
            "actor": actor.id,
            "object": inner,
            "to": [to],
            "published": wire.moment(self.clock()),
        }
        return envelope | more

    def keep(self, activity: dict) -> None:
        """Show an activity from now on: its reader was told, or will ask for it."""
        self.documents[activity["id"]] = activity
        self.told.append(activity)

    async def post(self, inbox: str, activity, signer: Actor | None, **headers) -> int:
        """Send something; return the status."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        signed = {"Content-Type": wire.ACTIVITY}
        if signer:
            signed = wire.sign("POST", inbox, body, signer, self.clock(), self.manner)
        async with (
            self.network.client() as client,
            client.post(inbox, data=body, headers=signed | headers) as answer,
        ):
            return answer.status

    async def get(self, url: str, signer: Actor | None = None) -> tuple[int, dict]:
        """Fetch something; return the status and what came."""
        headers = {"Accept": wire.ACTIVITY}
        if signer:
            headers |= wire.sign("GET", url, None, signer, self.clock(), self.manner)
        async with self.network.client() as client, client.get(url, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())

    # Hearing -------------------------------------------------------------------------------------

    def heard(self, *chain: str, **more) -> dict:
        """Return the last activity of these types that was received."""
        for one in reversed(self.received):
            inner, types = one, []
            while isinstance(inner, dict):
                types.append(inner.get("type"))
                inner = inner.get("object")
            if tuple(types[: len(chain)]) == chain and one.items() >= more.items():
                return one
        heard = [(one["type"], one["object"]) for one in self.received]
        raise AssertionError(f"nobody said {chain}, but {heard}")

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        where = (request.method, request.path_qs, self.origin)
        key_id, signature, data = wire.read_signature(*where, request.headers, body)
        wire.verify(await self._key(key_id), signature, data)
        said = json.loads(body)
        assert key_id.partition("#")[0] == said["actor"]
        await self.verify(said)
        self.received.append(said)
        return web.Response(status=202)

    async def verify(self, document: dict) -> None:
        """Raise unless a document's proof is good."""
        proof = document["proof"]
        key = await self._key(proof["verificationMethod"])
        wire.verify(key, wire.unbase58(proof["proofValue"][1:]), wire.hashed(document, proof))

    async def _key(self, key_id: str):
        if key_id not in self.keys:
            _, document = await self.get(key_id.partition("#")[0])
            pem = document["publicKey"]["publicKeyPem"].encode()
            self.keys[document["publicKey"]["id"]] = serialization.load_pem_public_key(pem)
            for one in document["assertionMethod"]:
                raw = wire.unbase58(one["publicKeyMultibase"][1:])
                if raw.startswith(b"\xed\x01"):
                    key = ed25519.Ed25519PublicKey.from_public_bytes(raw[2:])
                    self.keys[one["id"]] = key
        return self.keys[key_id]

    # Showing -------------------------------------------------------------------------------------

    async def _show(self, request: web.Request) -> web.Response:
        url = self.origin + request.path
        self.asked.append(request.path)
        if request.path == "/.well-known/webfinger":
            return self._webfinger(request.query["resource"])
        document = self.documents.get(url)
        if url in self.actors:
            document = self.actors[url].document()
        elif "/actor/reconciliation" in url:
            document = self._reconciliation(url)
        if document is None:
            return web.Response(status=404)
        return web.json_response(document, content_type=wire.ACTIVITY)

    def _webfinger(self, resource: str) -> web.Response:
        for one in self.actors.values():
            if resource == f"acct:{one.name}@{self.host}":
                link = {"rel": "self", "type": wire.ACTIVITY, "href": one.id}
                found = {"subject": resource, "links": [link]}
                return web.json_response(found, content_type="application/jrd+json")
        return web.Response(status=404)

    def items(self, kind: str, said: list[dict]) -> list[str]:
        """List what of a kind was said, or what stands in both books."""
        if kind == "balances":
            return self.books
        latest: dict[str, tuple[str, str]] = {}
        for one in said:
            if kind_of(one) == kind and PUBLIC not in one["to"]:
                about = one["object"].get("id") if kind in {"details", "shares"} else None
                item = (one["published"], one["id"])
                latest[about or one["id"]] = max(item, latest.get(about or one["id"], ("", "")))
        return [identifier for _, identifier in latest.values()]

    def _reconciliation(self, url: str) -> dict:
        base = f"{self.origin}/actor/reconciliation"
        if url == base:
            listed = [self._kind(f"{base}/{one}", one) for one in KINDS]
            return {"@context": CONTEXT, "id": url, "type": "Collection", "items": listed}
        kind = url.rpartition("/")[2]
        whole = {"type": "OrderedCollection", "orderedItems": self.items(kind, self.told)}
        return {"@context": CONTEXT, **self._kind(url, kind), **whole}

    def _kind(self, url: str, kind: str) -> dict:
        items = self.items(kind, self.told)
        return {"id": url, "name": kind, "totalItems": len(items), "digest": digest(items)}


def digest(items: list[str]) -> str:
    """Return the digest of a set: the hashes of its items, XORed."""
    total = 0
    for one in items:
        total ^= int.from_bytes(wire.sha256(one.encode()), "big")
    return f"{total:064x}"


def kind_of(activity: dict) -> str | None:
    """Return the kind under which FEDERATION.md compares an activity."""
    inner, types = activity, []
    while isinstance(inner, dict):
        types.append(inner.get("formerType") or inner.get("type"))
        inner = inner.get("object")
    if BELONGING & set(types) or types[-2:] == ["Invite", "Group"]:
        return "memberships"
    return ABOUT.get(types[-1])
