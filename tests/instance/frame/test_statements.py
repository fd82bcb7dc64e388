"""How many statements the database is asked for what comes in most often: few, and counted."""

from __future__ import annotations

import pytest

from federation import PUBLIC, Activity
from instance.enquiries import activities as enquiries_wire
from instance.enquiries import service as enquiries
from instance.groups import activities as groups_wire
from instance.groups import service as groups
from instance.jobs import activities as jobs_wire
from tests.instance.enquiries.asking import SAID, note, reactions
from tests.instance.jobs.commune import found
from tests.statements import heard


@pytest.fixture
async def care(any_world):
    return await found(any_world)


@pytest.fixture
async def remote(any_world):
    return await any_world.remote()


async def asked(care, receive, document):
    """Let an activity take effect and return what the database was asked for that."""
    async with care.database.transaction() as tx:
        with heard() as statements:
            await receive(tx, Activity.read(document))
            await care.database.follow_up(tx)
    return [text for text, _ in statements]


async def says(care, remote, **more):
    """Let eve say something to the group; return the statements it took."""
    care.world.clock.advance(minutes=1)
    eve = remote.actor("eve")
    document = note(remote, eve, to=[PUBLIC, care.group], **more)
    said = remote.activity("Create", eve, document, to=[PUBLIC], published=SAID)
    return await asked(care, enquiries_wire.receive_note, said)


async def test_a_question_takes_thirteen_statements_and_what_follows_six_at_the_most(care, remote):
    first = await says(care, remote)
    again = await says(care, remote, number=2)
    reply = await says(care, remote, number=3, reply_to=f"{remote.origin}/notes/1")

    assert len(first) <= 13, first
    assert len(again) <= 6, again
    assert len(reply) <= 6, reply
    async with care.database.reading() as tx:
        [enquiry] = (await enquiries.enquiries(tx, care.viewer())).asked_of_us
    assert len(enquiry.lines) == 3


async def test_a_question_about_a_job_takes_one_more_for_the_job(care, remote):
    job = await care.post()
    statements = await says(care, remote, reply_to=job)

    assert len(statements) <= 14, statements


async def test_asking_to_join_takes_thirteen_statements(care, remote):
    eve = remote.actor("eve")
    said = remote.activity("Join", eve, care.group)
    statements = await asked(care, groups_wire.receive_join, said)

    assert len(statements) <= 13, statements
    async with care.database.reading() as tx:
        assert [one.person for one in await groups.requests(tx, care.group)] == [eve]


async def test_a_reaction_takes_four_statements(care, remote):
    job, eve = await care.post(), remote.actor("eve")
    statements = await asked(care, jobs_wire.receive_reaction, remote.activity("Like", eve, job))

    assert len(statements) <= 4, statements
    assert await reactions(care, job) == (1, 0)
