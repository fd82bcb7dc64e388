"""Cover from another group of the same leader: a loan in one act, and her people are asked."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import func, select

from instance.groups import service as groups
from instance.loans import service as loans
from instance.loans.models import Ask, Loan
from instance.people import service as people
from tests.instance.staffing.stage import Page, staff
from tests.instance.staffing.test_cover import cover_of
from tests.instance.staffing.waves import waved
from tests.staged import Coop, ally, coop, join


@pytest.fixture
async def care(world):
    return await coop(world, "care")


@pytest.fixture
async def wash(care):
    """Another group at the same co-op, which the same leader leads."""
    async with care.database.transaction() as tx:
        group = await groups.create_group(tx, "wash", "Wash Commune")
        await people.grant(tx, care.leader, group, people.Role.LEADER, "init")
    return Coop(care.running, group, care.leader)


async def test_people_of_her_other_group_are_borrowed_and_asked_in_one_press(world, care, wash):
    await ally(world, care, wash)
    helpers = await staff(world, wash, "kim", "lam")
    place, due = await waved(world, care, 1)
    await join(world, care, wash, due[0])  # in both: she is left to the group whose place it is
    page, base = await Page(world, care).of(care.leader), cover_of(place)

    await page.ask(f"{base}/find", {})
    _, _, text = await page.ask(f"{base}.json")
    view = msgspec.json.decode(text)
    [other] = view["groups"]
    assert (other["allied"], {one["person"] for one in other["able"]}) == (True, set(helpers))
    assert view["allies"] == []
    asked = {"group": wash.group, "people": "2", "minutes": "5", "now": "1"}
    status, headers, _ = await page.ask(f"{base}/lend", asked)
    assert (status, headers["Location"][:7]) == (303, "/loans/")
    await world.settle()

    placed = await place.asked()
    assert {one.person for one in placed} == set(helpers)
    assert {one.group for one in placed} == {wash.group}
    first = placed[0]
    await care.answer(first.invite, first.person)
    world.clock.advance(minutes=3, seconds=1)
    await world.settle()
    [named] = await care.named()
    assert named.person == first.person
    async with care.database.reading() as tx:
        for table in (Ask, Loan):
            count = await tx.session.execute(select(func.count()).select_from(table))
            assert count.scalar_one() == 2  # one for each side, though all was also sent
    _, _, text = await page.ask(base)
    assert "Filled" in text


async def test_borrowing_among_her_groups_is_undone_with_the_asking(world, care, wash):
    await ally(world, care, wash)
    await staff(world, wash, "kim")
    place, _ = await waved(world, care, 1)
    page, base = await Page(world, care).of(care.leader), cover_of(place)
    await page.ask(f"{base}/find", {})

    _, headers, _ = await page.ask(f"{base}/lend", {"group": wash.group})
    lent = headers["Location"].partition("#")[0]
    assert "Nobody is asked yet" in (await page.ask(lent))[2]
    await world.settle()
    _, headers, _ = await page.ask(f"{lent}/stop", {})
    assert headers["Location"] == f"{base}#asking"
    await place.later(minutes=5)

    assert await place.asked() == []
    for side in loans.Side:
        group = care.group if side is loans.Side.BORROWER else wash.group
        assert await care.ask(loans.loans, group, side) == []
    _, _, text = await page.ask(base)
    assert "1 place is open" in text


async def test_without_an_alliance_the_page_leads_to_one_and_nothing_is_borrowed(world, care, wash):
    await staff(world, wash, "kim")
    place, _ = await waved(world, care, 1)
    page, base = await Page(world, care).of(care.leader), cover_of(place)
    await page.ask(f"{base}/find", {})

    _, _, text = await page.ask(base)
    assert "/allies/new?address=http" in text
    assert "Kim" not in text
    status, _, text = await page.ask(f"{base}/lend", {"group": wash.group})
    assert (status, "There is nobody left to ask." in text) == (422, True)
    assert await care.ask(loans.asks, care.group, loans.Side.BORROWER) == []


async def test_nobody_borrows_from_a_group_that_she_does_not_lead(world, care, wash):
    await ally(world, care, wash)
    await staff(world, wash, "kim")
    place, _ = await waved(world, care, 1)
    page, base = await Page(world, care).of(care.leader), cover_of(place)
    await page.ask(f"{base}/find", {})
    await care.do(people.revoke, care.leader, wash.group, people.Role.LEADER)

    assert (await page.ask(f"{base}/lend", {"group": wash.group}))[0] == 404
    _, _, text = await page.ask(base)
    assert "Kim" not in text
    assert await place.asked() == []
