"""Three co-ops lend each other labour, and whatever people do they do by pressing what they see.

Shatin Care and Green Hands read English; Kwun Tong reads Chinese. Leaders sit before laptops,
workers hold the smallest phones; one of those runs no scripts.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from tests.browser import LAPTOP, PHONE, devices
from tests.instance.notices.mail_server import MailServer
from tests.journeys.clicked_steps import (
    DAY,
    SUNDAY,
    Story,
    a_job_is_posted,
    a_worker_joins_elsewhere,
    people_are_found,
    people_come_by_lists,
    posts,
    says_yes,
    two_co_ops_become_allies,
)
from tests.journeys.screen import open_screen, sit_down
from tests.journeys.story import found_coop

pytestmark = pytest.mark.browser


@pytest.fixture
async def story(world):
    server = MailServer()
    mail = {"smtp_host": "127.0.0.1", "smtp_port": await server.start(), "smtp_from": "a@b.example"}
    told = Story(world, server)
    told.care = await found_coop(world, "care", "Shatin Care Commune", "koel", **mail)
    told.wash = await found_coop(
        world, "wash", "觀塘清潔洗衣社", "heron", language="zh-Hant", **mail
    )
    told.green = await found_coop(world, "green", "Green Hands", "mangrove", **mail)
    async with devices(world) as device:
        told.device = device
        yield told
    await server.stop()


async def test_three_co_ops_lend_each_other_labour_by_clicking(story):
    await leaders_sit_down(story)
    await people_come_by_lists(story)
    await workers_take_their_phones(story)
    await a_worker_joins_elsewhere(story)
    await two_co_ops_become_allies(story)
    await a_job_is_posted(story)
    await people_are_found(story)
    await an_ally_lends(story)
    await two_yeses_in_the_same_second(story)
    await things_change(story)
    await hours_are_worked(story)


async def leaders_sit_down(story: Story) -> None:
    story.koel = await sit_down(await story.device(size=LAPTOP), story.care, "koel")
    story.heron = await sit_down(await story.device(size=LAPTOP), story.wash, "heron")
    await story.heron.changes_to_chinese()


async def workers_take_their_phones(story: Story) -> None:
    story.peony = await sit_down(await story.device(size=PHONE), story.green, "peony")
    story.tolo = await open_screen(await story.device(size=PHONE), story.care, "en")


# 5. The ally lends -------------------------------------------------------------------------------

BORROWED = {"gardenia": "張嘉欣", "lotus": "倪蓮花"}


async def an_ally_lends(story: Story) -> None:
    koel, heron = story.koel, story.heron
    await heron.turns_to("Today")
    heron.pressed = 0
    await heron.follows("See what is asked", "Shatin Care Commune")
    await heron.presses("Offer these people")
    assert heron.pressed == 2, "an ally's answer takes at most three clicks"
    await story.settle()
    await koel.turns_to("Today")
    await koel.follows("Accept or refuse")
    await koel.presses("Accept this offer")
    await story.settle()

    await heron.is_told("接受了我們的人手", "Find people")
    await heron.presses("Let every yes wait for me")
    await heron.presses("Find people")
    story.lent = heron.address
    await heron.picks("#places", *BORROWED.values())
    await heron.presses("Ask those chosen")
    await story.settle()
    for name in BORROWED:
        phone = await open_screen(
            await story.device(size=PHONE, language="zh-HK", script=name != "lotus"),
            story.wash,
            "zh-Hant",
        )
        setattr(story, name, phone)
        await says_yes(phone, await story.link_for(f"{name}@"))
    await story.settle()

    await koel.opens(f"{story.job}/staffing")
    await koel.reads("2 places are promised: our allies are looking", within="#o4")
    await koel.misses(*BORROWED.values(), *BORROWED)
    for name in BORROWED.values():
        await heron.opens(story.lent)
        await heron.presses("Confirm", name)
    await story.settle()
    await koel.opens(f"{story.job}/staffing")
    await koel.reads("Named", within="#o4")
    await koel.reads(*BORROWED, within="#o4")


# 6. Two yeses in the same second -----------------------------------------------------------------


async def two_yeses_in_the_same_second(story: Story) -> None:
    pages = {}
    for leader, title, *hours in (
        (story.koel, "Sunday lunch", "10:00", "14:00"),
        (story.heron, "Sunday visit", "12:00", "16:00"),
    ):
        await posts(leader, title, (SUNDAY, *hours, ("Home care", "1")))
        await leader.follows("Find people")
        await leader.presses("Find people")
        await leader.picks("#places", "Seh Mei Lin")
        await leader.presses("Ask those chosen")
        pages[leader] = leader.address
    await story.settle()

    other = await sit_down(await story.device(size=PHONE), story.green, "peony", to="/week")
    await story.peony.turns_to("My week")
    await asyncio.gather(
        story.peony.presses("Yes, I'll come", "Sunday lunch"),
        other.presses("Yes, I'll come", "Sunday visit"),
    )
    await story.settle()
    stands = {}
    for leader, page in pages.items():
        await leader.opens(page)
        stands[leader] = await leader.page.locator("#places .badge").first.inner_text()
    [won] = [leader for leader, word in stands.items() if word == leader.say("Filled")]
    assert [leader for leader, word in stands.items() if word == leader.say("Open")] == [
        leader for leader in stands if leader is not won
    ]
    await story.peony.turns_to("My week")
    await story.peony.reads("Confirmed")

    # the shift is called off, and her time is hers again
    await won.opens(pages[won].partition("/staffing")[0])
    await won.follows("Call off", ".card")
    await won.presses("Call off the shift")
    await story.settle()
    await story.peony.turns_to("My week")
    await story.peony.reads("Called off")


# 7. Somebody is rung up, somebody drops out, a shift is moved ------------------------------------


async def things_change(story: Story) -> None:
    await somebody_is_rung_up(story)
    await somebody_drops_out(story)
    await a_shift_is_moved(story)


async def somebody_is_rung_up(story: Story) -> None:
    """Poon Siu signs in beside her leader, by a code, and names her; then she is rung up."""
    koel = story.koel
    poon = await open_screen(await story.device(size=PHONE), story.care, "en")
    await koel.turns_to("My groups")
    await koel.follows("Members")
    await koel.follows("Poon Siu")
    await koel.presses("Show a code")
    await poon.opens("/")
    await poon.follows("Sign in")
    await poon.follows("Code from my leader")
    await poon.fills(username="poon", code=await koel.text(".spell"))
    await poon.presses("Sign in")
    await poon.turns_to("Me")
    await poon.follows("Who answers for me by telephone")
    await poon.chooses("leader", "Koel Leung")
    await poon.presses("She may answer for me")
    await poon.reads("Koel Leung")

    await koel.turns_to("Today")
    await koel.page.get_by_role("link", name="to be rung up").click()
    await koel.reads("0101 0009")
    await koel.presses("Yes, I'll come", "Poon Siu")
    await story.settle()
    await koel.opens(f"{story.job}/staffing")
    await koel.reads("Confirmed", within="Poon Siu")


async def somebody_drops_out(story: Story) -> None:
    koel, heron = story.koel, story.heron
    gardenia = await sit_down(story.gardenia.page.context, story.wash, "gardenia", to="/week")
    await gardenia.follows("First day home from hospital")
    gardenia.pressed = 0
    await gardenia.presses_twice("I can't come", "Yes, I can't come")
    assert gardenia.pressed == 2
    await story.settle()

    await koel.opens(f"/today?day={DAY}")
    await koel.reads("an ally looks for 1", "lotus@wash.test")
    await heron.is_told("又有名額空出", "Find cover")
    await heron.follows("All places of this job")  # she asks one whom she chooses herself
    await heron.presses("Find people again")
    await heron.picks("#places", "海星")
    await heron.presses("Ask those chosen")
    await heron.presses("Confirm the first yes by itself")
    await heron.opens(f"/today?day={DAY}")
    await heron.reads("張嘉欣不能來", "倪蓮花")
    await story.settle()
    story.starfish = await open_screen(
        await story.device(size=PHONE, language="zh-HK"), story.wash, "zh-Hant"
    )
    await says_yes(story.starfish, await story.link_for("starfish@"))
    await story.settle()
    await koel.opens(f"{story.job}/staffing")
    await koel.reads("lotus@wash.test", "starfish@wash.test", within="#o4")


async def a_shift_is_moved(story: Story) -> None:
    koel = story.koel
    await koel.opens(story.job)
    await koel.follows("Move", "14:00")
    await koel.fills(start="15:00", end="19:00")
    await koel.presses("Move the shift")
    await story.settle()
    for name in ("lotus", "starfish"):
        phone = getattr(story, name)
        await phone.opens(await story.link_for(f"{name}@"))
        await phone.reads("15:00")
        await phone.presses("Yes, I'll come")
    await koel.opens(f"{story.job}/staffing")
    if "Poon Siu" in await koel.text("#o3"):
        await koel.follows("Ring her up", "#o3")
        await koel.presses("Yes, I'll come", "Poon Siu")
    else:
        await says_yes(story.peony, await story.link_for("peony@"))
    await story.settle()
    await koel.opens(f"{story.job}/staffing")
    for place in ("#o3", "#o4"):
        await koel.reads("Filled", "15:00", within=place)
    await koel.reads("lotus@wash.test", "starfish@wash.test", within="#o4")


# 8. The work is done -----------------------------------------------------------------------------


async def hours_are_worked(story: Story) -> None:
    koel, heron = story.koel, story.heron
    story.world.clock.now = datetime(2027, 1, 9, 12, tzinfo=UTC)
    await story.settle()
    for name in ("lotus", "starfish"):
        context = getattr(story, name).page.context
        phone = await sit_down(context, story.wash, name, to="/week")
        await phone.follows("Enter them")
        await phone.presses("These are my hours")
        await phone.reads("3 小時 45 分")
    await story.settle()
    for leader in (koel, heron):
        await leader.turns_to("Balances")
        await leader.reads("Nothing is owed")

    await koel.is_told("lotus@wash.test", "Confirm or correct")
    for name in ("lotus@wash.test", "starfish@wash.test"):
        await koel.presses("Confirm", name)
    await story.settle()
    await koel.turns_to("Balances")
    await koel.reads("7 h 30", "we owe")
    await heron.turns_to("Balances")
    await heron.reads("7 小時 30 分")
