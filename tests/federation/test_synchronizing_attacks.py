"""Nobody makes use of what is stated of followers: forged, of others, in floods, without an end."""

import asyncio

import msgspec
import pytest
from aiohttp import web

from federation import synchronizing
from federation.iri import main_key_id
from federation.signatures import sign_request
from federation.synchronizing import MOST_PAGES, MOST_UNDONE, PEER_AT_ONCE
from tests.federation.following import Green, follow_green
from tests.federation.host import AS2, PUBLIC, activity


@pytest.fixture
async def here(any_small):
    return await any_small.host()


@pytest.fixture
async def remote(any_small):
    return await any_small.remote()


@pytest.fixture
async def green(any_small, here, remote):
    return await follow_green(any_small, here, remote)


async def test_attack_a_header_about_somebody_elses_followers(any_small, green):
    green.lists()
    eve = await any_small.actor(green.remote, "eve")
    other = await any_small.remote("other")
    mallory = await any_small.actor(other, "mallory")
    assert await green.says(green.header(), signer=eve) == []
    assert await green.says(green.header(), signer=mallory, server=other) == []
    assert green.asked == []


async def test_attack_a_header_beside_a_message_that_another_has_proven(any_small, green, here):
    green.lists()
    other = await any_small.remote("other")
    mallory = await any_small.actor(other, "mallory")
    said = green.remote.proven(activity(green.iri, to=[PUBLIC]), green.iri)
    for signer in (mallory, None):
        more = green.header()
        status = await other.post(f"{here.origin}/inbox", said, signer=signer, more=more)
        assert status == 202
    await any_small.settle()

    assert (green.followed.told, green.asked) == ([], [])


async def test_attack_a_header_that_was_added_under_way(any_small, green, here):
    green.lists()
    said = msgspec.json.encode(activity(green.iri, to=[PUBLIC]))
    headers = sign_request(
        method="POST",
        url=f"{here.origin}/inbox",
        key_id=main_key_id(green.iri),
        key=green.remote.actors[green.iri].keys.rsa,
        now=any_small.clock(),
        body=said,
    )
    async with (
        any_small.network.client() as client,
        client.post(f"{here.origin}/inbox", data=said, headers=headers | green.header()) as answer,
    ):
        assert answer.status == 202
    await any_small.settle()

    assert (green.followed.told, green.asked) == ([], [])


async def test_attack_a_list_of_another_origin(any_small, green):
    other = await any_small.remote("other")
    url = f"{other.origin}/users/ana/followers_synchronization"
    other.documents["/users/ana/followers_synchronization"] = {
        "@context": AS2,
        "id": url,
        "type": "OrderedCollection",
        "orderedItems": [],
    }
    assert await green.says(green.header(url=url)) == []
    assert other.fetches == []

    green.lists(first=url)
    assert await green.says(green.header()) == []
    assert (len(green.asked), other.fetches) == (1, [])


async def test_attack_a_list_that_is_led_to_another_origin(any_small, green):
    other = await any_small.remote("other")

    async def away(_request):
        return web.Response(status=302, headers={"Location": f"{other.origin}/list"})

    green.remote.documents[green.path] = away

    assert await green.says(green.header()) == []
    assert other.fetches == []


async def test_attack_a_flood_of_digests(any_small, green):
    green.lists()
    for number in range(30):
        await green.says(green.header(f"x{number}"))
        any_small.clock.advance(seconds=61)
    assert len(green.asked) == 1

    any_small.clock.advance(hours=1)
    await green.says(green.header("x"))
    assert len(green.asked) == 2


async def test_attack_a_flood_of_digests_by_many_actors(any_small, here, green):
    for number in range(2 * PEER_AT_ONCE):
        actor = await any_small.actor(green.remote, f"sock{number}")
        one = Green(any_small, here, green.remote, actor, green.me)
        one.lists()
        await one.says(one.header(), signer=actor)

    assert len(green.asked) == PEER_AT_ONCE


async def test_attack_a_list_that_does_not_come(any_small, here, green, monkeypatch):
    monkeypatch.setattr(synchronizing, "SLOWEST_LIST", 0.3)
    slow = await any_small.remote("slow")
    group = await any_small.actor(slow, "group", kind="Group")
    waiting = Green(any_small, here, slow, group, green.me)
    green.followed.rows[group] = {green.me: True}
    here.federation.synchronizing.followings = green.followed
    asked = asyncio.Event()

    async def never(_request):
        asked.set()
        await asyncio.sleep(1)

    slow.documents[waiting.path] = never
    said, header = activity(group, to=[PUBLIC]), waiting.header()
    await slow.post(f"{here.origin}/inbox", said, signer=group, more=header)
    await asyncio.wait_for(asked.wait(), 2)
    green.lists()

    assert await green.says(green.header()) == [("lost", green.iri, green.me)]
    assert not here.federation.synchronizing._going_on


async def test_attack_a_huge_list(green, here, monkeypatch):
    monkeypatch.setattr(synchronizing, "MOST_LISTED", 20)
    green.lists(*(f"{here.origin}/people/{number}" for number in range(21)))

    assert await green.says(green.header()) == []
    assert (len(green.asked), green.undone) == (1, [])


async def test_attack_a_list_without_an_end(green):
    async def page(request):
        number = int(request.query.get("page", 0))
        document = {
            "@context": AS2,
            "id": str(request.url),
            "type": "OrderedCollectionPage",
            "orderedItems": [],
            "next": f"{green.url}?page={number + 1}",
        }
        kind = "application/activity+json"
        return web.Response(body=msgspec.json.encode(document), content_type=kind)

    green.remote.documents[green.path] = page

    assert await green.says(green.header()) == []
    assert len(green.asked) <= MOST_PAGES + 1


async def test_attack_a_list_of_everybody_here(any_small, here, green):
    many = [await here.add("Person", f"p{number}") for number in range(MOST_UNDONE + 5)]
    green.lists(green.me, *many)

    await green.says(green.header(*many))

    assert len(green.undone) == MOST_UNDONE


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "x"},
        {"digest": ""},
        {"url": "nonsense"},
        {"url": "https://[::1/"},
        {"collectionId": ""},
        {"digest": "0" * 65},
        {"url": f"http://remote.test/{'x' * 5_000}"},
        {"twice": 'x",digest="y'},
    ],
)
async def test_attack_a_header_that_cannot_be_read(green, changes):
    green.lists()

    assert await green.says(green.header(**changes)) == []
    assert green.asked == []


@pytest.mark.parametrize(
    "document",
    [
        {"orderedItems": None},
        {"orderedItems": "x"},
        {"orderedItems": None, "totalItems": 0},
        {"type": "Note"},
        {"first": 7},
    ],
)
async def test_attack_a_list_that_is_none(green, document):
    green.lists(**document)

    assert await green.says(green.header()) == []
    assert len(green.asked) == 1
