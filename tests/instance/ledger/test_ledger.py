"""Balances: every cause counts once, whatever the order; both sides come to the same."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation import Iri
from instance.errors import Invalid
from instance.ledger import service as ledger

CARE, WASH, GREEN = (Iri(f"http://{one}.test/groups/1") for one in ("care", "wash", "green"))


@pytest.fixture
async def care(world):
    return await world.instance("care")


async def post(tx, number, amount=60, debtor=CARE, creditor=WASH, unit="minutes"):
    cause = Iri(f"http://home.test/events/{number}")
    return await ledger.post(tx, cause, debtor, creditor, amount, unit, tx.now)


async def test_what_is_posted_stands_on_both_accounts(care):
    async with care.database.transaction() as tx:
        assert await post(tx, 1, 90)
        assert await post(tx, 2, 30, debtor=WASH, creditor=CARE)

        assert await ledger.balance(tx, WASH, CARE) == 60
        assert await ledger.balance(tx, CARE, WASH) == -60
        assert await ledger.balances(tx, CARE) == [ledger.Balance(WASH, "minutes", -60)]
        assert await ledger.total(tx) == 0


async def test_a_cause_counts_once_in_each_unit(care):
    async with care.database.transaction() as tx:
        assert await post(tx, 1)
        assert not await post(tx, 1)
        assert not await post(tx, 1, amount=999)
        assert not await post(tx, 1, debtor=GREEN)
        assert await post(tx, 1, 8_500, unit="HKD")

        assert await ledger.balance(tx, WASH, CARE) == 60
        assert await ledger.balance(tx, WASH, CARE, "HKD") == 8_500
        assert await ledger.balance(tx, WASH, GREEN) == 0


async def test_a_posting_is_reversed_by_another_and_stays(care):
    async with care.database.transaction() as tx:
        await post(tx, 1)
        by = Iri("http://home.test/undo/1")
        assert await ledger.reverse(tx, Iri("http://home.test/events/1"), by)
        assert not await ledger.reverse(tx, Iri("http://home.test/events/1"), by)

        lines = await ledger.history(tx, WASH, CARE)
        assert [(one.amount, one.balance) for one in lines] == [(60, 60), (-60, 0)]
        assert lines[1].reverses == "http://home.test/events/1"


async def test_a_reversal_that_comes_first_is_remembered(care):
    async with care.database.transaction() as tx:
        await ledger.reverse(tx, Iri("http://home.test/events/1"), Iri("http://home.test/undo/1"))
        assert await post(tx, 1)

        assert await ledger.balance(tx, WASH, CARE) == 0
        assert len(await ledger.history(tx, WASH, CARE)) == 2


@pytest.mark.parametrize(("amount", "creditor"), [(-1, WASH), (60, CARE)])
async def test_an_amount_is_owed_by_one_to_another(care, amount, creditor):
    async with care.database.transaction() as tx:
        with pytest.raises(Invalid):
            await post(tx, 1, amount, creditor=creditor)


async def test_the_course_of_a_balance_ends_at_the_balance(care):
    async with care.database.transaction() as tx:
        for number in range(6):
            cause = Iri(f"http://home.test/events/{number}")
            at = tx.now + timedelta(days=number)
            await ledger.post(tx, cause, CARE, WASH, 60, "minutes", at)

        lines = await ledger.history(tx, WASH, CARE, limit=3)
        assert [one.balance for one in lines] == [240, 300, 360]
        assert await ledger.histories(tx, WASH) == {
            (CARE, "minutes"): await ledger.history(tx, WASH, CARE)
        }


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.permutations([CARE, WASH, GREEN]),
        st.sampled_from(["minutes", "HKD"]),
        st.booleans(),
    ),
    max_size=25,
)


async def take(tx, messages):
    for number, (debtor, creditor, _), unit, undone in messages:
        cause = Iri(f"http://home.test/events/{number}/{debtor}/{creditor}/{unit}")
        if undone:
            await ledger.reverse(tx, cause, Iri(f"{cause}/undo"))
        await ledger.post(tx, cause, debtor, creditor, number * 15, unit, tx.now)


async def balances_after(instance, messages):
    """Return every balance after messages, and leave nothing behind."""
    found = Counter()
    async with instance.database.reading() as tx:
        await take(tx, messages)
        for account in (CARE, WASH, GREEN):
            for one in await ledger.balances(tx, account):
                found[account, one.counter, one.unit] = one.amount
        for unit in ("minutes", "HKD"):
            assert await ledger.total(tx, unit) == 0
    return found


@pytest.fixture
async def books(world):
    """Two instances' books; what an example writes is undone after it."""
    return await world.instance("care"), await world.instance("wash")


@given(messages=EVENTS, seed=st.integers(0, 2**32))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_two_books_agree_whatever_the_order_and_repetition(books, messages, seed):
    lot = random.Random(seed)
    other = [*messages, *lot.choices(messages, k=len(messages))] if messages else []
    lot.shuffle(other)

    ours = await balances_after(books[0], messages)
    theirs = await balances_after(books[1], other)

    assert {key: n for key, n in ours.items() if n} == {key: n for key, n in theirs.items() if n}
    for (account, counter, unit), amount in ours.items():
        assert ours[counter, account, unit] == -amount
        assert theirs[account, counter, unit] == amount
