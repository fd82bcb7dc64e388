"""Two hosts compare what was said and heard, and make up for what was lost between them."""

import json
from datetime import timedelta

import pytest
from yarl import URL

from federation.errors import Forbidden, TryLater
from federation.kinds import chain_of, digest_of, hash_of, with_prefix
from federation.knocking import Signer
from federation.sql.rows import Exchanged
from federation.standing import Standing
from tests.federation.host import CONTEXT, PUBLIC, say

DAY = timedelta(days=1)


class Pair:
    """Two hosts of one kind: what `here` says, `there` hears, unless it is lost between them."""

    def __init__(self, small):
        self.small, self.heard, self.refuses = small, [], None

    async def open(self):
        self.here, self.there = await self.small.host("here"), await self.small.host("there")
        self.ana = await self.here.add("Group", "ana")
        self.bo = await self.there.add("Group", "bo")
        self.asked = []
        for host in (self.here, self.there):
            host.federation.on("Offer", "Thing", receiver=self.hear, kind="offers")
            host.federation.on("Accept", "Offer", "Thing", receiver=self.hear, kind="offers")
            host.federation.on("Update", "Share", receiver=self.hear, kind="shares")
            host.federation.kinds.supersede("shares")
        fetcher = self.there.federation.fetcher
        fetcher.get_document = self.spy(fetcher.get_document)

    def spy(self, get):
        async def spied(iri, *more):
            self.asked.append(iri)
            return await get(iri, *more)

        return spied

    async def hear(self, tx, activity):
        if self.refuses:
            raise self.refuses
        self.heard.append(activity.id)

    async def offer(self, *, lost=False, kind="Offer", to=None, **more):
        inner = {"id": f"{self.here.origin}/things/1", "type": "Thing"} | more.pop("inner", {})
        said = {
            "@context": CONTEXT,
            "id": self.here.federation.new_id(),
            "type": kind,
            "actor": self.ana,
            "object": inner,
            "to": to or [self.bo],
            "published": f"{self.small.clock():%Y-%m-%dT%H:%M:%SZ}",
            **more,
        }
        async with self.here.transaction() as tx:
            await self.here.federation.send(tx, said)
        if lost:
            await self.lose_all()
        return said["id"]

    async def lose_all(self):
        deliveries = self.here.federation.store.outbox.tables.deliveries
        async with self.here.transaction() as tx:
            await tx.execute(deliveries.delete())

    async def settle(self, **later):
        if later:
            self.small.clock.advance(**later)
        await self.small.settle()

    async def compared(self):
        async with self.there.reading() as tx:
            found = await self.there.federation.store.exchanges.compared(tx)
        return {one.peer: one for one in found}[self.here.origin]


@pytest.fixture
async def pair(any_small):
    made = Pair(any_small)
    await made.open()
    return made


async def test_what_was_lost_takes_effect_once_both_have_compared(pair):
    first = await pair.offer()
    await pair.settle()
    lost = [await pair.offer(lost=True) for _ in range(3)]
    await pair.settle()
    assert pair.heard == [first]

    await pair.settle(days=1, minutes=1)
    assert sorted(pair.heard) == sorted([first, *lost])
    assert (await pair.compared()).differs == ("offers",)

    await pair.settle(minutes=11)
    assert len(pair.heard) == 4
    compared = await pair.compared()
    assert (compared.differs, compared.agreed) == ((), pair.small.clock())


async def test_while_both_agree_only_digests_are_asked_for_once_a_day(pair):
    for _ in range(3):
        await pair.offer()
    await pair.settle()
    await pair.settle(days=1, minutes=1)
    pair.asked.clear()
    for _ in range(24):
        await pair.settle(hours=1)

    application = f"{pair.here.origin}/actor"
    assert pair.asked == [application, f"{application}/reconciliation"]


async def test_what_came_and_was_given_up_is_tried_for_another_week(pair):
    await pair.offer()
    await pair.settle()
    pair.refuses = TryLater("what this answers was lost")
    late = await pair.offer(kind="Accept", inner={"type": "Offer", "object": {"type": "Thing"}})
    for _ in range(40):
        await pair.settle(hours=6)
    pair.refuses = None
    assert late not in pair.heard

    await pair.settle(days=1, minutes=1)
    await pair.settle(minutes=11)
    assert late in pair.heard
    assert (await pair.compared()).differs == ()


async def test_what_is_refused_for_good_is_not_asked_for_again_and_again(pair):
    await pair.offer()
    await pair.settle()
    pair.refuses = Forbidden("no")
    await pair.offer()
    for _ in range(6):
        await pair.settle(hours=12)
    pair.asked.clear()
    await pair.settle(days=1, minutes=1)

    assert (await pair.compared()).differs == ()
    assert not [one for one in pair.asked if "/activities/" in one or "offers" in one]


async def test_a_peer_that_was_away_is_compared_with_as_soon_as_it_is_back(pair):
    await pair.offer()
    await pair.settle()
    back = pair.small.network.vanish("here.test")
    lost = await pair.offer(lost=True)
    for _ in range(28):
        await pair.settle(hours=6)
    assert lost not in pair.heard

    pair.small.network.names["here.test"] = back
    async with pair.there.transaction() as tx:
        rows, heard = pair.there.federation.store.outbox, pair.small.clock() + timedelta(seconds=30)
        await rows.within(tx, rows.wake, [pair.here.origin], heard)
    await pair.settle(minutes=2)
    assert lost in pair.heard


async def test_of_what_supersedes_itself_only_the_latest_counts(pair):
    shared = {"id": f"{pair.here.origin}/shares/1", "type": "Share"}
    for hour in range(4):
        await pair.offer(kind="Update", inner=shared, lost=hour != 1)
        await pair.settle()
        pair.small.clock.advance(hours=1)
    last = await pair.offer(kind="Update", inner=shared, lost=True)
    await pair.settle(days=1)
    await pair.settle(days=1, minutes=1)
    await pair.settle(minutes=11)

    assert pair.heard[-1] == last
    assert len(pair.heard) == 2
    assert (await pair.compared()).differs == ()


async def test_public_posts_and_what_is_said_to_others_are_not_shown(pair):
    eve = await pair.small.remote("elsewhere")
    other = await pair.small.actor(eve, "eve")
    mine = await pair.offer()
    await pair.offer(to=[other])
    await pair.offer(to=[pair.bo, PUBLIC])
    await say(pair.here, pair.bo)
    async with pair.here.reading() as tx:
        kinds = pair.here.federation.kinds
        assert await kinds.items(tx, pair.there.origin, "offers", heard=False) == [mine]


async def test_a_difference_among_thousands_is_found_in_a_few_documents(pair):
    first = await pair.offer()
    await pair.settle()
    ids = [f"{pair.here.origin}/activities/old{number}" for number in range(3_000)]
    for host, heard, peer in (
        (pair.here, False, pair.there.origin),
        (pair.there, True, pair.here.origin),
    ):
        noted = [Exchanged(peer, heard, "offers", one, "2026-01-01T00:00:00Z") for one in ids]
        async with host.transaction() as tx:
            await host.federation.store.exchanges.note(tx, noted, pair.small.clock())
    lost = await pair.offer(lost=True)
    pair.asked.clear()
    await pair.settle(days=1, minutes=1)

    assert pair.heard == [first, lost]
    assert len(pair.asked) <= 6
    assert (await pair.compared()).differs == ("offers",)


async def ask(pair, path, signer=None, host=None):
    """Fetch what `here` shows, signed by an actor of `there`; return the status and what came."""
    asking = host or pair.there
    async with asking.reading() as tx:
        reader = await asking.actor(tx, signer) if signer else None
    headers = {"Accept": "application/activity+json"}
    if reader:
        url = URL(f"{pair.here.origin}{path}")
        headers |= await Signer(reader.id, reader.keys).sign("GET", url, pair.small.clock(), None)
    async with (
        pair.small.network.client() as client,
        client.get(f"{pair.here.origin}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.text()


@pytest.mark.parametrize("path", ["/actor/reconciliation", "/actor/reconciliation/offers"])
async def test_only_the_peers_own_application_is_shown_what_that_peer_was_told(pair, path):
    mine = await pair.offer()
    await pair.settle()
    third = await pair.small.host("third")

    assert (await ask(pair, path))[0] == 404
    assert (await ask(pair, path, pair.bo))[0] == 404
    status, text = await ask(pair, path, pair.there.instance_actor)
    assert status == 200
    assert digest_of([mine]) in text
    status, text = await ask(pair, path, third.instance_actor, third)
    assert status == 200
    assert mine not in text
    assert digest_of([mine]) not in text
    async with pair.here.transaction() as tx:
        await pair.here.federation.standings.put(tx, "there.test", Standing.BLOCKED, "")
    assert (await ask(pair, path, pair.there.instance_actor))[0] == 403


@pytest.mark.parametrize("path", ["/unknown", "/offers?prefix=xy", f"/offers?prefix={'0' * 17}"])
async def test_there_is_no_other_kind_or_part(pair, path):
    await pair.offer()
    await pair.settle()

    status, _ = await ask(pair, f"/actor/reconciliation{path}", pair.there.instance_actor)
    assert status == 404


async def test_items_that_both_read_from_their_own_rows_are_compared_and_shown(pair):
    books = {pair.here.origin: ["e1 60"], pair.there.origin: ["e1 60"]}
    for host in (pair.here, pair.there):

        async def items(_tx, _peer, host=host):
            return books[host.origin]

        host.federation.compare("balances", items)
    await pair.offer()
    await pair.settle()
    await pair.settle(days=1, minutes=1)
    assert (await pair.compared()).differs == ()

    books[pair.here.origin] = ["e1 60", "e2 30"]
    await pair.settle(days=1, minutes=1)
    assert (await pair.compared()).differs == ("balances",)


def test_digests_are_those_of_fep_8fcf():
    one, two = (f"https://testing.example.org/users/{number}" for number in (1, 2))

    assert digest_of([one, two]) == (
        "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
    )
    assert digest_of([]) == digest_of([one, one]) == "0" * 64
    assert with_prefix([one, two], hash_of(two)[:3]) == [two]


def test_a_chain_is_read_down_to_what_is_no_activity():
    inner = {"type": "Create", "actor": "a", "object": {"type": "Tombstone", "formerType": "Note"}}
    said = json.loads(json.dumps({"type": "Undo", "object": {**inner, "id": "x"}}))

    assert chain_of(said) == ("Undo", "Create", "Note")
    assert chain_of({"type": "Join", "object": "https://x.example/g"}) == ("Join", "*")
