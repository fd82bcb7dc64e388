"""The rows of federation, by one contract on SQLite and on PostgreSQL."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from federation.activity import stored
from federation.iri import origin_of
from federation.sql.rows import Mark, Said, Settled, Visited
from tests.federation.host import activity

ANA = "http://remote.test/users/ana"
BO = "http://elsewhere.test/users/bo"
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def host(any_small):
    return await any_small.host()


@pytest.fixture
def now(any_small):
    return any_small.clock()


async def lease_in(host, now, limit=10):
    rows = host.federation.store.inbox
    return await host.batch(partial(rows.lease_in, now=now, until=now + MINUTE, limit=limit))


async def roads(host, now, limit=10):
    rows = host.federation.store.outbox
    until = now + MINUTE
    return await host.batch(partial(rows.roads, now=now, until=until, limit=limit, most=10))


async def lease_out(host, now, limit=10):
    return [road.lease for road in await roads(host, now, limit)]


async def remember(host, now, *documents):
    rows = host.federation.store.inbox
    return await host.batch(partial(rows.keep, activities=documents, now=now))


async def ready(host, lease, now):
    rows = host.federation.store.inbox
    return await host.batch(partial(rows.ready, lease=lease, now=now, limit=100))


async def settle_in(host, lease, until, *settled):
    rows = host.federation.store.inbox
    return await host.batch(partial(rows.settle, until={lease: until}, settled=settled))


async def post(host, now, *recipients, conversation="talk", public=False):
    """Write an activity to recipients elsewhere; return its id."""
    actor = await host.add("Group", f"group{len(host.actors)}")
    said = Said(activity(actor), conversation, now, public=public, away=recipients)
    await write(host, said)
    return said.document["id"]


async def write(host, said):
    """Write what was said in a transaction of its own."""
    outbox, origins = host.federation.store.outbox, map(origin_of, said.away)
    async with host.transaction() as tx:
        await outbox.take(tx, [said.conversation], origins, said.at)
        seq = await outbox.post(tx, said)
        if said.followers:
            await outbox.address_followers(tx, seq, said, except_origin=host.origin)


async def heads(host, lease, now, limit=10):
    rows = host.federation.store.outbox
    return await host.batch(partial(rows.heads, peer=lease.origin, now=now, most=limit))


async def visit(host, lease, now, *arrived, marks=(), until=None, **more):
    """Note how deliveries went; return what is to be sent next."""
    visited = {"failures": 0, "next_try": until or now, "arrived": arrived, "marks": marks, **more}
    rows = host.federation.store.outbox
    settle = partial(rows.settle, now=now, until=now + MINUTE, most=10)
    (following,) = await host.batch(partial(settle, visits=[Visited(lease=lease, **visited)]))
    return following


async def settle(host, lease, delivery, now, until, state):
    mark = Mark(delivery.id, state, status=500, attempts=1, reason="why", next_try=until)
    return await visit(host, lease, now, marks=[mark])


async def test_what_was_received_is_stored_once(host, now):
    one, other = activity(ANA), activity(BO)

    assert await remember(host, now, one, other, one) == 2
    assert await remember(host, now, one) == 0


async def test_a_hundred_hosts_at_once_lease_each_origin_once(host, now):
    await remember(host, now, *(activity(f"http://p{n}.test/users/a") for n in range(20)))

    leased = await asyncio.gather(*(lease_in(host, now, 3) for _ in range(10)))

    origins = [lease.origin for some in leased for lease in some]
    assert len(origins) == len(set(origins)) == 20


async def test_an_origin_is_leased_until_its_time_is_over(host, now):
    await remember(host, now, activity(ANA))

    (first,) = await lease_in(host, now)
    assert await lease_in(host, now) == []
    (second,) = await lease_in(host, now + 2 * MINUTE)

    assert second.fence == first.fence + 1


async def test_a_lease_that_was_lost_holds_nothing_and_gives_nothing_back(host, now):
    await remember(host, now, activity(ANA))
    (lost,) = await lease_in(host, now)
    (held,) = await lease_in(host, now + 2 * MINUTE)
    (row,) = await ready(host, held, now)
    give_back = host.federation.store.inbox.give_back

    assert not await settle_in(host, lost, now + 9 * MINUTE, Settled(row.seq, "done"))
    await host.batch(partial(give_back, lease=lost, now=now))
    assert await ready(host, held, now) == [row]
    assert await settle_in(host, held, now + 9 * MINUTE)

    assert await lease_in(host, now + 5 * MINUTE) == []


async def test_an_origin_with_nothing_due_is_not_leased(host, now):
    await remember(host, now, activity(ANA))
    (lease,) = await lease_in(host, now)
    (row,) = await ready(host, lease, now)
    later = Settled(row.seq, "ready", "later", now + MINUTE)
    assert await settle_in(host, lease, now, later)

    assert await lease_in(host, now) == []
    assert [one.origin for one in await lease_in(host, now + MINUTE)] == [lease.origin]


async def test_an_origins_activities_come_in_the_order_they_were_received(host, now):
    said = [activity(ANA) for _ in range(5)]
    for one in said:
        await remember(host, now, one)
    (lease,) = await lease_in(host, now)

    assert [row.document["id"] for row in await ready(host, lease, now)] == [
        one["id"] for one in said
    ]


async def test_what_is_settled_is_not_ready_any_more(host, now):
    await remember(host, now, activity(ANA), activity(ANA), activity(ANA))
    (lease,) = await lease_in(host, now)
    rows = await ready(host, lease, now)
    states = zip(rows, ("done", "failed", "ignored"), strict=True)
    settled = [Settled(row.seq, state, f"it is {state}") for row, state in states]
    assert await settle_in(host, lease, now + MINUTE, *settled)

    assert await ready(host, lease, now) == []
    async with host.reading() as tx:
        assert await host.federation.store.inbox.ignored(tx) == {"it is ignored": 1}


async def test_only_what_waits_for_another_is_hurried_and_only_so_many(host, now, monkeypatch):
    monkeypatch.setattr("federation.sql.inbox.MOST_HURRIED", 2)
    await remember(host, now, *(activity(ANA) for _ in range(6)))
    (lease,) = await lease_in(host, now)
    rows = enumerate(await ready(host, lease, now))
    later = [Settled(row.seq, "ready", "", now + (1 + n) * MINUTE, n > 0) for n, row in rows]
    await settle_in(host, lease, now + MINUTE, *later)
    hurry = host.federation.store.inbox.hurry
    await host.batch(partial(hurry, origins=[lease.origin], now=now))

    hurried = await ready(host, lease, now)
    # Two of this origin, then two of whichever: the soonest first, never what does not wait.
    assert [row.seq for row in hurried] == sorted(row.seq for row in hurried)
    assert len(hurried) == 4


async def test_an_undone_activity_that_comes_later_is_never_stored(host, now):
    late = activity(ANA)
    async with host.transaction() as tx:
        await host.federation.store.inbox.withdraw(tx, late["id"])

    assert await remember(host, now, late) == 0


async def test_an_undone_activity_that_waits_is_set_aside(host, now):
    waiting = activity(ANA)
    await remember(host, now, waiting)
    async with host.transaction() as tx:
        await host.federation.store.inbox.withdraw(tx, waiting["id"])

    assert await lease_in(host, now) == []


async def test_a_recipient_is_written_once_for_an_activity(host, now):
    await post(host, now, ANA, ANA, BO)

    leases = {lease.origin: lease for lease in await lease_out(host, now)}

    assert sorted(leases) == ["http://elsewhere.test", "http://remote.test"]
    assert len(await heads(host, leases["http://remote.test"], now)) == 1


async def test_only_the_oldest_of_each_conversation_may_be_sent(host, now):
    said = [
        await post(host, now, ANA, conversation=talk) for talk in ("one", "one", "other", "one")
    ]
    (lease,) = await lease_out(host, now)

    first = await heads(host, lease, now)
    following = await visit(host, lease, now, first[0].id)

    assert [id_of(one) for one in first] == [said[0], said[2]]
    assert [id_of(one) for one in following] == [said[1], said[2]]


async def test_a_conversation_whose_first_has_to_wait_waits(host, now):
    await post(host, now, ANA)
    await post(host, now, ANA)
    (lease,) = await lease_out(host, now)
    (first,) = await heads(host, lease, now)

    assert await settle(host, lease, first, now, now + MINUTE, "ready") == []

    assert await heads(host, lease, now) == []
    assert [one.id for one in await heads(host, lease, now + MINUTE)] == [first.id]


async def test_what_is_parked_is_overtaken_and_comes_again_in_its_own_time(host, now):
    await post(host, now, ANA)
    await post(host, now, ANA)
    (lease,) = await lease_out(host, now)
    (first,) = await heads(host, lease, now)

    await settle(host, lease, first, now, now + MINUTE, "parked")

    (second,) = await heads(host, lease, now)
    assert second.id != first.id
    assert {one.id for one in await heads(host, lease, now + MINUTE)} == {first.id, second.id}


async def test_what_failed_is_kept_to_be_shown_and_never_sent_again(host, now):
    said = await post(host, now, ANA)
    (lease,) = await lease_out(host, now)
    (only,) = await heads(host, lease, now)
    await settle(host, lease, only, now, now, "failed")

    async with host.reading() as tx:
        (shown,) = await host.federation.store.outbox.failed(tx)

    assert (shown.activity, shown.recipient, shown.reason) == (said, ANA, "why")
    assert await heads(host, lease, now + 1000 * MINUTE) == []


async def release(host, lease, now, *, rest, asked=False, failures=1):
    until = now + rest
    await visit(host, lease, now, until=until, asked=asked, failures=failures, ends=True)


async def test_a_peer_that_rests_is_woken_by_what_it_sends(host, now):
    await post(host, now, ANA)
    (lease,) = await lease_out(host, now)
    await release(host, lease, now, rest=60 * MINUTE)
    assert await lease_out(host, now + MINUTE) == []

    await remember(host, now + MINUTE, activity(ANA))

    assert [one.origin for one in await lease_out(host, now + MINUTE)] == ["http://remote.test"]


async def test_a_peer_that_asked_us_to_wait_is_not_woken_by_what_it_sends(host, now):
    await post(host, now, ANA)
    (lease,) = await lease_out(host, now)
    await release(host, lease, now, rest=60 * MINUTE, asked=True)

    await remember(host, now + MINUTE, activity(ANA))

    assert await lease_out(host, now + MINUTE) == []
    assert len(await lease_out(host, now + 61 * MINUTE)) == 1


async def test_a_peers_row_says_since_when_it_has_been_silent(host, now):
    await post(host, now, ANA)
    (lease,) = await lease_out(host, now)
    await release(host, lease, now, rest=MINUTE)
    (lease,) = await lease_out(host, now + MINUTE)
    await release(host, lease, now + MINUTE, rest=MINUTE, failures=2)

    async with host.reading() as tx:
        (peer,) = await host.federation.store.peers.peers(tx)

    assert (peer.failing_since, peer.failures, peer.waiting) == (now, 2, 1)
    assert peer.last_delivered is None


async def test_followers_of_one_server_share_one_delivery_and_ours_need_none(host, now):
    peers = host.federation.store.peers
    shared = "http://remote.test/inbox"
    async with host.transaction() as tx:
        for name in ("ana", "eve"):
            who = f"http://remote.test/users/{name}"
            await peers.save_actor(tx, {"id": who}, f"{who}/inbox", shared, now)
            await peers.add_follower(tx, host.instance_actor, who, f"{who}/follow", now)
        await peers.add_follower(tx, host.instance_actor, BO, f"{BO}/follow", now)
        await peers.add_follower(tx, host.instance_actor, f"{host.origin}/people/1", "f", now)
    said = activity(host.instance_actor)
    await write(host, Said(said, "talk", now, public=True, followers=True))
    leases = {lease.origin: lease for lease in await lease_out(host, now)}

    (together,) = await heads(host, leases["http://remote.test"], now)
    (alone,) = await heads(host, leases["http://elsewhere.test"], now)

    assert (together.recipient, together.inbox) == (shared, shared)
    assert (alone.recipient, alone.inbox) == (BO, None)
    assert len(leases) == 2


async def test_a_follower_that_moves_its_inbox_is_reached_there(host, now):
    peers = host.federation.store.peers
    async with host.transaction() as tx:
        await peers.save_actor(tx, {"id": ANA}, f"{ANA}/inbox", None, now)
        await peers.add_follower(tx, host.instance_actor, ANA, "follow", now)
        await peers.save_actor(tx, {"id": ANA}, f"{ANA}/inbox2", None, now)
        found = await tx.execute(sa.select(host.federation.store.peers.tables.followers.c.inbox))

    assert found.scalar_one() == f"{ANA}/inbox2"


async def test_six_thousand_addressees_fit_into_one_transaction(host, now):
    await post(host, now, *(f"http://p{n}.test/users/a" for n in range(6_000)))

    assert len(await lease_out(host, now, limit=20_000)) == 6_000


def id_of(delivery):
    """Return the id of the activity that a delivery carries."""
    return stored(delivery.body)["id"]
