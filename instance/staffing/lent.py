"""What allies promised at openings of ours: how many are named, and for how many ally looks."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import sqlalchemy as sa

from federation import Iri
from instance.db import Tx
from instance.loans import service as loans
from instance.staffing.models import NamedPlace, Placement
from instance.staffing.placement import PlacementState, PlaceState

TAKEN = (PlaceState.NAMED, PlaceState.DONE)


class PromisedAt(msgspec.Struct, frozen=True, kw_only=True):
    """What one ally promised at one opening of ours.

    `named` have a name; `confirming` are people of ours who have said yes to come instead and
    whose own promise is on its way: their places are nobody else's meanwhile.
    """

    agreement: Iri
    ally: Iri
    ally_name: str
    places: int
    named: int = 0
    confirming: int = 0

    @property
    def unnamed(self) -> int:
        """How many places have no name yet."""
        return max(self.places - self.named, 0)

    @property
    def given(self) -> int:
        """For how many of those somebody of ours is being confirmed."""
        return min(self.confirming, self.unnamed)

    @property
    def looking(self) -> int:
        """For how many places the ally looks, and somebody of ours could come instead."""
        return self.unnamed - self.given


async def promises_at(tx: Tx, openings: Iterable[Iri]) -> dict[Iri, tuple[PromisedAt, ...]]:
    """Return what allies promised at each of our openings, the oldest Agreement first."""
    rows = await loans.promised_by(tx, openings)
    if not rows:
        return {}
    iris = {one.opening for one in rows}
    named = await _counted(
        tx,
        sa.select(NamedPlace.opening, NamedPlace.agreement, sa.func.count())
        .where(NamedPlace.opening.in_(iris), NamedPlace.state.in_(TAKEN))
        .group_by(NamedPlace.opening, NamedPlace.agreement),
    )
    confirming = await _counted(
        tx,
        sa.select(Placement.opening, Placement.instead, sa.func.count())
        .where(
            Placement.opening.in_(iris),
            Placement.instead.is_not(None),
            Placement.state == PlacementState.CONFIRMING,
        )
        .group_by(Placement.opening, Placement.instead),
    )
    found: dict[Iri, list[PromisedAt]] = {}
    for one in rows:
        key = (str(one.opening), str(one.agreement))
        found.setdefault(one.opening, []).append(
            PromisedAt(
                agreement=one.agreement,
                ally=one.ally,
                ally_name=one.ally_name,
                places=one.places,
                named=named.get(key, 0),
                confirming=confirming.get(key, 0),
            )
        )
    return {opening: tuple(promises) for opening, promises in found.items()}


async def looking(tx: Tx, opening: Iri, agreement: Iri | str) -> int:
    """Count the places of an opening for which one ally looks, by its Agreement."""
    promises = (await promises_at(tx, [opening])).get(opening, ())
    return sum(one.looking for one in promises if one.agreement == agreement)


async def _counted(tx: Tx, statement: sa.Executable) -> dict[tuple[str, str], int]:
    found = await tx.session.execute(statement)
    return {(row[0], row[1]): int(row[2]) for row in found}
