"""A job is published: members here and elsewhere read its hours, allies and strangers the day."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from federation.activity import ACTIVITY_JSON
from instance.alliances import service as alliances
from instance.jobs import service as jobs
from tests.instance.jobs.commune import SECRETS, found, join


async def page(commune, person=None):
    async with commune.database.reading() as tx:
        from instance.jobs import screens

        return await screens.jobs_page(tx, commune.viewer(person) if person else None)


async def test_a_member_whose_home_is_elsewhere_reads_the_hours(any_world):
    care, wash = await found(any_world, "care"), await found(any_world, "wash")
    await join(wash, care, wash.member)
    iri = await care.post(audience=jobs.Audience.MEMBERS)
    await any_world.settle()

    (seen,) = (await page(wash, wash.member)).mine
    job = await care.job(iri)
    assert (seen.posting.iri, seen.group_name) == (iri, "Care Commune")
    assert seen.posting.shifts[0].start == job.shifts[0].start
    assert (await page(wash, wash.leader)).mine == ()


async def test_her_home_fetches_the_hours_in_its_own_name(world):
    care, wash = await found(world, "care"), await found(world, "wash")
    await join(wash, care, wash.member)
    iri = await care.post()
    home = await wash.running.federation.actors.get(iri)
    stranger = await (await found(world, "green")).running.federation.actors.get(iri)

    assert "startTime" in home["shifts"][0]
    assert "startTime" not in stranger["shifts"][0]


async def test_who_joins_later_is_told_of_what_is_open(world):
    care, wash = await found(world, "care"), await found(world, "wash")
    iri = await care.post(audience=jobs.Audience.MEMBERS)
    await join(wash, care, wash.member)

    assert [one.posting.iri for one in (await page(wash, wash.member)).mine] == [iri]


async def test_a_moved_and_a_called_off_shift_are_seen_at_once(world):
    care, wash = await found(world, "care"), await found(world, "wash")
    await join(wash, care, wash.member)
    iri = await care.post()
    start = (await care.job(iri)).shifts[0].start + timedelta(hours=2)
    await care.act(jobs.move_shift, f"{iri}#s1", start, start + timedelta(hours=3))
    await world.settle()
    (seen,) = (await page(wash, wash.member)).mine
    assert seen.posting.shifts[0].start == start

    await care.act(jobs.call_off_shift, f"{iri}#s1")
    await world.settle()
    assert (await page(wash, wash.member)).mine == ()
    assert (await page(care, care.member)).mine == ()


async def test_members_of_one_home_are_not_named_to_another(world):
    care, wash = await found(world, "care"), await found(world, "wash")
    green = await found(world, "green")
    for other in (wash, green):
        await join(other, care, other.member)
    await care.post(audience=jobs.Audience.MEMBERS)
    async with care.database.reading() as tx:
        outbox = await tx.session.execute(sa.text("SELECT body FROM federation_outbox"))
        sent = [bytes(row.body).decode() for row in outbox if b"First day home" in row.body]

    homes = [[one.group for one in (care, wash, green) if one.member in text] for text in sent]
    assert sorted(homes) == sorted([[care.group], [wash.group], [green.group]])


async def test_an_ally_reads_the_day_and_not_the_hour(world, monkeypatch):
    care, wash = await found(world, "care"), await found(world, "wash")

    async def allied(tx, group):
        pairs = {care.group: wash.group, wash.group: care.group}
        return [Ally(pairs[group])] if group in pairs else []

    monkeypatch.setattr(alliances, "allies", allied)
    iri = await care.post(audience=jobs.Audience.ALLIES)
    await world.settle()

    (seen,) = (await page(wash, wash.leader)).allied
    assert (seen.posting.iri, seen.posting.shifts[0].parts) == (iri, ("morning", "afternoon"))
    assert seen.posting.shifts[0].start is None
    assert (await page(wash, wash.member)).allied == ()
    note = await wash.running.federation.actors.get(iri)
    assert "startTime" not in note["shifts"][0]


class Ally:
    def __init__(self, group):
        self.ally, self.name = group, "Ally"


async def test_a_stranger_sees_a_page_without_the_hour_and_the_customer(world):
    care = await found(world)
    iri = await care.post()
    browser = await care.browser()
    status, headers, text = await browser.ask(iri)

    assert status == 200
    assert "First day home from hospital" in text
    assert "morning, afternoon" in text
    assert "09:30" not in text
    assert [one for one in SECRETS.values() if one in text] == []
    assert f'<link rel="alternate" type="application/activity+json" href="{iri}">' in text
    assert "Accept" in headers["Vary"]


async def test_a_member_reads_the_hour_and_not_the_customer(world):
    care = await found(world)
    iri = await care.post()
    _, _, text = await (await care.browser(care.member)).ask(iri)
    _, _, json = await (await care.browser(care.member)).ask(f"{iri}.json")

    assert "09:30" in text
    assert [one for one in SECRETS.values() if one in text + json] == []


async def test_the_leader_reads_everything(world):
    care = await found(world)
    iri = await care.post()
    _, _, text = await (await care.browser(care.leader)).ask(iri)

    assert [one for one in SECRETS.values() if one not in text] == []


async def test_one_address_answers_three_ways(world):
    care = await found(world)
    iri = await care.post()
    browser = await care.browser()
    kinds = [
        (await browser.ask(path, Accept=accept))[1]["Content-Type"].partition(";")[0]
        for path, accept in ((iri, "text/html"), (iri, ACTIVITY_JSON), (f"{iri}.json", "*/*"))
    ]

    assert kinds == ["text/html", "application/activity+json", "application/json"]
