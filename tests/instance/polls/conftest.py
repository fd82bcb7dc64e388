"""A commune, and a server of another kind, for every test of polls."""

from __future__ import annotations

import pytest

from tests.instance.jobs.commune import found


@pytest.fixture
async def care(world):
    return await found(world)


@pytest.fixture
async def remote(world):
    return await world.remote()
