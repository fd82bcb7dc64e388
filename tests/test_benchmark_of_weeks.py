"""The co-op that the benchmark of weeks draws: the same for a seed, and with work to plan."""

from __future__ import annotations

import sqlite3

from benchmarks.measuring.coop import has_a_week
from benchmarks.measuring.instances import founded, has_people
from benchmarks.measuring.weeks import Line, alone, growth

DRAWN = (
    "SELECT skills, certificates, languages, windows, district FROM member_shares ORDER BY iri",
    "SELECT number, starts, ends FROM shifts ORDER BY iri",
    "SELECT number, skill, level, count FROM openings ORDER BY iri",
)


async def drawn(folder, seed):
    server = await founded(folder)
    monday = await has_a_week(server, await has_people(server, 30), 20, seed)
    with sqlite3.connect(server.folder / "ayni.db") as rows:
        found = [rows.execute(one).fetchall() for one in DRAWN]
    return server, monday, found


async def test_a_seed_draws_one_co_op_with_a_week_of_open_places(tmp_path):
    folders = [tmp_path / name for name in "abc"]
    for one in folders:
        one.mkdir()
    server, monday, first = await drawn(folders[0], 1)
    _, _, same = await drawn(folders[1], 1)
    _, _, other = await drawn(folders[2], 2)
    assert first == same
    assert [one != another for one, another in zip(first, other, strict=True)] == [True] * 3
    found = await alone(server, monday)
    assert found.places == sum(count for _, _, _, count in first[2]) > 20


def test_a_page_that_takes_too_long_is_missed_and_growth_is_told_for_each_person():
    quick, slow = Line("a page", 0.5, 0.1, 1.0), Line("a page", 10.5, 0.1, 1.0)
    assert (quick.missed, slow.missed) == (False, True)
    assert "ratio    5.0" in quick.text
    [grown] = growth({"page": quick}, {"page": slow}, 10)
    assert (round(grown.took, 2), grown.missed) == (2.1, True)
