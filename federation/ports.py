"""What a host must offer: who lives here, a clock, and transactions to work in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from federation.iri import Iri
from federation.keys import KeyPair

Tx: TypeAlias = Any
"""The host's transaction. This package hands it through and never looks inside."""

Clock: TypeAlias = Callable[[], datetime]


class Database(Protocol):
    """Where the host's rows live."""

    def transaction(self) -> AbstractAsyncContextManager[Tx]:
        """Open a transaction that commits when left, and undoes everything when it raises.

        Just before it commits it awaits `Federation.write`.
        """
        ...

    def reading(self) -> AbstractAsyncContextManager[Tx]:
        """Open a transaction that only reads."""
        ...


@dataclass(frozen=True, slots=True)
class ActorKeys:
    """The two key pairs of an actor: RSA for everybody, Ed25519 for proofs (FEP-521a)."""

    rsa: KeyPair
    ed25519: KeyPair


@dataclass(frozen=True, slots=True)
class LocalActor:
    """An actor that lives on this host, as much of it as the world may see.

    `extra` is merged into the actor's document as it stands. An actor that is `gone` is answered
    with 410 and a Tombstone.
    """

    id: Iri
    type: str
    username: str
    keys: ActorKeys
    name: str = ""
    summary: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False


class Directory(Protocol):
    """Who lives on this host."""

    @property
    def origin(self) -> str:
        """Scheme, host and port under which the world reaches this host."""
        ...

    @property
    def instance_actor(self) -> Iri:
        """The Application that signs fetches."""
        ...

    async def actor(self, tx: Tx, iri: str) -> LocalActor | None:
        """Return the actor with this id, gone ones included."""
        ...

    async def actor_named(self, tx: Tx, username: str) -> LocalActor | None:
        """Return the actor with this username, whatever its case."""
        ...

    async def node_information(self, tx: Tx) -> Mapping[str, Any]:
        """Return `software`, `usage`, `metadata` and `openRegistrations` for NodeInfo."""
        ...

    async def may_read(self, tx: Tx, document: Mapping[str, Any], reader: Iri | None) -> bool:
        """Tell whether a document that is not public may be fetched by a signed reader."""
        ...
