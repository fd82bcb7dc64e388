"""What is exchanged for good, sorted into kinds, so that two hosts can compare it kind by kind.

A kind is a set of items that both sides name alike. For most kinds an item is the id of an
activity: the one side noted it when it was said, the other when it took effect.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import reduce
from hashlib import sha256
from typing import Final, TypeAlias

from federation.activity import PUBLIC, Activity, Document, is_activity, only
from federation.iri import origin_of
from federation.ports import Clock, Tx
from federation.routing import ANYTHING, MAX_INNER, Receiver
from federation.sql import SqlStore
from federation.sql.rows import Exchanged, Said

Items: TypeAlias = Callable[[Tx, str], Awaitable[Sequence[str]]]
"""A kind's items that we share with a peer, when they are no activities."""

_LONGEST_MOMENT: Final = 64


class Kinds:
    """Sorts what is said and heard into kinds, and lists the items of each.

    What is addressed to the public belongs to none: it may lapse.
    """

    def __init__(self, origin: str, store: SqlStore, clock: Clock) -> None:
        self._origin = origin
        self._store = store
        self._clock = clock
        self._chains: dict[tuple[str, ...], str] = {}
        self._superseding: set[str] = set()
        self._computed: dict[str, Items] = {}

    @property
    def names(self) -> list[str]:
        """The kinds there are."""
        return sorted({*self._chains.values(), *self._computed})

    def is_told(self, kind: str) -> bool:
        """Whether a kind's items are activities, which can be told again."""
        return kind in self._chains.values()

    def supersede(self, kind: str) -> None:
        """Declare that each activity of a kind tells the whole of its object anew."""
        self._superseding.add(kind)

    def compute(self, kind: str, items: Items) -> None:
        """Name a kind whose items both sides read out of their own rows."""
        self._computed[kind] = items

    def noting(self, types: tuple[str, ...], kind: str, receiver: Receiver) -> Receiver:
        """Sort a chain of types into a kind; return its receiver, which notes what it heard."""
        self._chains[types] = kind

        async def receive(tx: Tx, activity: Activity) -> None:
            await receiver(tx, activity)
            await self.note_heard(tx, kind, activity)

        return receive

    async def note_heard(self, tx: Tx, kind: str, activity: Activity) -> None:
        """Note, in the transaction of its effect, that an activity was heard."""
        if activity.origin == self._origin or PUBLIC in activity.addressees():
            return
        noted = self._noted(activity.document, activity.origin, kind, heard=True)
        await self._store.exchanges.note(tx, [noted], self._clock())

    async def note_told(self, tx: Tx, said: Said) -> None:
        """Note, in the transaction that says it, whom an activity is told to."""
        if said.public or not said.away:
            return
        kind = self.of(said.document)
        if kind is None:
            return
        peers = sorted({origin_of(one) for one in said.away})
        noted = [self._noted(said.document, peer, kind, heard=False) for peer in peers]
        await self._store.exchanges.note(tx, noted, said.at)

    def of(self, document: Document) -> str | None:
        """Return the kind that an activity of ours belongs to, or None.

        Of an object named by its id alone the kind is known if all that is said like it is of one.
        """
        chain = chain_of(document)
        exact = self._chains.get(chain) or self._chains.get((*chain[:-1], ANYTHING))
        if exact or chain[-1] != ANYTHING:
            return exact
        alike = {
            kind
            for known, kind in self._chains.items()
            if known[:-1] == chain[:-1] and len(known) == len(chain)
        }
        return alike.pop() if len(alike) == 1 else None

    async def items(self, tx: Tx, peer: str, kind: str, *, heard: bool) -> Sequence[str]:
        """List a kind's items that a peer was told, or that were heard of it."""
        if kind in self._computed:
            return await self._computed[kind](tx, peer)
        return await self._store.exchanges.items(tx, peer, kind, heard=heard)

    def _noted(self, document: Document, peer: str, kind: str, *, heard: bool) -> Exchanged:
        published = document.get("published")
        about = only(document.get("object")) if kind in self._superseding else None
        if isinstance(about, Mapping):
            about = about.get("id")
        return Exchanged(
            peer=peer,
            heard=heard,
            kind=kind,
            item=str(document["id"]),
            published=published[:_LONGEST_MOMENT] if isinstance(published, str) else "",
            about=about if isinstance(about, str) else None,
        )


def chain_of(document: Document) -> tuple[str, ...]:
    """Return the types of an activity of ours, down to the first thing that is no activity."""
    chain = [str(document["type"])]
    inner = only(document.get("object"))
    while isinstance(inner, Mapping) and is_activity(inner) and len(chain) <= MAX_INNER:
        chain.append(str(inner["type"]))
        inner = only(inner.get("object"))
    kind = inner.get("type", ANYTHING) if isinstance(inner, Mapping) else ANYTHING
    if kind == "Tombstone" and isinstance(inner, Mapping):
        kind = inner.get("formerType", kind)
    return (*chain, str(kind))


def digest_of(items: Sequence[str]) -> str:
    """Return the XOR of the SHA-256 of each item, in hexadecimal (FEP-8fcf)."""
    whole = reduce(lambda one, two: one ^ two, map(_number, items), 0)
    return f"{whole:064x}"


def with_prefix(items: Sequence[str], prefix: str) -> list[str]:
    """Return the items whose SHA-256 begins with a prefix in hexadecimal, in the same order."""
    return [one for one in items if hash_of(one).startswith(prefix)] if prefix else list(items)


def hash_of(item: str) -> str:
    """Return the SHA-256 of an item, in hexadecimal."""
    return _sha256(item).hex()


def _number(item: str) -> int:
    return int.from_bytes(_sha256(item))


def _sha256(item: str) -> bytes:
    return sha256(item.encode("utf-8", "surrogatepass")).digest()
