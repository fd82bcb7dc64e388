"""Actors: the documents of our own, and what is known of everybody else's."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from federation.activity import Document, iri_of
from federation.errors import (
    FederationError,
    Gone,
    Malformed,
    Missing,
    Unauthenticated,
    Unreachable,
)
from federation.fetch import Fetcher, Purpose
from federation.iri import (
    Iri,
    main_key_id,
    origin_of,
    same_origin,
    without_fragment,
)
from federation.keys import MOST_KEYS, PublicKey, public_keys_of
from federation.knocking import RFC9421, RFC9421_ED25519, Signer
from federation.ports import Clock, Database, Directory, LocalActor, Tx
from federation.sql import SqlStore

ACTOR_TYPES = frozenset({"Person", "Group", "Organization", "Application", "Service"})
REFRESH_AT_MOST = timedelta(minutes=5)
KEY_IS_TRUSTED = timedelta(minutes=10)
KEYS_IN_MEMORY = 10_000

CONTEXT: list[Any] = [
    "https://www.w3.org/ns/activitystreams",
    "https://w3id.org/security/v1",
    "https://w3id.org/security/data-integrity/v2",
    "https://w3id.org/security/multikey/v1",
    "https://www.w3.org/ns/did/v1",
    {
        "toot": "http://joinmastodon.org/ns#",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "alsoKnownAs": {"@id": "as:alsoKnownAs", "@type": "@id"},
        "movedTo": {"@id": "as:movedTo", "@type": "@id"},
        "implements": {
            "@id": "https://w3id.org/fep/844e#implements",
            "@type": "@id",
            "@container": "@list",
        },
        "affiliations": {"@id": "https://w3id.org/fep/5219#affiliations", "@type": "@id"},
        "VerifiableIdentityStatement": "https://w3id.org/fep/c390/VerifiableIdentityStatement",
    },
]


# What our requests may be signed by (FEP-844e), told with every actor: no second fetch to learn it.
IMPLEMENTS = [
    {"href": RFC9421, "name": "RFC-9421: HTTP Message Signatures"},
    {"href": RFC9421_ED25519, "name": "RFC-9421 signatures using Ed25519"},
]


class AskedJustNow(Unreachable):
    """Whether an actor lists a key by now is not asked again so soon."""


@dataclass(frozen=True, slots=True)
class OwnedKey:
    """A public key and the actor whose own document lists it."""

    owner: Iri
    key: PublicKey


def actor_document(actor: LocalActor, instance_actor: Iri, origin: str) -> dict[str, Any]:
    """Write what the world may know of one of our actors (FEP-521a, FEP-844e)."""
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "id": actor.id,
        "type": actor.type,
        "preferredUsername": actor.username,
        "name": actor.name or actor.username,
        "summary": actor.summary,
        "inbox": f"{actor.id}/inbox",
        "outbox": f"{actor.id}/outbox",
        "followers": f"{actor.id}/followers",
        "following": f"{actor.id}/following",
        "url": actor.id,
        "manuallyApprovesFollowers": False,
        "discoverable": actor.type == "Group",
        "indexable": actor.type == "Group",
        "endpoints": {"sharedInbox": f"{origin}/inbox"},
        "publicKey": {
            "id": main_key_id(actor.id, actor.keys.generation),
            "owner": actor.id,
            "publicKeyPem": actor.keys.rsa.public.pem,
        },
        "assertionMethod": _multikeys(actor),
    }
    if actor.id == instance_actor:
        document["implements"] = IMPLEMENTS
    else:
        document["generator"] = {
            "type": "Application",
            "id": instance_actor,
            "implements": IMPLEMENTS,
        }
    return document | dict(actor.extra)


def _multikeys(actor: LocalActor) -> list[dict[str, str]]:
    """List the key of today's proofs and former keys; `publicKey` breaks some as an array."""
    _, *others = actor.public_keys().items()
    return [
        {
            "id": key_id,
            "type": "Multikey",
            "controller": actor.id,
            "publicKeyMultibase": key.multibase,
        }
        for key_id, key in others[: MOST_KEYS - 1]
    ]


def tombstone(iri: Iri, former_type: str) -> dict[str, Any]:
    """Write what stands in the place of something that is gone."""
    return {"@context": CONTEXT[0], "id": iri, "type": "Tombstone", "formerType": former_type}


class Actors:
    """Other hosts' actors and their keys: fetched once, kept, fetched again when they change."""

    def __init__(
        self,
        *,
        directory: Directory,
        store: SqlStore,
        database: Database,
        fetcher: Fetcher,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._store = store
        self._database = database
        self._fetcher = fetcher
        self.knocker = fetcher.knocker
        self.standings = fetcher.standings
        self._clock = clock
        self._keys: OrderedDict[str, tuple[OwnedKey, datetime]] = OrderedDict()
        self._asked: OrderedDict[str, tuple[datetime, bool]] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Document]] = {}

    async def key(self, key_id: str) -> OwnedKey:
        """Return a public key with the actor that lists it.

        Raise Unauthenticated when the owner does not, Gone when there is none any more, Forbidden
        when it is blocked here, and Unreachable when that cannot be known now.
        """
        known = self._keys.get(key_id)
        owner = known[0].owner if known else owner_of_key(key_id)
        await self.standings.require_unblocked(owner)
        if known and self._clock() - known[1] < KEY_IS_TRUSTED:
            if key_id in self._keys:
                self._keys.move_to_end(key_id)
            return known[0]
        if origin_of(owner) == self._directory.origin:
            return await self._own_key(owner, key_id)
        async with self._database.reading() as tx:
            cached = await self._store.peers.known_actor(tx, owner)
        if cached and key_id in public_keys_of(cached.document):
            return self._keep(key_id, cached.document)
        document = await self._unless_just_asked(owner, key_id, again=cached is not None)
        return self._keep(key_id, document)

    async def refreshed_key(self, key_id: str) -> OwnedKey | None:
        """Fetch a key's owner again; return None when that was just done, or it is gone."""
        owner = owner_of_key(key_id)
        if origin_of(owner) == self._directory.origin:
            return None
        try:
            document = await self._unless_just_asked(owner, key_id, again=True)
        except (Gone, Unauthenticated, AskedJustNow):
            return None
        return self._keep(key_id, document)

    async def document(self, iri: Iri) -> Document:
        """Return an actor's document, fetched if it is not known yet."""
        async with self._database.reading() as tx:
            cached = await self._store.peers.known_actor(tx, iri)
        return cached.document if cached else await self.fetch(iri)

    async def fetch(self, iri: str, purpose: Purpose = Purpose.DOCUMENT) -> Document:
        """Fetch an actor from its own host and keep it; forget it and raise Gone if it is gone.

        Whoever asks for the same actor meanwhile waits for the same answer.
        """
        under_way = self._fetching.get(iri)
        if under_way is None:
            under_way = asyncio.create_task(self._fetch(iri, purpose))
            self._fetching[iri] = under_way
            under_way.add_done_callback(lambda _: self._fetching.pop(iri, None))
        return await asyncio.shield(under_way)

    async def _fetch(self, iri: str, purpose: Purpose) -> Document:
        try:
            document = await self.get(iri, purpose=purpose)
        except Gone as error:
            if not isinstance(error, Missing):
                async with self._database.transaction() as tx:
                    await self._store.peers.forget_actor(tx, iri)
            raise
        inbox, shared = inboxes_of(document)
        async with self._database.transaction() as tx:
            await self._store.peers.save_actor(tx, document, inbox, shared, self._clock())
            await self.knocker.learn(tx, document)
        return document

    async def close(self) -> None:
        """Stop the fetches that are going on; who still waits for one is stopped, too."""
        going_on = list(self._fetching.values())
        for task in going_on:
            task.cancel()
        await asyncio.gather(*going_on, return_exceptions=True)

    async def get(
        self,
        iri: str,
        *,
        reader: LocalActor | None = None,
        purpose: Purpose = Purpose.DOCUMENT,
    ) -> Document:
        """Fetch any document, signed by the instance or in the name of a reader."""
        if reader:
            signer = Signer(reader.id, reader.keys)
        else:
            signer = await self.instance_signer()
        return await self._fetcher.get_document(iri, signer, purpose)

    async def get_or_own(self, iri: str) -> Document:
        """Fetch what an activity needs; of our own, an actor without asking ourselves."""
        own = self._directory
        if origin_of(iri) != own.origin:
            self._fetcher.fetches.spend_document(origin_of(iri))
            return await self.get(iri)
        async with self._database.reading() as tx:
            actor = await own.actor(tx, iri)
        if actor is None or actor.gone:
            raise Missing("Nobody of that id is here.")
        return actor_document(actor, own.instance_actor, own.origin)

    async def instance_signer(self) -> Signer:
        """Return the name and key in which this host fetches."""
        instance = self._directory.instance_actor
        async with self._database.reading() as tx:
            actor = await self._directory.actor(tx, instance)
        assert actor, "a host has an instance actor from its first start"
        return Signer(instance, actor.keys)

    async def inbox_of(self, iri: Iri) -> tuple[str, str | None]:
        """Return an actor's own and shared inbox."""
        return inboxes_of(await self.document(iri))

    async def note(self, tx: Tx, document: Document) -> None:
        """Keep an actor's document that its owner has just sent in an Update."""
        if origin_of(document["id"]) == self._directory.origin:
            return
        inbox, shared = inboxes_of(document)
        for key_id in [one for one, (key, _) in self._keys.items() if key.owner == document["id"]]:
            del self._keys[key_id]
        await self._store.peers.save_actor(tx, document, inbox, shared, self._clock())

    async def _own_key(self, owner: Iri, key_id: str) -> OwnedKey:
        async with self._database.reading() as tx:
            actor = await self._directory.actor(tx, owner)
        if actor is None or actor.gone:
            raise Unauthenticated("Nobody here has this key.")
        keys = actor.public_keys()
        if key_id not in keys:
            raise Unauthenticated("Nobody here has this key.")
        return OwnedKey(owner, keys[key_id])

    async def _unless_just_asked(self, owner: str, key_id: str, *, again: bool) -> Document:
        """Fetch the owner of a key, but again, or in vain, only once in a while.

        Otherwise anybody could make us ask a third host without end, by naming its keys. An owner
        that answered may have changed its keys since: who uses one is to come again.
        """
        now = self._clock()
        last, answered = self._asked.get(owner, (None, False))
        if last and now - last < REFRESH_AT_MOST:
            sentence = "The signer's actor did not list this key a moment ago."
            raise AskedJustNow(sentence) if answered else Unauthenticated(sentence)
        self._fetcher.fetches.spend(origin_of(owner))
        try:
            document = await self._fetch_by_key(key_id)
        except Unreachable:
            raise
        except FederationError:
            self._note_asked(owner, now, answered=False)
            raise
        if again:
            self._note_asked(owner, now, answered=True)
        return document

    def _note_asked(self, owner: str, now: datetime, *, answered: bool) -> None:
        self._asked[owner] = (now, answered)
        while len(self._asked) > KEYS_IN_MEMORY:
            self._asked.popitem(last=False)

    async def _fetch_by_key(self, key_id: str) -> Document:
        if "#" in key_id:
            return await self.fetch(without_fragment(key_id), Purpose.KEY)
        document = await self.get(key_id, purpose=Purpose.KEY)
        if "inbox" in document:
            return await self.fetch(document["id"], Purpose.KEY)
        owner = iri_of(document.get("owner") or document.get("controller"))
        if not owner or not same_origin(owner, key_id):
            raise Unauthenticated("The key names no owner on its own host.")
        return await self.fetch(owner, Purpose.KEY)

    def _keep(self, key_id: str, document: Document) -> OwnedKey:
        listed = public_keys_of(document).get(key_id)
        if listed is None:
            raise Unauthenticated("The signer's actor does not list this key.")
        key = OwnedKey(Iri(document["id"]), listed)
        self._keys[key_id] = (key, self._clock())
        while len(self._keys) > KEYS_IN_MEMORY:
            self._keys.popitem(last=False)
        return key


def owner_of_key(key_id: str) -> Iri:
    """Return the actor that a key id belongs to by its form: `…#main-key` or `…/main-key`."""
    if "#" in key_id:
        return without_fragment(key_id)
    return Iri(key_id.removesuffix("/main-key"))


def inboxes_of(document: Document) -> tuple[str, str | None]:
    """Return an actor's own and shared inbox; raise Malformed when it is no actor."""
    iri, inbox = document.get("id"), document.get("inbox")
    kind = document.get("type")
    if not isinstance(kind, str) or kind not in ACTOR_TYPES or not isinstance(iri, str):
        raise Malformed("This is not an actor.")
    if not isinstance(inbox, str) or not same_origin(inbox, iri):
        raise Malformed("The actor has no inbox on its own host.")
    endpoints = document.get("endpoints")
    shared = endpoints.get("sharedInbox") if isinstance(endpoints, Mapping) else None
    if not isinstance(shared, str) or origin_of(shared) != origin_of(iri):
        shared = None
    return inbox, shared
