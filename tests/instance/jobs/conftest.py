"""A commune for every test of jobs."""

from __future__ import annotations

import pytest

from tests.instance.jobs.commune import found


@pytest.fixture
async def care(world):
    return await found(world)
