"""Three co-ops lend each other labour, from the first handshake to equal balances.

Everything that people do here they do through the JSON API, with their own tokens.
"""

from __future__ import annotations

from tests.journeys.first_steps import found_story
from tests.journeys.last_steps import tell


async def test_three_co_ops_lend_each_other_labour(any_world):
    async with found_story(any_world) as story:
        await tell(story)
