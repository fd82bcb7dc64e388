"""The one road out: what this host says, written in the commit that makes it true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from federation.activity import PUBLIC, Activity, Document, iri_of, is_activity, only
from federation.iri import Iri, ed25519_key_id, origin_of
from federation.ports import Clock, Directory, Tx
from federation.proofs import sign_document
from federation.sql import SqlStore

_ABOUT_THEIR_OBJECT = frozenset(
    "Create Update Delete Announce Accept Reject TentativeAccept TentativeReject Undo".split()
)


class Outbox:
    """Writes what this host says, in the transaction that makes it true."""

    def __init__(self, *, directory: Directory, store: SqlStore, clock: Clock) -> None:
        self._directory = directory
        self._store = store
        self._clock = clock

    async def send(
        self,
        tx: Tx,
        activity: Document,
        *,
        conversation: str | None = None,
        also_to: Iterable[Iri] = (),
    ) -> Document:
        """Sign an activity and write it for everybody in `to`, `cc` and `also_to`.

        `conversation` names what keeps its order (the agreement, the invitation); by default the
        activity that started it, or the object that is created, updated and deleted. Returns the
        activity with its proof. Raises Malformed for a broken envelope and KeyError when its
        actor does not live here.
        """
        envelope = Activity.read(dict(activity))
        sender = await self._directory.actor(tx, envelope.actor)
        if sender is None or sender.gone:
            raise KeyError(f"{envelope.actor} does not live here")
        now = self._clock()
        signed = sign_document(activity, sender.keys.ed25519, ed25519_key_id(sender.id), now)
        named = list(dict.fromkeys([*envelope.addressees(), *also_to]))
        public = PUBLIC in named
        talk = conversation or conversation_of(envelope.document)
        seq = await self._store.outbox.post(tx, signed, conversation=talk, public=public, now=now)
        await self._address(tx, seq, talk, signed, named, now)
        return signed

    async def _address(
        self, tx: Tx, seq: int, talk: str, signed: Document, named: Sequence[Iri], now: datetime
    ) -> None:
        own, sender = self._directory.origin, Iri(signed["actor"])
        followers = Iri(f"{sender}/followers")
        people = [one for one in named if one not in {PUBLIC, followers}]
        away = [one for one in people if origin_of(one) != own]
        await self._store.outbox.address(tx, seq, talk, away, now)
        if followers in named:
            await self._store.outbox.address_followers(
                tx, seq, talk, sender, now, except_origin=own
            )
        if followers in named or len(away) < len(people):
            await self._store.inbox.remember(tx, [signed], now, heard=False)


def conversation_of(document: Document) -> str:
    """Return what an activity belongs to: the id of the innermost activity, or of its object.

    So an Accept and an Undo follow what they answer, and a Delete follows its Create.
    """
    innermost, inner = document, only(document.get("object"))
    while isinstance(inner, Mapping) and is_activity(inner):
        innermost, inner = inner, only(inner.get("object"))
    about = iri_of(inner) if innermost.get("type") in _ABOUT_THEIR_OBJECT else None
    return about or iri_of(innermost) or str(document["id"])
