"""What grows without end, and is looked up while others wait, is found by an index."""

from __future__ import annotations

import pytest

from federation import Iri
from instance.consent import service as consent
from instance.db import Base
from instance.follows import service as follows
from instance.notices import service as notices
from instance.staffing import concern
from instance.staffing import service as staffing
from tests.statements import heard

THING = Iri("http://green.test/things/1")

LOOK_UPS = {
    "who passed a job on": lambda tx: follows.is_passed_on(tx, THING),
    "whom an ally named by an Invite": lambda tx: staffing.known_place(tx, THING),
    "who comes to a job": lambda tx: staffing.coming(tx, THING),
    "whom the end of an alliance concerns": lambda tx: concern.by_alliance(tx, THING, THING),
    "what a leader read today": lambda tx: consent.note_reads(tx, THING, THING, {THING: ()}),
    "who was told of something": lambda tx: notices.withdraw(tx, "poll", "/polls/1"),
}


@pytest.mark.parametrize("look_up", LOOK_UPS.values(), ids=LOOK_UPS)
async def test_nothing_is_read_from_one_end_to_the_other(world, look_up):
    care = await world.instance("care")

    async with care.database.reading() as tx:
        with heard() as asked:
            await look_up(tx)
        connection = await tx.session.connection()
        plans = [
            row.detail
            for text, values in asked
            for row in await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        ]

    assert plans
    assert [one for one in plans if one.split()[1] in Base.metadata.tables and "SCAN" in one] == []
