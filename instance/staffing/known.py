"""Look up one placement or one named place, for the features above that ask about its person."""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.staffing.models import NamedPlace, Placement
from instance.staffing.placement import PlacementState, PlaceState


class KnownPlacement(msgspec.Struct, frozen=True):
    """A placement as its group keeps it; `agreement` is None for the group's own openings."""

    invite: Iri
    group: Iri
    person: Iri
    opening: Iri
    job: Iri
    agreement: Iri | None
    state: PlacementState


class KnownPlace(msgspec.Struct, frozen=True):
    """A lent place as the borrower keeps it, with the person whom the lender named for it."""

    announce: Iri
    invite: Iri
    group: Iri
    lender: Iri
    person: Iri
    opening: Iri
    agreement: Iri
    state: PlaceState


async def known_placement(tx: Tx, invite: Iri) -> KnownPlacement | None:
    """Return a placement by its Invite's id, or None."""
    row = await tx.get(Placement, invite)
    if row is None:
        return None
    return KnownPlacement(
        invite=invite,
        group=Iri(row.group),
        person=Iri(row.person),
        opening=Iri(row.opening),
        job=Iri(row.job),
        agreement=Iri(row.agreement) if row.agreement else None,
        state=row.state,
    )


async def known_place(tx: Tx, invite: Iri) -> KnownPlace | None:
    """Return the lent place that a person was last named for by an Invite of her group, or None."""
    chosen = sa.select(NamedPlace).where(NamedPlace.invite == invite)
    row = (await tx.session.scalars(chosen.order_by(NamedPlace.named.desc()).limit(1))).first()
    if row is None:
        return None
    return KnownPlace(
        announce=Iri(row.announce),
        invite=invite,
        group=Iri(row.group),
        lender=Iri(row.lender),
        person=Iri(row.person),
        opening=Iri(row.opening),
        agreement=Iri(row.agreement),
        state=row.state,
    )
