"""What arrives is kept as it came, and looked through in order, once."""

import asyncio
from functools import partial

import pytest

from federation.activity import encode
from tests.federation.host import PowerCutError, activity
from tests.federation.test_store import host, lease_in, now, ready

__all__ = ["host", "now"]  # fixtures

ANA = "http://remote.test/users/ana"


async def arrive(host, *documents):
    rows = host.federation.store.inbox
    await host.batch(partial(rows.arrive, bodies=[encode(one) for one in documents]))


async def sort(host, now, limit=100):
    return await host.batch(partial(host.federation.store.inbox.sort, now=now, limit=limit))


async def waiting(host, now):
    """Return the ids of what is ready, in order."""
    (lease,) = await lease_in(host, now)
    return [row.document["id"] for row in await ready(host, lease, now)]


async def test_what_arrived_first_is_ready_first(host, now):
    said = [activity(ANA) for _ in range(5)]
    await arrive(host, *said[:3])
    await arrive(host, *said[3:])

    assert [await sort(host, now, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert await waiting(host, now) == [one["id"] for one in said]


async def test_what_arrives_again_is_ready_once_and_as_it_first_came(host, now):
    said, other = activity(ANA), activity(ANA)
    again = {**said, "object": {"type": "Note", "id": "http://remote.test/notes/changed"}}
    await arrive(host, said, other, again)
    await sort(host, now)
    await arrive(host, again)
    await sort(host, now)

    (lease,) = await lease_in(host, now)
    assert [row.document for row in await ready(host, lease, now)] == [said, other]


async def test_what_is_not_taken_any_more_keeps_nothing_waiting(host, now):
    odd, said = {**activity(ANA), "id": "no address"}, activity(ANA)
    await arrive(host, odd, said)

    assert await sort(host, now) == 2
    assert await waiting(host, now) == [said["id"]]


async def test_nothing_is_ready_before_it_was_looked_through(host, now):
    await arrive(host, activity(ANA))

    assert await lease_in(host, now) == []
    async with host.reading() as tx:
        assert await host.federation.store.peers.peers(tx) == []


async def test_what_was_undone_before_it_was_looked_through_never_takes_effect(host, now):
    said = activity(ANA)
    await arrive(host, said)
    async with host.transaction() as tx:
        await host.federation.store.inbox.withdraw(tx, said["id"])

    assert await sort(host, now) == 1
    assert await lease_in(host, now) == []


@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_two_processes_look_through_everything_once_and_in_order(host, now, limit):
    said = [activity(ANA) for _ in range(40)]
    await arrive(host, *said)

    async def look_through():
        while await sort(host, now, limit):
            pass

    await asyncio.gather(look_through(), look_through(), look_through())
    await look_through()

    assert await waiting(host, now) == [one["id"] for one in said]


async def test_no_more_is_taken_than_was_asked_for_by_whatever_plan(host, now):
    """PostgreSQL may run a subquery again for each row, and then its limit begins anew."""
    inbox = host.federation.store.inbox
    said = [activity(f"http://p{number}.test/users/a") for number in range(20)]
    await host.batch(lambda connection: connection.exec_driver_sql("ANALYZE"))  # while it is empty
    await arrive(host, *said)

    def take(connection):
        sorted_in = inbox.sort(connection, now, 12)
        return sorted_in, len(inbox.lease_in(connection, now, now, 5))

    assert await host.batch(take) == (12, 5)


async def test_what_arrived_is_still_there_when_looking_through_it_broke_off(host, now):
    said = activity(ANA)
    await arrive(host, said)

    def broken(connection):
        host.federation.store.inbox.sort(connection, now, 10)
        raise PowerCutError

    with pytest.raises(PowerCutError):
        await host.batch(broken)
    assert await sort(host, now) == 1
    assert await waiting(host, now) == [said["id"]]
