"""Whom to tell of alliances: the leaders of the group that is offered, refused or left."""

from __future__ import annotations

from federation import Iri
from instance.alliances import events as alliances_events
from instance.alliances import service as alliances
from instance.db import Tx
from instance.network import service as network
from instance.notices.service import tell_leaders
from instance.notices.telling import own_name


async def alliance_proposed(tx: Tx, happened: alliances_events.AllianceProposed) -> None:
    """Tell our leaders that another group offers its terms, unless it is limited and no ally."""
    allied = {one.ally for one in await alliances.allies(tx, happened.group)}
    if network.is_limited(tx, happened.ally) and happened.ally not in allied:
        return
    await _tell_of_alliance(tx, happened.alliance, "alliance_proposed")


async def alliance_made(tx: Tx, happened: alliances_events.AllianceMade) -> None:
    """Tell our leaders that an alliance is in force."""
    await _tell_of_alliance(tx, happened.alliance, "alliance_made")


async def alliance_refused(tx: Tx, happened: alliances_events.AllianceRefused) -> None:
    """Tell our leaders that their terms are not wanted."""
    await _tell_of_alliance(tx, happened.alliance, "alliance_refused")


async def alliance_ended(tx: Tx, happened: alliances_events.AllianceEnded) -> None:
    """Tell our leaders that the other group ended an alliance."""
    if not happened.ours:
        await _tell_of_alliance(tx, happened.alliance, "alliance_ended")


async def _tell_of_alliance(tx: Tx, alliance: str, kind: str) -> None:
    row = await alliances.require_row(tx, alliance)
    group = Iri(row.group)
    facts = {"ally": row.ally_name, "group": await own_name(tx, group)}
    await tell_leaders(tx, group, kind, facts, f"/allies/{row.id}")
