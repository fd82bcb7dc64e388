"""A network in one process: real sockets, pretend names, and a remote server that remembers.

network = Network()
remote = await RemoteServer.start(network, "remote.test")
ana = remote.actor("ana")
like = remote.activity("Like", ana, "http://care.test/notes/1")
assert await remote.post("http://care.test/inbox", like, signer=ana) == 202
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

import aiohttp
import msgspec
from aiohttp import web

from federation.activity import ACTIVITY_JSON
from federation.actors import actor_document
from federation.fetch import GuardedResolver, Reach
from federation.iri import Iri, ed25519_key_id, main_key_id
from federation.keypool import make_keys
from federation.outbox import CONTEXT
from federation.ports import ActorKeys, Clock, LocalActor
from federation.proofs import sign_document
from federation.signatures import sign_request

Answering: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAIRS = 24
"""How many actors published in a row have keys of their own; making RSA keys takes long."""
_TURN = itertools.count()


def _next_pair() -> ActorKeys:
    return _pair(next(_TURN) % PAIRS)


@cache
def _pair(_number: int) -> ActorKeys:
    return make_keys()


def _real_time() -> datetime:
    return datetime.now(UTC)


class Network:
    """Pretend names for servers on this machine. A name that is not in it is not resolved."""

    def __init__(self) -> None:
        self.names: dict[str, tuple[str, int]] = {}
        self._runners: list[web.AppRunner] = []

    @property
    def reach(self) -> Reach:
        """Where servers of this network may connect to: to each other, and to nobody else."""
        return Reach(plain_http=True, loopback=True, user_agent="test", names=self.names)

    async def serve(self, name: str, application: web.Application) -> None:
        """Serve an application under a pretend name on a free port."""
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address = runner.addresses[0]
        self.names[name] = (address[0], address[1])
        self._runners.append(runner)

    def vanish(self, name: str) -> tuple[str, int]:
        """Let a name lead nowhere, as when a server is down; returns what brings it back."""
        known = self.names[name]
        self.names[name] = ("127.0.0.1", 9)
        return known

    def client(self, **more: Any) -> aiohttp.ClientSession:
        """Open a client that knows this network's names."""
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(self.reach), force_close=True)
        return aiohttp.ClientSession(connector=connector, **more)

    async def close(self) -> None:
        """Stop every server."""
        for runner in self._runners:
            await runner.cleanup()


@dataclass
class RemoteServer:
    """Another implementation's server: it publishes actors, signs, and keeps what it is sent.

    `answers` maps a path to what a POST there gets: a status, or a function of the request; under
    `"*"` what a POST anywhere else gets, 202 unless something is put there. Documents put in
    `documents` are served at their path; a function of the request found there answers for itself.
    `drips`, `floods`, `hangs_up`, `keeps_silent` and `leads_on` make such functions.
    """

    network: Network
    origin: str
    clock: Clock
    received: list[dict[str, Any]] = field(default_factory=list)
    requests: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    fetches: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    answers: dict[str, int | Answering] = field(default_factory=dict)
    documents: dict[str, Any] = field(default_factory=dict)
    actors: dict[str, LocalActor] = field(default_factory=dict)

    @classmethod
    async def start(cls, network: Network, name: str, clock: Clock | None = None) -> RemoteServer:
        """Start a server under a pretend name; it looks at the real clock unless it gets one."""
        server = cls(network, f"http://{name}", clock or _real_time)
        application = web.Application()
        application.router.add_post("/{path:.*}", server._keep)
        application.router.add_get("/{path:.*}", server._show)
        await network.serve(name, application)
        return server

    def actor(self, username: str, keys: ActorKeys | None = None, kind: str = "Person") -> Iri:
        """Publish an actor; returns its id."""
        iri = Iri(f"{self.origin}/users/{username}")
        actor = LocalActor(id=iri, type=kind, username=username, keys=keys or _next_pair())
        self.actors[iri] = actor
        document = actor_document(actor, Iri(f"{self.origin}/actor"), self.origin)
        del document["generator"]  # what it can do, it does not say: so do most
        self.documents[f"/users/{username}"] = document
        return iri

    def activity(self, kind: str, actor: Iri, inner: Any, **more: Any) -> dict[str, Any]:
        """Write an activity of one of our actors."""
        number = len(self.documents)
        self.documents[f"/activities/{number}"] = None
        return {
            "@context": list(CONTEXT),
            "id": f"{self.origin}/activities/{number}",
            "type": kind,
            "actor": actor,
            "object": inner,
            **more,
        }

    def proven(self, document: Mapping[str, Any], actor: Iri) -> dict[str, Any]:
        """Add an actor's proof to a document."""
        keys = self.actors[actor].keys
        method = ed25519_key_id(actor, keys.generation)
        return sign_document(document, keys.ed25519, method, self.clock())

    async def post(
        self,
        inbox: str,
        activity: Mapping[str, Any],
        *,
        signer: Iri | None = None,
        now: datetime | None = None,
        more: Mapping[str, str] | None = None,
    ) -> int:
        """Send an activity, signed by an actor of ours or not at all; returns the status.

        `more` are further headers, which the signature covers.
        """
        body = msgspec.json.encode(activity)
        headers: dict[str, str] = {"Content-Type": ACTIVITY_JSON, **(more or {})}
        if signer:
            headers = sign_request(
                method="POST",
                url=inbox,
                key_id=main_key_id(signer, self.actors[signer].keys.generation),
                key=self.actors[signer].keys.rsa,
                now=now or self.clock(),
                body=body,
                content_type=ACTIVITY_JSON,
                more=more,
            )
        async with (
            self.network.client() as client,
            client.post(inbox, data=body, headers=headers) as answer,
        ):
            return answer.status

    async def get(self, url: str, *, signer: Iri | None = None) -> tuple[int, Any]:
        """Fetch a document, signed or not; returns the status and what came."""
        headers = {"Accept": ACTIVITY_JSON}
        if signer:
            headers |= sign_request(
                method="GET",
                url=url,
                key_id=main_key_id(signer, self.actors[signer].keys.generation),
                key=self.actors[signer].keys.rsa,
                now=self.clock(),
                body=None,
            )
        async with self.network.client() as client, client.get(url, headers=headers) as answer:
            body = await answer.read()
            return answer.status, msgspec.json.decode(body) if body[:1] in b"{[" else body

    def _named(self, resource: str) -> dict[str, Any] | None:
        """Write what WebFinger answers about an actor of ours."""
        host = self.origin.partition("://")[2]
        for actor in self.actors.values():
            if resource == f"acct:{actor.username}@{host}":
                itself = {"rel": "self", "type": ACTIVITY_JSON, "href": actor.id}
                return {"subject": resource, "links": [itself]}
        return None

    async def _keep(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path, dict(request.headers)))
        answer = self.answers.get(request.path, self.answers.get("*", 202))
        if not isinstance(answer, int):
            return await answer(request)
        if 200 <= answer < 300:
            self.received.append(msgspec.json.decode(await request.read()))
        return web.Response(status=answer)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        self.fetches.append((request.path, dict(request.headers)))
        document = self.documents.get(request.path)
        if document is None and request.path == "/.well-known/webfinger":
            document = self._named(request.query.get("resource", ""))
        if document is None:
            return web.Response(status=404)
        if callable(document):
            answer: web.StreamResponse = await document(request)
            return answer
        body = msgspec.json.encode(document)
        return web.Response(body=body, content_type=ACTIVITY_JSON)


# Manners of a remote server ----------------------------------------------------------------------


def drips(every: float = 1.0, *, status: int = 202, count: int = 100) -> Answering:
    """Answer with a body of which a byte comes `every` so many seconds."""

    async def answer(request: web.Request) -> web.StreamResponse:
        dripping = web.StreamResponse(status=status, headers={"Content-Type": ACTIVITY_JSON})
        await dripping.prepare(request)
        for _ in range(count):
            await dripping.write(b" ")
            await asyncio.sleep(every)
        return dripping

    return answer


def floods(megabytes: int = 10_000, *, status: int = 202) -> Answering:
    """Answer with a body of so many megabytes, as fast as it is taken."""

    async def answer(request: web.Request) -> web.StreamResponse:
        flooding = web.StreamResponse(status=status, headers={"Content-Type": ACTIVITY_JSON})
        await flooding.prepare(request)
        for _ in range(megabytes):
            await flooding.write(b" " * 1_000_000)
        return flooding

    return answer


def hangs_up() -> Answering:
    """Cut the connection once the request is read."""

    async def answer(request: web.Request) -> web.StreamResponse:
        assert request.transport, "whoever asks is still there"
        request.transport.abort()
        return web.Response()

    return answer


def keeps_silent(seconds: float) -> Answering:
    """Take a request and answer nothing for so long."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return web.Response()

    return answer


def leads_on(location: str, status: int = 307) -> Answering:
    """Send whoever asks somewhere else."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": location})

    return answer
