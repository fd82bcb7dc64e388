"""06:00, somebody cannot come: from red to offers out in three clicks, on any screen."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import select

from instance.jobs.views import NewOpening
from instance.staffing import cascade
from instance.staffing import service as staffing
from instance.staffing.models import Cascade, Placement
from instance.staffing.waves import Waves
from tests.browser import LAPTOP, PHONE, browser
from tests.instance.staffing.stage import a_job, staff
from tests.journeys.screen import sit_down
from tests.staged import ally, coop


async def a_drop_out(world, care, *names):
    """Fill a shift of this evening; the first of these people says then that she cannot come."""
    hired = await staff(world, care, *names)
    job = await a_job(care, world.clock().replace(hour=14), NewOpening("ironing", 1))
    opening = job.shifts[0].openings[0].iri
    invite = await care.invite(opening, hired[0])
    await world.settle()
    await care.answer(invite, hired[0])
    await world.settle()
    await care.withdraw(invite, hired[0])
    await world.settle()
    return hired, opening


async def asked(care):
    """List who is asked and has not answered."""
    async with care.database.reading() as tx:
        rows = await tx.session.scalars(select(Placement).where(Placement.state == "invited"))
        return rows.all()


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["320", "1280"])
async def test_from_red_to_offers_out_in_three_clicks(world, size, script):
    care = await coop(world, "care")
    await a_drop_out(world, care, "ana", "bea", "chi", "dot", "eve")
    async with browser(world, size=size, script=script) as context:
        leader = await sit_down(context, care, "lead_care", "/today")
        await leader.opens("/today")
        await leader.reads("Ana cannot come")
        leader.pressed = 0

        await leader.presses("Find cover")
        await leader.presses("Ask the first 3, wait 10 min, then the next 3, then allies")
        await leader.presses("Send now")
        assert leader.pressed == 3
        await world.settle()

        await leader.opens(leader.address)
        await leader.reads("Round 1", "3 were asked")
        first = (await asked(care))[0]
        await care.answer(first.invite, first.person)
        await world.settle()
        world.clock.advance(minutes=3, seconds=1)
        await world.settle()
        if script:
            await leader.page.get_by_text("Filled. All others who were asked").wait_for()
        else:
            await leader.opens(leader.address)
        await leader.reads("Filled. All others who were asked were told, and keep their turn.")


@pytest.mark.browser
async def test_cover_is_found_at_an_ally_when_nobody_of_ours_can_come(world):
    care, green = await coop(world, "care"), await coop(world, "green")
    await ally(world, care, green)
    [kim] = await staff(world, green, "kim")
    await a_drop_out(world, care, "ana", "bea")
    async with browser(world) as context, browser(world, size=PHONE) as phone:
        leader = await sit_down(context, care, "lead_care", "/today")
        theirs = await sit_down(phone, green, "lead_green", "/today")
        await leader.opens("/today")
        await leader.presses("Find cover")
        await leader.presses("Ask the first 3, wait 10 min, then the next 3, then allies")
        await leader.presses("Send now")
        await world.settle()
        [bea] = await asked(care)
        await care.answer(bea.invite, bea.person, yes=False)
        await world.settle()
        await leader.page.get_by_text("asked for one person").wait_for()

        await theirs.opens("/today")
        await theirs.follows("See what is asked")
        await theirs.presses("Offer these people")
        await world.settle()
        await leader.page.get_by_text("Offers one person.").wait_for()
        await leader.presses("Accept")
        await world.settle()
        await leader.reads("our ally is looking")

        await theirs.opens("/today")
        await theirs.presses("Find cover")
        await theirs.presses("Ask the first 3, wait 10 min, then the next 3")
        await theirs.presses("Send now")
        await world.settle()
        [invited] = await asked(green)
        await green.answer(invited.invite, kim)
        await world.settle()
        await leader.page.get_by_text("kim", exact=False).first.wait_for()
        await leader.reads("Filled")
        await theirs.opens(theirs.address)
        await theirs.reads("Kim", "Confirmed", "Filled. All others who were asked were told")


@pytest.mark.parametrize("wave", [0, 1, 2])
async def test_a_server_that_stops_in_the_middle_goes_on_where_it_was(world, wave):
    care = await coop(world, "care")
    hired, opening = await a_drop_out(world, care, "ana", *(f"w{number}" for number in range(7)))
    job = opening.partition("#")[0]
    await staffing.find_people(care.database, care.view, job)
    await care.lead(cascade.begin, opening, None, job, Waves(people=2, minutes=5, allies=False))
    for _ in range(wave):
        world.clock.advance(minutes=6)
        await world.settle()
    before = {one.person for one in await asked(care)}

    await restart(world, care)
    world.clock.advance(hours=1)  # so long nobody looked after it
    for _ in range(6):
        await world.settle()
        world.clock.advance(minutes=6)

    async with care.database.reading() as tx:
        rows = (await tx.session.scalars(select(Placement))).all()
        [row] = (await tx.session.scalars(select(Cascade))).all()
    everybody = Counter(one.person for one in rows)
    assert (set(everybody), set(everybody.values())) == (set(hired), {1})
    assert before <= set(everybody)
    assert (row.state, row.outcome) == ("over", "nobody")


async def restart(world, care):
    """Let a server stop for good, and another begin on its database."""
    gone = care.running
    world.instances.remove(gone)
    world.network.vanish("care.test")
    care.running = await world.served(gone.database.settings)
