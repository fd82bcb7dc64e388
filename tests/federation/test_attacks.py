"""The known attacks on federation, each by its number in the list we keep and in words.

Those that have to do with what is said, and not with who says it, belong to the features.
"""

import asyncio
import gzip
import json
from dataclasses import replace

import pytest
from aiohttp import web

from federation.errors import Malformed, Unauthenticated
from federation.iri import main_key_id
from federation.signatures import sign_request
from federation.standing import Standing
from tests.federation.host import CONTEXT, activity, decide, say


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def evil(small):
    return await small.remote("evil")


@pytest.fixture
async def ana(small, remote):
    """The victim: an honest actor elsewhere."""
    return await small.actor(remote, "ana")


@pytest.fixture
async def eve(small, evil):
    return await small.actor(evil, "eve")


@pytest.fixture
def heard(here):
    """What took effect here."""
    heard = []

    async def receive(_tx, received):
        heard.append(received)

    for chain in (("Create", "Note"), ("Announce", "Create", "Note"), ("Update", "Note")):
        here.federation.on(*chain, receiver=receive)
    return heard


async def test_01_a_server_answers_with_an_actor_of_another_host(
    small, here, remote, evil, ana, eve
):
    """Origin spoofing: the key of the answer would then speak for the victim."""
    evil.documents["/users/ana"] = {
        **evil.documents["/users/eve"],
        "id": ana,
        "inbox": f"{ana}/inbox",
    }
    said = evil.proven(activity(ana), eve)
    said["proof"]["verificationMethod"] = f"{evil.origin}/users/ana#ed25519-key"

    assert await evil.post(f"{here.origin}/inbox", said) in {400, 401}
    with pytest.raises(Malformed):
        await here.federation.actors.get(f"{evil.origin}/users/ana")


async def test_02_an_uploaded_file_is_no_actor(here, remote, ana):
    document = json.dumps({**remote.documents["/users/ana"], "id": f"{remote.origin}/media/1"})

    async def upload(_request):
        return web.Response(text=document, content_type="application/json")

    remote.documents["/media/1"] = upload

    with pytest.raises(Malformed, match="application/json"):
        await here.federation.actors.fetch(f"{remote.origin}/media/1")


async def test_03_a_good_signature_of_one_over_the_words_of_another(
    small, here, remote, evil, ana, eve, heard
):
    said = activity(ana)
    evil.actors[ana] = evil.actors[eve]
    for signer in (eve, ana):
        assert await evil.post(f"{here.origin}/inbox", said, signer=signer) == 401

    neighbour = await small.actor(remote, "neighbour")
    assert await remote.post(f"{here.origin}/inbox", said, signer=neighbour) == 401
    await small.settle()
    assert heard == []


async def test_04_an_embedded_object_of_somebody_else_is_not_believed(
    small, here, evil, ana, eve, heard
):
    theirs = {"id": f"{ana}/note", "type": "Note", "attributedTo": ana, "content": "forged"}
    for inner in (theirs, {**theirs, "attributedTo": eve}, {**theirs, "id": f"{eve}/note"}):
        said = activity(eve, inner=inner)
        assert await evil.post(f"{here.origin}/inbox", said, signer=eve) == 202
    await small.settle()

    for received in heard:
        with pytest.raises(Malformed):
            received.proven_object()
    assert len(heard) == 3


@pytest.mark.parametrize("drop", ["Signature", "Digest", "Date"])
async def test_05_a_signature_without_one_of_its_parts(small, here, remote, ana, drop):
    body = json.dumps(activity(ana)).encode()
    headers = await headers_of(small, remote, ana, f"{here.origin}/inbox", body)
    del headers[drop]

    assert await send(small, here, body, headers) in {400, 401}


async def test_05_two_signatures_at_once_are_none(small, here, remote, ana):
    body = json.dumps(activity(ana)).encode()
    headers = await headers_of(small, remote, ana, f"{here.origin}/inbox", body)
    twice = [*headers.items(), ("Signature", headers["Signature"])]

    assert await send(small, here, body, twice) == 400
    both = [*headers.items(), ("Signature-Input", 'sig1=("@method");created=1;keyid="k"')]
    assert await send(small, here, body, both) == 401


async def test_05_another_body_than_the_signed_one(small, here, remote, ana, heard):
    body = json.dumps(activity(ana)).encode()
    headers = await headers_of(small, remote, ana, f"{here.origin}/inbox", body)

    assert await send(small, here, body.replace(b"hello", b"jello"), headers) == 401


async def test_06_a_captured_request_says_nothing_new(small, here, remote, ana, heard):
    other = await small.host("other")
    body = json.dumps(activity(ana)).encode()
    headers = await headers_of(small, remote, ana, f"{here.origin}/inbox", body)

    for _ in range(3):
        assert await send(small, here, body, headers) == 202
    assert await send(small, other, body, {**headers, "Host": "here.test"}) == 401
    assert await send(small, here, body, headers, path="/actor/inbox") == 401
    small.clock.advance(hours=13)
    assert await send(small, here, body, headers) == 401
    await small.settle()
    assert len(heard) == 1


async def test_06_a_proof_that_never_expires_is_heard_once(small, here, remote, ana, heard):
    said = remote.proven(activity(ana), ana)
    for _ in range(3):
        await remote.post(f"{here.origin}/inbox", said)
        await small.settle()
        small.clock.advance(days=200)

    assert len(heard) == 1


@pytest.mark.parametrize("keyword", ["@graph", "@reverse", "@included"])
@pytest.mark.parametrize("depth", [0, 1, 5])
async def test_07_keywords_that_restructure_a_document(here, remote, ana, keyword, depth):
    inner = {keyword: [{"type": "Note"}]}
    for _ in range(depth):
        inner = {"object": [inner]}

    assert await remote.post(f"{here.origin}/inbox", {**activity(ana), **inner}, signer=ana) == 400


async def test_07_a_linked_data_signature_proves_nothing(here, remote, ana):
    said = {**activity(ana), "signature": {"type": "RsaSignature2017", "creator": f"{ana}#k"}}

    assert await remote.post(f"{here.origin}/inbox", said) == 401


@pytest.mark.parametrize(
    "term", ["id", "type", "actor", "object", "attributedTo", "to", "publicKey", "proof", "inbox"]
)
async def test_08_a_context_that_gives_our_words_another_meaning(here, remote, ana, term):
    context = [*CONTEXT, {term: "https://evil.test/ns#other"}]

    assert (
        await remote.post(
            f"{here.origin}/inbox", {**activity(ana), "@context": context}, signer=ana
        )
        == 400
    )


async def test_08_no_context_is_ever_fetched(small, here, remote, ana):
    context = [*CONTEXT, f"{remote.origin}/context", {"more": f"{remote.origin}/ns#more"}]

    assert (
        await remote.post(
            f"{here.origin}/inbox", {**activity(ana), "@context": context}, signer=ana
        )
        == 202
    )
    assert [path for path, _ in remote.fetches] == ["/users/ana"]


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::ffff:127.0.0.1]", "[::]", "0.0.0.0", "169.254.169.254", "127.1"]
)
async def test_09_a_key_inside_our_own_network_is_not_fetched(small, here, remote, ana, host):
    careful = await small.host("careful", loopback=False)
    port = small.network.names["remote.test"][1]
    said = remote.proven(activity(ana), ana)
    said["id"], said["actor"] = (f"http://{host}:{port}/{name}" for name in ("1", "users/ana"))
    said["proof"]["verificationMethod"] = f"{said['actor']}#ed25519-key"

    assert await remote.post(f"{careful.origin}/inbox", said) == 400
    assert remote.fetches == []


async def test_10_a_redirect_to_somewhere_else_is_not_followed(small, here, remote, evil, ana, eve):
    async def away(_request):
        return web.Response(status=307, headers={"Location": f"{ana}/inbox"})

    evil.answers["/users/eve/inbox"] = away
    evil.documents["/users/mallory"] = away
    await say(here, eve)
    await small.settle()

    assert remote.requests == []
    with pytest.raises(Malformed):
        await here.federation.actors.get(f"{evil.origin}/users/mallory")


async def test_11_an_answer_that_never_ends(small, evil, eve):
    here = await small.host("hasty", deadline=0.2)

    async def slowly(request):
        answer = web.StreamResponse(headers={"Content-Type": "application/activity+json"})
        await answer.prepare(request)
        for _ in range(10):
            await answer.write(b" ")
            await asyncio.sleep(0.05)
        return answer

    evil.documents["/users/eve"] = slowly

    assert await evil.post(f"{here.origin}/inbox", activity(eve), signer=eve) == 503


async def test_11_an_answer_that_swells(small, evil, eve):
    here = await small.host("patient", deadline=10.0)

    async def bomb(_request):
        kind = {"Content-Type": "application/activity+json", "Content-Encoding": "gzip"}
        return web.Response(body=gzip.compress(b" " * 30_000_000), headers=kind)

    evil.documents["/users/eve"] = bomb

    assert await evil.post(f"{here.origin}/inbox", activity(eve), signer=eve) == 413


async def test_12_a_message_makes_us_fetch_a_key_and_nothing_it_mentions(
    small, here, evil, eve, heard
):
    inner = {
        "id": f"{eve}/note",
        "type": "Note",
        "attributedTo": eve,
        "inReplyTo": f"{evil.origin}/reply/1",
        "replies": [f"{evil.origin}/reply/{n}" for n in range(100)],
        "tag": [{"type": "Mention", "href": f"{evil.origin}/users/{n}"} for n in range(100)],
    }
    await evil.post(f"{here.origin}/inbox", activity(eve, inner=inner), signer=eve)
    await small.settle()

    assert len(heard) == 1
    assert [path for path, _ in evil.fetches] == ["/users/eve"]


async def test_15_more_addressees_longer_names_and_deeper_trees_than_anybody_needs(
    here, remote, ana
):
    for change in (
        {"to": [f"{ana}/{n}" for n in range(1_001)]},
        {"type": "x" * 101},
        {"id": f"{remote.origin}/{'x' * 2_048}"},
        {"content": json.loads("[" * 40 + "]" * 40)},
    ):
        said = {**activity(ana), **change}
        assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 400


async def test_17_a_blocked_host_is_heard_neither_directly_nor_through_others(
    small, here, remote, evil, ana, eve, heard
):
    await decide(here, "evil.test", Standing.BLOCKED)

    said = evil.proven(activity(eve), eve)
    assert await evil.post(f"{here.origin}/inbox", said, signer=eve) == 403
    assert await remote.post(f"{here.origin}/inbox", said, signer=ana) == 403
    assert evil.fetches == []


async def test_18_what_is_private_looks_as_if_it_did_not_exist(small, here, remote, evil, ana, eve):
    private = await say(here, ana)

    there = await evil.get(private, signer=eve)
    missing = await evil.get(here.federation.new_id(), signer=eve)

    assert there == missing
    assert there[0] == 404


async def test_23_a_storm_of_farewells_of_strangers_costs_no_fetch_and_no_row(small, here, evil):
    for number in range(20):
        who = f"{evil.origin}/users/{number}"
        assert await evil.post(f"{here.origin}/inbox", activity(who, "Delete", who)) == 202

    assert evil.fetches == []
    async with here.reading() as tx:
        tables = here.federation.store.inbox.tables
        for table in (tables.arrivals, tables.seen):
            assert (await tx.execute(table.select())).all() == []


async def test_24_a_forged_activity_inside_an_announce_is_not_believed(
    small, here, remote, evil, ana, eve, heard
):
    forged = activity(ana)
    honest = remote.proven(activity(ana), ana)
    changed = {**honest, "id": f"{honest['id']}x"}
    for inner in (forged, changed, evil.proven(activity(ana), eve), honest):
        said = activity(eve, "Announce", inner)
        assert await evil.post(f"{here.origin}/inbox", said, signer=eve) == 202
    await small.settle()

    believed = []
    for received in heard:
        try:
            believed.append(received.proven_object()["id"])
        except Malformed:
            continue
    assert len(heard) == 4
    assert believed == [honest["id"]]


async def test_26_a_key_on_something_that_is_no_actor_is_no_key(small, here, evil, eve):
    note = {**evil.documents["/users/eve"], "id": f"{evil.origin}/note", "type": "Note"}
    del note["inbox"]
    evil.documents["/note"] = note
    said = evil.proven(activity(eve), eve)
    said["proof"]["verificationMethod"] = f"{evil.origin}/note#ed25519-key"

    assert await evil.post(f"{here.origin}/inbox", said) in {400, 401}
    with pytest.raises(Unauthenticated):
        await here.federation.actors.key(f"{here.origin}/people/none#main-key")


async def test_26_a_note_with_an_inbox_and_keys_is_kept_as_no_actor(here, evil, eve):
    text = json.dumps(evil.documents["/users/eve"]).replace("/users/eve", "/note")
    evil.documents["/note"] = {**json.loads(text), "type": "Note"}
    note = f"{evil.origin}/note"
    evil.actors[note] = replace(evil.actors[eve], id=note)

    assert await evil.post(f"{here.origin}/inbox", activity(note), signer=note) in {400, 401}


async def headers_of(small, remote, signer, url, body):
    return sign_request(
        method="POST",
        url=url,
        key_id=main_key_id(signer),
        key=remote.actors[signer].keys.rsa,
        now=small.clock(),
        body=body,
    )


async def send(small, host, body, headers, path="/inbox"):
    async with (
        small.network.client(skip_auto_headers=["Date"]) as client,
        client.post(f"{host.origin}{path}", data=body, headers=headers) as answer,
    ):
        return answer.status
