"""At work, by clicking: coming by the code at the door, and hours to the end of a dispute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from instance.records import service as records
from tests.browser import LAPTOP, PHONE, devices
from tests.journeys.screen import sit_down
from tests.staged import coop, join

pytestmark = pytest.mark.browser

SCRIPTED = pytest.mark.parametrize("scripts", [True, False], ids=["script", "no-script"])
SIZES = pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])


async def shift_begins(world):
    """Have Ana promise a shift, and let it begin."""
    care = await coop(world, "care")
    ana = await care.worker("ana")
    await join(world, care, care, ana)
    start = world.clock().replace(hour=1) + timedelta(days=1)
    opening = await care.opening(start)
    invite = await care.invite(opening, ana)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()
    world.clock.advance(seconds=(start - world.clock()).total_seconds() - 60)
    await world.settle()
    return care, opening.partition("#")[0]


@SIZES
@SCRIPTED
async def test_who_comes_types_the_code_or_reads_it_with_her_telephone(world, size, scripts):
    care, job = await shift_begins(world)
    async with devices(world) as device:
        leader = await sit_down(await device(size=LAPTOP, script=scripts), care, "lead_care")
        await leader.opens(job.removeprefix(care.origin))
        await leader.presses("Sheet for the door")
        await leader.reads("Nobody has said so yet.")
        assert leader.pressed == 1
        await leader.looks()
        [door] = (await care.lead(records.door_sheet, job)).shifts

        ana = await sit_down(await device(size=size, script=scripts), care, "ana", "/week")
        await ana.page.get_by_label("Code at the door").fill("000000")
        if door.code != "000000":
            await ana.presses("I am here")
            await ana.reads("This is not the code of this shift")
            await ana.looks()
        await ana.opens("/week")
        await ana.looks()
        await ana.page.get_by_label("Code at the door").fill(door.code)
        ana.pressed = 0
        await ana.presses("I am here")
        await ana.reads("Your group knows")
        assert ana.pressed == 1
        await ana.looks()
        await world.settle()
        await leader.opens(leader.address.removeprefix(care.origin))
        await leader.reads("Ana")


@SIZES
@SCRIPTED
async def test_the_address_at_the_door_is_one_tap(world, size, scripts):
    care, job = await shift_begins(world)
    await care.lead(records.make_codes, job)
    [door] = (await care.lead(records.door_sheet, job)).shifts
    async with devices(world) as device:
        ana = await sit_down(await device(size=size, script=scripts), care, "ana", "/week")
        await ana.opens(door.address.removeprefix(care.origin))
        await ana.looks()
        ana.pressed = 0
        await ana.presses("I am here")
        await ana.reads("Your group knows")
        assert ana.pressed == 1
        await ana.presses("I am leaving")
        await ana.reads("Your hours are filled in")


async def test_who_has_her_account_elsewhere_is_led_there(world):
    care, job = await shift_begins(world)
    await care.lead(records.make_codes, job)
    [door] = (await care.lead(records.door_sheet, job)).shifts
    async with devices(world) as device:
        context = await device(size=PHONE)
        page = await context.new_page()
        await page.goto(door.address)
        assert f"{door.code[:3]} {door.code[3:]}" in await page.locator("main").inner_text()
        await page.get_by_label("Your co-op's address").fill("wash.test")
        await page.get_by_role("button", name="Go there").click()
        link = page.get_by_role("link", name="Go to wash.test")
        assert await link.get_attribute("href") == f"http://wash.test/here?code={door.code}"


@SIZES
@SCRIPTED
async def test_hours_that_differ_are_settled_by_clicking(world, size, scripts):
    care, _ = await shift_begins(world)
    world.clock.advance(hours=5)
    await world.settle()
    async with devices(world) as device:
        ana = await sit_down(await device(size=size, script=scripts), care, "ana", "/record")
        leader = await sit_down(
            await device(size=LAPTOP, script=scripts), care, "lead_care", "/hours"
        )
        ana.pressed = 0
        await ana.presses("These are my hours")
        assert ana.pressed == 1
        await world.settle()
        await leader.opens("/hours")
        await leader.unfolds("Other hours")
        await leader.page.get_by_label("Hours", exact=True).fill("3")
        await leader.page.get_by_label("Why?").fill("You left at noon.")
        await leader.presses("Ask her whether she agrees")
        await world.settle()

        await ana.opens("/record")
        await ana.reads("You left at noon.")
        await ana.unfolds("I do not agree: tell my side")
        await ana.page.get_by_label("What was it like?").fill("I stayed for lunch.")
        await ana.presses("Tell my side")
        await world.settle()
        await ana.reads("You left at noon.", "I stayed for lunch.")
        await ana.looks()

        await leader.opens("/hours")
        await leader.reads("You left at noon.", "I stayed for lunch.")
        await leader.looks()
        leader.pressed = 0
        await leader.presses("Confirm the open %(hours)s, too", hours="1 h")
        assert leader.pressed == 1
        await world.settle()
        await ana.opens("/record")
        assert "Not yet agreed" not in await ana.text()
