"""Ask allies when a cascade has come to its end among the group's own people."""

from __future__ import annotations

from datetime import timedelta

from federation import Iri
from instance.alliances import service as alliances
from instance.db import Tx
from instance.errors import Conflict
from instance.loans import service as loans
from instance.people import service as people
from instance.staffing.inviting import LEAST_NOTICE
from instance.staffing.openings import OpeningToFill
from instance.transparency import service as transparency
from instance.viewer import Viewer

MOST_ALLIES = 10


async def ask(tx: Tx, leader: Iri, filled: OpeningToFill, places: int, minutes: int) -> int:
    """Ask every ally for the open places of an opening, as its leader; return how many were asked.

    Whoever has been asked already is not asked again. An alliance whose terms forbid it is noted in
    the log with the clause, and the others are asked all the same.
    """
    known = await people.require_person(tx, leader)
    viewer = Viewer(leader, known.name, known.username, known.language)
    asked = await loans.asks_for(tx, filled.job)
    already = {
        one.ally for one in asked for at in one.places if one.open and at.opening == filled.opening
    }
    already |= {one.ally for one in filled.promises}
    until = min(tx.now + timedelta(minutes=max(minutes, 60)), filled.start - LEAST_NOTICE)
    number = 0
    for one in (await alliances.allies(tx, filled.group))[:MOST_ALLIES]:
        if one.ally in already:
            continue
        wanted = {filled.opening: places}
        try:
            await loans.ask_ally(tx, viewer, filled.group, one.ally, filled.job, wanted, until)
        except Conflict as error:
            await _note(tx, viewer, filled, one.name, str(error))
        else:
            number += 1
    return number


async def _note(tx: Tx, viewer: Viewer, filled: OpeningToFill, ally: str, reason: str) -> None:
    await transparency.note(
        tx,
        "staffing.ally_not_asked",
        by=viewer.person,
        group=filled.group,
        text="%(ally)s could not be asked: %(reason)s",
        ally=ally,
        reason=reason,
    )
