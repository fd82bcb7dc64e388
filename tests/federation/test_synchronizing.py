"""Both sides of a follow know the same followers (FEP-8fcf): what is stated and repaired."""

import asyncio

import msgspec
import pytest
from aiohttp import web

from federation.knocking import Manner
from federation.synchronizing import HEADER, stating
from tests.federation.following import Followed, follow_green
from tests.federation.host import AS2, PUBLIC, activity, say


@pytest.fixture
async def here(any_small):
    return await any_small.host()


@pytest.fixture
async def remote(any_small):
    return await any_small.remote()


# What we state ----------------------------------------------------------------------------------


@pytest.fixture
async def group(here):
    return await here.add("Group", "brick")


async def follow(small, remote, group, *names):
    """Let actors of a remote server follow a group; returns their ids."""
    actors = [await small.actor(remote, name) for name in names]
    for actor in actors:
        await remote.post(f"{group}/inbox", remote.activity("Follow", actor, group), signer=actor)
    await small.settle()
    remote.requests.clear()
    return actors


async def posted(small, here, remote, group, to):
    """Return the headers of what a post to somebody arrives with."""
    await say(here, *to, sender=group)
    await small.settle()
    [(_, headers)] = remote.requests
    return headers


def test_the_digest_is_the_one_in_the_proposal():
    testing = "https://testing.example.org/users/"
    header = stating("https://example.org/users/1", [f"{testing}1", f"{testing}2"])

    assert header == {
        "Collection-Synchronization": 'collectionId="https://example.org/users/1/followers", '
        'url="https://example.org/users/1/followers_synchronization", '
        'digest="c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"'
    }


@pytest.mark.parametrize("to", [["followers"], [PUBLIC, "followers"]])
async def test_a_post_to_followers_states_those_of_its_peer(any_small, here, remote, group, to):
    other = await any_small.remote("other")
    there = await follow(any_small, remote, group, "ana", "bo")
    await follow(any_small, other, group, "eve")
    to = [f"{group}/followers" if one == "followers" else one for one in to]

    headers = await posted(any_small, here, remote, group, to)

    assert headers[HEADER] == stating(group, there)[HEADER]
    assert "content-type collection-synchronization" in headers["Signature"]


async def test_the_newer_signature_covers_it_too(any_small, here, remote, group):
    there = await follow(any_small, remote, group, "ana")
    async with here.transaction() as tx:
        store, now = here.federation.store.peers, any_small.clock()
        await store.remember_manner(tx, remote.origin, Manner.RFC9421_ED25519, now)
    any_small.clock.advance(minutes=11)

    headers = await posted(any_small, here, remote, group, [f"{group}/followers"])

    assert headers[HEADER] == stating(group, there)[HEADER]
    assert '"collection-synchronization"' in headers["Signature-Input"]


async def test_what_is_for_somebody_else_states_nothing(any_small, here, remote, group):
    [ana] = await follow(any_small, remote, group, "ana")
    said = f'Look at "{group}/followers".'

    await say(here, ana, sender=group, summary=said)
    await any_small.settle()

    assert HEADER not in remote.requests[0][1]


async def test_where_nobody_follows_that_is_stated_too(any_small, here, remote, group):
    eve = await any_small.actor(remote, "eve")

    headers = await posted(any_small, here, remote, group, [f"{group}/followers", eve])

    assert headers[HEADER] == stating(group, [])[HEADER]


async def test_a_follow_of_which_only_one_side_knows_is_noticed(any_small, here):
    there = await any_small.host("there")
    mei, brick = await here.add("Person", "mei"), await there.add("Group", "brick")
    followed = Followed(here)
    followed.rows[brick] = {mei: True}

    await say(there, f"{brick}/followers", mei, sender=brick)
    await any_small.settle()

    assert followed.told == [("lost", brick, mei)]


async def test_the_followers_at_all_peers_are_read_at_once(any_small, here, group, monkeypatch):
    read, store = [], here.federation.store.peers
    for number in range(5):
        peer = await any_small.remote(f"peer{number}")
        await follow(any_small, peer, group, "ana")
    followers_at = store.followers_at

    async def counted(tx, actor, peers, most):
        read.append(sorted(peers))
        return await followers_at(tx, actor, peers, most)

    monkeypatch.setattr(store, "followers_at", counted)
    await say(here, f"{group}/followers", sender=group)
    await say(here, f"{group}/followers", sender=group, conversation="another")
    await any_small.settle()

    assert read == [[f"http://peer{number}.test" for number in range(5)]]


async def listed(server, group, signer=None):
    status, found = await server.get(f"{group}/followers_synchronization", signer=signer)
    return found["orderedItems"] if status == 200 else status


async def test_a_server_is_told_of_its_own_followers_and_of_no_others(
    any_small, here, remote, group
):
    other = await any_small.remote("other")
    ana, bo = await follow(any_small, remote, group, "ana", "bo")
    [eve] = await follow(any_small, other, group, "eve")
    host = await any_small.actor(remote, "host", kind="Application")

    assert await listed(remote, group, ana) == sorted([ana, bo])
    assert await listed(remote, group, host) == sorted([ana, bo])
    assert await listed(other, group, eve) == [eve]
    assert await listed(remote, group) == 404
    assert await listed(remote, f"{here.origin}/groups/none", ana) == 404
    assert await listed(remote, here.instance_actor, ana) == []
    other.actors[ana] = other.actors[eve]  # signs in the name of another
    assert await listed(other, group, ana) == 404


async def test_followers_that_are_too_many_are_neither_stated_nor_listed(
    any_small, here, remote, group, monkeypatch
):
    ana, _ = await follow(any_small, remote, group, "ana", "bo")
    monkeypatch.setattr("federation.attempts.MOST_LISTED", 1)
    monkeypatch.setattr("federation.collections.MOST_LISTED", 1)

    headers = await posted(any_small, here, remote, group, [f"{group}/followers"])

    assert HEADER not in headers
    assert await listed(remote, group, ana) == 404


# What is stated to us ---------------------------------------------------------------------------


@pytest.fixture
async def green(any_small, here, remote):
    return await follow_green(any_small, here, remote)


async def test_followers_on_which_both_agree_are_not_asked_for(green):
    assert await green.says(green.header(green.me)) == []
    assert (green.asked, green.undone) == ([], [])


async def test_a_follow_that_was_lost_there_is_told_to_the_host(green):
    green.lists()

    assert await green.says(green.header()) == [("lost", green.iri, green.me)]
    assert "Signature" in dict(green.remote.fetches)[green.path]


async def test_a_follow_that_was_accepted_unheard_is_told_to_the_host(green):
    green.followed.rows[green.iri][green.me] = False

    assert await green.says(green.header(green.me)) == [("accepted", green.iri, green.me)]


async def test_followers_that_follow_nobody_are_undone(any_small, here, green):
    bo, gone = await here.add("Person", "bo"), await here.add("Person", "gone")
    here.bury(gone)
    green.lists(green.me, bo, gone, f"{here.origin}/people/none", "http://other.test/users/eve")

    assert await green.says(green.header(green.me, bo)) == []
    assert green.undone == [(bo, green.iri, "Follow")]
    assert len(green.asked) == 1


async def test_an_undo_of_a_follow_that_nobody_remembers_is_understood(any_small, here):
    there = await any_small.host("there")
    mei, brick = await here.add("Person", "mei"), await there.add("Group", "brick")
    Followed(here)
    async with there.transaction() as tx:
        store, now = there.federation.store.peers, any_small.clock()
        await store.add_follower(tx, brick, mei, f"{here.origin}/activities/lost", now)
        follow = f"{brick}/followers"
    await say(there, follow, sender=brick)
    await any_small.settle()
    await any_small.settle()

    async with there.reading() as tx:
        assert await there.federation.store.peers.count_followers(tx, brick) == 0


@pytest.mark.parametrize("form", ["items", "first", "embedded", "pages"])
async def test_lists_are_read_in_all_their_forms(green, form):
    items, first = {"items": [green.me]}, f"{green.url}?page=1"
    if form == "items":
        green.lists(type="Collection", orderedItems=None, **items)
    elif form == "embedded":
        green.lists(first={"type": "CollectionPage", **items})
    else:
        green.lists(first=first)

        async def page(request):
            document = {"@context": AS2, "id": str(request.url), "type": "OrderedCollectionPage"}
            held = {"orderedItems": [green.me]} if "page" in request.query else {"first": first}
            if form == "pages" and request.query.get("page") == "1":
                held = {"orderedItems": [], "next": f"{green.url}?page=2"}
            kind = "application/activity+json"
            return web.Response(body=msgspec.json.encode(document | held), content_type=kind)

        green.remote.documents[green.path] = page

    assert await green.says(green.header()) == []
    assert green.asked


async def test_what_changes_while_a_list_is_asked_for_is_let_be(green, here):
    bo = await here.add("Person", "bo")
    answering, going_on = asyncio.Event(), asyncio.Event()

    async def slow(_request):
        going_on.set()
        await answering.wait()
        held = {"id": green.url, "type": "OrderedCollection", "orderedItems": [bo]}
        kind = "application/activity+json"
        return web.Response(body=msgspec.json.encode(held), content_type=kind)

    green.followed.rows[green.iri] = {bo: True}
    green.remote.documents[green.path] = slow
    said = activity(green.iri, to=[PUBLIC])
    header = green.header()
    await green.remote.post(f"{here.origin}/inbox", said, signer=green.iri, more=header)
    await asyncio.wait_for(going_on.wait(), 2)
    green.followed.rows[green.iri] = {green.me: True}
    answering.set()
    await green.small.settle()

    assert (green.followed.told, green.undone) == ([], [])


async def test_what_is_going_on_ends_with_the_host(green, here):
    going_on = asyncio.Event()

    async def silent(_url):
        going_on.set()
        await asyncio.sleep(60)

    here.federation.synchronizing._list = silent
    said, header = activity(green.iri, to=[PUBLIC]), green.header()
    await green.remote.post(f"{here.origin}/inbox", said, signer=green.iri, more=header)
    await asyncio.wait_for(going_on.wait(), 2)

    await here.federation.close()

    assert not here.federation.synchronizing._going_on
