"""Where nobody is free, somebody could move and another take her place: asked, never moved."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
import sqlalchemy as sa

from instance.jobs.views import NewOpening
from instance.staffing.models import Placement
from tests.instance.staffing.stage import Page, a_job, staff
from tests.staged import coop

BOTH = (("ironing", 2), ("oral-care", 2))


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def two_jobs(world, care):
    """Ana does both kinds of work and has promised the ironing; Bea does ironing alone."""
    [ana] = await staff(world, care, "ana", skills=BOTH)
    [bea] = await staff(world, care, "bea")
    start = world.clock().replace(hour=12, minute=0) + timedelta(days=1)
    ironing = await a_job(care, start, title="Shirts")
    bathing = await a_job(care, start, NewOpening("oral-care", 1), title="Bath")
    invite = await care.invite(ironing.shifts[0].openings[0].iri, ana)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()
    return ana, bea, invite, bathing


async def test_the_fewest_moves_are_proposed_and_whoever_would_move_is_asked(world, care):
    ana, bea, invite, bathing = await two_jobs(world, care)
    page, base = await Page(world, care).of(care.leader), f"/jobs/{bathing.token}/cover/o1"

    await page.ask(f"{base}/find", {})
    _, _, text = await page.ask(f"{base}.json")
    view = msgspec.json.decode(text)
    assert view["able"] == []
    told = [(one["person"], one["here"], one["leaves"]) for one in view["moves"]]
    assert told == [(ana, True, "Shirts"), (bea, False, "")]
    _, _, text = await page.ask(base)
    assert "Ana comes here and leaves Shirts" in text

    assert (await page.ask(f"{base}/move", {"person": bea}))[0] == 404
    assert (await page.ask(f"{base}/move", {"person": ana}))[0] == 303
    await world.settle()
    assert await care.state(invite) == "confirmed"  # what she promised stands
    _, _, text = await page.ask(base)
    assert "A move would fill it" not in text
    opening = bathing.shifts[0].openings[0].iri
    async with care.database.reading() as tx:
        asked = await tx.session.scalar(
            sa.select(Placement.invite).where(Placement.opening == opening)
        )
    await care.answer(asked, ana)
    await world.settle()
    assert (await care.state(asked), await care.state(invite)) == ("confirmed", "replaced")
    _, _, text = await page.ask("/today?day=2027-01-05")
    assert "Shirts" in text.partition('id="filled"')[0]


async def test_where_somebody_is_free_nobody_is_to_move(world, care):
    ana, _, _, bathing = await two_jobs(world, care)
    await staff(world, care, "chi", skills=BOTH)
    page, base = await Page(world, care).of(care.leader), f"/jobs/{bathing.token}/cover/o1"

    await page.ask(f"{base}/find", {})

    _, _, text = await page.ask(f"{base}.json")
    assert msgspec.json.decode(text)["moves"] == []
    assert (await page.ask(f"{base}/move", {"person": ana}))[0] == 404
