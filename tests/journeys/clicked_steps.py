"""The first four steps, clicked: belonging, allies, a job, and people for it."""

from __future__ import annotations

from typing import Any

from instance.app import POSTMAN
from tests.journeys.screen import Screen, link_in
from tests.journeys.story import Coop

DAY, SUNDAY, NOON = "2027-01-09", "2027-01-10", "2027-01-06T12:00"
DISINFECT = "Disinfection after discharge"
PEOPLE = "name,handle,email,phone,skills,certificates,weekly_hours,adult,agreed_on_paper\n"
FREE = "handle,weekday,from,to\n"
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CUSTOMER = {
    "customer": "Granny Ho",
    "customer_phone": "0102 0001",
    "address": "Flat 8, Fir Estate",
    "door": "door code 4711",
}
TERMS = {
    "hours_lend": "40",
    "hours_borrow": "8",
    "rate": "75",
    "levy_percent": "5",
    "insurer": "Harbour Mutual, policy 4711",
    "notice_hours": "2",
}


class Story:
    """Three co-ops, the screens of their people, and what one step leaves to the next."""

    care: Coop
    wash: Coop
    green: Coop
    koel: Screen
    heron: Screen
    peony: Screen
    tolo: Screen
    job: str
    lent: str

    def __init__(self, world: Any, mail: Any) -> None:
        self.world, self.mail = world, mail

    async def settle(self) -> None:
        """Let everything arrive."""
        await self.world.settle()

    async def letters(self, address: str) -> list[Any]:
        """Let the mails go out, and return those in which somebody is asked, the last first."""
        for one in self.world.instances:
            await one.app[POSTMAN].step()
        return [
            one
            for one in reversed(self.mail.mails)
            if address in one["To"] and "/answer/" in one.get_content()
        ]

    async def link_for(self, address: str) -> str:
        """Return the address in the last mail that asks somebody."""
        return link_in((await self.letters(address))[0])


# Before it begins: people come by lists; one of these is pasted into the page -------------------


async def people_come_by_lists(story: Story) -> None:
    first_aid = "First aid certificate 2029-03-02"
    await brings_in(
        story.koel,
        f"Tolo Wong,tolo,tolo@mail.example,,Home care,{first_aid},30,yes,yes",
        "Poon Siu,poon,,0101 0009,Home care,,30,yes,yes",
    )
    infection = "Infection control certificate 2029-01-01"
    await story.wash.imports(
        f"張嘉欣,gardenia,gardenia@mail.example,,{DISINFECT},{infection},40,yes,yes",
        f"倪蓮花,lotus,lotus@mail.example,,{DISINFECT},{infection},40,yes,yes",
        f"海星,starfish,starfish@mail.example,,{DISINFECT},{infection},40,yes,yes",
    )
    await story.green.imports("Seh Mei Lin,peony,peony@mail.example,,Home care,,30,yes,yes")
    await story.settle()


async def brings_in(leader: Screen, *rows: str) -> None:
    """Paste a list of people, and when they are free: all day, every day."""
    handles = [row.split(",")[1] for row in rows]
    free = [f"{one},{day},00:00,24:00" for one in handles for day in WEEK]
    for words, text in (
        ("People", PEOPLE + "\n".join(rows)),
        ("When people are free", FREE + "\n".join(free)),
    ):
        await leader.opens("/import")
        await leader.ticks(words)
        await leader.unfolds("Or paste the rows")
        await leader.fills(text=text)
        await leader.presses("Look what it would do")
        await leader.presses("Bring it in")


# 1. A worker joins another co-op, agreeing field by field ----------------------------------------


async def a_worker_joins_elsewhere(story: Story) -> None:
    peony, koel, heron = story.peony, story.koel, story.heron
    for address in ("care@care.test", "wash@wash.test"):
        await peony.turns_to("My groups")
        await peony.fills("#find", address=address)
        await peony.presses("Find", "#find")
        await peony.reads("It cannot do without", "Only if you like")
        await peony.ticks("Your hours a week")
        await peony.presses("Agree and ask to join")
        await peony.reads("I asked to join")
    await story.settle()

    for leader in (koel, heron):
        await leader.turns_to("Today")
        await leader.reads("Seh Mei Lin", "Asking to join")
        await leader.follows("Read and answer", "Seh Mei Lin")
        await leader.reads("Agrees to share:", "Hours a week", "Free times", within="Seh Mei Lin")
        await leader.presses("Accept", "Seh Mei Lin")
    await story.settle()
    members = await koel.text("Seh Mei Lin")
    assert "mail.example" not in members, "she kept her e-mail address to herself"

    await peony.turns_to("My groups")
    await peony.reads("Shatin Care Commune", "觀塘清潔洗衣社", within="#mine")
    await peony.follows("What I share with each of them")
    await peony.reads("Shared now", within="Shatin Care Commune")


# 2. Two co-ops become allies ----------------------------------------------------------------------


async def two_co_ops_become_allies(story: Story) -> None:
    koel, heron = story.koel, story.heron
    await koel.turns_to("Allies")
    await koel.follows("Propose an alliance", ".page-head")
    await koel.fills(address="wash@wash.test")
    await koel.presses("Look them up")
    await koel.fills(**TERMS)
    await koel.presses("Send these terms")
    await koel.reads("They have not answered yet.")
    await story.settle()

    await heron.turns_to("Allies")
    await heron.follows("Read the terms")
    await heron.reads("8 小時", "HK$75.00", "Harbour Mutual, policy 4711")
    await heron.presses("Accept these terms")
    await story.settle()
    for leader in (koel, heron):
        await leader.turns_to("Allies")
        await leader.reads("In force")
    await a_broken_term_is_named(story)


async def a_broken_term_is_named(story: Story) -> None:
    """Two places of six hours are more than the eight that may be borrowed."""
    koel = story.koel
    await posts(koel, "Moving week", ("2027-01-12", "08:00", "14:00", (DISINFECT, "2")))
    await koel.follows("Find people")
    await koel.follows("Ask allies")
    await koel.presses("Ask")
    await koel.reads("12 h", "8 h")
    assert await koel.button("Ask").count() == 1, "the form is still there, to ask for less"
    assert await koel.page.locator('[name="places.o1"]').input_value() == "2"
    await koel.fills(places__o1="1")
    await koel.presses("Ask")
    await koel.reads("was asked")
    await koel.unfolds("Take it back")
    await koel.presses("Take the ask back")
    await koel.follows("Moving week")
    await koel.follows("The job")
    await koel.follows("Call off", ".page-head")
    await koel.presses("Call off the job")
    await story.settle()


# 3. A job is posted -------------------------------------------------------------------------------


async def posts(leader: Screen, title: str, *shifts: tuple, **more: str) -> None:
    """Fill in a job. A shift is its day, when it begins and ends, and its places."""
    await leader.turns_to("Jobs")
    await leader.follows("Post a job")
    await leader.fills(title=title, pay="75")
    for number, (day, start, end, *openings) in enumerate(shifts):
        at = f"shifts__{number}__"
        if number:
            await leader.presses("Add a shift like the last")
        while await leader.page.locator(
            f'[name^="shifts.{number}."][name$=".skill"]'
        ).count() < len(openings):
            await leader.presses(
                "Add other places", leader.say("Shift %(number)s", number=number + 1)
            )
        await leader.fills(**{f"{at}day": day, f"{at}start": start, f"{at}end": end})
        for which, (skill, count, *certificates) in enumerate(openings):
            place = f"{at}openings__{which}__"
            await leader.fills(**{f"{place}skill": skill, f"{place}count": count})
            await leader.fills(**{f"{place}certificates": "; ".join(certificates)})
    await leader.fills(**more)
    if "address" not in more:
        await leader.ticks("Our members")
    await leader.presses("Publish the job", ".actions:last-child")


async def a_job_is_posted(story: Story) -> None:
    koel, peony = story.koel, story.peony
    await posts(
        koel,
        "First day home from hospital",
        (DAY, "09:00", "13:00", ("Home care", "1", "First aid certificate"), ("Home care", "1")),
        (
            *(DAY, "14:00", "18:00"),
            ("Home care", "1"),
            (DISINFECT, "2", "Infection control certificate"),
        ),
        description="Somebody comes home and wants company.",
        district="Sha Tin",
        break_minutes="15",
        contact_phone="0101 0001",
        **CUSTOMER,
    )
    story.job = koel.address
    await koel.reads("First day home from hospital", "Granny Ho")
    await koel.turns_to("Today")
    await koel.reads("Coming days with open places", "Sat, 9 January: 5")
    await story.settle()

    await peony.opens("/jobs")
    await peony.reads("First day home from hospital")
    await peony.follows("First day home from hospital")
    await peony.reads("09:00–13:00")  # noqa: RUF001  # the dash that pages show
    await peony.misses(*CUSTOMER.values())


# 4. People are found, and an ally is asked --------------------------------------------------------


async def people_are_found(story: Story) -> None:
    koel = story.koel
    await koel.opens(story.job)
    koel.pressed = 0
    await koel.follows("Find people")
    await koel.presses("Find people")
    await koel.reads("Tolo Wong", "Free and able to do it", within="#o1")
    await koel.misses("海星")
    await koel.presses("Ask those chosen", "#o1")
    assert koel.pressed == 3, "from a job that lacks people to somebody asked: three clicks"
    for place in ("#o2", "#o3"):
        await koel.presses("Ask those chosen", place)
    await story.settle()

    koel.pressed = 0
    await koel.follows("Ask allies", ".page-head")
    await koel.presses("Get fresh numbers from allies")
    await koel.reads("3–5", within=DISINFECT)  # noqa: RUF001  # counts, and no names
    wanted = [await koel.page.locator(f'[name="places.o{n}"]').input_value() for n in (1, 2, 3, 4)]
    assert wanted == ["0", "0", "0", "2"], "places for which nobody was asked yet"
    await koel.fills(until=NOON)
    await koel.presses("Ask")
    await koel.reads("was asked")
    assert koel.pressed == 3, "an ally is asked in three clicks"
    await story.settle()
    await says_yes(story.tolo, await story.link_for("tolo@"))
    await says_yes(story.peony, await story.link_for("peony@"))
    await story.settle()
    await koel.opens(f"{story.job}/staffing")
    await koel.reads("Confirmed", within="Tolo Wong")


async def says_yes(worker: Screen, link: str) -> None:
    """Answer by the link in a mail: it is opened, and one button is pressed."""
    await worker.opens(link)
    worker.pressed = 1
    await worker.presses("Yes, I'll come")
    assert worker.pressed == 2, "a worker's yes takes two taps"
