"""Whom to tell of places: the leaders who have to find somebody for them."""

from __future__ import annotations

from federation import Iri
from instance.db import Tx
from instance.groups import service as groups
from instance.loans import service as loans
from instance.notices.service import tell_leaders
from instance.notices.telling import opening_facts, own_name
from instance.staffing import events as staffing_events
from instance.staffing import service as staffing


async def place_opened(tx: Tx, happened: staffing_events.PlacementUnconfirmed) -> None:
    """Tell the leaders that somebody who was confirmed cannot come, so that cover is found."""
    if happened.code != "withdrawn":
        return
    facts, link = await opening_facts(tx, happened.opening)
    facts["person"] = await groups.name_for(tx, happened.group, happened.person)
    facts["group"] = await own_name(tx, happened.group)
    await tell_leaders(tx, happened.group, "place_opened", facts, _cover(link, happened.opening))


async def nobody_left(tx: Tx, happened: staffing_events.NobodyLeft) -> None:
    """Tell the leaders that everybody was asked and places are open still."""
    lent = happened.agreement is not None
    facts, link = await opening_facts(tx, happened.opening, lent=lent)
    facts["group"] = await own_name(tx, happened.group)
    await tell_leaders(tx, happened.group, "nobody_left", facts, _cover(link, happened.opening))


async def place_named(tx: Tx, happened: staffing_events.PlaceNamed) -> None:
    """Tell the borrower's leaders that an ally named somebody: the board says whom."""
    loan = await loans.loan(tx, happened.agreement, loans.Side.BORROWER)
    facts, link = await opening_facts(tx, happened.opening)
    await tell_leaders(tx, loan.group, "place_named", {"ally": loan.ally_name, **facts}, link)


def _cover(link: str, opening: Iri) -> str:
    """Lead to where people are asked for one opening, if it is one of ours to fill."""
    if not link.endswith("/staffing"):
        return link
    return f"{link.removesuffix('staffing')}cover/{staffing.fragment(opening)}"
