"""Who may answer for somebody who is rung up: a leader at her own co-op whom she named."""

from __future__ import annotations

import sqlalchemy as sa

from federation import Iri
from instance.consent.events import ConciergeNamed
from instance.consent.models import Concierge
from instance.consent.views import ConciergeView
from instance.db import Tx
from instance.errors import Invalid
from instance.people import service as people


async def name_concierge(tx: Tx, person: Iri, leader: Iri) -> None:
    """Let a leader here answer for a person by telephone, instead of whom she named before.

    Raises Invalid when that somebody leads no group that the person belongs to, or is herself.
    """
    await people.require_person(tx, leader)
    if leader == person or not await _leads(tx, leader, person):
        raise Invalid("Choose a leader of one of your groups here.", field="leader")
    row = await tx.get(Concierge, person)
    if row is None:
        row = Concierge(person=person)
        tx.session.add(row)
    row.leader, row.since = leader, tx.now
    tx.emit(ConciergeNamed(person, leader))


async def end_concierge(tx: Tx, person: Iri) -> None:
    """Let nobody answer for a person any more."""
    await tx.session.execute(sa.delete(Concierge).where(Concierge.person == person))


async def concierge_of(tx: Tx, person: Iri) -> ConciergeView | None:
    """Return who may answer for a person by telephone, or None."""
    row = await tx.get(Concierge, person)
    leader = await people.person(tx, row.leader) if row else None
    if row is None or leader is None:
        return None
    return ConciergeView(leader.iri, leader.name, row.since)


async def may_answer_for(tx: Tx, leader: Iri, person: Iri) -> bool:
    """Tell whether a leader may enter a person's answer: named by her, and leading still."""
    row = await tx.get(Concierge, person)
    return row is not None and row.leader == leader and await _leads(tx, leader, person)


async def people_of_concierge(tx: Tx, leader: Iri) -> tuple[Iri, ...]:
    """List those who let this leader answer for them."""
    chosen = sa.select(Concierge.person).where(Concierge.leader == leader)
    found = await tx.session.execute(chosen.order_by(Concierge.since))
    return tuple(Iri(one) for one in found.scalars())


async def leaders_for(tx: Tx, person: Iri) -> dict[Iri, str]:
    """Return the leaders here whom a person could name, with what they are called."""
    groups = {right.group for right in await people.rights_of(tx, person)}
    iris = {leader for group in groups for leader in await people.leaders_of(tx, group)}
    found = await people.people(tx, iris - {person})
    return {iri: one.name for iri, one in found.items()}


async def _leads(tx: Tx, leader: Iri, person: Iri) -> bool:
    return leader in await leaders_for(tx, person)
