"""The log: no old line changes unnoticed, and forgetting people breaks nothing."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from federation import Iri
from instance.transparency import service as transparency
from instance.transparency.models import Entry, Head, Salt

GROUP = Iri("http://care.test/groups/g")
MEI = Iri("http://care.test/people/mei")
ANA = Iri("http://care.test/people/ana")


async def noted(care, count=3, **more):
    async with care.database.transaction() as tx:
        return [
            await transparency.note(
                tx,
                "jobs.posted",
                by=MEI,
                group=GROUP,
                about=ANA,
                text="Job %(number)s was posted.",
                number=number,
                **more,
            )
            for number in range(count)
        ]


async def verdict(care, newest=None):
    async with care.database.reading() as tx:
        return await transparency.verify(tx, newest)


@pytest.fixture
async def care(world):
    return await world.instance("care")


async def test_what_is_noted_is_read_back_newest_first_and_the_chain_holds(any_world):
    care = await any_world.instance("care")
    decisions = await noted(care)
    async with care.database.reading() as tx:
        found = await transparency.entries(tx)
        first = await transparency.decision(tx, decisions[0])
        older = await transparency.entries(tx, before=3, limit=1)
    assert [one.decision for one in found] == decisions[::-1]
    assert (first.seq, first.by, first.about, first.values) == (1, MEI, ANA, {"number": 0})
    assert [one.seq for one in older] == [2]
    assert (await verdict(care)).holds
    assert (await verdict(care)).entries == 3


async def test_an_empty_log_holds(care):
    assert (await verdict(care)).holds


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Job 9 was posted."},
        {"kind": "jobs.called_off"},
        {"values": {"number": 9}},
        {"group": None},
        {"by_mark": "0" * 64},
        {"about_mark": None},
        {"decision": "another"},
        {"digest": "0" * 64},
        {"previous": "0" * 64},
    ],
)
async def test_an_edited_line_is_found(care, change):
    await noted(care)
    async with care.database.transaction() as tx:
        await tx.session.execute(sa.update(Entry).where(Entry.seq == 2).values(**change))
    assert (await verdict(care)).broken_at == 2


async def test_a_moment_that_was_changed_is_found(care, clock):
    await noted(care)
    clock.advance(minutes=1)
    async with care.database.transaction() as tx:
        await tx.session.execute(sa.update(Entry).where(Entry.seq == 2).values(at=tx.now))
    assert (await verdict(care)).broken_at == 2


@pytest.mark.parametrize(("seq", "broken"), [(1, 1), (2, 2), (3, 3)])
async def test_a_line_that_was_taken_out_is_found(care, seq, broken):
    await noted(care)
    async with care.database.transaction() as tx:
        await tx.session.execute(sa.delete(Entry).where(Entry.seq == seq))
    assert (await verdict(care)).broken_at == broken


async def test_a_line_added_behind_the_end_is_found(care):
    await noted(care)
    async with care.database.transaction() as tx:
        await tx.session.execute(sa.update(Head).values(seq=2))
    assert not (await verdict(care)).holds


async def test_the_latest_lines_are_checked_without_reading_all(care):
    await noted(care, 10)
    assert (await verdict(care, newest=4)).holds
    async with care.database.transaction() as tx:
        await tx.session.execute(sa.update(Entry).where(Entry.seq == 8).values(text="x"))
    assert (await verdict(care, newest=4)).broken_at == 8
    assert (await verdict(care, newest=1)).holds


async def test_erasing_a_salt_forgets_the_person_and_keeps_the_chain(care):
    await noted(care)
    async with care.database.transaction() as tx:
        await transparency.erase(tx, ANA)
    async with care.database.reading() as tx:
        found = await transparency.entries(tx)
        rows = (await tx.session.execute(sa.select(Entry.__table__))).all()
        salts = (await tx.session.execute(sa.select(Salt.person))).scalars().all()
    assert {(one.by, one.about) for one in found} == {(MEI, None)}
    assert salts == [MEI]
    assert not any(ANA in str(row) for row in rows)
    assert (await verdict(care)).holds


async def test_no_row_of_the_chain_names_a_person(care):
    await noted(care)
    async with care.database.reading() as tx:
        rows = (await tx.session.execute(sa.select(Entry.__table__))).all()
    assert not any(person in str(row) for row in rows for person in (MEI, ANA))


async def test_the_acts_about_one_person_are_hers_to_list(care):
    await noted(care)
    async with care.database.transaction() as tx:
        await transparency.note(tx, "jobs.posted", by=ANA, about=MEI)
    async with care.database.reading() as tx:
        assert [one.about for one in await transparency.about(tx, MEI)] == [MEI]
        assert len(await transparency.about(tx, ANA)) == 3


async def test_many_who_note_at_once_make_one_chain(any_world):
    care = await any_world.instance("care")
    await asyncio.gather(*(noted(care, 2) for _ in range(6)))
    found = await verdict(care)
    assert (found.entries, found.holds) == (12, True)


async def test_a_sentence_with_a_place_for_no_value_is_refused_at_once(care):
    async with care.database.transaction() as tx:
        with pytest.raises(KeyError):
            await transparency.note(tx, "x", by=MEI, text="%(a)s %(b)s", a=1)


async def note_and_fail(care):
    async with care.database.transaction() as tx:
        await transparency.note(tx, "x", by=MEI)
        raise RuntimeError("undo")


async def test_what_is_undone_was_never_noted(care):
    with pytest.raises(RuntimeError, match="undo"):
        await note_and_fail(care)
    assert (await verdict(care)).entries == 0
