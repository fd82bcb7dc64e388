"""Look up one placement or one named place, for the features above that ask about its person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

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


class PeopleAt(msgspec.Struct, frozen=True):
    """Who stands how at an opening: those who come, and how many are still on their way there.

    `confirmed` and `named` are people, the latter named by an ally; each is there once.
    """

    confirmed: tuple[Iri, ...] = ()
    named: tuple[Iri, ...] = ()
    confirming: int = 0
    answered: int = 0
    invited: int = 0


async def people_at(
    tx: Tx, group: Iri, openings: Iterable[tuple[Iri, Iri | None]]
) -> dict[tuple[Iri, Iri | None], PeopleAt]:
    """Return who stands how at some openings that a group fills, in two queries.

    An opening of an ally's goes with its agreement, the group's own with None.
    """
    keys = set(openings)
    iris = {opening for opening, _ in keys}
    asked = sa.select(Placement.opening, Placement.agreement, Placement.person, Placement.state)
    asked = asked.where(Placement.opening.in_(iris), Placement.group == group)
    states: dict[tuple[Iri, Iri | None], list[tuple[Iri, PlacementState]]] = {}
    for row in await tx.session.execute(asked.order_by(Placement.invited)):
        key = (Iri(row.opening), Iri(row.agreement) if row.agreement else None)
        states.setdefault(key, []).append((Iri(row.person), row.state))
    lent = sa.select(NamedPlace.opening, NamedPlace.person).where(
        NamedPlace.opening.in_(iris),
        NamedPlace.group == group,
        NamedPlace.state != PlaceState.PROMISED,
    )
    named: dict[Iri, list[Iri]] = {}
    for opening, person in await tx.session.execute(lent.order_by(NamedPlace.named)):
        named.setdefault(Iri(opening), []).append(Iri(person))
    return {key: _people(states.get(key, []), named.get(key[0], [])) for key in keys}


def _people(states: list[tuple[Iri, PlacementState]], named: list[Iri]) -> PeopleAt:
    come = {PlacementState.CONFIRMED, PlacementState.DONE}
    counted = Counter(state for _, state in states)
    return PeopleAt(
        confirmed=tuple(dict.fromkeys(person for person, state in states if state in come)),
        named=tuple(dict.fromkeys(named)),
        confirming=counted[PlacementState.CONFIRMING],
        answered=counted[PlacementState.ANSWERED],
        invited=counted[PlacementState.INVITED],
    )


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
