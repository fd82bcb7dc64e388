"""A commune whose administrator looks after peers, and somebody on another server."""

from __future__ import annotations

import msgspec
import pytest

from instance.people import service as people
from instance.people.service import Role
from tests.instance.jobs import commune as communes


@pytest.fixture
async def care(world):
    care = await communes.found(world)
    async with care.database.transaction() as tx:
        await people.grant(tx, care.leader, care.group, Role.ADMINISTRATOR, "init")
    return care


@pytest.fixture
async def remote(world):
    return await world.remote()


@pytest.fixture
def ana(remote, spare_keys):
    return remote.actor("ana", spare_keys[0])


@pytest.fixture
async def mei(care):
    """The administrator's browser."""
    return await care.browser(care.leader)


@pytest.fixture
def shown(mei):
    """Return the view of a page."""

    async def show(path):
        status, _, text = await mei.ask(path)
        assert status == 200, text
        return msgspec.json.decode(text)

    return show


@pytest.fixture
def say(care, world):
    """Say something from the group to somebody elsewhere, and let it go out."""

    async def say(*to):
        async with care.database.transaction() as tx:
            iri = tx.federation.new_id()
            note = {"id": f"{iri}/note", "type": "Note", "content": "hello"}
            said = {"id": iri, "type": "Create", "actor": care.group, "object": note}
            await tx.send({**said, "to": list(to)}, conversation=iri)
        await world.settle()

    return say
