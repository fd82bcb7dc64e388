"""Two independent implementations read what we sign, and send us what we read."""

import copy
import json
from datetime import UTC, datetime

import active_boxes.data_integrity as active_proofs
import active_boxes.httpsig as active_signatures
import pytest
from active_boxes.key import Ed25519Key, Key
from multidict import CIMultiDict

from federation.errors import Unauthenticated
from federation.iri import ed25519_key_id, main_key_id
from federation.keys import read_multikey
from federation.proofs import sign_document, verify_document
from federation.signatures import read_signature, sign_request
from federation.sql.smallhost import MEMORY
from tests.federation.host import SharedKeys, Small
from tests.peers import boxes, shapes

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
INBOX = "https://care.example/inbox"
PEERS = sorted(boxes.VERSIONS)


@pytest.fixture
async def pairs():
    return await SharedKeys().take()


@pytest.fixture
def actors(pairs):
    return shapes.actors(pairs)


@pytest.fixture
async def small():
    async def in_memory():
        return MEMORY

    made = Small(in_memory)
    made.clock.now = datetime.now(UTC)  # active-boxes dates its requests by the wall
    yield made
    await made.close()


# Signatures and proofs --------------------------------------------------------------------------


def signed_by_us(pairs, method="POST", body=b'{"type":"Follow"}'):
    key_id = main_key_id(shapes.GROUP)
    return sign_request(method=method, url=INBOX, key_id=key_id, key=pairs.rsa, now=NOW, body=body)


async def verified(headers, actors, method="POST", body='{"type":"Follow"}'):
    with boxes.backend("active-boxes", actors):
        return await active_signatures.verify_request(method, "/inbox", headers, body)


async def test_active_boxes_verifies_the_requests_we_sign(pairs, actors):
    assert await verified(signed_by_us(pairs), actors)
    assert await verified(signed_by_us(pairs, "GET", None), actors, "GET", "")


async def test_active_boxes_notices_when_a_request_of_ours_was_changed(pairs, actors):
    headers = signed_by_us(pairs)

    assert not await verified(headers, actors, body="{}")
    assert not await verified({**headers, "Date": "Sun, 22 Nov 2026 09:00:00 GMT"}, actors)


async def test_we_verify_the_requests_that_active_boxes_signs(pairs):
    key = Key(shapes.GROUP)
    key.load(pairs.rsa.private_pem)
    body = '{"type":"Follow"}'
    headers = {"User-Agent": "Peer", "Content-Type": "application/activity+json"}
    signed = await active_signatures.sign_request(
        "POST", "/inbox", headers, key, body, "care.example"
    )

    def read(content):
        return read_signature(
            "POST",
            "/inbox",
            CIMultiDict(signed),
            content,
            origin="https://care.example",
            now=datetime.now(UTC),
        )

    read(body.encode()).verify(pairs.rsa.public)
    with pytest.raises(Unauthenticated):
        read(b"{}")


@pytest.mark.parametrize("name", shapes.SHAPES)
def test_active_boxes_verifies_the_proof_on_everything_we_send(pairs, name):
    signed = sign_document(shapes.SHAPES[name], pairs.ed25519, ed25519_key_id(shapes.GROUP), NOW)
    (method,) = shapes.actors(pairs)[shapes.GROUP]["assertionMethod"]
    key = Ed25519Key.from_multikey(method)

    assert active_proofs.verify_integrity_proof(copy.deepcopy(signed), key)
    assert not active_proofs.verify_integrity_proof({**signed, "to": []}, key)


def test_we_verify_the_proofs_that_active_boxes_makes(pairs):
    key = Ed25519Key(shapes.GROUP)
    key.new()
    document = copy.deepcopy(shapes.SHAPES["Create{Note}"])
    active_proofs.generate_integrity_proof(document, key, created="2026-11-22T08:00:00Z")
    public = read_multikey(key.to_multikey()["publicKeyMultibase"])
    verify_document(document, public)
    with pytest.raises(Unauthenticated):
        verify_document({**document, "to": []}, public)


# What they build --------------------------------------------------------------------------------

WHO = "http://remote.test/users/ana"
NOTE = {
    "type": "Note",
    "id": f"{WHO}/note",
    "attributedTo": WHO,
    "actor": WHO,
    "content": "hello",
    "to": [shapes.PUBLIC],
}


def built(peer, remote, group):
    """Return activities of each kind that a peer knows, as it builds them."""
    documents = dict.fromkeys((WHO,), remote.documents["/users/ana"]) | {NOTE["id"]: NOTE}
    documents |= {group: {**remote.documents["/users/ana"], "id": group}}
    follow = {"type": "Follow", "id": f"{WHO}/follow", "actor": WHO, "object": group}
    kinds = {
        "Follow": group,
        "Create": NOTE,
        "Update": NOTE,
        "Announce": NOTE["id"],
        "Like": NOTE["id"],
        "Delete": {"type": "Tombstone", "id": NOTE["id"]},
        "Undo": follow,
        "Accept": follow,
    }
    if peer == "active-boxes":
        kinds |= {"Join": group, "Leave": group, "Block": group, "Flag": NOTE["id"], "Move": WHO}
    return [
        boxes.build(
            peer,
            kind,
            documents,
            id=f"{WHO}/{kind.lower()}",
            actor=WHO,
            object=copy.deepcopy(inner),
        )
        for kind, inner in kinds.items()
    ]


@pytest.mark.parametrize("peer", PEERS)
async def test_our_inbox_takes_what_a_peer_builds(small, peer):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    group = await here.add("Group", "group")

    for document in built(peer, remote, group):
        said = json.loads(json.dumps(document))
        assert await remote.post(f"{group}/inbox", said, signer=ana) == 202, document["type"]
    await small.settle()

    async with here.reading() as tx:
        ignored = await here.federation.store.inbox.ignored(tx)
    assert not [reason for reason in ignored if "Follow" in reason and "Accept" not in reason]


@pytest.mark.parametrize("peer", PEERS)
async def test_a_peers_follow_is_accepted_and_it_reads_the_accept(small, peer):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    group = await here.add("Group", "group")
    follow = built(peer, remote, group)[0]

    assert await remote.post(f"{group}/inbox", follow, signer=ana) == 202
    await small.settle()

    (accept,) = remote.received
    document, _ = here.federation.document_of(here.actors[group])
    documents = {group: dict(document), ana: remote.documents["/users/ana"]}
    if peer == "little-boxes":
        documents[group]["type"] = "Person"  # the only kind of actor it knows
    assert boxes.reading(peer, accept, documents) is None
    with boxes.backend(peer, documents) as module:
        read = module.parse_activity(copy.deepcopy(accept))
        assert (read.ACTIVITY_TYPE.value, read.id) == ("Accept", accept["id"])


async def test_a_request_that_active_boxes_signs_and_proves_goes_all_the_way(small):
    here, remote = await small.host(), await small.remote()
    ana = await small.actor(remote, "ana")
    group = await here.add("Group", "group")
    key = Key(ana)
    key.load(remote.actors[ana].keys.rsa.private_pem)
    follow = built("active-boxes", remote, group)[0]
    body = json.dumps(follow)
    headers = await active_signatures.sign_request(
        "POST",
        "/inbox",
        {"User-Agent": "Peer", "Content-Type": "application/activity+json"},
        key,
        body,
        "here.test",
    )

    async with (
        small.network.client() as client,
        client.post(f"{here.origin}/inbox", data=body, headers=headers) as answer,
    ):
        assert answer.status == 202
    await small.settle()

    assert [one["type"] for one in remote.received] == ["Accept"]


@pytest.mark.parametrize("peer", PEERS)
def test_reading_tells_why_not(peer):
    assert boxes.reading(peer, {"type": "Dance"}, {}) == "does not know Dance"
