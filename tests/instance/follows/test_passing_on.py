"""A group passes an ally's public job on to whoever follows it, and takes that back."""

from __future__ import annotations

import pytest

from federation import PUBLIC
from instance.errors import NotFound
from instance.follows import service
from tests.instance.follows.test_following import follow, said, seen, titles
from tests.instance.jobs.commune import found
from tests.instance.jobs.test_wire import a_job, tell


@pytest.fixture
async def theirs(care, remote):
    """A public job of a group elsewhere, known here."""
    group = remote.actor("green", kind="Group")
    job = a_job(remote, group)
    await tell(care, remote, "Create", group, job, signer=group)
    return group, job["id"]


async def test_followers_elsewhere_read_what_an_ally_needs_until_it_is_taken_back(world, care):
    green, wash = await found(world, "green"), await found(world, "wash")
    await follow(wash, care.group, name="Care")
    await follow(care, green.group)
    job = await green.post()
    await world.settle()
    leader = await care.browser(care.leader)
    page = f"/jobs/elsewhere?job={job}"
    assert "/jobs/pass-on?job=" in (await leader.ask(page))[2]
    assert "Care Commune" in (await leader.ask(f"/jobs/pass-on?job={job}"))[2]
    assert (await leader.ask("/jobs/pass-on", {"job": job, "group": care.group}))[0] == 303
    await world.settle()

    [one] = (await seen(wash)).jobs
    assert (one.job.posting.iri, one.shared_by) == (job, "Care")
    async with green.database.reading() as tx:
        reactions = await tx.session.connection()
        table = (await reactions.exec_driver_sql("SELECT kind FROM job_reactions")).all()
    assert [row[0] for row in table] == ["share"]

    back = {"job": job, "group": care.group, "on": "false"}
    assert (await leader.ask("/jobs/pass-on", back))[0] == 303
    await world.settle()
    assert titles(await seen(wash)) == []


async def test_it_is_said_to_all_followers_and_to_whose_job_it_is_and_once(care, remote, theirs):
    group, job = theirs
    for _ in range(2):
        await care.act(service.pass_on, care.group, job)
    await care.world.settle()
    [announce] = said(remote, "Announce")
    assert (announce["actor"], announce["object"], announce["to"]) == (care.group, job, [PUBLIC])
    assert announce["cc"] == [f"{care.group}/followers", group]
    for _ in range(2):
        await care.act(service.take_back, care.group, job)
    await care.world.settle()
    [undo] = said(remote, "Undo")
    assert undo["object"]["id"] == announce["id"]


async def test_only_a_leader_passes_on_and_only_what_another_group_publishes(care, theirs, world):
    _, job = theirs
    own = await care.post()
    await world.settle()
    stranger = care.viewer(care.member)
    for act in (service.pass_on, service.take_back):
        with pytest.raises(NotFound):
            await care.act(act, care.group, job, viewer=stranger)
        for not_theirs in (own, "https://nowhere.test/jobs/1"):
            with pytest.raises(NotFound):
                await care.act(act, care.group, not_theirs)
    member = await care.browser(care.member)
    assert (await member.ask(f"/jobs/pass-on?job={job}"))[0] == 404
    assert (await member.ask("/jobs/pass-on", {"job": job, "group": care.group}))[0] == 404
