"""Why me, why not me: each reads what matching said of her, and of nobody else."""

from __future__ import annotations

import re
from datetime import timedelta

import msgspec
import pytest

from instance.agenda import service as agenda
from instance.errors import NotFound
from instance.groups import service as groups
from instance.jobs.views import NewOpening
from instance.people import service as people
from instance.staffing import service as staffing
from tests.instance.staffing.stage import Page, a_job, hire, staff, take_in
from tests.staged import ally, coop, lend, viewer


@pytest.fixture
def tomorrow(clock):
    return clock().replace(hour=1, minute=0, second=0) + timedelta(days=1)


@pytest.fixture
async def care(world):
    return await coop(world, "care")


async def find(one, subject):
    """Let the leader find people."""
    return await staffing.find_people(one.database, one.view, subject)


async def reasons(one, person, job):
    """Return what somebody reads of herself at a job's openings."""
    async with one.database.reading() as tx:
        return (await staffing.why_of_job(tx, viewer(person), job.iri)).openings


async def promise_of(one, person):
    """Return the id of what somebody is asked."""
    [asked] = await one.ask(agenda.invitations, person)
    return asked.id


async def test_each_reads_the_same_reason_about_herself_as_her_leader(world, care, tomorrow):
    await hire(care, "ana")
    await hire(care, "bea")
    await hire(care, "cook", skills=(("oral-care", 2),))
    await take_in(world, care)
    job = await a_job(care, tomorrow, NewOpening("ironing", 1))
    [found] = (await find(care, job.iri)).openings

    for one in (*found.suggested, *found.passed_over):
        [mine] = await reasons(care, one.person, job)
        assert (mine.code, mine.state, mine.why) == (one.code, "", ())
        assert mine.suggested == (one in found.suggested)
        about_order = {"lot_position", "lot_of", "turn"}
        assert mine.values == {k: v for k, v in one.values.items() if k not in about_order}


async def test_her_page_says_it_in_words_and_names_nobody_else(world, care, tomorrow):
    people_here = {"ana": await hire(care, "ana"), "bea": await hire(care, "bea")}
    await take_in(world, care)
    job = await a_job(care, tomorrow)
    [found] = (await find(care, job.iri)).openings
    suggested, passed = found.suggested[0].person, found.passed_over[0].person
    base = f"/jobs/{job.token}/staffing/why"

    page = await Page(world, care).of(suggested)
    _, _, text = await page.ask(base)
    assert "You are suggested. A leader decides whom to ask." in text
    assert "You are free then and able to do it." in text

    page = await Page(world, care).of(passed)
    _, _, text = await page.ask(f"/jobs/{job.token}")
    assert f'href="{base}"' in text
    _, _, text = await page.ask(base)
    assert "You are not suggested." in text
    assert "Others are just as due; the lot decided." in text
    assert "With 1 place more you would be suggested." in text
    _, _, twin = await page.ask(f"{base}.json")
    [line] = msgspec.json.decode(twin)["openings"]
    assert (line["code"], line["values"]["decided_by"]) == ("others_first", "lot")
    other = next(name for name, one in people_here.items() if one == suggested)
    for shown in (text, twin):
        assert other.title() not in shown
        assert suggested not in shown
        assert "lot_position" not in shown


async def test_why_she_was_asked_stays_when_people_are_found_again(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow, NewOpening("ironing", 2))
    await find(care, job.iri)
    leader = await Page(world, care).of(care.leader)
    opening = job.shifts[0].openings[0].iri
    asked = {"opening": opening, "people[]": ana}
    await leader.ask(f"/jobs/{job.token}/staffing/invite", asked)
    await world.settle()
    [before] = await reasons(care, ana, job)
    for _ in range(2):
        [found] = (await find(care, job.iri)).openings
        assert [one.code for one in found.passed_over] == ["already_asked"]
        [after] = await reasons(care, ana, job)
        assert (after.code, after.state) == ("free_and_qualified", "invited")
        assert after.why == before.why == ("free_and_qualified",)
        assert after.values["minutes_wanted"] == before.values["minutes_wanted"]

    page = await Page(world, care).of(ana)
    path = f"/invitations/{await promise_of(care, ana)}"
    _, _, text = await page.ask(path)
    assert f'href="{path}/why"' in text
    _, _, text = await page.ask(f"{path}/why")
    assert "You were suggested by the rules that everybody can read." in text
    assert "You are free then and able to do it." in text


async def test_who_was_chosen_although_passed_over_reads_both(world, care, tomorrow):
    await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow)
    [found] = (await find(care, job.iri)).openings
    passed = found.passed_over[0].person
    leader = await Page(world, care).of(care.leader)
    asked = {"opening": job.shifts[0].openings[0].iri, "people[]": passed}
    await leader.ask(f"/jobs/{job.token}/staffing/invite", asked)
    await world.settle()

    page = await Page(world, care).of(passed)
    _, _, text = await page.ask(f"/invitations/{await promise_of(care, passed)}/why")
    assert "A leader of your group chose you." in text
    assert "Others are just as due; the lot decided." in text


async def test_somebody_who_is_lent_reads_why_at_her_own_group(world, care, tomorrow):
    wash = await coop(world, "wash")
    await ally(world, care, wash)
    wei, xin = await staff(world, wash, "wei", "xin")
    job = await a_job(care, tomorrow)
    agreement = await lend(world, care, wash, job.shifts[0].openings[0].iri)
    await find(wash, agreement)
    invite = await wash.invite(job.shifts[0].openings[0].iri, wei, agreement=agreement)
    await world.settle()

    async with wash.database.reading() as tx:
        [mine] = (await staffing.why_of_invite(tx, wei, invite, "/week")).openings
        assert mine.code in {"free_and_qualified", "others_first"}
        with pytest.raises(NotFound):
            await staffing.why_of_invite(tx, xin, invite, "/week")


async def test_strangers_leaders_elsewhere_and_other_people_find_nothing(world, care, tomorrow):
    ana, bea = await staff(world, care, "ana", "bea")
    job = await a_job(care, tomorrow)
    await find(care, job.iri)
    await care.invite(job.shifts[0].openings[0].iri, ana)
    await world.settle()
    mine = f"/invitations/{await promise_of(care, ana)}/why"
    why = f"/jobs/{job.token}/staffing/why"
    async with care.database.transaction() as tx:
        group = await groups.create_group(tx, "second", "Second Commune")
        wai = await people.add_person(tx, people.NewPerson("wai", "Wai"))
        await people.grant(tx, wai, group, people.Role.LEADER, "init")

    for person, path in ((wai, why), (wai, mine), (bea, mine), (care.leader, mine)):
        page = await Page(world, care).of(person)
        for form in (path, f"{path}.json"):
            status, _, text = await page.ask(form)
            nowhere = re.sub(r"[a-z0-9]{20}", "a" * 20, form)
            missing, _, same = await page.ask(nowhere)
            assert status == missing == 404, (person, form)
            token = re.compile(r'value="[0-9a-f]{64}"')  # written otherwise in each page
            text, same = token.sub("", text), token.sub("", same)
            assert text.replace(form, "") == same.replace(nowhere, "")
    page = await Page(world, care).of(ana)
    assert (await page.ask(mine))[0] == 200
    assert (await page.ask(why))[0] == 200


async def test_who_is_suggested_for_another_place_reads_for_which(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow, NewOpening("ironing", 1), NewOpening("ironing", 1, 1))
    await find(care, job.iri)
    page = await Page(world, care).of(ana)
    _, _, text = await page.ask(f"/jobs/{job.token}/staffing/why")
    assert "You are suggested for Ironing" in text
    elsewhere = next(one for one in await reasons(care, ana, job) if not one.suggested)
    await care.invite(elsewhere.opening, ana)
    await world.settle()
    page = await Page(world, care).of(ana)
    _, _, text = await page.ask(f"/invitations/{await promise_of(care, ana)}/why")
    assert "You are suggested for another place of this job." in text


async def test_before_anybody_was_looked_for_she_reads_that(world, care, tomorrow):
    [ana] = await staff(world, care, "ana")
    job = await a_job(care, tomorrow)
    page = await Page(world, care).of(ana)
    _, _, text = await page.ask(f"/jobs/{job.token}/staffing/why")
    assert "Nobody has been looked for yet." in text
