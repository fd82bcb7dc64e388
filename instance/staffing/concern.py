"""Whom it concerns when an alliance or a loan ends: counts, before anybody decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance.alliances.service import Concerned
from instance.db import Tx
from instance.loans import service as loans
from instance.staffing.models import NamedPlace, Placement
from instance.staffing.placement import PlacementState, PlaceState

SAID_YES = (PlacementState.ANSWERED, PlacementState.CONFIRMING, PlacementState.CONFIRMED)
LIVE = (loans.LoanState.OFFERED, loans.LoanState.STANDING)


async def by_loan(tx: Tx, loan: loans.LoanView) -> Concerned:
    """Count whom the end of a loan concerns: our own people at its lender, else whom it named."""
    return await _concerned(tx, loan.group, [loan], waiting=0)


async def by_alliance(tx: Tx, group: Iri, ally: Iri) -> Concerned:
    """Count what stands between two groups: asks and offers, loans both ways, who has said yes."""
    asked = [one for side in loans.Side for one in await loans.asks(tx, group, side)]
    found = [one for side in loans.Side for one in await loans.loans(tx, group, side, LIVE)]
    between = [one for one in found if one.ally == ally]
    standing = [one for one in between if one.state is loans.LoanState.STANDING]
    open_asks = [one for one in asked if one.ally == ally and one.open]
    waiting = len(open_asks) + len(between) - len(standing)
    return await _concerned(tx, group, standing, waiting)


async def _concerned(
    tx: Tx, group: Iri, found: Sequence[loans.LoanView], waiting: int
) -> Concerned:
    """Count what has not begun yet: nobody is called off after that."""
    lent, borrowed = (
        [one.agreement for one in found if one.side is side and one.agreement]
        for side in (loans.Side.LENDER, loans.Side.BORROWER)
    )
    placed = sa.select(sa.func.count(sa.distinct(Placement.person))).where(
        Placement.group == group, Placement.agreement.in_(lent), Placement.starts > tx.now
    )
    named = sa.select(sa.func.count(sa.distinct(NamedPlace.person))).where(
        NamedPlace.group == group,
        NamedPlace.agreement.in_(borrowed),
        NamedPlace.starts > tx.now,
        NamedPlace.state == PlaceState.NAMED,
    )
    ours = await _count(tx, placed.where(Placement.state.in_(SAID_YES)))
    return Concerned(
        waiting=waiting,
        places=sum(at.places for one in found for at in one.places if at.start > tx.now),
        said_yes=ours + await _count(tx, named),
        asked=await _count(tx, placed.where(Placement.state == PlacementState.INVITED)),
    )


async def _count(tx: Tx, statement: sa.Select[Any]) -> int:
    return int((await tx.session.execute(statement)).scalar_one())
