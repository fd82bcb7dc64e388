"""What strangers sent is kept for half a year; what may still be asked for stays."""

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from federation.errors import Malformed
from federation.standing import Standing
from tests.federation.host import activity, decide, say, waiting
from tests.federation.test_process import ANA, Receiver, store

LONG = "x" * 10_000


@pytest.fixture
async def here(any_small):
    return await any_small.host()


async def bodies(host):
    inbox = host.federation.store.inbox.tables.inbox
    async with host.reading() as tx:
        found = await tx.execute(sa.select(inbox.c.id, sa.func.length(inbox.c.body)))
        return {row.id: row[1] for row in found}


async def later(any_small, **by):
    """Let time go by, and every row be looked at since."""
    await any_small.settle()
    any_small.clock.advance(**by)
    for _ in range(7):
        any_small.clock.advance(hours=6)
        await any_small.settle()


async def find(host, iri):
    async with host.reading() as tx:
        return await host.federation.store.outbox.find_activity(tx, iri)


async def test_of_what_took_effect_a_stub_stays_and_it_never_does_again(any_small, here):
    receiver, said = Receiver(here), activity(ANA, summary=LONG)
    await store(here, said)
    await later(any_small, days=170)
    assert (await bodies(here))[said["id"]] > len(LONG)

    await later(any_small, days=10)
    assert (await bodies(here))[said["id"]] < 500
    await store(here, said)
    await later(any_small, days=1)
    assert receiver.took_effect == [said["id"]]


async def test_what_is_short_still_says_what_is_taken_back(any_small, here):
    receiver = Receiver(here, "Undo", "Offer", "Note")
    Receiver(here, "Offer", "Note")
    offer = activity(ANA, "Offer", summary=LONG)
    await store(here, offer)
    await later(any_small, days=181)
    assert (await bodies(here))[offer["id"]] < 500

    undo = activity(ANA, "Undo", offer["id"])
    await store(here, undo)
    await any_small.settle()
    assert receiver.took_effect == [undo["id"]]


async def test_what_is_compared_with_peers_stays_whole(any_small, here):
    told = Receiver(here)
    here.federation.on("Offer", "Note", receiver=told.receive, kind="offers")
    offer, note = activity(ANA, "Offer", summary=LONG), activity(ANA, summary=LONG)
    await store(here, offer, note)
    await later(any_small, days=400)

    assert await find(here, offer["id"]) == offer
    assert (await bodies(here))[note["id"]] < 500


async def test_what_nobody_understands_goes_and_does_not_come_again(any_small, here):
    said = activity(ANA, "Dance", "http://remote.test/1", summary=LONG)
    await store(here, said)
    await later(any_small, days=181)
    assert await bodies(here) == {}

    await store(here, said)
    assert await bodies(here) == {}


async def test_what_was_given_up_goes_and_may_come_again(any_small, here):
    receiver, said = Receiver(here), activity(ANA, summary=LONG)
    receiver.raises[said["id"]] = Malformed("no")
    await store(here, said)
    await later(any_small, days=181)
    assert await bodies(here) == {}

    receiver.raises.clear()
    await store(here, said)
    await any_small.settle()
    assert receiver.took_effect == [said["id"]]


async def test_what_still_waits_is_left_alone(any_small, here):
    said, before = activity(ANA, summary=LONG), any_small.clock() + timedelta(days=1)
    await store(here, said)
    rows = here.federation.store.pruning
    look = partial(rows.prune, before=before, own=here.origin, kinds=["offers"], limit=1)

    last = await here.batch(partial(look, after=0))
    assert last > 0
    assert await here.batch(partial(look, after=last)) == 0
    assert await find(here, said["id"]) == said


async def test_what_was_undone_after_it_was_given_up_never_takes_effect(any_small, here):
    receiver, said = Receiver(here), activity(ANA)
    receiver.raises[said["id"]] = Malformed("no")
    await store(here, said)
    await any_small.settle()
    async with here.transaction() as tx:
        await here.federation.store.inbox.withdraw(tx, said["id"])
    await later(any_small, days=181)
    receiver.raises.clear()
    await store(here, said)
    await any_small.settle()

    assert receiver.took_effect == []


async def test_what_was_said_here_is_kept_once_and_deliveries_that_failed_go(any_small, here):
    group = await here.add("Group", "care")
    remote = await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    said = await say(here, ana, group)
    await decide(here, "remote.test", Standing.BLOCKED)
    assert [one.state for one in await waiting(here)] == ["failed"]
    await later(any_small, days=181)

    assert await waiting(here) == []
    assert await bodies(here) == {}
    assert (await find(here, said))["id"] == said


async def test_more_than_a_few_rows_are_all_looked_at(any_small, here):
    Receiver(here)
    said = [activity(ANA, summary=LONG) for _ in range(450)]
    await store(here, *said)
    await later(any_small, days=181)
    assert max((await bodies(here)).values()) < 500


async def test_where_nothing_is_old_nothing_is_written(here):
    await store(here, activity(ANA))
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement.partition(" ")[0])

    sa.event.listen(here._engine.sync_engine, "before_cursor_execute", note)
    for _ in range(2):
        await here.federation._pruning.step()
    assert set(asked) - {"SELECT", "DELETE", "BEGIN"} == set()
