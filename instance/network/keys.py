"""New keys for the actors that live here, and what becomes of the former ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Final

import sqlalchemy as sa

from federation import ActorKeys, FormerKeys, Iri, KeyPair, ed25519_key_id, read_multikey
from instance import due
from instance.db import Tx
from instance.errors import NotFound
from instance.network.events import KeysChanged
from instance.network.models import Actor, FormerKeyPair

LISTED: Final = timedelta(days=7)
FORGET: Final = "network.former-keys"


def keys_of(row: Actor) -> ActorKeys:
    """Return the keys that an actor has now."""
    return ActorKeys(_pair(row.rsa_pem), _pair(row.ed25519_pem), row.generation)


async def former_keys(tx: Tx, row: Actor) -> Sequence[FormerKeys]:
    """Return the keys that an actor had before and that still count, the newest first."""
    if row.generation == 1:
        return ()
    chosen = sa.select(FormerKeyPair).where(FormerKeyPair.actor == row.iri)
    found = await tx.session.scalars(chosen.order_by(FormerKeyPair.generation.desc()))
    return [_former(one) for one in found]


async def rotate(tx: Tx, iri: Iri, *, revoke: bool = False) -> None:
    """Give an actor of ours new keys; raise NotFound.

    The former ones announce them, go on signing what was said before for seven days, and prove
    for good what they have proven. With `revoke` they count for nothing from now on, nor do any
    others whose private halves are still here: whoever stole the one has the others.
    """
    row = await tx.get(Actor, iri)
    if row is None or row.gone:
        raise NotFound
    fresh, generation = await tx.federation.keys.take(), row.generation
    if revoke:
        held = sa.delete(FormerKeyPair).where(FormerKeyPair.actor == iri)
        await tx.session.execute(held.where(FormerKeyPair.rsa_pem.is_not(None)))
    else:
        tx.session.add(_kept(tx, row))
        await due.schedule(tx, tx.now + LISTED, FORGET, f"{generation} {iri}")
    row.rsa_pem, row.ed25519_pem = fresh.rsa.private_pem, fresh.ed25519.private_pem
    row.generation = generation + 1
    tx.emit(KeysChanged(iri, ed25519_key_id(iri, row.generation if revoke else generation)))


async def forget(tx: Tx, key: str) -> None:
    """Delete the private halves of former keys; of the public ones, what signed requests goes."""
    generation, _, iri = key.partition(" ")
    former = await tx.session.get(FormerKeyPair, (iri, int(generation)))
    row = await tx.get(Actor, iri)
    if former is None or row is None:
        return
    former.rsa_pem = former.ed25519_pem = None
    tx.emit(KeysChanged(Iri(iri), ed25519_key_id(Iri(iri), row.generation)))


async def living_names(tx: Tx) -> Sequence[str]:
    """List the usernames of everybody and everything with an address here, oldest first."""
    chosen = sa.select(Actor.username).where(Actor.gone.is_(None))
    return list(await tx.session.scalars(chosen.order_by(Actor.made, Actor.username)))


def _kept(tx: Tx, row: Actor) -> FormerKeyPair:
    keys = keys_of(row)
    return FormerKeyPair(
        actor=row.iri,
        generation=row.generation,
        rsa=keys.rsa.multibase,
        ed25519=keys.ed25519.multibase,
        rsa_pem=row.rsa_pem,
        ed25519_pem=row.ed25519_pem,
        replaced=tx.now,
    )


def _former(row: FormerKeyPair) -> FormerKeys:
    ed25519 = read_multikey(row.ed25519)
    if row.rsa_pem is None or row.ed25519_pem is None:
        return FormerKeys(row.generation, ed25519)
    held = ActorKeys(_pair(row.rsa_pem), _pair(row.ed25519_pem), row.generation)
    return FormerKeys(row.generation, ed25519, read_multikey(row.rsa), held)


@lru_cache(maxsize=2048)
def _pair(pem: str) -> KeyPair:
    """Read a key once: OpenSSL checks an RSA key for 30 ms whenever it is read."""
    return KeyPair.from_private_pem(pem)
