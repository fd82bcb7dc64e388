"""Networks of small hosts, on SQLite in memory and once more on PostgreSQL."""

import asyncio

import pytest

from federation.sql.smallhost import MEMORY
from tests.federation.host import Databases, Small


@pytest.fixture(scope="session")
def databases():
    made = Databases()
    yield made
    asyncio.run(made.drop())


async def _in_memory():
    return MEMORY


@pytest.fixture
async def small():
    """A network whose hosts keep their rows in memory."""
    made = Small(_in_memory)
    yield made
    await made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
async def any_small(request, databases):
    """The same network on SQLite and on PostgreSQL."""
    taken = []

    async def make_url():
        if request.param == "sqlite":
            return MEMORY
        taken.append(await databases.take())
        return taken[-1]

    made = Small(make_url)
    yield made
    await made.close()
    databases.free.extend(taken)
