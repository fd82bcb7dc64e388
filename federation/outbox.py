"""The one road out: what this host says, written in the commit that makes it true.

What a transaction says is collected, and written at its end: so whatever it says, in whatever
order, it takes the rows of peers and the conversations in the order in which all others do, and no
two transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from federation.activity import (
    ACTIVITY_STREAMS,
    PUBLIC,
    Activity,
    Document,
    iri_of,
    is_activity,
    only,
)
from federation.iri import Iri, ed25519_key_id, origin_of
from federation.kinds import Kinds
from federation.ports import Clock, Directory, Tx
from federation.proofs import sign_document
from federation.sql import SqlStore
from federation.sql.rows import Said

CONTEXT = (ACTIVITY_STREAMS, "https://w3id.org/security/data-integrity/v2")
"""What every document has to name: others see no activity, or no proof, without."""

_ABOUT_THEIR_OBJECT = frozenset(
    "Create Update Delete Announce Accept Reject TentativeAccept TentativeReject Undo".split()
)


class Outbox:
    """Keeps what this host says until its transaction ends, and writes it there."""

    def __init__(
        self, *, directory: Directory, store: SqlStore, clock: Clock, kinds: Kinds
    ) -> None:
        self._directory = directory
        self._store = store
        self._clock = clock
        self._kinds = kinds

    async def send(
        self,
        tx: Tx,
        activity: Document,
        *,
        conversation: str | None = None,
        also_to: Iterable[Iri] = (),
        proven_by: str | None = None,
    ) -> Document:
        """Sign an activity and keep it for `write`, for everybody in `to`, `cc` and `also_to`.

        `conversation` names what keeps its order (the agreement, the invitation); by default the
        activity that started it, or the object that is created, updated and deleted. `proven_by`
        is the id of a former key that signs instead of today's. An activity without `@context`
        gets the usual one. Returns the activity with its proof. Raises Malformed for a broken
        envelope and KeyError when its actor does not live here.
        """
        activity = {"@context": list(CONTEXT), **activity}
        envelope = Activity.read(activity)
        sender = await self._directory.actor(tx, envelope.actor)
        if sender is None or sender.gone:
            raise KeyError(f"{envelope.actor} does not live here")
        now = self._clock()
        keys = sender.keys_behind(proven_by)
        method = ed25519_key_id(sender.id, keys.generation)
        signed = sign_document(activity, keys.ed25519, method, now)
        named = list(dict.fromkeys([*envelope.addressees(), *also_to]))
        self._store.say(tx, self._said(signed, conversation, named, now))
        return signed

    async def write(self, tx: Tx) -> None:
        """Write what a transaction has said, in the order it was said.

        The host awaits this last of all, just before every commit. Raises ValueError for an id that
        was said before.
        """
        said = self._store.said(tx)
        if not said:
            return
        own, inbox = self._directory.origin, self._store.inbox
        talks = {one.conversation for one in said}
        origins = {origin_of(recipient) for one in said for recipient in one.away}
        local = {own for one in said if one.local}
        await self._store.outbox.take(tx, talks, origins | local, self._clock())
        for one in said:
            seq = await self._store.outbox.post(tx, one)
            await self._kinds.note_told(tx, one)
            if one.followers:
                await self._store.outbox.address_followers(tx, seq, one, except_origin=own)
            if one.local:
                await inbox.within(tx, inbox.keep, [one.document], one.at, heard=False)
        said.clear()

    def _said(
        self, signed: Document, conversation: str | None, named: list[Iri], now: datetime
    ) -> Said:
        followers = Iri(f"{signed['actor']}/followers")
        people = [one for one in named if one not in {PUBLIC, followers}]
        away = [one for one in people if origin_of(one) != self._directory.origin]
        return Said(
            document=signed,
            conversation=conversation or conversation_of(signed),
            at=now,
            public=PUBLIC in named,
            away=away,
            followers=followers in named,
            local=followers in named or len(away) < len(people),
        )


def conversation_of(document: Document) -> str:
    """Return what an activity belongs to: the id of the innermost activity, or of its object.

    So an Accept and an Undo follow what they answer, and a Delete follows its Create.
    """
    innermost, inner = document, only(document.get("object"))
    while isinstance(inner, Mapping) and is_activity(inner):
        innermost, inner = inner, only(inner.get("object"))
    about = iri_of(inner) if innermost.get("type") in _ABOUT_THEIR_OBJECT else None
    return about or iri_of(innermost) or str(document["id"])
