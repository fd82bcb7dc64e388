"""A week of a group: planned in the background, for all who ask at once, and kept."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import msgspec
import pytest

from instance.home.routes import WEEKS
from instance.jobs.views import NewOpening
from instance.staffing import service as staffing
from instance.staffing.underway import Weeks
from instance.staffing.week import PLANS
from tests.browser import PHONE, browser
from tests.instance.staffing.stage import Counting, Page, a_job, staff
from tests.journeys.screen import sit_down
from tests.staged import ally, coop


@pytest.fixture
def monday(clock):
    """The next Monday, at nine on the place's clock."""
    now = clock().replace(hour=1, minute=0, second=0, microsecond=0)
    return now + timedelta(days=7 - now.weekday())


@pytest.fixture
async def care(world):
    return await coop(world, "care")


def base_of(care):
    return f"/groups/{care.group.rpartition('/')[2]}/plan"


async def made(care, monday):
    """Plan a week, and wait until it is planned."""
    weeks = care.running.app[WEEKS]
    await weeks.begin(care.view, care.group, monday.date())
    assert await weeks.wait(care.group, monday.date(), 30) is None


async def planned(page, care, monday):
    """Press the button, and return the week as a program reads it."""
    week = {"monday": monday.date().isoformat()}
    await page.ask(f"{base_of(care)}.json", json=week)
    assert await care.running.app[WEEKS].wait(care.group, monday.date(), 30) is None
    _, _, text = await page.ask(f"{base_of(care)}.json?from={week['monday']}")
    return msgspec.json.decode(text)


async def test_a_leader_plans_a_week_of_all_jobs_at_once(world, care, monday):
    ana, bea = await staff(world, care, "ana", "bea")
    await a_job(care, monday, title="Home from hospital")
    await a_job(care, monday, NewOpening("ironing", 2), title="Ironing day")
    await a_job(care, monday + timedelta(days=2), title="Later that week")
    page = await Page(world, care).of(care.leader)
    base, week = base_of(care), {"monday": monday.date().isoformat()}

    status, _, text = await page.ask(f"{base}?from={week['monday']}")
    assert (status, "4 places of this week are open." in text) == (200, True)
    status, headers, _ = await page.ask(base, week)
    await care.running.app[WEEKS].wait(care.group, monday.date(), 30)
    assert (status, headers["Location"]) == (303, f"{base}?from={week['monday']}")
    _, _, text = await page.ask(headers["Location"])
    assert "3 of 4 open places could be filled with people of the group; no plan can fill" in text
    assert "1 place stays open" in text
    for name in ("Ana", "Bea", "Home from hospital", "Ironing day", "Later that week"):
        assert name in text

    view = msgspec.json.decode((await page.ask(f"{base}.json?from={week['monday']}"))[2])
    people = [one["person"] for line in view["lines"] for one in line["suggested"]]
    assert (sorted(people)[:1], len(people)) == ([min(ana, bea)], 3)
    assert [(one["suggested"], one["open"]) for one in view["days"][:3]] == [(2, 1), (0, 0), (1, 0)]
    assert (view["places"], view["filled"], view["at_most"]) == (4, 3, 3)


async def test_only_leaders_of_the_group_see_or_plan_its_week(world, care, monday):
    [ana] = await staff(world, care, "ana")
    await a_job(care, monday)
    page = await Page(world, care).of(ana)
    for path in (base_of(care), f"{base_of(care)}/events"):
        status, _, _ = await page.ask(path)
        assert status == 404
    status, _, _ = await page.ask(base_of(care), {"monday": monday.date().isoformat()})
    assert status == 404


async def test_asking_again_draws_no_other_lot_and_computes_nothing_anew(
    world, care, monday, monkeypatch
):
    computed, usual = [], PLANS._compute
    monkeypatch.setattr(PLANS, "_compute", lambda asked: computed.append(1) or usual(asked))
    await staff(world, care, "ana", "bea", "eve")
    await a_job(care, monday)
    page = await Page(world, care).of(care.leader)
    first = await planned(page, care, monday)
    again = await planned(page, care, monday)
    assert [one["suggested"] for one in first["lines"]] == [
        one["suggested"] for one in again["lines"]
    ]
    assert (len(computed), again["filled"]) == (1, 1)


async def test_who_was_asked_keeps_her_place_and_hours_until_she_answers(world, care, monday):
    ana, bea = await staff(world, care, "ana", "bea")
    one = await a_job(care, monday)
    await a_job(care, monday, title="The same morning")
    opening = one.shifts[0].openings[0].iri
    await care.lead(staffing.invite, opening, [ana])
    await world.settle()
    page = await Page(world, care).of(care.leader)
    view = await planned(page, care, monday)
    assert (view["places"], view["filled"]) == (1, 1)
    found = {
        line["opening"]: [each["person"] for each in line["suggested"]] for line in view["lines"]
    }
    assert found.pop(opening) == []
    assert list(found.values()) == [[bea]]


async def test_the_number_of_queries_does_not_grow_with_jobs_or_people(world, care, monday):
    numbers = []
    for week, people in enumerate((2, 8)):
        start = monday + timedelta(weeks=week)
        await staff(world, care, *(f"w{week}{number}" for number in range(people)))
        for number in range(people):
            await a_job(care, start, NewOpening("ironing", 2), title=f"Job {number}")
        with Counting(care.database) as planning:
            await made(care, start)
        with Counting(care.database) as showing:
            view = await care.ask(
                staffing.week_view, care.view, care.group, start.date(), None, None
            )
        assert (len(view.lines), view.suggested >= people) == (people, True)
        numbers.append((planning.number, showing.number))
    assert numbers[0] == numbers[1]


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_on_a_telephone_a_leader_fills_her_week(world, care, monday, script, language):
    await staff(world, care, "ana", "bea", "eve")
    job = await a_job(care, monday, NewOpening("ironing", 3), NewOpening("home-care", 1))
    here = f"{base_of(care)}?from={monday.date().isoformat()}"
    weeks = care.running.app[WEEKS]
    weeks._ask_allies = slow = Slow()
    async with browser(world, size=PHONE, script=script) as context:
        screen = await sit_down(context, care, "lead_care", here)
        if language != "en":
            await screen.changes_to_chinese()
        await screen.presses("Plan the week")
        await screen.reads("The week is being planned", "Allies are asked whom they could lend")
        slow.answer.set()
        await screen.button("Ask those chosen").wait_for()
        await screen.looks()
        boxes = screen.page.get_by_role("checkbox")
        assert await boxes.count() == 3
        await boxes.first.uncheck()
        await screen.presses("Ask those chosen")
    board = await care.ask(staffing.job_board, job.iri)
    assert sorted(len(one.people) for one in board) == [0, 2]


async def test_what_stays_open_says_which_ally_to_ask_for_how_many_and_leads_there(
    world, care, monday
):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    await staff(world, wash, "wei", "xin")
    for _ in range(2):
        world.clock.advance(minutes=1)
        await world.settle()
    await staff(world, care, "ana")
    job = await a_job(care, monday, NewOpening("ironing", 3))
    page = await Page(world, care).of(care.leader)
    view = await planned(page, care, monday)
    [line] = view["lines"]
    assert (len(line["suggested"]), line["open"], line["code"]) == (1, 2, "too_few_eligible")
    [told] = line["allies"]
    assert (told["name"], told["label"], told["places"]) == ("Wash Commune", "1–2", 1)  # noqa: RUF001  # the dash that pages show
    _, _, text = await page.ask(f"{base_of(care)}?from={monday.date().isoformat()}")
    assert "Wash Commune may have 1–2 people: ask for 1" in text  # noqa: RUF001  # as above
    assert "wei" not in text.casefold()
    assert f'href="{line["ask"]}"' in text
    status, _, text = await page.ask(line["ask"])
    assert (status, f"/jobs/{job.token}/ask" in text) == (200, True)


async def test_a_week_that_is_over_or_empty_asks_nobody(world, care, monday):
    await staff(world, care, "ana")
    await a_job(care, monday)
    page = await Page(world, care).of(care.leader)
    _, _, text = await page.ask(f"{base_of(care)}?from={(monday - timedelta(weeks=3)).date()}")
    assert "No shift begins in this week" in text
    world.clock.advance(days=15)
    view = await planned(page, care, monday)
    assert (view["places"], view["filled"], view["at_most"]) == (0, 0, 0)
    _, _, text = await page.ask(f"{base_of(care)}?from={monday.date().isoformat()}")
    assert "There was no open place to fill." in text
    assert "This week is over" in text
    assert "Ask those chosen" not in text


class Slow:
    """Allies who answer when they are let."""

    def __init__(self):
        self.asked, self.answer = 0, asyncio.Event()

    async def __call__(self, _database, _group):
        self.asked += 1
        await self.answer.wait()


async def test_the_page_says_how_far_a_plan_has_come_and_a_second_request_joins(
    world, care, monday
):
    await staff(world, care, "ana")
    await a_job(care, monday)
    slow = Slow()
    weeks = Weeks(care.database, slow)
    day = monday.date()
    await weeks.begin(care.view, care.group, day)
    await weeks.begin(care.view, care.group, day)
    progress = await weeks.wait(care.group, day, 0.01)
    assert (progress.stage, slow.asked) == ("allies", 1)
    slow.answer.set()
    assert await weeks.wait(care.group, day, 30) is None
    assert await care.ask(staffing.week_found, care.view, care.group, day) is not None
    await weeks.close()


async def test_without_script_the_page_loads_itself_again_until_the_plan_is_there(
    world, care, monday
):
    await staff(world, care, "ana")
    await a_job(care, monday)
    page = await Page(world, care).of(care.leader)
    base, day = base_of(care), monday.date()
    weeks = care.running.app[WEEKS]
    weeks._ask_allies = slow = Slow()
    status, _, _ = await page.ask(base, {"monday": day.isoformat()})
    _, _, text = await page.ask(f"{base}?from={day.isoformat()}")
    assert status == 303
    assert '<noscript><meta http-equiv="refresh"' in text
    assert "Allies are asked whom they could lend" in text
    assert "<progress" in text
    slow.answer.set()
    assert await weeks.wait(care.group, day, 30) is None
    _, _, text = await page.ask(f"{base}?from={day.isoformat()}")
    assert "<progress" not in text
    assert "The one open place could be filled." in text


async def test_a_plan_that_fails_says_so_and_can_be_asked_for_again(world, care, monday):
    await staff(world, care, "ana")
    await a_job(care, monday)
    page = await Page(world, care).of(care.leader)
    base, day = base_of(care), monday.date()
    weeks = care.running.app[WEEKS]
    usual, weeks._ask_allies = weeks._ask_allies, _broken
    await page.ask(base, {"monday": day.isoformat()})
    _, _, text = await page.ask(f"{base}?from={day.isoformat()}")
    assert "The plan could not be made." in text
    weeks._ask_allies = usual
    view = await planned(page, care, monday)
    assert (view["progress"], view["filled"]) == (None, 1)


async def _broken(_database, _group):
    raise RuntimeError("no network today")
