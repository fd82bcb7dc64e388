"""Places that an ally lends, as the borrower counts them: who was named, and by whose proof."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance import due
from instance.db import Tx
from instance.errors import Conflict, NotFound
from instance.loans import service as loans
from instance.staffing import placement as table
from instance.staffing.events import PlaceNamed, PlaceUnnamed
from instance.staffing.lent import looking
from instance.staffing.models import EarlyUnname, NamedPlace, Placement
from instance.staffing.placement import PlaceHeard, PlacementState, PlaceState
from instance.staffing.placements import lock

PLACE_ENDS = "staffing.place_ends"


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """What an Announce of a promise says, once its proof was checked.

    `create` is her own Create{Commitment} as it came; `replaces` the Invite of the promise that
    this one took the place of, if any.
    """

    announce: Iri
    lender: Iri
    agreement: Iri
    opening: Iri
    person: Iri
    invite: Iri
    commitment: Iri
    start: datetime
    end: datetime
    create: Mapping[str, Any]
    replaces: Iri | None = None


async def name_place(tx: Tx, named: Named) -> None:
    """Count the person whom a lender announced for one of our openings.

    Her promise may be for the hours before the shift moved: it stands until she has promised the
    new ones. Raises NotFound when no standing Agreement with this lender has a place there, and
    Conflict when every one of them is named or about to be filled by one of ours instead:
    somebody's Undo may be on its way.
    """
    await lock(tx, named.opening, named.agreement)
    loan = await loans.loan(tx, named.agreement, loans.Side.BORROWER)
    place = next((one for one in loan.places if one.opening == named.opening), None)
    standing = loan.ally == named.lender and loan.state is loans.LoanState.STANDING
    if not standing or place is None:
        raise NotFound
    if await tx.get(EarlyUnname, named.announce) is not None:
        return
    if await tx.get(NamedPlace, named.announce) is not None:
        return
    older = await _older(tx, named)
    if older is not None:
        await _unname(tx, older)
    if await looking(tx, named.opening, named.agreement) <= 0:
        raise Conflict("Every place that this ally lends is named, or somebody comes instead.")
    becomes = table.hear_of_place(PlaceState.PROMISED, PlaceHeard.ANNOUNCE)
    assert becomes, "a promised place can be named"
    tx.session.add(_row(tx, named, loan.group, loan.ask.job, becomes))
    await due.schedule(tx, named.end, PLACE_ENDS, named.announce)
    tx.emit(PlaceNamed(named.agreement, named.opening, named.person, named.announce))


async def unname_place(tx: Tx, announce: Iri, lender: Iri) -> None:
    """Let a naming go, by the lender's word; one that comes first is remembered."""
    row = await _locked(tx, announce)
    if row is None:
        if await tx.get(EarlyUnname, announce) is None:
            tx.session.add(EarlyUnname(announce=announce, lender=lender, heard=tx.now))
        return
    if row.lender != lender:
        raise NotFound
    await _unname(tx, row)


async def end_place(tx: Tx, announce: str, heard: PlaceHeard = PlaceHeard.END) -> None:
    """Note that the shift is over or that her hours came; harmless when it comes twice."""
    row = await _locked(tx, Iri(announce))
    becomes = table.hear_of_place(row.state, heard) if row else None
    if row is not None and becomes is not None:
        row.state, row.changed = becomes, tx.now
        await due.cancel(tx, PLACE_ENDS, row.announce)


class Coming(msgspec.Struct, frozen=True):
    """Somebody who has promised to come to a shift of ours, ours or lent."""

    opening: Iri
    person: Iri
    commitment: Iri
    start: datetime


async def coming(tx: Tx, job: Iri) -> Sequence[Coming]:
    """List everybody who has promised to come to a job of ours and whose shift is not over."""
    own = sa.select(
        Placement.opening, Placement.person, Placement.commitment, Placement.starts
    ).where(
        Placement.job == job,
        Placement.agreement == "",
        Placement.state == PlacementState.CONFIRMED,
    )
    borrowed = sa.select(
        NamedPlace.opening, NamedPlace.person, NamedPlace.commitment, NamedPlace.starts
    ).where(NamedPlace.job == job, NamedPlace.state == PlaceState.NAMED)
    found = [*await tx.session.execute(own), *await tx.session.execute(borrowed)]
    return [Coming(Iri(row[0]), Iri(row[1]), Iri(row[2]), row[3]) for row in found if row[2]]


async def commitment_of(tx: Tx, announce: Iri) -> Iri:
    """Return the id of the promise that an Announce passed on; raise NotFound."""
    row = await tx.get(NamedPlace, announce)
    if row is None:
        raise NotFound
    return Iri(row.commitment)


async def _older(tx: Tx, named: Named) -> NamedPlace | None:
    if named.replaces is None:
        return None
    found = await tx.session.scalars(
        sa.select(NamedPlace).where(
            NamedPlace.invite == named.replaces,
            NamedPlace.agreement == named.agreement,
            NamedPlace.lender == named.lender,
            NamedPlace.state == PlaceState.NAMED,
        )
    )
    return found.one_or_none()


async def _locked(tx: Tx, announce: Iri) -> NamedPlace | None:
    chosen = sa.select(NamedPlace.opening, NamedPlace.agreement).where(
        NamedPlace.announce == announce
    )
    found = (await tx.session.execute(chosen)).one_or_none()
    if found is None:
        return None
    await lock(tx, Iri(found.opening), found.agreement)
    return await tx.session.get(NamedPlace, announce, populate_existing=True)


async def _unname(tx: Tx, row: NamedPlace) -> None:
    becomes = table.hear_of_place(row.state, PlaceHeard.UNDO_ANNOUNCE)
    if becomes is None or row.state is PlaceState.PROMISED:
        return
    row.state, row.changed = becomes, tx.now
    await due.cancel(tx, PLACE_ENDS, row.announce)
    tx.emit(PlaceUnnamed(Iri(row.agreement), Iri(row.opening), Iri(row.person), Iri(row.announce)))


def _row(tx: Tx, named: Named, group: Iri, job: Iri, state: PlaceState) -> NamedPlace:
    return NamedPlace(
        announce=named.announce,
        id=tx.federation.new_id("places").rpartition("/")[2],
        agreement=named.agreement,
        opening=named.opening,
        job=job,
        group=group,
        lender=named.lender,
        person=named.person,
        invite=named.invite,
        commitment=named.commitment,
        create=dict(named.create),
        state=state,
        starts=named.start,
        ends=named.end,
        named=tx.now,
        changed=tx.now,
    )
