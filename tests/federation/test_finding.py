"""Finding an actor by its address: whom a host names, and whether the actor's own host agrees."""

import asyncio

import pytest
from aiohttp import web

from federation.errors import Gone, Malformed, TooLarge, Unreachable

JRD = "application/jrd+json"
SELF = {"rel": "self", "type": "application/activity+json"}


@pytest.fixture
async def here(small):
    return await small.host()


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
def brick(remote):
    return remote.actor("brick", kind="Group")


def names(remote, actor, subject="acct:brick@remote.test", **link):
    """Let a server answer WebFinger, and only that, with one link to an actor."""
    links = [{"rel": "self", "type": "text/html", "href": "/"}, {**SELF, "href": actor, **link}]
    remote.documents["/.well-known/webfinger"] = {"subject": subject, "links": links}


@pytest.mark.parametrize(
    "address",
    ["brick@remote.test", "@brick@remote.test", "acct:brick@Remote.test", " @brick@remote.test "],
)
async def test_an_address_leads_to_the_actor_that_its_host_names(here, remote, brick, address):
    names(remote, brick)

    assert (await here.federation.find(address))["id"] == brick
    [asked] = [path for path, _ in remote.fetches if path.startswith("/.well-known")]
    assert asked == "/.well-known/webfinger"


async def test_a_web_address_leads_to_the_actor_that_is_there(here, brick):
    assert (await here.federation.find(brick))["type"] == "Group"


async def test_our_own_are_found_without_asking_anybody(here):
    bea = await here.add("Person", "bea")

    for address in ("bea@here.test", bea):
        assert (await here.federation.find(address))["id"] == bea
    with pytest.raises(Gone):
        await here.federation.find("nobody@here.test")


async def test_nobody_of_that_name_is_told_from_a_host_that_is_silent(here, small, remote):
    with pytest.raises(Gone):
        await here.federation.find("nobody@remote.test")
    small.network.vanish("remote.test")
    with pytest.raises(Unreachable):
        await here.federation.find("nobody@remote.test")


@pytest.mark.parametrize("address", ["", "brick", "brick@", "@remote.test", "ftp://remote.test/a"])
async def test_what_is_no_address_is_refused(here, address):
    with pytest.raises(Malformed):
        await here.federation.find(address)


@pytest.mark.parametrize(
    "answer",
    [[], "text", {}, {"links": 3}, {"links": [None, {"rel": "self"}]}, {"links": [SELF]}],
)
async def test_a_host_that_names_no_actor_is_not_believed(here, remote, answer):
    remote.documents["/.well-known/webfinger"] = answer

    with pytest.raises(Malformed):
        await here.federation.find("brick@remote.test")


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1/actor",
        "http://[::1]/actor",
        "http://169.254.169.254/",
        "file:///etc/passwd",
    ],
)
async def test_a_name_leads_to_no_address_inside(here, remote, target):
    names(remote, target)

    with pytest.raises((Malformed, Unreachable)):
        await here.federation.find("brick@remote.test")


async def test_a_lookup_that_is_sent_on_to_an_address_inside_is_refused(here, remote):
    async def send_on(_request):
        return web.HTTPFound("http://127.0.0.1/.well-known/webfinger")

    remote.documents["/.well-known/webfinger"] = send_on

    with pytest.raises((Malformed, Unreachable)):
        await here.federation.find("brick@remote.test")


async def test_an_answer_without_end_is_not_read(here, remote):
    async def endless(request):
        answer = web.StreamResponse(headers={"Content-Type": JRD})
        await answer.prepare(request)
        while True:
            await answer.write(b" " * 100_000)
            await asyncio.sleep(0)

    remote.documents["/.well-known/webfinger"] = endless

    with pytest.raises(TooLarge):
        await here.federation.find("brick@remote.test")


async def test_an_actor_elsewhere_is_believed_when_its_host_gives_it_the_same_address(
    here, small, remote, brick
):
    village = await small.remote("village")
    names(village, brick)
    names(remote, brick, subject="acct:brick@village.test")

    assert (await here.federation.find("brick@village.test"))["id"] == brick


@pytest.mark.parametrize("subject", ["acct:brick@remote.test", "acct:other@village.test", ""])
async def test_nobody_gives_an_address_to_an_actor_of_somebody_elses(
    here, small, remote, brick, subject
):
    village = await small.remote("village")
    names(village, brick)
    names(remote, brick, subject=subject)

    with pytest.raises(Malformed, match="does not say"):
        await here.federation.find("brick@village.test")
