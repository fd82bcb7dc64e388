"""What is stored takes effect exactly once, in order, whatever fails in between."""

import asyncio
import random
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from federation.errors import Forbidden, Malformed, TryLater, Unreachable
from federation.sql.smallhost import MEMORY
from tests.federation.host import Failing, activity
from tests.federation.test_arrivals import arrive

ANA = "http://remote.test/users/ana"
BO = "http://elsewhere.test/users/bo"


class Receiver:
    """Keeps what took effect in a table of its own, as a feature would."""

    def __init__(self, host, *types, needs=None):
        self.log, self.committed, self.raises = [], [], {}
        self.seen = []
        host.federation.on(*(types or ("Create", "Note")), receiver=self.receive, needs=needs)

    async def receive(self, tx, activity):
        self.seen.append(activity)
        if raised := self.raises.get(activity.id):
            raise raised
        self.write(tx, activity.id)

    def write(self, tx, effect):
        """Write to the log, as to a row: it stands when the transaction has committed."""
        self.log.append((tx, effect))
        sa.event.listen(tx.sync_session, "after_commit", lambda _: self.committed.append(tx))

    def standing(self, tx=None):
        """Return what a transaction sees in the log."""
        return [effect for one, effect in self.log if one is tx or one in self.committed]

    @property
    def took_effect(self):
        return self.standing()


async def store(host, *documents, at=None):
    keep = host.federation.store.inbox.keep
    await host.batch(partial(keep, activities=documents, now=at or host.federation.inbox._clock()))


async def states(host):
    inbox = host.federation.store.inbox.tables.inbox
    async with host.reading() as tx:
        found = await tx.execute(inbox.select().order_by(inbox.c.seq))
        return {row.id: row.state for row in found}


@pytest.fixture
async def here(any_small):
    return await any_small.host()


async def test_what_came_first_takes_effect_first(any_small, here):
    receiver, said = Receiver(here), [activity(ANA) for _ in range(5)]
    for one in said:
        await store(here, one)
    await any_small.settle()

    assert receiver.took_effect == [one["id"] for one in said]


async def test_a_stumbling_receiver_blocks_nobody_and_is_tried_again(any_small, here):
    receiver = Receiver(here)
    poison, next_one, of_others = activity(ANA), activity(ANA), activity(BO)
    receiver.raises[poison["id"]] = ZeroDivisionError()
    await store(here, poison, next_one, of_others)
    await any_small.settle()
    assert set(receiver.took_effect) == {next_one["id"], of_others["id"]}

    receiver.raises.clear()
    await any_small.settle()
    assert poison["id"] not in receiver.took_effect

    any_small.clock.advance(seconds=2)
    await any_small.settle()
    assert receiver.took_effect[-1] == poison["id"]


async def test_waiting_grows_and_ends_after_a_week(small):
    here = await small.host()
    receiver, poison = Receiver(here), activity(ANA)
    receiver.raises[poison["id"]] = Unreachable("not now")
    await store(here, poison)
    start, waits = small.clock(), []
    while (await states(here))[poison["id"]] == "ready":
        await small.settle()
        waits.append(await next_try(here) - small.clock())
        small.clock.advance(seconds=waits[-1].total_seconds())

    assert waits[:4] == [timedelta(seconds=wait) for wait in (2, 2, 4, 8)]
    assert max(waits) == timedelta(hours=6)
    assert len(receiver.seen) < 50
    assert timedelta(days=7) < small.clock() - start < timedelta(days=8)


async def next_try(host):
    inbox = host.federation.store.inbox.tables.inbox
    async with host.reading() as tx:
        return (await tx.execute(inbox.select())).one().next_try


@pytest.mark.parametrize("error", [Malformed("no"), Forbidden("no")])
async def test_what_a_receiver_refuses_is_not_tried_again(any_small, here, error):
    receiver, said = Receiver(here), activity(ANA)
    receiver.raises[said["id"]] = error
    await store(here, said)
    await any_small.settle()
    any_small.clock.advance(days=1)
    await any_small.settle()

    assert len(receiver.seen) == 1
    assert (await states(here))[said["id"]] == "failed"


class InOrder(Receiver):
    """Takes the numbers 0, 1, 2 … and nothing before its predecessor."""

    async def receive(self, tx, activity):
        self.seen.append(activity)
        if activity.object["number"] != len(self.standing(tx)):
            raise TryLater("its predecessor is unknown")
        self.write(tx, activity.object["number"])


@pytest.mark.parametrize("origins", [1, 5])
async def test_what_comes_out_of_order_settles_without_waiting_for_the_clock(
    any_small, here, origins
):
    receiver, numbers = InOrder(here), list(range(12))
    random.Random(7).shuffle(numbers)
    for number in numbers:
        who = f"http://p{number % origins}.test/users/ana"
        note = {"id": f"{who}/{number}", "type": "Note", "number": number}
        await store(here, activity(who, inner=note))
    await any_small.settle()

    assert receiver.took_effect == list(range(12))
    assert len(receiver.seen) < 12 * 12


async def test_what_nobody_understands_is_counted(any_small, here):
    await store(here, activity(ANA, "Dance", "http://remote.test/1"), activity(ANA, "Like", "x:1"))
    await any_small.settle()

    async with here.reading() as tx:
        counted = await here.federation.store.inbox.ignored(tx)

    assert counted == {"no receiver for Dance of *": 1, "no receiver for Like of *": 1}


async def test_an_answer_to_what_has_not_come_yet_waits_for_it(any_small, here):
    receiver = Receiver(here, "Accept", "Offer", "Note")
    Receiver(here, "Offer", "Note")
    offer = activity(BO, "Offer")
    accept = activity(ANA, "Accept", offer["id"])
    await store(here, accept)
    await any_small.settle()
    assert receiver.took_effect == []

    await store(here, offer)
    await any_small.settle()

    assert receiver.took_effect == [accept["id"]]
    assert receiver.seen[0].object["actor"] == BO


async def test_a_lie_about_a_stored_activity_is_refused(any_small, here):
    receiver = Receiver(here, "Undo", "Offer", "Note")
    Receiver(here, "Offer", "Note")
    offer = activity(BO, "Offer")
    lie = activity(ANA, "Undo", {**offer, "actor": ANA})
    await store(here, offer, lie)
    await any_small.settle()

    assert receiver.seen == []
    assert (await states(here))[lie["id"]] == "failed"


async def test_what_is_stored_here_counts_and_not_what_was_sent_along(any_small, here):
    receiver = Receiver(here, "Undo", "Offer", "Note")
    Receiver(here, "Offer", "Note")
    offer = activity(BO, "Offer")
    note = {"id": f"{BO}/other", "type": "Note", "content": "changed"}
    await store(here, offer, activity(ANA, "Undo", {**offer, "object": note}))
    await any_small.settle()

    assert receiver.seen[0].object["object"]["content"] == "hello"
    assert receiver.seen[0].object["id"] in receiver.seen[0].proven


async def test_the_documents_a_receiver_needs_are_fetched_before(any_small, here):
    remote = await any_small.remote()
    note = {"@context": "https://www.w3.org/ns/activitystreams", "id": f"{remote.origin}/n"}
    remote.documents["/n"] = note
    receiver = Receiver(here, needs=lambda _: [note["id"], f"{remote.origin}/missing"])
    await store(here, activity(ANA))
    await any_small.settle()

    assert receiver.seen[0].fetched == {note["id"]: note}


async def test_more_documents_than_an_activity_is_worth_are_not_fetched(any_small, here):
    remote = await any_small.remote()
    receiver = Receiver(here, needs=lambda _: [f"{remote.origin}/{n}" for n in range(21)])
    await store(here, activity(ANA))
    await any_small.settle()

    assert receiver.seen == []
    assert remote.fetches == []


@pytest.mark.parametrize("fails", [False, True])
async def test_a_process_that_lost_its_lease_undoes_nothing_of_what_was_done_since(
    any_small, here, monkeypatch, fails
):
    receiver, said = Receiver(here), activity(ANA)
    routing, clock = here.federation.effects._routing, any_small.clock
    resolved = routing.resolved

    async def resolve_slowly(*arguments):
        clock.advance(minutes=5)
        monkeypatch.setattr(routing, "resolved", resolved)
        await here.federation.effects._process_origin(await leased(here, clock()))
        if fails:
            raise Unreachable("too late to matter")
        return await resolved(*arguments)

    monkeypatch.setattr(routing, "at_hand", lambda *_: False)
    monkeypatch.setattr(routing, "resolved", resolve_slowly)
    await store(here, said)
    await any_small.settle()

    assert receiver.took_effect == [said["id"]]
    assert await states(here) == {said["id"]: "done"}


async def leased(host, now):
    until = now + timedelta(minutes=2)
    lease_in = host.federation.store.inbox.lease_in
    (lease,) = await host.batch(partial(lease_in, now=now, until=until, limit=9))
    return lease


@pytest.mark.parametrize("taken_over", [False, True])
@pytest.mark.parametrize("cut", range(6))
async def test_the_power_fails_before_any_commit_and_all_takes_effect_once(
    any_small, tmp_path, cut, taken_over
):
    """Whatever commit it comes in front of: after the restart all is there, and nothing twice."""
    url = await any_small._make_url()
    if url == MEMORY:
        url += f"/{tmp_path}/rows.db"
    before = await any_small.host("here", url=url, kind=Failing)
    said = [activity(ANA), activity(BO)]
    await arrive(before, *said)
    effects = _Effects(before)
    before.cut = cut
    await before.until_dark()
    await before.close()
    any_small.hosts.clear()

    after = await any_small.host("here", url=url, kind=Failing)
    await any_small.outlive_leases(after, taken_over)
    effects.watch(after)
    await any_small.settle()

    assert sorted(await effects.rows(after)) == sorted(one["id"] for one in said)


class _Effects:
    """A table that a receiver writes to in the transaction it is given."""

    def __init__(self, host):
        self.watch(host)

    def watch(self, host):
        followers = host.federation.store.peers.tables.followers
        self._table = followers

        async def receive(tx, activity):
            row = {"actor": activity.id, "follower": f"effect-{random.random()}", "follow": ""}
            await tx.execute(
                followers.insert().values(**row, peer="", since=host.federation.inbox._clock())
            )

        host.federation.on("Create", "Note", receiver=receive)

    async def rows(self, host):
        async with host.reading() as tx:
            return [row.actor for row in await tx.execute(self._table.select())]


async def test_who_is_stopped_in_the_middle_gives_back_what_was_leased(any_small, here):
    begun, never = asyncio.Event(), asyncio.Event()

    async def hang(_tx, _activity):
        begun.set()
        await never.wait()

    here.federation.on("Create", "Note", receiver=hang)
    await store(here, activity(ANA), activity(BO))
    processing = asyncio.create_task(here.federation.effects.process())
    await begun.wait()
    processing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await processing

    now = any_small.clock()
    lease_in = here.federation.store.inbox.lease_in
    assert len(await here.batch(partial(lease_in, now=now, until=now, limit=9))) == 2
