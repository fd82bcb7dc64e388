"""Keep what another group says of an alliance: offered, accepted, refused, ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from federation import Iri
from instance.alliances.events import AllianceProposed, AllianceRefused
from instance.alliances.models import Alliance, EarlyUndo, State
from instance.alliances.service import activate, close, name_of
from instance.alliances.terms import signed_text
from instance.db import Tx
from instance.errors import Conflict

MOST_WAITING = 200


async def record_offer(
    tx: Tx,
    group: Iri,
    ally: Iri,
    offer: Iri,
    document: Mapping[str, Any],
    proof: Mapping[str, Any],
) -> None:
    """Keep terms that a group offers one of ours; a newer offer takes the place of an older.

    Raises Conflict when too many groups wait for an answer.
    """
    if await undone_before(tx, offer, ally) or await by_offer(tx, offer, group):
        return
    waiting = sa.select(Alliance).where(
        Alliance.group == group, Alliance.state == State.PROPOSED, ~Alliance.offered_by_us
    )
    rows = (await tx.session.scalars(waiting.limit(MOST_WAITING + 1))).all()
    for row in rows:
        if row.ally == ally:
            row.state, row.ended = State.ENDED, tx.now
    if len(rows) > MOST_WAITING:
        raise Conflict("Too many offers wait for an answer here.", code="alliance.too_many")
    row = Alliance(
        id=tx.federation.new_id("alliances").rpartition("/")[2],
        offer=offer,
        group=group,
        ally=ally,
        ally_name=await name_of(tx, ally),
        offered_by_us=False,
        state=State.PROPOSED,
        terms=dict(document),
        text=signed_text(document),
        our_proof={},
        their_proof=dict(proof),
        offered=tx.now,
    )
    tx.session.add(row)
    tx.emit(AllianceProposed(row.id, group, ally))


async def record_accept(
    tx: Tx, row: Alliance, accept: Iri, text: str, proof: Mapping[str, Any]
) -> None:
    """Keep that the other group signed our terms; raises Conflict when it signed something else.

    A second Accept, or one for terms that no longer wait, changes nothing.
    """
    if text != row.text:
        raise Conflict("What was signed is not what was offered.", code="alliance.text")
    if row.state is not State.PROPOSED:
        return
    row.their_proof, row.accept = dict(proof), accept
    await activate(tx, row)
    if await undone_before(tx, accept, Iri(row.ally)):
        close(tx, row, ours=False)


def record_refusal(tx: Tx, row: Alliance, reason: str) -> None:
    """Keep that the other group does not want our terms."""
    if row.state is State.PROPOSED:
        row.state, row.answered, row.reason = State.REJECTED, tx.now, reason[:1_000]
        tx.emit(AllianceRefused(row.id, Iri(row.group), Iri(row.ally)))


def record_end(tx: Tx, row: Alliance, reason: str) -> None:
    """Keep that the other group ended the alliance, or took its offer back."""
    if row.state in {State.PROPOSED, State.ACTIVE}:
        row.reason = reason[:1_000]
        close(tx, row, ours=False)


async def by_offer(tx: Tx, offer: str, group: str) -> Alliance | None:
    """Return a group's side of the alliance that an Offer began."""
    chosen = sa.select(Alliance).where(Alliance.offer == offer, Alliance.group == group)
    return (await tx.session.scalars(chosen.with_for_update())).first()


async def with_ally(tx: Tx, offer: str, ally: str, *, by_us: bool) -> Alliance | None:
    """Return our side of the alliance with this ally that an Offer, ours or theirs, began."""
    chosen = sa.select(Alliance).where(
        Alliance.offer == offer, Alliance.ally == ally, Alliance.offered_by_us == by_us
    )
    return (await tx.session.scalars(chosen.with_for_update())).first()


async def by_accept(tx: Tx, accept: str, ally: str) -> Alliance | None:
    """Return our side of the alliance that an ally's Accept brought into force."""
    chosen = sa.select(Alliance).where(Alliance.accept == accept, Alliance.ally == ally)
    return (await tx.session.scalars(chosen.with_for_update())).first()


async def remember_undo(tx: Tx, activity: Iri, actor: Iri) -> None:
    """Remember an Undo that came before what it takes back."""
    if await tx.get(EarlyUndo, (activity, actor)) is None:
        tx.session.add(EarlyUndo(activity=activity, actor=actor, at=tx.now))


async def undone_before(tx: Tx, activity: Iri, actor: Iri) -> bool:
    """Tell whether an activity was taken back before it came."""
    return await tx.get(EarlyUndo, (activity, actor)) is not None
