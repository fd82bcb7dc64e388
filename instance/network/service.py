"""Addresses here, and the road to everybody elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import sqlalchemy as sa

from federation import ActorKeys, Document, Iri, LocalActor, Standing, new_token
from federation.sql.rows import Comparison, FailedDelivery, Peer, PeerHealth
from instance.db import Tx
from instance.errors import Conflict, Invalid, NotFound
from instance.network import keys
from instance.network.events import ActorChanged, IdentityStated
from instance.network.models import Actor
from instance.network.models import ActorKind as ActorKind  # noqa: PLC0414  # others name kinds by it
from instance.network.peers import (
    Decision,
    count_peers,
    decide,
    decisions,
    drop,
    failed_at,
    hurry,
    is_about,
    is_blocked,
    is_limited,
    lift,
    page_of_peers,
    peer,
    standing_in,
    tell_of_block,
)

__all__ = [
    "ActorKind",
    "Comparison",
    "Decision",
    "FailedDelivery",
    "PeerHealth",
    "Standing",
    "actor",
    "actor_named",
    "change_actor",
    "count_actors",
    "count_peers",
    "create_actor",
    "decide",
    "decisions",
    "document_of",
    "drop",
    "ensure_instance_actor",
    "failed_at",
    "failed_deliveries",
    "free_username",
    "hurry",
    "identity_of",
    "instance_actor",
    "is_about",
    "is_blocked",
    "is_limited",
    "lift",
    "moved_from",
    "names_of",
    "one_of_each_peer",
    "page_of_peers",
    "peer",
    "peers",
    "require_actor",
    "standing_in",
    "state_identity",
    "tell_of_block",
]

USERNAME = re.compile(r"[a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?")
RESERVED = frozenset({"actor", "admin", "inbox", "instance", "new", "root", "system"})
_FOLDERS = {ActorKind.PERSON: "people", ActorKind.GROUP: "groups"}


async def create_actor(
    tx: Tx, kind: ActorKind, username: str, *, name: str = "", summary: str = ""
) -> Iri:
    """Give somebody or something an address here.

    Raises Invalid for a username that other servers could not read, Conflict for a taken one.
    """
    username = await free_username(tx, username)
    fresh = await tx.federation.keys.take()
    iri = Iri(f"{tx.origin}/{_FOLDERS[kind]}/{new_token()}")
    tx.session.add(_row(tx, iri, kind, username, fresh, name, summary))
    return iri


async def ensure_instance_actor(tx: Tx) -> None:
    """Make the Application that signs our fetches, on the first start."""
    iri = instance_actor(tx.origin)
    if await tx.get(Actor, iri) is None:
        fresh = await tx.federation.keys.take()
        username = tx.settings.host.partition(":")[0]
        name = tx.settings.name
        tx.session.add(_row(tx, iri, ActorKind.APPLICATION, username, fresh, name, ""))


def instance_actor(origin: str) -> Iri:
    """Return the id of an instance's Application actor."""
    return Iri(f"{origin}/actor")


async def free_username(tx: Tx, username: str) -> str:
    """Return a username as it is stored, if nobody ever had it."""
    username = username.strip().lower().removeprefix("@")
    if len(username) > 64 or not USERNAME.fullmatch(username) or username in RESERVED:
        raise Invalid(
            "A username has letters a to z, digits, dots, dashes and underscores.",
            field="username",
        )
    taken = sa.select(Actor.iri).where(Actor.username == username)
    if (await tx.session.execute(taken)).first():
        raise Conflict("The username %(name)s is taken.", field="username", name=username)
    return username


async def actor(tx: Tx, iri: str) -> LocalActor | None:
    """Return the actor of ours with this id, gone ones included."""
    row = await tx.get(Actor, iri)
    return await _actor(tx, row) if row else None


async def actor_named(tx: Tx, username: str) -> LocalActor | None:
    """Return the actor of ours with this username."""
    found = await tx.session.execute(
        sa.select(Actor).where(Actor.username == username.lower().removeprefix("@"))
    )
    row = found.scalar_one_or_none()
    return await _actor(tx, row) if row else None


async def require_actor(tx: Tx, iri: str) -> LocalActor:
    """Return the living actor of ours with this id; raise NotFound."""
    found = await actor(tx, iri)
    if found is None or found.gone:
        raise NotFound
    return found


def document_of(tx: Tx, actor: LocalActor) -> tuple[Document, int]:
    """Return an actor as the world sees it, with its status: 200, or 410 when it is gone."""
    return tx.federation.document_of(actor)


async def change_actor(
    tx: Tx,
    iri: Iri,
    *,
    name: str | None = None,
    summary: str | None = None,
    also_known_as: Sequence[str] | None = None,
    moved_to: str | None = None,
) -> None:
    """Change what the world sees of an actor of ours; emits ActorChanged if anything differs."""
    row = await tx.get(Actor, iri)
    if row is None:
        raise NotFound
    new = {
        "name": name,
        "summary": summary,
        "also_known_as": None if also_known_as is None else list(also_known_as),
        "moved_to": moved_to,
    }
    differs = {
        key: value for key, value in new.items() if value is not None and value != getattr(row, key)
    }
    for key, value in differs.items():
        setattr(row, key, value)
    if differs:
        tx.emit(ActorChanged(iri))


async def state_identity(tx: Tx, person: Iri, statement: Document | None) -> None:
    """Let a person's actor carry what her own key has signed, or nothing. Raises NotFound."""
    row = await tx.get(Actor, person)
    if row is None:
        raise NotFound
    row.identity = dict(statement) if statement else None
    tx.emit(IdentityStated(person))


async def identity_of(tx: Tx, person: Iri) -> Document | None:
    """Return what a person's own key has signed, if she has one. Raises NotFound."""
    row = await tx.get(Actor, person)
    if row is None:
        raise NotFound
    return row.identity


async def count_actors(tx: Tx, kind: ActorKind) -> int:
    """Count our living actors of one kind."""
    counted = sa.select(sa.func.count()).where(Actor.kind == kind, Actor.gone.is_(None))
    return int((await tx.session.execute(counted)).scalar_one())


async def names_of(
    tx: Tx, iris: Iterable[str], kind: ActorKind | None = None
) -> Mapping[str, tuple[str, str]]:
    """Return (username, name) of those of these actors that live here, by IRI, oldest first.

    With `kind`, of those that are of this kind. Who lives elsewhere is not even looked for.
    """
    wanted = sorted({one for one in iris if one.startswith(f"{tx.origin}/")})
    if not wanted:
        return {}
    statement = sa.select(Actor.iri, Actor.username, Actor.name).where(Actor.iri.in_(wanted))
    if kind is not None:
        statement = statement.where(Actor.kind == kind)
    found = await tx.session.execute(statement.order_by(Actor.made, Actor.username))
    return {row.iri: (row.username, row.name) for row in found}


async def moved_from(tx: Tx, iri: Iri) -> Sequence[Iri]:
    """Name the accounts here from which somebody moved to this one, by the word of both."""
    row = await tx.get(Actor, iri)
    if row is None or not row.also_known_as:
        return ()
    found = await tx.session.scalars(
        sa.select(Actor.iri).where(Actor.iri.in_(row.also_known_as), Actor.moved_to == iri)
    )
    return [Iri(one) for one in found]


async def one_of_each_peer(tx: Tx) -> Sequence[Iri]:
    """Name one actor at every other instance we deal with: told there is told to all of it."""
    return await tx.federation.store.peers.one_of_each(tx)


async def peers(tx: Tx) -> Sequence[Peer]:
    """List the other instances we deal with, those with the most waiting first."""
    return [one for one in await tx.federation.store.peers.peers(tx) if one.origin != tx.origin]


async def comparisons(tx: Tx) -> Mapping[str, Comparison]:
    """Return how the last comparison with each other instance went, by its origin."""
    return {one.peer: one for one in await tx.federation.store.exchanges.compared(tx)}


async def failed_deliveries(tx: Tx) -> Sequence[FailedDelivery]:
    """List what could not be delivered, newest first."""
    return await tx.federation.store.outbox.failed(tx)


def _row(
    tx: Tx, iri: Iri, kind: ActorKind, username: str, fresh: ActorKeys, name: str, summary: str
) -> Actor:
    return Actor(
        iri=iri,
        kind=kind,
        username=username,
        name=name,
        summary=summary,
        rsa_pem=fresh.rsa.private_pem,
        ed25519_pem=fresh.ed25519.private_pem,
        also_known_as=[],
        made=tx.now,
    )


async def _actor(tx: Tx, row: Actor) -> LocalActor:
    return LocalActor(
        id=Iri(row.iri),
        type=row.kind.value,
        username=row.username,
        keys=keys.keys_of(row),
        name=row.name,
        summary=row.summary,
        extra=_extra(row),
        gone=row.gone is not None,
        former=await keys.former_keys(tx, row),
    )


def _extra(row: Actor) -> dict[str, object]:
    extra: dict[str, object] = {}
    if row.kind is ActorKind.GROUP:
        extra = {name: f"{row.iri}/{name}" for name in ("featured", "affiliations", "alliances")}
    if row.kind is ActorKind.APPLICATION:
        extra = {"reconciliation": f"{row.iri}/reconciliation"}
    if row.also_known_as:
        extra["alsoKnownAs"] = row.also_known_as
    if row.moved_to:
        extra["movedTo"] = row.moved_to
    if row.identity:
        extra["attachment"] = [row.identity]
    return extra
