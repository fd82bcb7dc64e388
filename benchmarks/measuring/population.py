"""A thousand actors of fifty servers, and what they say, signed beforehand."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from multidict import CIMultiDict

from federation.activity import ACTIVITY_STREAMS, encode
from federation.actors import actor_document
from federation.iri import Iri, ed25519_key_id, main_key_id
from federation.keypool import make_keys
from federation.ports import ActorKeys, LocalActor
from federation.signatures import Manner, read_signature, sign_request

ORIGINS = 50
ACTORS = 1_000


@dataclass(frozen=True)
class Speaker:
    """One actor elsewhere. Those of one server share a key pair: keys are slow to make."""

    id: Iri
    origin: str
    keys: ActorKeys

    def document(self) -> dict[str, object]:
        """Return what its server would say of it."""
        actor = LocalActor(self.id, "Group", self.id.rpartition("/")[2], self.keys)
        return actor_document(actor, Iri(f"{self.origin}/actor"), self.origin)


@dataclass(frozen=True)
class Signed:
    """A request as bytes, and what a bare server has to know to check and keep it."""

    raw: bytes
    base: bytes
    signature: bytes
    key: bytes
    body: bytes


def speakers() -> list[Speaker]:
    """Make everybody who speaks."""
    found = []
    for number in range(ORIGINS):
        origin, keys = f"http://peer{number}.localhost", make_keys()
        found += [
            Speaker(Iri(f"{origin}/users/{one}"), origin, keys) for one in range(ACTORS // ORIGINS)
        ]
    # The servers speak in turn.
    size = ACTORS // ORIGINS
    return [found[server * size + one] for one in range(size) for server in range(ORIGINS)]


def notes(
    people: list[Speaker],
    target: str,
    count: int,
    manner: Manner,
    run: str,
    *,
    mentioned: str = "",
) -> Iterator[Signed]:
    """Yield distinct signed posts to an inbox, by everybody in turn, which may mention somebody."""
    for number in range(count):
        yield _signed(people[number % len(people)], target, manner, f"{run}-{number}", mentioned)


def save(path: Path, requests: Iterable[Signed]) -> None:
    """Write requests to a file, for processes that read them into memory."""
    with path.open("wb") as file:
        for one in requests:
            for part in (one.raw, one.base, one.signature, one.key, one.body):
                file.write(struct.pack(">I", len(part)) + part)


def load(path: Path) -> list[Signed]:
    """Read what `save` wrote."""
    data, at, parts = path.read_bytes(), 0, []
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        parts.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return [Signed(*parts[n : n + 5]) for n in range(0, len(parts), 5)]


def _signed(who: Speaker, target: str, manner: Manner, name: str, mentioned: str) -> Signed:
    now = datetime.now(UTC)
    body = encode(_create(who, name, mentioned, now))
    ed25519 = manner is Manner.RFC9421_ED25519
    key = who.keys.ed25519 if ed25519 else who.keys.rsa
    headers = sign_request(
        method="POST",
        url=f"{target}/inbox",
        key_id=ed25519_key_id(who.id) if ed25519 else main_key_id(who.id),
        key=key,
        now=now,
        body=body,
        manner=manner,
    )
    read = read_signature("POST", "/inbox", CIMultiDict(headers), body, origin=target, now=now)
    sent = {**headers, "Content-Length": str(len(body)), "X-Number": name.rpartition("-")[2]}
    lines = "".join(f"{field}: {value}\r\n" for field, value in sent.items())
    raw = f"POST /inbox HTTP/1.1\r\n{lines}\r\n".encode() + body
    base = next(one for one in read.messages if key.public.verifies(read.signature, one))
    return Signed(raw, base, read.signature, key.public.multibase.encode(), body)


def _create(who: Speaker, name: str, mentioned: str, now: datetime) -> dict[str, object]:
    iri = f"{who.origin}/activities/{name}"
    note = {
        "id": f"{iri}/note",
        "type": "Note",
        "attributedTo": who.id,
        "content": f"<p>Good morning from {name}: is anybody free on Saturday?</p>",
        "published": now.isoformat(timespec="seconds"),
        "to": [f"{ACTIVITY_STREAMS}#Public"],
        "cc": [f"{who.id}/followers", *([mentioned] if mentioned else [])],
        "tag": [{"type": "Mention", "href": mentioned}] if mentioned else [],
    }
    return {
        "@context": ACTIVITY_STREAMS,
        "id": iri,
        "type": "Create",
        "actor": who.id,
        "object": note,
        "published": note["published"],
        "to": note["to"],
        "cc": note["cc"],
    }
