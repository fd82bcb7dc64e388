"""Every answer a peer can give to a delivery, as one table, each row played over a socket."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from federation.answers import Next, outcome_of
from tests.federation.host import Clock, say, waiting

SOON = timedelta(seconds=15)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """What one try leads to.

    `state` is what is kept of the delivery (nothing when it is done), `next_goes` whether the next
    of its conversation goes at once, `others_go` whether other conversations do, `again` when it is
    tried again at the earliest.
    """

    statuses: tuple[int, ...]
    state: str | None
    next_goes: bool
    others_go: bool
    again: timedelta | None
    knocks: int = 1


RESET = 0
TABLE = (
    Row((200, 201, 202, 204), None, next_goes=True, others_go=True, again=None),
    Row((400,), "failed", next_goes=True, others_go=True, again=None, knocks=2),
    Row((401,), "parked", next_goes=True, others_go=True, again=HOUR, knocks=2),
    Row(
        (403, 404, 405, 406, 410, 413, 422, 501),
        "failed",
        next_goes=True,
        others_go=True,
        again=None,
    ),
    Row(
        (RESET, 301, 302, 303, 307, 308, 408, 425, 429, 502, 503, 504),
        "ready",
        next_goes=False,
        others_go=False,
        again=SOON,
    ),
    Row((500,), "ready", next_goes=False, others_go=True, again=SOON),
)
ROWS = [pytest.param(status, row, id=str(status)) for row in TABLE for status in row.statuses]


@pytest.mark.parametrize(("status", "row"), ROWS)
async def test_an_answer_leads_to_what_its_row_says(small, status, row):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    first = await say(here, ana)
    knocked = []

    async def answer(request):
        document = await request.json()
        if document["id"] != first:
            remote.received.append(document)
            return web.Response(status=202)
        knocked.append(small.clock())
        if status == RESET:
            request.transport.abort()
        return web.Response(status=status, headers={"Location": "/users/elsewhere/inbox"})

    remote.answers["/users/ana/inbox"] = answer
    await small.settle()
    second, other = await say(here, ana), await say(here, ana, conversation="other")
    await small.settle()

    rows = {one.state for one in await waiting(here) if one.attempts}
    arrived = {one["id"] for one in remote.received}
    assert rows == ({row.state} if row.state else set())
    assert (second in arrived, other in arrived) == (row.next_goes, row.others_go)
    assert all(path == "/users/ana/inbox" for path, _ in remote.requests)
    async with here.reading() as tx:
        shown = [one.activity for one in await here.federation.store.outbox.failed(tx)]
    assert shown == ([first] if row.state == "failed" else [])

    # A connection that was cut may have been closed before it was used: it is tried on a fresh one.
    at_once = 2 if status == RESET else row.knocks
    assert len(knocked) == at_once
    for wait in [] if row.again is None else [row.again * 0.99, row.again * 0.27]:
        assert len(knocked) == at_once
        small.clock.advance(seconds=wait.total_seconds())
        await small.settle()
    if row.again is None:
        small.clock.advance(days=8)
        await small.settle()
        assert len(knocked) == at_once
    else:
        assert len(knocked) == 2 * at_once


@pytest.mark.parametrize("status", [0, 302, 408, 425, 429, 502, 503, 504, 599])
def test_a_peer_that_cannot_take_anything_rests_longer_each_time_and_never_over_a_day(status):
    waits = [
        outcome_of(status, {}, attempts=0, failures=failures, now=Clock()()).after
        for failures in range(40)
    ]

    assert waits[:13] == [SOON * 2**n for n in range(13)]
    assert set(waits[13:]) == {timedelta(days=1)}


@pytest.mark.parametrize(
    ("attempts", "failures", "following"),
    [
        (0, 0, Next.WAIT),
        (1, 1, Next.WAIT),
        (2, 2, Next.PARK),
        (0, 3, Next.PEER_WAITS),
        (7, 9, Next.PEER_WAITS),
        (15, 20, Next.PARK),
    ],
)
def test_500_tells_one_message_from_a_peer_that_fails_at_all(attempts, failures, following):
    outcome = outcome_of(500, {}, attempts=attempts, failures=failures, now=Clock()())

    assert outcome.next is following


@pytest.mark.parametrize(
    ("status", "following"),
    [
        *((status, Next.FINAL) for status in (402, 409, 418, 451)),
        *((status, Next.PEER_WAITS) for status in (505, 520, 599)),
    ],
)
def test_any_other_answer_is_final_or_the_peers_by_its_first_digit(status, following):
    outcome = outcome_of(status, {}, attempts=0, failures=0, now=Clock()())
    assert (outcome.next, outcome.reason) == (following, f"the peer answered {status}")


def test_the_table_for_strangers_names_the_same_answers():
    text = (Path(__file__).parents[2] / "FEDERATION.md").read_text(encoding="utf-8")
    table = text.partition("| your answer | what we do |")[2].partition("\n\n")[0]
    named = {
        frozenset(re.findall(r"\b[2-5](?:\d\d|xx)\b", line.split("|")[1]))
        for line in table.splitlines()[2:]
    }

    def classed(status):
        return f"{status // 100}xx" if status // 100 in {2, 3} else str(status)

    played = {classed(one) for row in TABLE for one in row.statuses if one != RESET}
    assert frozenset().union(*named) == played
    for line in filter(None, named):
        follows = {row.state for row in TABLE for one in row.statuses if classed(one) in line}
        assert len(follows) == 1, line
