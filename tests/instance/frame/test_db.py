"""One transaction, one commit: rows, events and activities happen together or not at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from instance import due
from instance.due import Due

SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class Happened:
    what: str


async def rows(instance):
    async with instance.database.reading() as tx:
        return list((await tx.session.execute(sa.select(Due.key).order_by(Due.key))).scalars())


async def test_raising_undoes_everything(any_world):
    care = await any_world.instance("care")

    with pytest.raises(ValueError, match="no"):  # noqa: PT012  # leaving the block is the point
        async with care.database.transaction() as tx:
            await due.schedule(tx, tx.now, "kind", "key")
            raise ValueError("no")

    assert await rows(care) == []


async def test_a_subscriber_works_in_the_same_transaction_and_can_undo_it(world):
    care = await world.instance("care")

    async def write(tx, happened):
        await due.schedule(tx, tx.now + SOON, "kind", happened.what)

    async def refuse(_tx, _happened):
        raise ValueError("refused")

    care.database.subscribers = {Happened: (write,)}
    async with care.database.transaction() as tx:
        tx.emit(Happened("one"))
    care.database.subscribers = {Happened: (write, refuse)}
    with pytest.raises(ValueError, match="refused"):
        async with care.database.transaction() as tx:
            tx.emit(Happened("two"))

    assert await rows(care) == ["one"]


async def test_events_that_call_each_other_for_ever_are_stopped(world):
    care = await world.instance("care")

    async def again(tx, happened):
        tx.emit(happened)

    care.database.subscribers = {Happened: (again,)}

    with pytest.raises(RuntimeError, match="without end"):
        async with care.database.transaction() as tx:
            tx.emit(Happened("again"))


async def test_writers_take_turns_and_none_is_lost(any_world):
    care = await any_world.instance("care")

    async def write(number):
        async with care.database.transaction() as tx:
            await due.schedule(tx, tx.now + SOON, "kind", f"{number:02d}")

    await asyncio.gather(*(write(number) for number in range(20)))

    assert await rows(care) == [f"{number:02d}" for number in range(20)]


async def test_what_a_reader_writes_is_undone(world):
    care = await world.instance("care")

    async with care.database.reading() as tx:
        await due.schedule(tx, tx.now, "kind", "key")

    assert await rows(care) == []


async def test_moments_come_back_aware_and_in_utc(any_world):
    care = await any_world.instance("care")
    moment = datetime.fromisoformat("2027-01-05T08:00:00+08:00")

    async with care.database.transaction() as tx:
        await due.schedule(tx, moment, "kind", "key")
    async with care.database.reading() as tx:
        found = await due.next_moment(tx)

    assert found == moment
    assert found.tzinfo == UTC


async def test_a_moment_without_a_zone_is_not_stored(world):
    care = await world.instance("care")

    with pytest.raises(sa.exc.StatementError, match="without a time zone"):
        async with care.database.transaction() as tx:
            await due.schedule(tx, datetime(2027, 1, 5), "kind", "key")  # noqa: DTZ001


async def test_foreign_keys_are_enforced(any_world):
    care = await any_world.instance("care")

    with pytest.raises(sa.exc.IntegrityError):
        async with care.database.transaction() as tx:
            await tx.session.execute(
                sa.text(
                    "INSERT INTO federation_deliveries"
                    " (seq, peer, recipient, state, attempts, next_try)"
                    " VALUES (12345, 'p', 'r', 'ready', 0, '2027-01-01')"
                )
            )
