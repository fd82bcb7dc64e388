"""Send an instance a hundred thousand mutated requests, and look at what it answers and keeps.

./ayni bench soak               prints; with --check it exits 1 when something is amiss
./ayni bench soak 5000          so many requests instead of 100,000

A 503 is in order where a request names a key that cannot be fetched now, and nowhere else.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from benchmarks.mutations import (  # noqa: E402  # the launcher puts only this folder's path in
    Mutation,
    changed_document,
    changed_request,
    drawn,
    encoded,
    shuffled,
)
from federation.activity import ACTIVITY_JSON  # noqa: E402  # as above
from federation.iri import Iri, ed25519_key_id, main_key_id  # noqa: E402  # as above
from federation.proofs import sign_document  # noqa: E402  # as above
from federation.signatures import Manner, sign_request  # noqa: E402  # as above
from federation.testing import Network, RemoteServer  # noqa: E402  # as above
from tests.journeys.processes import Ahead, Server, free_ports  # noqa: E402  # as above

REQUESTS = 100_000
DISTINCT = 5_000
CONNECTIONS = 8
MOST_GROWTH = 1.05
SEED = 20_261_122
LATER = {"Unreachable", "AskedJustNow"}
"""Codes that a 503 may have: the key cannot be fetched now, and the request may pass later."""


@dataclass
class Soak:
    """What is sent, what is answered, and how large the instance is meanwhile."""

    server: Server
    remote: RemoteServer
    signer: Iri
    statuses: Counter[int] = field(default_factory=Counter)
    honest: set[bytes] = field(default_factory=set)
    sizes: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    sent: int = 0

    def activity(self) -> dict[str, Any]:
        """Write something that could be said."""
        number = self.sent = self.sent + 1
        iri = f"{self.remote.origin}/activities/{number}"
        note = {"id": f"{iri}/note", "type": "Note", "attributedTo": self.signer, "content": "x"}
        context = ["https://www.w3.org/ns/activitystreams"]
        return {
            "@context": [*context, "https://w3id.org/security/data-integrity/v2"],
            "id": iri,
            "type": ("Create", "Update", "Announce", "Undo", "Like")[number % 5],
            "actor": self.signer,
            "object": note,
            "to": [f"{self.server.origin}/actor"],
        }

    def request(self, mutation: Mutation) -> tuple[bytes, dict[str, str]]:
        """Sign an activity, by each generation in turn or by a proof, and change it."""
        document = changed_document(self.activity(), mutation)
        keys, now = self.remote.actors[self.signer].keys, datetime.now(UTC)
        if mutation.part == "bytes" and self.sent % 4 == 0:
            document = sign_document(document, keys.ed25519, ed25519_key_id(self.signer), now)
        body = encoded(document)
        if document.get("actor") == self.signer:
            self.honest.add(fingerprint(document))
        newer = self.sent % 2 == 0
        headers = sign_request(
            method="POST",
            url=f"{self.server.origin}/inbox",
            key_id=ed25519_key_id(self.signer) if newer else main_key_id(self.signer),
            key=keys.ed25519 if newer else keys.rsa,
            now=now,
            body=body,
            content_type=ACTIVITY_JSON,
            manner=Manner.RFC9421_ED25519 if newer else Manner.CAVAGE,
        )
        if "proof" in document and mutation.part == "bytes":
            headers = {"Host": headers["Host"], "Content-Type": ACTIVITY_JSON}
        return changed_request(body, headers, mutation)

    async def send(self, client: aiohttp.ClientSession, mutation: Mutation) -> None:
        """Send one request and count the answer."""
        body, headers = self.request(mutation)
        url = f"http://127.0.0.1:{self.server.port}/inbox"
        try:
            async with client.post(url, data=body, headers=headers) as answer:
                self.statuses[answer.status] += 1
                if answer.status >= 500:
                    said = await answer.text()
                    if answer.status != 503 or json.loads(said).get("code") not in LATER:
                        self.faults.append(f"{answer.status}: {mutation} {said[:200]}")
        except (aiohttp.ClientError, ValueError) as error:
            self.statuses[0] += 1
            if not self.server.pid:
                raise RuntimeError("the instance is gone") from error

    def unverified(self) -> int:
        """Count the stored activities that nobody signed as they are stored."""
        with sqlite3.connect(self.server.folder / "ayni.db") as database:
            tables = ("arrivals", "inbox")
            both = " UNION ALL ".join(f"SELECT body FROM federation_{one}" for one in tables)
            rows = database.execute(both).fetchall()
        self.stored = len(rows)
        return sum(fingerprint(json.loads(body)) not in self.honest for (body,) in rows)


def fingerprint(document: dict[str, Any]) -> bytes:
    """Return what two documents that say the same share."""
    return sha256(json.dumps(document, sort_keys=True).encode()).digest()


def resident(pid: int) -> int:
    """Return how much memory a process holds, in bytes."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


async def started(folder: Path) -> Soak:
    """Start an instance in a process of its own, and a server of another kind here."""
    port, *_ = free_ports(1)
    server = Server(folder, "soak", port, Ahead(folder / "clock"))
    await server.found("mei")
    with (server.folder / "ayni.toml").open("a", encoding="utf-8") as settings:
        settings.write(f"peer_per_second = {REQUESTS}\npeer_waiting = {10 * REQUESTS}\n")
    await server.start()
    network = Network()
    remote = await RemoteServer.start(network, "remote.localhost", lambda: datetime.now(UTC))
    remote.origin = f"http://remote.localhost:{network.names['remote.localhost'][1]}"
    return Soak(server, remote, remote.actor("ana"))


async def play(soak: Soak, many: int) -> None:
    """Send everything, a few at a time, and note the size a hundred times."""
    following = shuffled(SEED, drawn(SEED, DISTINCT), many)
    step = max(many // 100, 1)

    async def worker(client: aiohttp.ClientSession) -> None:
        while soak.sent < many:
            await soak.send(client, following())
            if soak.sent % step == 0:
                soak.sizes.append(resident(soak.server.pid))

    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(
        connector=connector, skip_auto_headers=["Date", "Content-Type"]
    ) as client:
        await asyncio.gather(*(worker(client) for _ in range(CONNECTIONS)))


def report(soak: Soak, many: int, seconds: float) -> bool:
    """Print what was seen; return whether all is as it should be."""
    fifth = max(len(soak.sizes) // 5, 1)
    first = sum(soak.sizes[:fifth]) / fifth
    last = sum(soak.sizes[-fifth:]) / fifth
    unverified = soak.unverified()
    answers = ", ".join(f"{code or 'none'}: {n:,}" for code, n in sorted(soak.statuses.items()))
    print(f"requests              {many:,} in {seconds:.0f} s, {many / seconds:.0f}/s")
    print(f"answers               {answers}")
    print(f"5xx that are faults   {len(soak.faults)}")
    print(f"stored                {soak.stored:,}")
    print(f"stored, not verified  {unverified}")
    print(f"memory, first fifth   {first / 1e6:.1f} MB")
    print(f"memory, last fifth    {last / 1e6:.1f} MB, {last / first:.3f} x; {MOST_GROWTH} at most")
    for one in soak.faults[:10]:
        print(f"  {one}")
    return not soak.faults and not unverified and last <= MOST_GROWTH * first


async def main(arguments: list[str]) -> int:
    """Soak an instance; return 1 when asked to check and something is amiss."""
    many = next((int(one) for one in arguments if one.isdecimal()), REQUESTS)
    with tempfile.TemporaryDirectory(prefix="ayni_soak_") as place:
        soak = await started(Path(place))
        try:
            begun = time.monotonic()
            await play(soak, many)
            good = report(soak, many, time.monotonic() - begun)
        finally:
            await soak.server.stop()
            await soak.remote.network.close()
    return 1 if "--check" in arguments and not good else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
