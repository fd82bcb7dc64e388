"""What the tables of federation hand out: frozen values, never rows."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.activity import Document
from federation.iri import Iri


def hash_of(iri: str) -> bytes:
    """Return the 16 bytes by which an activity's id is remembered for ever."""
    return hashlib.sha256(iri.encode()).digest()[:16]


@dataclass(frozen=True, slots=True)
class Received:
    """One stored activity that waits for its effects."""

    seq: int
    document: Document
    attempts: int
    received: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a received activity: `done`, `ignored`, `failed`, or `ready` for later.

    `waits`: for another that must come first; it is tried again at `next_try`.
    """

    seq: int
    state: str
    reason: str | None = None
    next_try: datetime | None = None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One activity of ours, kept until its transaction ends.

    `away` are its recipients of other origins, `followers` says that all who follow its actor are
    meant, `local` that it takes effect here, too.
    """

    document: Document
    conversation: str
    at: datetime
    public: bool = False
    away: Sequence[Iri] = ()
    followers: bool = False
    local: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work for one origin until a deadline."""

    origin: str
    fence: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """One activity on its way to one inbox.

    `status` is the peer's last answer to it, `attempts` how often in a row it was that one.
    """

    id: int
    peer: str
    recipient: str
    inbox: str | None
    sender: Iri
    body: bytes
    parked: bool
    status: int | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Road:
    """A peer that was leased: what may be sent there now, and what is known of it.

    `failures` are the tries in a row at which it was not reached, `manner` is how requests to it
    are signed.
    """

    lease: Lease
    failures: int
    manner: str | None
    heads: Sequence[Delivery]


@dataclass(frozen=True, slots=True)
class Mark:
    """What is noted of a delivery that did not arrive.

    `ready` keeps the place in the conversation, `parked` lets the next ones overtake, `failed` is
    kept to be shown.
    """

    id: int
    state: str
    status: int
    attempts: int
    reason: str
    next_try: datetime


@dataclass(frozen=True, slots=True)
class Visited:
    """What came of trying some deliveries to a peer, and whether the visit ends with that.

    `arrived` are the deliveries that did, `failures` counts those in a row at which the peer was
    not reached. It is let alone until `next_try`; `asked` says that it named that moment itself.
    """

    lease: Lease
    arrived: Sequence[int]
    marks: Sequence[Mark]
    failures: int
    next_try: datetime
    asked: bool = False
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Peer:
    """What we know of the road to another origin."""

    origin: str
    failures: int
    failing_since: datetime | None
    last_heard: datetime | None
    last_delivered: datetime | None
    waiting: int = 0
    keys_changed: datetime | None = None


@dataclass(frozen=True, slots=True)
class PeerHealth:
    """The road to another origin, and what is on it.

    `oldest` is when the oldest thing that waits was said; `status` and `reason` tell how it went
    when that was last tried; `failed` counts what was given up.
    """

    origin: str
    last_heard: datetime | None
    last_delivered: datetime | None
    failing_since: datetime | None
    next_try: datetime
    keys_changed: datetime | None
    waiting: int
    oldest: datetime | None
    status: int | None
    reason: str | None
    failed: int


@dataclass(frozen=True, slots=True)
class FailedDelivery:
    """One delivery that was given up, and why."""

    activity: str
    recipient: str
    reason: str


@dataclass(frozen=True, slots=True)
class KnownActor:
    """A remote actor as it was last fetched."""

    id: Iri
    document: Document
    inbox: str
    shared_inbox: str | None
    fetched: datetime


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a host or an actor elsewhere, why, and when."""

    subject: str
    standing: str
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One item that was told to a peer, or heard of it: of which kind, and what it is about.

    `about` names what supersedes itself, such as a document that is sent whole with each change;
    None for what counts for good. `published` is the moment in the sender's own words.
    """

    peer: str
    heard: bool
    kind: str
    item: str
    published: str
    about: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """When both sides last agreed on everything, and the kinds on which they did not since."""

    peer: str
    agreed: datetime | None
    differs: tuple[str, ...]
