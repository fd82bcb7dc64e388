"""The leader's page of places: found in a click, asked in another, and everybody's own business."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from instance.groups import service as groups
from instance.jobs.views import NewOpening
from instance.loans import service as loans
from instance.people import service as people
from instance.people import signin
from instance.staffing import service as staffing
from tests.browser import PHONE, browser
from tests.instance.jobs.commune import Browser
from tests.instance.staffing.stage import Page, a_job, staff
from tests.staged import ally, coop, lend


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def test_a_leader_finds_asks_and_sees_who_comes(world, care, tomorrow):
    ana, _ = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow, NewOpening("ironing", 3))
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"

    status, _, text = await page.ask(base)
    assert (status, "3 places are open" in text) == (200, True)
    status, headers, _ = await page.ask(f"{base}/find", {})
    assert (status, headers["Location"]) == (303, f"{base}#places")
    _, _, text = await page.ask(base)
    assert "Free and able to do it" in text
    assert "1 place stays open" in text

    opening = job.shifts[0].openings[0].iri
    asked = {"opening": opening, "people[]": ana, "reply": "1h", "until": ""}
    status, headers, _ = await page.ask(f"{base}/invite", asked)
    assert (status, headers["Location"]) == (303, base)
    await world.settle()
    _, _, text = await page.ask(base)
    assert "1 was asked" in text
    [line] = await care.ask(staffing.job_board, job.iri)
    [asked] = line.people
    assert (asked.person, asked.state) == (ana, "invited")
    assert asked.reply_by == world.clock() + timedelta(hours=1)


async def test_the_same_view_is_json_and_a_program_asks_by_json(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"

    _, _, text = await page.ask(f"{base}/find.json", json={})
    found = msgspec.json.decode(text)
    assert found["openings"][0]["suggested"][0]["person"] == ana
    _, _, text = await page.ask(f"{base}.json")
    view = msgspec.json.decode(text)
    assert (view["step"], view["openings"][0]["open"]) == ("invite", 1)

    opening = view["openings"][0]["opening"]
    asked = {"opening": opening, "people": [ana], "until": "2027-01-04T20:00"}
    status, _, text = await page.ask(f"{base}/invite", json=asked)
    [invite] = msgspec.json.decode(text)["invites"]
    assert status == 201
    placement = await care.placement(invite)
    assert (placement.why, placement.reply_by.hour) == (["free_and_qualified"], 12)
    _, _, text = await page.ask(f"{base}.json")
    assert msgspec.json.decode(text)["step"] == "wait"


async def test_a_yes_that_waits_is_confirmed_or_not_needed(world, care, tomorrow):
    ana, bea = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow)
    opening = job.shifts[0].openings[0].iri
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"

    status, _, _ = await page.ask(f"{base}/auto-confirm", {"opening": opening, "on": ""})
    assert status == 303
    invites = [await care.invite(opening, one) for one in (ana, bea)]
    await world.settle()
    for invite, person in zip(invites, (ana, bea), strict=True):
        await care.answer(invite, person)
    await world.settle()
    _, _, text = await page.ask(base)
    assert "2 said yes and wait for you" in text
    assert "Every yes waits for you" in text

    await page.ask(f"{base}/confirm", {"invite": invites[0]})
    await page.ask(f"{base}/not-needed", {"invite": invites[1]})
    await world.settle()
    assert [await care.state(one) for one in invites] == ["confirmed", "not needed"]
    _, _, text = await page.ask(base)
    assert "Filled" in text
    assert "What to do next" not in text

    await page.ask(f"{base}/call-off", {"invite": invites[0]})
    await world.settle()
    assert await care.state(invites[0]) == "called off"
    _, _, text = await page.ask(base)
    assert "1 place is open" in text


async def test_what_changed_meanwhile_is_said_on_the_page(world, care, tomorrow):
    ana, bea = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow)
    opening = job.shifts[0].openings[0].iri
    page = await Page(world, care).of(care.leader)
    base = f"/jobs/{job.token}/staffing"
    invite = await care.invite(opening, ana)
    await world.settle()
    await care.answer(invite, ana)
    await world.settle()

    status, _, text = await page.ask(f"{base}/invite", {"opening": opening, "people[]": bea})
    assert (status, "Every place of this opening is taken." in text) == (422, True)
    for wrong in ({}, {"people[]": bea, "until": "soon"}, {"people[]": bea, "reply": "never"}):
        status, _, text = await page.ask(f"{base}/invite", {"opening": opening, **wrong})
        assert status == 422


async def test_who_did_not_answer_in_time_stands_among_those_to_ask(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    due = world.clock() + timedelta(minutes=10)
    await care.invite(job.shifts[0].openings[0].iri, ana, reply_by=due)
    await world.settle()
    world.clock.advance(minutes=12)
    await world.settle()
    await staffing.find_people(care.database, care.view, job.iri)

    page = await Page(world, care).of(care.leader)
    status, _, text = await page.ask(f"/jobs/{job.token}/staffing")
    assert (status, "Was asked and did not answer in time" in text) == (200, True)


async def test_strangers_workers_and_leaders_of_other_groups_find_nothing(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job, other = await a_job(care, tomorrow), await a_job(care, tomorrow + timedelta(days=1))
    opening = job.shifts[0].openings[0].iri
    invite = await care.invite(opening, ana)
    async with care.database.transaction() as tx:
        group = await groups.create_group(tx, "second", "Second Commune")
        wai = await people.add_person(tx, people.NewPerson("wai", "Wai"))
        await people.grant(tx, wai, group, people.Role.LEADER, "init")
    base = f"/jobs/{job.token}/staffing"

    for person in (ana, wai):
        page = await Page(world, care).of(person)
        for path, sent in (
            (base, None),
            (f"{base}.json", None),
            (f"{base}/find", {}),
            (f"{base}/invite", {"opening": opening, "people[]": ana}),
            (f"{base}/auto-confirm", {"opening": opening, "on": "true"}),
            (f"{base}/call-off", {"invite": invite}),
        ):
            status, _, _ = await page.ask(path, sent)
            assert status == 404, (person, path)
    leader = await Page(world, care).of(care.leader)
    beside = f"/jobs/{other.token}/staffing"
    for path, sent in (
        ("/invite", {"opening": opening, "people[]": ana}),
        ("/call-off", {"invite": invite}),
        ("/auto-confirm", {"opening": opening, "on": "true"}),
    ):
        status, _, _ = await leader.ask(beside + path, sent)
        assert status == 404, path
    stranger = Browser(Page(world, care), "")
    status, headers, _ = await stranger.ask(base)
    assert (status, headers["Location"]) == (303, f"/sign-in?next={base}")
    assert await care.state(invite) == "invited"


async def test_a_lender_staffs_a_loan_and_its_borrower_does_not(world, care, tomorrow):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    [wei] = await staff(world, wash, "wei")
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    opening = job.shifts[0].openings[0].iri
    agreement = await lend(world, care, wash, opening)
    lent = await wash.ask(loans.loan, agreement, loans.Side.LENDER)
    borrowed = await care.ask(loans.loan, agreement, loans.Side.BORROWER)
    page = await Page(world, wash).of(wash.leader)
    base = f"/loans/{lent.id}/staffing"

    status, _, text = await page.ask(base)
    assert (status, "Lent to Care Commune by Wash Commune" in text) == (200, True)
    assert "Ask allies" not in text
    await page.ask(f"{base}/find", {})
    status, _, _ = await page.ask(f"{base}/invite", {"opening": opening, "people[]": wei})
    assert status == 303
    await world.settle()
    [line] = await wash.ask(staffing.board, wash.group, tomorrow, tomorrow + timedelta(1))
    await wash.answer(line.people[0].invite, wei)
    await world.settle()

    _, _, text = await page.ask(base)
    assert "Confirmed" in text
    leader = await Page(world, care).of(care.leader)
    status, _, _ = await leader.ask(f"/loans/{borrowed.id}/staffing")
    assert status == 404
    _, _, text = await leader.ask(f"/jobs/{job.token}/staffing")
    assert "wei@wash.test" in text
    assert "from Wash Commune" in text


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_people_are_found_and_asked_in_three_clicks(world, care, tomorrow, script):
    ana, bea = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    base = f"{care.origin}/jobs/{job.token}"
    async with care.database.transaction() as tx:
        link = await signin.make_link(tx, care.leader, to=f"/jobs/{job.token}")
    async with browser(world, size=PHONE, script=script) as context:
        page = await context.new_page()
        await page.goto(link)
        await page.locator("main form button").first.click()
        await page.wait_for_url(base)

        await page.get_by_role("link", name="Find people").click()
        await page.get_by_role("button", name="Find people").click()
        await page.wait_for_url(f"{base}/staffing#places")
        await page.get_by_role("button", name="Ask those chosen").click()
        await page.wait_for_url(f"{base}/staffing")

        assert "Asked: 2" in await page.locator("#said").inner_text()
        assert await page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )
    [line] = await care.ask(staffing.job_board, job.iri)
    assert {one.person for one in line.people} == {ana, bea}
