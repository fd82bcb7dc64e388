"""A co-op and an ally of another make, for every test of loans."""

from __future__ import annotations

import pytest

from tests.instance.alliances.pair import found
from tests.instance.loans.talk import Lending


@pytest.fixture
async def care(world):
    return await found(world, "care")


@pytest.fixture
async def green(world, care):
    stranger = Lending(world, await world.remote("green"))
    await stranger.ally_with(care)
    return stranger
