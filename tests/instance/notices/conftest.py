"""A commune that writes e-mail, and one that has no server for it."""

from __future__ import annotations

import pytest

from instance.people import service as people
from tests.instance.jobs.commune import found
from tests.instance.notices.mail_server import MailServer


@pytest.fixture
async def server():
    server = MailServer()
    server.port = await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def care(world):
    commune = await found(world)
    async with commune.database.transaction() as tx:
        await people.grant(tx, commune.leader, commune.group, people.Role.ADMINISTRATOR, "init")
        await people.change_person(tx, commune.member, email="ana@mail.example")
    await world.settle()
    return commune


@pytest.fixture
def mailing(care, server, monkeypatch):
    settings = care.database.settings
    monkeypatch.setattr(
        care.database,
        "settings",
        type(settings)(
            **{
                **{name: getattr(settings, name) for name in settings.__dataclass_fields__},
                "smtp_host": "127.0.0.1",
                "smtp_port": server.port,
                "smtp_from": "care@mail.example",
            }
        ),
    )
    return care
