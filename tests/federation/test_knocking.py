"""How each peer is signed to: what it says, what worked, one second knock and no third."""

import msgspec
import pytest
from aiohttp import web

from federation.actors import IMPLEMENTS
from federation.iri import Iri, ed25519_key_id, main_key_id
from federation.signatures import Manner, sign_request
from federation.testing import ACTIVITY_JSON
from tests.federation.host import CONTEXT, say, waiting


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
async def ana(small, remote):
    return await small.actor(remote, "ana")


def manner_in(headers):
    if "Signature-Input" not in headers:
        assert "keyId=" in headers["Signature"]
        return Manner.CAVAGE
    assert "Digest" not in headers
    ours = "#ed25519-key" in headers["Signature-Input"]
    return Manner.RFC9421_ED25519 if ours else Manner.RFC9421


def knocks(remote):
    """List how each delivery to a remote server was signed, and start afresh."""
    found = [manner_in(headers) for _, headers in remote.requests]
    remote.requests.clear()
    return found


def taking(*manners, status=401, **headers):
    """Answer 202 to these manners, and another status to every other."""

    async def answer(request):
        right = manner_in(request.headers) in manners
        return web.Response(status=202 if right else status, headers={} if right else headers)

    return answer


async def remembered(host, remote):
    async with host.reading() as tx:
        return (await host.federation.store.peers.manner(tx, remote.origin))[0]


async def test_a_peer_of_which_nothing_is_known_is_signed_to_as_all_read(small, here, remote, ana):
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.CAVAGE]
    assert await remembered(here, remote) is None


@pytest.mark.parametrize("status", [400, 401])
async def test_who_takes_only_the_newer_is_knocked_at_twice_and_then_known(
    small, here, remote, ana, status
):
    remote.answers["/users/ana/inbox"] = taking(Manner.RFC9421, status=status)
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.CAVAGE, Manner.RFC9421]
    assert await waiting(here) == []
    assert await remembered(here, remote) == Manner.RFC9421
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.RFC9421]


async def test_what_worked_is_known_after_a_restart(small, here, remote, ana):
    remote.answers["/users/ana/inbox"] = taking(Manner.RFC9421)
    await say(here, ana)
    await small.settle()
    here.federation.courier._knocker._known.clear()
    knocks(remote)
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.RFC9421]


async def test_who_refuses_both_is_left_alone_as_the_table_says(small, here, remote, ana):
    remote.answers["/users/ana/inbox"] = 401
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.CAVAGE, Manner.RFC9421]
    assert len(await waiting(here)) == 1
    assert await remembered(here, remote) is None


@pytest.mark.parametrize("status", [202, 403, 404, 410, 429, 500, 503])
async def test_no_other_answer_is_knocked_at_twice(small, here, remote, ana, status):
    remote.answers["/users/ana/inbox"] = status
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.CAVAGE]


def say_so(remote, iri, implements):
    document = remote.documents[iri.removeprefix(remote.origin)]
    document["generator"] = {"type": "Application", "implements": implements}


@pytest.mark.parametrize(
    ("implements", "manner"),
    [
        (IMPLEMENTS, Manner.RFC9421_ED25519),
        (IMPLEMENTS[:1], Manner.RFC9421),
        (IMPLEMENTS[0]["href"], Manner.RFC9421),
        ([IMPLEMENTS[0]["href"]], Manner.RFC9421),
        (IMPLEMENTS[1:], Manner.CAVAGE),
        ([5, None, {"href": 5}], Manner.CAVAGE),
    ],
)
async def test_what_says_that_it_implements_rfc_9421_is_believed(
    small, here, remote, ana, implements, manner
):
    say_so(remote, ana, implements)
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [manner]


async def test_who_says_more_than_it_does_is_not_believed_for_a_month(small, here, remote, ana):
    say_so(remote, ana, IMPLEMENTS)
    remote.answers["/users/ana/inbox"] = taking(Manner.CAVAGE)
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.RFC9421_ED25519, Manner.CAVAGE]
    assert await remembered(here, remote) == Manner.CAVAGE
    await here.federation.actors.fetch(ana)
    await say(here, ana)
    await small.settle()
    assert knocks(remote) == [Manner.CAVAGE]
    small.clock.advance(days=31)
    await here.federation.actors.fetch(ana)
    assert await remembered(here, remote) == Manner.RFC9421_ED25519


async def test_a_challenge_is_met(small, here, remote, ana):
    asked = 'want=("@method" "@target-uri" "@authority" "content-digest");created;nonce="n7"'
    remote.answers["/users/ana/inbox"] = taking(Manner.RFC9421, **{"Accept-Signature": asked})
    await say(here, ana)
    await small.settle()
    _, second = remote.requests[-1]
    assert second["Signature-Input"].startswith("want=(")
    assert '"@authority"' in second["Signature-Input"]
    assert ';nonce="n7"' in second["Signature-Input"]
    assert await waiting(here) == []


async def test_a_fetch_is_knocked_for_like_a_delivery(small, here, remote, ana):
    path = ana.removeprefix(remote.origin)
    document, tried = remote.documents[path], []

    async def answer(request):
        tried.append(manner_in(request.headers))
        if tried[-1] is Manner.CAVAGE:
            return web.Response(status=401)
        return web.json_response(document, content_type=ACTIVITY_JSON)

    remote.documents[path] = answer
    assert (await here.federation.actors.fetch(ana))["id"] == ana
    await here.federation.actors.fetch(ana)
    assert tried == [Manner.CAVAGE, Manner.RFC9421, Manner.RFC9421]


async def test_hosts_of_ours_speak_ed25519_to_each_other(small, here, monkeypatch):
    signed = []

    def spy(**request):
        signed.append((request["method"], request["manner"]))
        return sign_request(**request)

    monkeypatch.setattr("federation.knocking.sign_request", spy)
    there = await small.host("there")
    mei, care = await here.add("Person", "mei"), await there.add("Group", "care")
    follow = {
        "@context": CONTEXT,
        "id": here.federation.new_id(),
        "type": "Follow",
        "actor": mei,
        "object": care,
        "to": [care],
    }
    async with here.transaction() as tx:
        await here.federation.send(tx, follow)
    await small.settle()
    async with there.reading() as tx:
        assert await there.federation.store.peers.count_followers(tx, care) == 1
    said = [manner for method, manner in signed if method == "POST"]
    assert said == [Manner.RFC9421_ED25519, Manner.RFC9421_ED25519]  # the Follow and its Accept


@pytest.mark.parametrize("manner", [Manner.RFC9421, Manner.RFC9421_ED25519])
async def test_an_inbox_takes_what_is_signed_by_rfc_9421(small, here, remote, ana, manner):
    group = await here.add("Group", "care")
    follow = remote.activity("Follow", ana, group, to=[group])
    for signer, status in (("eve", 401), ("ana", 202)):
        who = ana if signer == "ana" else await small.actor(remote, "eve")
        assert await _post(remote, small, f"{group}/inbox", follow, Iri(who), manner) == status
    await small.settle()
    async with here.reading() as tx:
        assert await here.federation.store.peers.count_followers(tx, group) == 1


async def _post(remote, small, inbox, activity, signer, manner):
    keys = remote.actors[signer].keys
    ed25519 = manner is Manner.RFC9421_ED25519
    body = msgspec.json.encode(activity)
    headers = sign_request(
        method="POST",
        url=inbox,
        key_id=ed25519_key_id(signer) if ed25519 else main_key_id(signer),
        key=keys.ed25519 if ed25519 else keys.rsa,
        now=small.clock(),
        body=body,
        manner=manner,
    )
    async with (
        small.network.client() as client,
        client.post(inbox, data=body, headers=headers) as answer,
    ):
        return answer.status
