"""What happened to the network around us."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class ActorChanged:
    """One of our actors looks different to the world now."""

    actor: Iri


@dataclass(frozen=True, slots=True)
class KeysChanged:
    """One of our actors lists other keys now; `proven_by` is the key that peers know of it."""

    actor: Iri
    proven_by: str


@dataclass(frozen=True, slots=True)
class IdentityStated:
    """One of our people has a key of her own now, or has it no more."""

    person: Iri


@dataclass(frozen=True, slots=True)
class Blocked:
    """A domain or an actor elsewhere was blocked here: what we have from there ends."""

    subject: str


@dataclass(frozen=True, slots=True)
class BlockedByThem:
    """An actor elsewhere blocks one of ours: what ours has from there ends."""

    by: Iri
    actor: Iri
