"""What a host must offer: who lives here, a clock, and transactions to work in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias, TypeVar

from federation.iri import Iri, ed25519_key_id, main_key_id
from federation.keys import KeyPair, PublicKey

Tx: TypeAlias = Any
"""The host's transaction. This package hands it through and never looks inside."""

Result = TypeVar("Result")

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

    async def batch(self, work: Callable[[Any], Result]) -> Result:
        """Run `work` on a bare connection, commit, and return what it returned.

        For statements that need nothing of a transaction but to be durable together: `work` is
        an ordinary function, so that one thread carries it out from its begin to its commit.
        """
        ...

    async def follow_up(self, tx: Tx) -> None:
        """Let everything follow now that the end of a transaction would bring, short of it."""
        ...


@dataclass(frozen=True, slots=True)
class ActorKeys:
    """The two key pairs of an actor: RSA for everybody, Ed25519 for proofs (FEP-521a).

    `generation` counts from 1 and names them: keys of another generation have other ids.
    """

    rsa: KeyPair
    ed25519: KeyPair
    generation: int = 1


@dataclass(frozen=True, slots=True)
class FormerKeys:
    """What is left of keys that an actor had before.

    `ed25519` is listed for good, since proofs do not expire; `rsa` as long as requests signed by
    it may be under way; `held` are the private halves, until they are deleted.
    """

    generation: int
    ed25519: PublicKey
    rsa: PublicKey | None = None
    held: ActorKeys | None = None


@dataclass(frozen=True, slots=True)
class LocalActor:
    """An actor that lives on this host, as much of it as the world may see.

    `extra` is merged into the actor's document as it stands. An actor that is `gone` is answered
    with 410 and a Tombstone. `former` are its earlier keys, the newest first.
    """

    id: Iri
    type: str
    username: str
    keys: ActorKeys
    name: str = ""
    summary: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False
    former: Sequence[FormerKeys] = ()

    @property
    def proof_method(self) -> str:
        """The id of the key that proves what this actor says now."""
        return ed25519_key_id(self.id, self.keys.generation)

    def public_keys(self) -> dict[str, PublicKey]:
        """Return every key that counts as this actor's, by id: those of now first."""
        now = {main_key_id(self.id, self.keys.generation): self.keys.rsa.public}
        return now | {self.proof_method: self.keys.ed25519.public} | dict(self._former_keys())

    def keys_behind(self, method: str | None) -> ActorKeys:
        """Return the keys of which one has this id, if they are still held, else those of now."""
        held = [one.held for one in self.former if one.held]
        named = (one for one in held if ed25519_key_id(self.id, one.generation) == method)
        return next(named, self.keys)

    def _former_keys(self) -> Iterator[tuple[str, PublicKey]]:
        for one in self.former:
            yield ed25519_key_id(self.id, one.generation), one.ed25519
            if one.rsa:
                yield main_key_id(self.id, one.generation), one.rsa


class Followings(Protocol):
    """Whom this host's actors follow elsewhere."""

    async def of(self, tx: Tx, followed: Iri) -> Mapping[Iri, bool]:
        """Return who here follows an actor elsewhere; True where that has been accepted."""
        ...

    async def accepted(self, tx: Tx, followed: Iri, follower: Iri) -> None:
        """Note that a follow was accepted there, of which nobody told."""
        ...

    async def lost(self, tx: Tx, followed: Iri, follower: Iri) -> None:
        """Note that a follow that was accepted is not known there any more."""
        ...


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
