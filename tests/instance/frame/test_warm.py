"""What everybody asks for is answered from memory, and never a moment too long."""

from __future__ import annotations

import asyncio

import pytest

from federation.activity import ACTIVITY_JSON
from instance import warm
from instance.db import Database
from instance.network.models import Actor
from tests.instance.groups.living import a_group

AS = {"Accept": ACTIVITY_JSON}


@pytest.fixture
async def care(world):
    return await world.instance("care")


@pytest.fixture
async def group(care):
    iri, _ = await a_group(care)
    return iri


@pytest.fixture
async def ask(world):
    """Ask an address as anybody does; returns status, headers and body."""
    async with world.network.client() as client:

        async def get(url, **headers):
            async with client.get(url, headers=AS | headers) as answer:
                return answer.status, answer.headers, await answer.read()

        yield get


@pytest.fixture
def reads(care, monkeypatch):
    """Count how often anything is read from the database."""
    opened, reading = [], Database.reading

    def counted(database):
        opened.append(database)
        return reading(database)

    monkeypatch.setattr(Database, "reading", counted)
    return opened


async def rename(database, iri, name):
    async with database.transaction() as tx:
        (await tx.get(Actor, iri)).name = name


async def test_who_asks_again_within_a_second_is_answered_without_a_look_at_the_rows(
    ask, group, reads
):
    first = await ask(group)
    assert first[0] == 200
    assert reads
    reads.clear()

    status, headers, body = await ask(group)

    assert (status, body) == (first[0], first[2])
    assert not reads
    names = set(first[1]) - {"Date"}
    assert {name: headers[name] for name in names} == {name: first[1][name] for name in names}


async def test_what_is_written_here_shows_at_once(ask, care, group):
    await ask(group)
    await rename(care.database, group, "Good Care")

    assert b"Good Care" in (await ask(group))[2]


async def test_what_another_process_writes_shows_within_a_second(ask, care, group, monkeypatch):
    monkeypatch.setattr(warm, "KEPT", 0.2)
    await ask(group)
    other = Database(care.database.settings)
    other.federation = care.federation
    await rename(other, group, "Good Care")
    await other.close()

    await asyncio.sleep(0.25)
    assert b"Good Care" in (await ask(group))[2]


async def test_what_is_gone_is_gone_at_once(ask, care, group):
    await ask(group)
    async with care.database.transaction() as tx:
        (await tx.get(Actor, group)).gone = tx.now

    assert (await ask(group))[0] in {404, 410}


@pytest.mark.parametrize("name", warm._ASKS_FOR_ITSELF)
async def test_who_says_who_she_is_is_answered_herself(ask, group, reads, name):
    await ask(group)
    reads.clear()

    await ask(group, **{name: "x"})

    assert reads


async def test_a_page_is_no_document_and_is_not_kept(ask, group, reads):
    await ask(group)
    for _ in range(2):
        reads.clear()
        _, headers, _ = await ask(group, Accept="text/html")
        assert headers["Content-Type"].startswith("text/html")
        assert reads


async def test_memory_is_bounded(ask, group, reads, monkeypatch):
    monkeypatch.setattr(warm, "MOST", 2)
    for number in range(3):
        await ask(f"{group}?n={number}")
    reads.clear()

    await ask(f"{group}?n=2")
    assert not reads
    await ask(f"{group}?n=0")
    assert reads
