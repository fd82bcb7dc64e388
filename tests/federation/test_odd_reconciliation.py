"""What a peer shows of what it told us may be odd or forged: it does no harm."""

import pytest

from tests.federation.host import CONTEXT


def shown(remote, kind="offers", digest="1" * 64, **more):
    return {
        "id": f"{remote.origin}/told/{kind}",
        "name": kind,
        "totalItems": 1,
        "digest": digest,
        **more,
    }


ODD_OVERVIEWS = [
    lambda remote: {},
    lambda remote: {"items": "offers"},
    lambda remote: {"items": [shown(remote)] * 1_000},
    lambda remote: {"items": [None, 3, {"name": "offers"}, {"name": 7, "id": 7, "digest": 7}]},
    lambda remote: {"items": [{**shown(remote), "id": "http://there.test/actor"}]},
    lambda remote: {"items": [{**shown(remote), "name": ["offers"]}]},
]
ODD_PARTS = [
    lambda remote: {},
    lambda remote: {"orderedItems": "x"},
    lambda remote: {"orderedItems": [7]},
    lambda remote: {"orderedItems": ["x" * 10_000]},
    lambda remote: {"orderedItems": ["http://there.test/activities/1", "\ud800", "no address"]},
    lambda remote: {"orderedItems": [f"{remote.origin}/activities/none"]},
    lambda remote: {"orderedItems": [f"{remote.origin}/users/ana"]},
    lambda remote: {"parts": [shown(remote, prefix="zz")]},
    lambda remote: {"parts": [shown(remote, prefix="0")] * 17},
    lambda remote: {"parts": [shown(remote, prefix="0"), shown(remote, prefix="0")]},
    lambda remote: {"parts": [{"prefix": "0"}]},
]


async def odd_peer(small, overview, part):
    """Let a remote server, which once said something that counts, show odd things."""
    there, remote = await small.host("there"), await small.remote()
    heard = []

    async def hear(tx, activity):
        heard.append(activity.id)

    there.federation.on("Offer", "Thing", receiver=hear, kind="offers")
    ana = await small.actor(remote, "ana", kind="Group")
    remote.documents["/users/ana"]["generator"] = {"id": f"{remote.origin}/actor"}
    address = f"{remote.origin}/told"
    remote.documents["/actor"] = {
        "id": f"{remote.origin}/actor",
        "type": "Application",
        "reconciliation": address,
    }
    remote.documents["/told"] = {"id": address, "type": "Collection", **overview(remote)}
    remote.documents["/told/offers"] = {
        "id": f"{address}/offers",
        "type": "OrderedCollection",
        **part(remote),
    }
    offer = remote.activity("Offer", ana, {"type": "Thing"}, to=[there.instance_actor])
    assert await remote.post(f"{there.origin}/inbox", offer, signer=ana) == 202
    await small.settle()
    assert heard == [offer["id"]]
    return there, remote, heard


@pytest.mark.parametrize("number", range(len(ODD_OVERVIEWS)))
async def test_an_odd_overview_does_no_harm(small, number):
    _there, remote, heard = await odd_peer(small, ODD_OVERVIEWS[number], lambda _: {})
    small.clock.advance(days=1, minutes=1)
    await small.settle()

    assert "/told" in {path for path, _ in remote.fetches}
    assert len(heard) == 1


@pytest.mark.parametrize("number", range(len(ODD_PARTS)))
async def test_an_odd_part_does_no_harm_and_is_not_asked_for_without_end(small, number):
    _there, remote, heard = await odd_peer(
        small, lambda remote: {"items": [shown(remote)]}, ODD_PARTS[number]
    )
    small.clock.advance(days=1, minutes=1)
    await small.settle()

    assert 1 <= [path for path, _ in remote.fetches].count("/told/offers") <= 20
    assert len(heard) == 1


async def test_what_is_fetched_counts_only_with_its_authors_own_proof(small):
    def listed(remote):
        return {"orderedItems": [f"{remote.origin}/activities/{one}" for one in ("bare", "forged")]}

    _there, remote, heard = await odd_peer(small, lambda remote: {"items": [shown(remote)]}, listed)
    ana, eve = f"{remote.origin}/users/ana", await small.actor(remote, "eve")
    for name in ("bare", "forged"):
        said = {
            "@context": CONTEXT,
            "id": f"{remote.origin}/activities/{name}",
            "type": "Offer",
            "actor": ana,
            "object": {"type": "Thing"},
        }
        remote.documents[f"/activities/{name}"] = (
            said if name == "bare" else {**remote.proven(said, eve), "actor": ana}
        )
    small.clock.advance(days=1, minutes=1)
    await small.settle()
    assert "/activities/forged" in {path for path, _ in remote.fetches}
    assert len(heard) == 1

    bare = remote.documents["/activities/bare"]
    remote.documents["/activities/bare"] = remote.proven(bare, ana)
    small.clock.advance(days=1)
    await small.settle()
    assert heard[1:] == [bare["id"]]


async def test_a_peer_of_another_kind_is_not_asked(small):
    there, remote = await small.host("there"), await small.remote()
    there.federation.on("Offer", "Thing", receiver=_nothing, kind="offers")
    ana = await small.actor(remote, "ana")
    offer = remote.activity("Offer", ana, {"type": "Thing"}, to=[there.instance_actor])
    await remote.post(f"{there.origin}/inbox", offer, signer=ana)
    await small.settle()
    fetched = len(remote.fetches)
    for _ in range(6):
        small.clock.advance(days=1)
        await small.settle()

    assert len(remote.fetches) == fetched


async def _nothing(_tx, _activity):
    pass
