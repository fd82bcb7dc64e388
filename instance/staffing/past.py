"""What members promised one group before: when they are taken, and the hours they had each week."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

import matching
from federation import Iri
from instance.db import Tx
from instance.minutes import midnight
from instance.staffing.models import Placement
from instance.staffing.placement import TAKES_PLACE, PlacementState

YES = TAKES_PLACE | {PlacementState.ANSWERED}

STILL_NEAR = timedelta(days=8)
"""No rest and no week's cap reaches further back from a shift than this."""


class History(msgspec.Struct, frozen=True):
    """What one group knows of its members' time, by person.

    `promised` is when they are taken; `minutes` is the time a week that they had, as it fades.
    """

    promised: Mapping[str, list[tuple[datetime, datetime]]]
    minutes: Mapping[str, int]


async def history(tx: Tx, group: Iri, first: datetime, without: Collection[str] = ()) -> History:
    """Return what members promised this group, for openings of which the first begins then.

    What was promised for the openings of `without` is left out; as hours had it counts.
    """
    chosen = sa.select(Placement.person, Placement.starts, Placement.ends).where(
        Placement.group == group,
        Placement.starts >= first - STILL_NEAR,
        Placement.state.in_(YES),
        Placement.opening.not_in(without),
    )
    promised: dict[str, list[tuple[datetime, datetime]]] = {}
    for row in await tx.session.execute(chosen):
        promised.setdefault(row.person, []).append((row.starts, row.ends))
    return History(promised, await _minutes(tx, group))


async def _minutes(tx: Tx, group: Iri) -> dict[str, int]:
    """Weigh hours by their week and add them up, in the database: a row for each person.

    What is yet to come counts as this week does.
    """
    zone = ZoneInfo(tx.settings.timezone)
    today = tx.now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    weeks = [
        (Placement.starts >= midnight(monday - timedelta(weeks=back), zone), weight)
        for back, weight in enumerate(matching.FADING)
    ]
    seconds = sa.extract("epoch", Placement.ends) - sa.extract("epoch", Placement.starts)
    chosen = (
        sa.select(Placement.person, sa.func.sum(sa.case(*weeks) * seconds).label("weighed"))
        .where(Placement.group == group, weeks[-1][0], Placement.state.in_(TAKES_PLACE))
        .group_by(Placement.person)
    )
    found = await tx.session.execute(chosen)
    return {row.person: matching.faded(int(row.weighed) // 60) for row in found}
