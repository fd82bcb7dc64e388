"""Documents that others fetch: a group, its roles, the proof of a membership, what is shared."""

from __future__ import annotations

from typing import Any

from federation import Iri
from instance import wire
from instance.consent import service as consent
from instance.db import Tx
from instance.groups import membership, sharing
from instance.groups.documents import group_extra, share_document, stamp_document
from instance.groups.models import MemberState
from instance.groups.views import GroupView, home_of
from instance.network import service as network
from instance.people import service as people


async def group_document(tx: Tx, group: GroupView) -> dict[str, Any]:
    """Write a group's actor document, with what it asks its members to share."""
    actor = await network.require_actor(tx, group.iri)
    written, _ = tx.federation.collections.document(actor)
    return {**written, **group_extra(group)}


async def affiliations_document(tx: Tx, group: GroupView) -> dict[str, Any]:
    """Write the public list of a group's roles: its leaders, and no plain member (FEP-5219)."""
    leaders = await people.leaders_of(tx, group.iri)
    return {
        "@context": wire.context(tx.origin),
        "id": f"{group.iri}/affiliations",
        "type": "OrderedCollection",
        "attributedTo": group.iri,
        "totalItems": len(leaders),
        "orderedItems": [
            {
                "type": "Relationship",
                "attributedTo": group.iri,
                "subject": leader,
                "object": group.iri,
                "relationship": "leader",
            }
            for leader in leaders
        ],
    }


async def stamp_for(tx: Tx, group: Iri, key: str, reader: Iri | None) -> dict[str, Any] | None:
    """Return the proof of a membership for the member, her home or a leader; else None."""
    row = await membership.membership(tx, key)
    if row.group != group or row.state is not MemberState.MEMBER or reader is None:
        return None
    if home_of(reader) != home_of(row.person) and not await people.is_leader(tx, reader, group):
        return None
    return {"@context": wire.context(tx.origin), **stamp_document(row, membership.stamp_of(row))}


async def share_for(tx: Tx, share: Iri, reader: Iri) -> dict[str, Any] | None:
    """Return what a person here shares, for the one group it is shared with; else None."""
    row = await sharing.belonging_by_share(tx, share)
    if row is None or row.group != reader or row.state is not MemberState.MEMBER:
        return None
    shared = await sharing.shared_by(tx, Iri(row.person), reader)
    if shared is None:
        return None
    await consent.note_read(tx, shared.person, reader, reader, shared.fields)
    written = share_document(tx.origin, share, reader, shared)
    return {"@context": wire.context(tx.origin), **written}
