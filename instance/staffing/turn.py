"""Whose yes comes first while people are asked a few at a time: not the fastest thumb's."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from instance.db import Tx
from instance.staffing.models import Cascade, Placement
from instance.staffing.placement import PlacementState
from instance.staffing.waves import CascadeState

PENDING = (PlacementState.INVITED, PlacementState.ANSWERED)


async def waits_her_turn(tx: Tx, row: Placement, room: int) -> bool:
    """Tell whether a yes waits: as many as there is room for are due before her, and may come.

    Nobody waits once the fair window is over, or where nobody is asked a few at a time. To be
    asked by whoever has taken the opening.
    """
    running = await tx.get(Cascade, (row.opening, row.agreement))
    if running is None or running.state is not CascadeState.ASKING:
        return False
    if running.fair_until is None or tx.now >= running.fair_until:
        return False
    asked = await tx.session.scalars(
        sa.select(Placement.person).where(
            Placement.opening == row.opening,
            Placement.agreement == row.agreement,
            Placement.state.in_(PENDING),
        )
    )
    turns = _turns(running)
    mine = turns.get(row.person, len(turns))
    return sum(turns.get(one, len(turns)) < mine for one in asked) >= room


async def answered_in_turn(tx: Tx, opening: str, agreement: str) -> Sequence[Placement]:
    """Return those who said yes to an opening and wait: first who is due first."""
    rows = await tx.session.scalars(
        sa.select(Placement)
        .where(
            Placement.opening == opening,
            Placement.agreement == agreement,
            Placement.state == PlacementState.ANSWERED,
        )
        .order_by(Placement.changed, Placement.invite)
    )
    running = await tx.get(Cascade, (opening, agreement))
    turns = _turns(running) if running else {}
    return sorted(rows, key=lambda one: turns.get(one.person, len(turns)))


def _turns(running: Cascade) -> dict[str, int]:
    return {person: number for number, (person, _) in enumerate(running.queue)}
