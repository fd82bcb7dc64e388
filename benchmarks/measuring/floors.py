"""Bare programs that do only what cannot be left out, as fast as we can make them.

python -m benchmarks.measuring.floors intake PORT FILE DATABASE    take in, check, commit, answer
python -m benchmarks.measuring.floors answer PORT FILE             answer ready-made bytes
python -m benchmarks.measuring.floors stub PORT                    202 to whoever posts, counting
python -m benchmarks.measuring.floors post PORT FILE MANNER        sign and post FILE's lines' bytes
"""

from __future__ import annotations

import asyncio
import base64
import json
import sqlite3
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import aiohttp
import uvloop
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.measuring.population import Signed, load
from federation.keys import read_multikey

POSTS_AT_ONCE = 200


class Intake:
    """Reads a body, checks a signature over a ready string, keeps the body, answers."""

    def __init__(self, requests: list[Signed], database: str) -> None:
        keys = {one.key: read_multikey(one.key.decode()).key for one in requests}
        self._checks = [self._check(one, keys[one.key]) for one in requests]
        self._thread = ThreadPoolExecutor(1)
        self._path = database
        self._connection: sqlite3.Connection | None = None
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._running: asyncio.Task[None] | None = None

    async def receive(self, request: web.Request) -> web.Response:
        """Answer 202 once the body is durable."""
        body = await request.read()
        self._checks[int(request.headers["X-Number"])]()
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((body, done))
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._drain())
        await done
        return web.Response(status=202)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows = [(body,) for body, _ in batch]
            await loop.run_in_executor(self._thread, self._commit, rows)
            for _, done in batch:
                done.set_result(None)

    def _commit(self, rows: list[tuple[bytes]]) -> None:
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.execute("CREATE TABLE bodies (body BLOB)")
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO bodies VALUES (?)", rows)
        self._connection.execute("COMMIT")

    @staticmethod
    def _check(one: Signed, key: rsa.RSAPublicKey | ed25519.Ed25519PublicKey) -> Callable[[], None]:
        if isinstance(key, rsa.RSAPublicKey):
            return lambda: key.verify(one.signature, one.base, PKCS1v15(), SHA256())
        return lambda: key.verify(one.signature, one.base)


class Stub:
    """Two thousand servers, which take everything; tells when each came."""

    def __init__(self) -> None:
        self.arrived: list[float] = []

    async def receive(self, request: web.Request) -> web.Response:
        """Take something."""
        await request.read()
        self.arrived.append(time.time())
        return web.Response(status=202)

    async def tell(self, _request: web.Request) -> web.Response:
        """Tell how many came and when the last did."""
        last = self.arrived[-1] if self.arrived else 0
        return web.json_response({"count": len(self.arrived), "last": last})

    async def forget(self, _request: web.Request) -> web.Response:
        """Begin anew."""
        self.arrived.clear()
        return web.Response()


async def serve(port: int, *routes: web.RouteDef) -> None:
    """Serve until killed; port 0.0.0.0 so that every loopback address is a server."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", port, backlog=4096).start()
    print("ready", flush=True)
    await asyncio.Event().wait()


async def post_all(inboxes: list[str], bodies: list[bytes], manner: str) -> float:
    """Sign and post each body to its inbox with raw calls; return the seconds it took."""
    pool = ThreadPoolExecutor(2)
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ed_key = ed25519.Ed25519PrivateKey.generate()
    loop, slots = asyncio.get_running_loop(), asyncio.Semaphore(POSTS_AT_ONCE)
    connector = aiohttp.TCPConnector(limit=0)

    def headers(body: bytes, inbox: str) -> dict[str, str]:
        digest = base64.b64encode(sha256(body).digest()).decode()
        base = f"(request-target): post /inbox\nhost: {inbox}\ndigest: SHA-256={digest}".encode()
        if manner == "rsa":
            signature = rsa_key.sign(base, PKCS1v15(), SHA256())
        else:
            signature = ed_key.sign(base)
        return {
            "Content-Type": "application/activity+json",
            "Digest": f"SHA-256={digest}",
            "Signature": base64.b64encode(signature).decode(),
        }

    async with aiohttp.ClientSession(connector=connector) as client:

        async def one(inbox: str, body: bytes) -> None:
            async with slots:
                if manner == "rsa":
                    signed = await loop.run_in_executor(pool, headers, body, inbox)
                else:
                    signed = headers(body, inbox)
                async with client.post(inbox, data=body, headers=signed) as answer:
                    assert answer.status == 202, answer.status

        begun = time.monotonic()
        await asyncio.gather(*map(one, inboxes, bodies))
        return time.monotonic() - begun


def main(kind: str, port: str, *more: str) -> None:
    """Run the floor of this kind."""
    if kind == "intake":
        intake = Intake(load(Path(more[0])), more[1])
        uvloop.run(serve(int(port), web.post("/inbox", intake.receive)))
    elif kind == "answer":
        answers = json.loads(Path(more[0]).read_text())
        routes = [
            web.get(path, _ready(one["body"].encode(), one["headers"]))
            for path, one in answers.items()
        ]
        uvloop.run(serve(int(port), *routes))
    elif kind == "stub":
        stub = Stub()
        uvloop.run(
            serve(
                int(port),
                web.post("/inbox", stub.receive),
                web.get("/arrived", stub.tell),
                web.post("/forget", stub.forget),
            )
        )
    else:
        inboxes = Path(more[0]).read_text().split()
        body = Path(more[1]).read_bytes()
        print(uvloop.run(post_all(inboxes, [body] * len(inboxes), more[2])))


def _ready(body: bytes, headers: dict[str, str]) -> object:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=body, headers=headers)

    return answer


if __name__ == "__main__":
    main(*sys.argv[1:])
