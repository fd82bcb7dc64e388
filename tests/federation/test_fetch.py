"""What may be fetched, from where, and how much of it; and what a fetched document has to be."""

import asyncio
import contextlib
import gzip
import ipaddress
import socket

import pytest
from aiohttp import web

from federation.errors import FederationError, Gone, Malformed, Missing, TooLarge, Unreachable
from federation.fetch import GuardedResolver, Reach
from tests.federation.host import AS2

NOWHERE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "192.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[100::1]",
]
DISGUISED = ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "127.0.0.1."]


@pytest.mark.parametrize("host", NOWHERE + DISGUISED)
def test_an_address_that_is_not_public_is_refused_in_whatever_dress(host):
    with pytest.raises(Malformed):
        Reach().check(f"https://{host}/actor")


@pytest.mark.parametrize("host", NOWHERE)
def test_a_name_that_leads_to_an_address_that_is_not_public_is_refused(host):
    assert not Reach().allows(ipaddress.ip_address(host.strip("[]")))


@pytest.mark.parametrize("host", ["93.184.216.34", "[2606:2800:220:1::1]", "[2002:5db8:d822::1]"])
def test_a_public_address_is_reached(host):
    assert Reach().check(f"https://{host}/").host


@pytest.mark.parametrize(
    "url",
    [
        "http://peer.example/",
        "https://peer.example:8443/",
        "https://a:b@peer.example/",
        "https://a@peer.example/",
        "ftp://peer.example/",
        "file:///etc/passwd",
        "gopher://peer.example/",
        "https://",
        "https:///x",
        "https://peer.example:99999/",
        "https://peer.example\\@evil.example/",
        "https://peer .example/",
        "https://[::1/",
        "",
    ],
)
def test_only_plain_https_addresses_are_fetched(url):
    with pytest.raises(Malformed):
        Reach().check(url)


@pytest.mark.parametrize("names", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::1"], []])
async def test_every_address_behind_a_name_has_to_be_public(monkeypatch, names):
    def getaddrinfo(*_arguments, **_options):
        return [(2, 1, 6, "", (name, 443)) for name in names]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    with pytest.raises(OSError, match="no address"):
        await GuardedResolver(Reach()).resolve("rebinding.example", 443)


async def test_the_address_that_was_checked_is_the_one_connected_to(monkeypatch):
    def getaddrinfo(*_arguments, **_options):
        return [(2, 1, 6, "", ("93.184.216.34", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    found = await GuardedResolver(Reach()).resolve("peer.example", 443)

    assert [one["host"] for one in found] == ["93.184.216.34"]


async def test_localhost_is_reached_only_where_loopback_peers_are_switched_on():
    for host in ("localhost", "care.localhost"):
        with pytest.raises(OSError, match="no address"):
            await GuardedResolver(Reach()).resolve(host, 80)
        found = await GuardedResolver(Reach(loopback=True)).resolve(host, 80)
        assert [one["host"] for one in found] == ["127.0.0.1"]


async def test_a_pretend_network_resolves_nothing_else():
    with pytest.raises(OSError, match="not in this network"):
        await GuardedResolver(Reach(loopback=True, names={})).resolve("example.org", 443)


# Documents --------------------------------------------------------------------------------------


@pytest.fixture
async def here(small):
    return await small.host(deadline=0.3)


@pytest.fixture
async def remote(small):
    return await small.remote()


@pytest.fixture
def note(remote):
    note = {"@context": AS2, "id": f"{remote.origin}/note", "type": "Note"}
    remote.documents["/note"] = note
    return note


async def fetch(here, iri):
    return await here.federation.actors.get(iri)


def answering(body, kind="application/activity+json", **headers):
    async def answer(_request):
        return web.Response(body=body, headers={"Content-Type": kind, **headers})

    return answer


def leading_to(*locations):
    ways = iter(locations)

    async def answer(_request):
        return web.Response(status=302, headers={"Location": next(ways)})

    return answer


async def test_a_document_is_fetched_signed_by_the_instance_and_asked_for_by_type(
    here, remote, note
):
    assert await fetch(here, note["id"]) == note

    ((_, headers),) = remote.fetches
    assert headers["Signature"].startswith(f'keyId="{here.instance_actor}#main-key"')
    assert headers["Accept"].startswith("application/activity+json, application/ld+json")
    assert headers["User-Agent"] == "test"


@pytest.mark.parametrize(
    "kind",
    [
        "application/activity+json",
        "application/activity+json; charset=utf-8",
        "Application/Activity+JSON",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json; profile="http://a.example https://www.w3.org/ns/activitystreams"',
    ],
)
async def test_documents_of_our_kind_are_read(here, remote, note, kind):
    body = f'{{"@context":"{AS2}","id":"{note["id"]}"}}'.encode()
    remote.documents["/note"] = answering(body, kind)

    assert (await fetch(here, note["id"]))["id"] == note["id"]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/ld+json",
        'application/ld+json; profile="https://example.org"',
        "text/html",
        "text/plain",
        "image/png",
        "application/octet-stream",
    ],
)
async def test_uploads_and_pages_are_no_documents(here, remote, note, kind):
    body = f'{{"@context":"{AS2}","id":"{note["id"]}"}}'.encode()
    remote.documents["/note"] = answering(body, kind)

    with pytest.raises(Malformed, match="answered with"):
        await fetch(here, note["id"])


async def test_a_document_with_another_id_is_asked_for_once_more_under_that(here, remote, note):
    remote.documents["/alias"] = note

    assert await fetch(here, f"{remote.origin}/alias") == note
    assert [path for path, _ in remote.fetches] == ["/alias", "/note"]


async def test_two_documents_that_point_at_each_other_are_refused(here, remote, note):
    remote.documents["/a"] = {**note, "id": f"{remote.origin}/b"}
    remote.documents["/b"] = {**note, "id": f"{remote.origin}/a"}

    with pytest.raises(Malformed, match="itself"):
        await fetch(here, f"{remote.origin}/a")


async def test_redirects_within_an_origin_are_followed_three_times(here, remote, note):
    remote.documents["/1"] = leading_to("/2")
    remote.documents["/2"] = leading_to(f"{remote.origin}/3")
    remote.documents["/3"] = leading_to("note")
    assert await fetch(here, f"{remote.origin}/1") == note

    remote.documents["/0"] = leading_to("/1")
    remote.documents["/1"], remote.documents["/2"] = leading_to("/2"), leading_to("/3")
    remote.documents["/3"] = leading_to("/note")
    with pytest.raises(Malformed, match="redirects more than"):
        await fetch(here, f"{remote.origin}/0")


@pytest.mark.parametrize(
    "location",
    [
        "http://elsewhere.test/note",
        "https://remote.test/note",
        "http://127.0.0.1/note",
        "file:///etc/passwd",
        "http://[::1",
        "http://a:b@remote.test/note",
    ],
)
async def test_a_redirect_that_leaves_the_origin_is_not_followed(here, remote, note, location):
    remote.documents["/1"] = leading_to(location)

    with pytest.raises(Malformed):
        await fetch(here, f"{remote.origin}/1")


@pytest.mark.parametrize("theirs", ["http://other.test/users/bo", ["http://other.test/users/bo"]])
async def test_who_wrote_a_document_has_to_be_of_its_origin_whoever_else_it_names(
    here, remote, note, theirs
):
    note |= {"actor": f"{remote.origin}/users/ana", "attributedTo": theirs}

    with pytest.raises(Malformed, match="belongs to another origin"):
        await fetch(here, note["id"])


async def test_an_actor_is_its_own_whoever_elsewhere_looks_after_it(small, here, remote):
    """Smithereen's groups name their administrators so."""
    group = await small.actor(remote, "green", kind="Group")
    admin = {"type": "Person", "id": "http://other.test/users/bo"}
    remote.documents["/users/green"]["attributedTo"] = [admin]

    assert (await here.federation.find(group))["attributedTo"] == [admin]


@pytest.mark.parametrize(
    ("status", "error"),
    [(410, Gone), (404, Missing), (403, Malformed), (401, Unreachable), (500, Unreachable)],
)
async def test_what_is_gone_missing_refused_or_down_is_told_apart(
    here, remote, note, status, error
):
    async def answer(_request):
        return web.Response(status=status)

    remote.documents["/note"] = answer

    with pytest.raises(error) as refusal:
        await fetch(here, note["id"])
    assert type(refusal.value) is error


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"text"', b"\xff"])
async def test_what_is_no_document_is_refused(here, remote, note, body):
    remote.documents["/note"] = answering(body)

    with pytest.raises(Malformed):
        await fetch(here, note["id"])


@pytest.mark.parametrize("trick", ["@graph", "@reverse", "@included"])
async def test_a_fetched_document_plays_no_tricks_either(here, remote, note, trick):
    note["replies"] = {trick: []}

    with pytest.raises(Malformed, match="not taken"):
        await fetch(here, note["id"])


async def test_a_document_is_read_to_a_megabyte_and_no_further(here, remote, note):
    sent = 0

    async def endless(request):
        nonlocal sent
        answer = web.StreamResponse(headers={"Content-Type": "application/activity+json"})
        await answer.prepare(request)
        while True:
            await answer.write(b" " * 100_000)
            sent += 100_000

    remote.documents["/note"] = endless

    with pytest.raises(TooLarge):
        await fetch(here, note["id"])
    assert sent < 20_000_000


async def test_a_gzip_bomb_does_not_go_off(here, remote, note):
    bomb = gzip.compress(b" " * 50_000_000)
    assert len(bomb) < 100_000
    remote.documents["/note"] = answering(bomb, **{"Content-Encoding": "gzip"})

    with pytest.raises(FederationError):
        await fetch(here, note["id"])


@pytest.mark.parametrize("first", [b"", b"{"])
async def test_a_byte_now_and_then_does_not_hold_us(here, remote, note, first):
    async def slow(request):
        answer = web.StreamResponse(headers={"Content-Type": "application/activity+json"})
        await answer.prepare(request)
        for _ in range(20):
            await answer.write(first)
            await asyncio.sleep(0.05)
        return answer

    remote.documents["/note"] = slow

    with pytest.raises(Unreachable):
        await asyncio.wait_for(fetch(here, note["id"]), 2)


async def test_a_server_that_is_not_there_is_unreachable(small, here):
    small.network.names["down.test"] = ("127.0.0.1", 9)

    for host in ("down.test", "unknown.test"):
        with pytest.raises(Unreachable):
            await fetch(here, f"http://{host}/note")


async def test_webfinger_may_have_moved_to_another_host(small, here, remote):
    other = await small.remote("other")
    other.documents["/moved"] = {"subject": "acct:ana@remote.test"}
    remote.documents["/.well-known/webfinger"] = leading_to("http://other.test/moved")

    found = await here.federation.fetcher.get_json(f"{remote.origin}/.well-known/webfinger")

    assert found == {"subject": "acct:ana@remote.test"}
    assert "Signature" not in other.fetches[0][1]


async def test_a_fetch_that_nobody_waits_for_ends_with_the_host(here, monkeypatch):
    asked, ended = asyncio.Event(), asyncio.Event()

    async def slow(_iri, **_purpose):
        asked.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    monkeypatch.setattr(here.federation.actors, "get", slow)
    waiting = asyncio.create_task(here.federation.actors.fetch("http://remote.test/users/ana"))
    await asyncio.wait_for(asked.wait(), 2)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting

    await here.federation.close()

    assert ended.is_set()
