"""The co-op of these tests."""

import pytest

from tests.instance.spreadsheets.coops import found


@pytest.fixture
async def coop(world, clock):
    return await found(world, clock, "care")
