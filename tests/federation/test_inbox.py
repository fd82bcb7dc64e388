"""The one road in: what is stored, what is refused and with which answer, over sockets."""

import asyncio
import json
from functools import partial

import pytest
from aiohttp import web

from federation.commits import GroupCommit
from federation.errors import Malformed
from federation.iri import main_key_id
from federation.standing import Standing
from tests.federation.host import activity, decide


async def stored(host):
    """Return the ids of what was received and the states they are in."""
    rows = host.federation.store.inbox
    await host.batch(partial(rows.sort, now=host.federation.inbox._clock(), limit=1_000))
    inbox = rows.tables.inbox
    async with host.reading() as tx:
        found = await tx.execute(inbox.select().order_by(inbox.c.seq))
        return [(row.id, row.state) for row in found]


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def ana(small, remote):
    return await small.actor(remote, "ana")


async def test_a_signed_activity_is_stored_once_and_answered_202_each_time(any_small):
    here, remote = await any_small.host(), await any_small.remote()
    ana = await any_small.actor(remote, "ana")
    said = activity(ana)

    for _ in range(2):
        assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 202

    assert await stored(here) == [(said["id"], "ready")]


async def test_a_proof_is_as_good_as_a_signature_whoever_brings_it(small, here, remote, ana):
    eve = await small.actor(remote, "eve")
    said = remote.proven(activity(ana), ana)

    assert await remote.post(f"{here.origin}/inbox", said) == 202
    other = remote.proven(activity(ana), ana)
    assert await remote.post(f"{here.origin}/inbox", other, signer=eve) == 202

    assert [iri for iri, _ in await stored(here)] == [said["id"], other["id"]]


async def test_an_activity_without_signature_or_proof_is_refused(here, remote, ana):
    assert await remote.post(f"{here.origin}/inbox", activity(ana)) == 401
    assert await stored(here) == []


async def test_a_signature_by_somebody_else_is_refused(small, here, remote, ana):
    eve = await small.actor(remote, "eve")

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=eve) == 401
    assert await stored(here) == []


async def test_a_proof_by_somebody_else_is_refused(small, here, remote, ana):
    eve = await small.actor(remote, "eve")

    said = remote.proven(activity(ana), eve)

    assert await remote.post(f"{here.origin}/inbox", said) == 401


async def test_a_changed_document_does_not_keep_its_proof(here, remote, ana):
    said = remote.proven(activity(ana), ana) | {"to": [ana]}

    assert await remote.post(f"{here.origin}/inbox", said) == 401


async def test_an_activity_of_another_host_is_refused_before_anything_is_fetched(here, remote, ana):
    said = activity(ana, id="http://elsewhere.test/activities/1")

    assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 400
    assert remote.fetches == []


async def test_nobody_speaks_in_our_own_name_over_the_network(here, remote, ana):
    said = activity(here.instance_actor, id=f"{here.origin}/activities/1")

    assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 401


async def test_a_blocked_origin_is_told_so(here, remote, ana):
    await decide(here, "remote.test", Standing.BLOCKED)

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 403
    assert await stored(here) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"@context": {"object": "https://example.org/other"}}, "another meaning"),
        ({"type": ["Create", "Note"]}, "type"),
        ({"type": "Create\u0000"}, "type"),
        ({"type": "x" * 101}, "type"),
        ({"id": None}, "id"),
        ({"id": "ftp://remote.test/1"}, "http"),
        ({"id": "http://remote.test/" + "字" * 700}, "too long"),
        ({"actor": None}, "actor"),
        ({"to": [f"http://remote.test/{n}" for n in range(1001)]}, "1000"),
        ({"to": [7]}, "IRI"),
    ],
)
async def test_a_malformed_activity_is_told_what_is_wrong(here, remote, ana, small, change, reason):
    said = {name: v for name, v in {**activity(ana), **change}.items() if v is not None}
    async with (
        small.network.client() as client,
        client.post(f"{here.origin}/inbox", data=json.dumps(said)) as answer,
    ):
        assert answer.status == 400
        assert reason in (await answer.json())["detail"]


async def send_bytes(small, here, body, **headers):
    async with (
        small.network.client() as client,
        client.post(f"{here.origin}/inbox", data=body, headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"hi"', b"\xff\xfe", b"[" * 100_000])
async def test_what_is_no_document_is_malformed(small, body):
    assert await send_bytes(small, await small.host(), body) == 400


async def test_a_document_nested_without_end_is_malformed(small):
    here = await small.host()
    nested = '{"a":' * 60 + "1" + "}" * 60
    body = f'{{"@context":"https://www.w3.org/ns/activitystreams","object":{nested}}}'

    assert await send_bytes(small, here, body.encode()) == 400


async def test_a_body_over_a_megabyte_is_too_large_whether_it_says_so_or_not(small):
    here = await small.host()

    async def pieces():
        for _ in range(2_000):
            yield b"x" * 1_000

    assert await send_bytes(small, here, b"x" * 1_000_001) == 413
    assert await send_bytes(small, here, pieces()) == 413


async def test_a_body_that_trickles_in_is_given_up(small, monkeypatch):
    monkeypatch.setattr("federation.inbox.SLOWEST_BODY", 0.1)
    here = await small.host()

    async def trickle():
        yield b"{"
        await asyncio.sleep(0.3)
        yield b"}"

    assert await send_bytes(small, here, trickle()) == 408


async def test_a_key_that_cannot_be_fetched_now_is_503(small, here, remote, ana):
    async def busy(_request):
        return web.Response(status=502)

    remote.documents["/users/ana"] = busy

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 503


async def test_a_signer_that_is_gone_or_never_was_is_401(here, remote, ana):
    said = activity(ana)
    del remote.documents["/users/ana"]

    assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 401


async def test_a_key_that_was_changed_is_fetched_again_but_not_without_end(
    small, here, remote, ana
):
    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202
    old = remote.actors[ana]
    await small.actor(remote, "ana")

    assert remote.actors[ana].keys != old.keys
    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 202
    fetched = len(remote.fetches)

    remote.actors[ana] = old
    for _ in range(3):
        assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 401
    assert len(remote.fetches) == fetched


async def test_a_made_up_key_of_somebody_known_makes_us_ask_once(small, here, remote, ana):
    await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana)
    before = len(remote.fetches)

    for number in range(5):
        said = remote.proven(activity(ana), ana)
        said["proof"]["verificationMethod"] = f"{ana}#made-up-{number}"
        assert await remote.post(f"{here.origin}/inbox", said) == (503 if number else 401)

    assert len(remote.fetches) == before + 1


async def test_many_requests_of_one_newcomer_share_what_is_fetched(small, here, remote, ana):
    answers = await asyncio.gather(
        *(remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) for _ in range(10))
    )

    assert answers == [202] * 10
    assert len(remote.fetches) < 5


@pytest.mark.parametrize("kind", ["Delete", "Update"])
async def test_a_strangers_own_farewell_is_dropped_without_asking_anybody(here, remote, kind):
    gone = "http://remote.test/users/gone"
    said = activity(gone, kind, gone if kind == "Delete" else {"id": gone, "type": "Person"})

    assert await remote.post(f"{here.origin}/inbox", said) == 202

    assert await stored(here) == []
    assert remote.fetches == []


async def test_the_farewell_of_somebody_known_needs_its_signature(here, remote, ana):
    await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana)
    farewell = activity(ana, "Delete", ana)

    assert await remote.post(f"{here.origin}/inbox", farewell) == 401
    assert await remote.post(f"{here.origin}/inbox", farewell, signer=ana) == 202


async def test_one_bad_document_does_not_spoil_the_commit_of_others():
    kept = []

    async def store(documents):
        if any(one.get("bad") for one in documents):
            raise Malformed("bad")
        kept.extend(documents)
        return [None] * len(documents)

    commits = GroupCommit(store)
    asked = [{"id": n, "bad": n == 3} for n in range(6)]
    answers = await asyncio.gather(*(commits.add(one) for one in asked), return_exceptions=True)

    assert [one["id"] for one in kept] == [0, 1, 2, 4, 5]
    assert [type(answer) for answer in answers].count(Malformed) == 1


@pytest.mark.parametrize(("gather", "batches"), [(0.0, [2, 1, 3]), (0.2, [2, 4])])
async def test_where_nobody_waits_for_an_answer_more_come_together(gather, batches):
    together, first, let = [], asyncio.Event(), asyncio.Event()

    async def store(items):
        together.append(len(items))
        first.set()
        await let.wait()
        return items

    commits = GroupCommit(store, gather=gather)
    going_on = [asyncio.create_task(commits.add(n)) for n in range(2)]
    await first.wait()
    going_on.append(asyncio.create_task(commits.add(2)))
    await asyncio.sleep(0)
    let.set()
    for _ in range(5):  # the first commit ends, and who gathers has begun to wait
        await asyncio.sleep(0)
    going_on += [asyncio.create_task(commits.add(n)) for n in range(3, 6)]

    assert await asyncio.gather(*going_on) == list(range(6))
    assert together == batches


async def test_our_own_keys_are_known_without_asking_ourselves(small):
    here, remote = await small.host(), await small.remote()
    group = await here.add("Group", "group")

    key = await here.federation.actors.key(main_key_id(group))

    assert (key.owner, key.key) == (group, here.actors[group].keys.rsa.public)
    assert remote.fetches == []


async def test_a_host_without_plain_http_takes_no_key_from_plain_http(small):
    here = await small.host(plain_http=False)
    remote = await small.remote()
    ana = await small.actor(remote, "ana")

    assert await remote.post(f"{here.origin}/inbox", activity(ana), signer=ana) == 400
    assert remote.fetches == []
