"""What other servers really send goes through a whole instance, and FEDERATION.md tells how."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.journeys.corpus import CORPUS, Others, documents, table

FEDERATION_MD = Path(__file__).parents[2] / "FEDERATION.md"


async def test_each_document_of_others_is_understood_or_let_go_for_a_stated_reason(
    world, spare_keys
):
    if not CORPUS.is_dir():
        pytest.skip("the corpus of other servers' documents is not beside this project")
    others = Others(world, spare_keys[0])
    await others.begin()
    for name, document in documents().items():
        await others.send(name, document)
    assert {one: code for one, code in others.statuses.items() if code >= 500} == {}
    await world.settle()
    rows = await others.rows()

    for server in others.servers.values():
        for who in server.actors:
            await others.say(server, who, "Like", others.group)
    await world.settle()
    own = {one: row for one, row in (await others.rows()).items() if "/own/" in one}
    assert {state for state, _ in own.values()} <= {"done", "ignored"}

    world.clock.advance(days=8)
    await world.settle()
    rows |= {one: row for one, row in (await others.rows()).items() if row[0] != "ready"}
    assert [one for one in rows.items() if one[1][0] == "ready"] == []
    faults = [one for one in rows.items() if re.fullmatch(r"[A-Z]\w+", one[1][1])]
    assert faults == []

    written = "\n".join(table(others, rows))
    text = FEDERATION_MD.read_text(encoding="utf-8")
    found = re.search(r"<!-- corpus[^>]*-->\n(.*?)<!-- end of corpus -->", text, re.DOTALL)
    assert found, "the marks of the table are gone"
    assert found[1].strip() == written, written
