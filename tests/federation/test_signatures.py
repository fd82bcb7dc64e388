import base64
from datetime import timedelta, timezone
from hashlib import sha256

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict

from federation.cavage import digest_of
from federation.signatures import read_signature, sign_request
from tests.federation.keys_for_tests import ed25519_key, rsa_key
from tests.federation.requests_for_tests import (
    BODY,
    KEY_ID,
    NOW,
    ON_GET,
    ON_POST,
    accepts,
    refuses,
    signed_request,
)

# What we sign.


def _sign(**changes):
    request = {
        "method": "POST",
        "url": "https://here.example/inbox?x=1",
        "key_id": KEY_ID,
        "key": rsa_key(),
        "now": NOW,
        "body": BODY,
    }
    return sign_request(**(request | changes))


def test_a_post_is_signed_as_the_whole_fediverse_reads_it():
    headers = _sign()
    assert headers["Host"] == "here.example"
    assert headers["Date"] == "Sun, 22 Nov 2026 08:00:00 GMT"
    assert headers["Digest"] == "SHA-256=" + base64.b64encode(sha256(BODY).digest()).decode()
    assert headers["Content-Type"] == "application/activity+json"
    assert headers["Signature"].startswith(
        f'keyId="{KEY_ID}",algorithm="rsa-sha256",headers="{ON_POST}",signature="'
    )
    text = "\n".join(
        [
            "(request-target): post /inbox?x=1",
            "host: here.example",
            "date: Sun, 22 Nov 2026 08:00:00 GMT",
            f"digest: {headers['Digest']}",
            "content-type: application/activity+json",
        ]
    )
    signature = headers["Signature"].split('signature="')[1].rstrip('"')
    assert rsa_key().public.verifies(base64.b64decode(signature), text.encode())


def test_a_get_is_signed_without_body_headers():
    headers = _sign(method="GET", body=None, url="http://here.example:8804")
    assert set(headers) == {"Host", "Date", "Signature"}
    assert headers["Host"] == "here.example:8804"
    assert f'headers="{ON_GET}"' in headers["Signature"]
    assert accepts(
        CIMultiDict(headers), method="GET", target="/", body=b"", origin="http://here.example:8804"
    )


def test_an_ed25519_key_does_not_pretend_to_be_rsa():
    with pytest.raises(ValueError, match="kind of key"):
        _sign(key=ed25519_key())


def test_our_date_is_in_gmt_wherever_the_server_stands():

    assert _sign(now=NOW.astimezone(timezone(timedelta(hours=8)))) == _sign()


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_what_we_sign_arrives_over_a_socket_as_it_was_signed(aiohttp_server, method):
    seen = []

    async def receive(request):
        body = await request.read()
        signature = read_signature(
            request.method, request.raw_path, request.headers, body, origin=origin, now=NOW
        )
        signature.verify(rsa_key().public)
        seen.append(signature.key_id)
        return web.Response(status=202)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", receive)
    server = await aiohttp_server(app)
    origin = f"http://127.0.0.1:{server.port}"
    url = f"{origin}/grüße/%7Eana?q=%2F%20a&r=b+c"
    body = BODY if method == "POST" else None
    headers = _sign(method=method, url=url, body=body)
    async with (
        aiohttp.ClientSession() as client,
        client.request(method, url, headers=headers, data=body) as response,
    ):
        assert response.status == 202
    assert seen == [KEY_ID]


# What we accept: the sets of headers that other servers were seen to sign.

_WIRE = {
    "Mastodon POST": ("POST", "date host digest (request-target)", "rsa-sha256"),
    "Mastodon GET": ("GET", "date host (request-target)", "rsa-sha256"),
    "GoToSocial POST": ("POST", "(request-target) host date digest", "hs2019"),
    "GoToSocial GET": ("GET", "(request-target) host date", "hs2019"),
    "snac POST": ("POST", "(request-target) host digest date", "rsa-sha256"),
    "snac GET": ("GET", "(request-target) host digest date", "rsa-sha256"),
    "Takahe POST": ("POST", "(request-target) host date digest content-type", "rsa-sha256"),
    "microblog.pub POST": (
        "POST",
        "(request-target) user-agent host date digest content-type",
        "rsa-sha256",
    ),
    "microblog.pub GET": ("GET", "(request-target) user-agent host date accept", "rsa-sha256"),
    "PieFed POST": ("POST", "(request-target) host date digest content-type", "rsa-sha256"),
    "onepage POST": ("POST", "(request-target) host date digest", "rsa-sha256"),
    "onepage GET": ("GET", "(request-target) host date", "rsa-sha256"),
}


@pytest.mark.parametrize(("method", "covered", "algorithm"), _WIRE.values(), ids=_WIRE.keys())
def test_the_header_sets_of_real_servers_are_accepted(method, covered, algorithm):
    body = BODY if method == "POST" else b""
    extra = {"digest": digest_of(body)} if "digest" in covered else {}
    headers = signed_request(
        covered, method=method, body=body, algorithm=f'algorithm="{algorithm}",', **extra
    )
    assert accepts(headers, method=method, body=body)


def test_no_algorithm_means_that_the_key_decides():
    assert accepts(signed_request(algorithm=""))
    assert accepts(signed_request(algorithm="", key=ed25519_key), key=ed25519_key)
    assert accepts(
        signed_request(algorithm='algorithm="hs2019",', key=ed25519_key), key=ed25519_key
    )


def test_a_content_type_with_parameters_is_taken_as_sent():
    assert accepts(signed_request(**{"content-type": "application/activity+json; charset=utf-8"}))


def test_a_query_may_be_signed_or_left_out_but_not_changed():
    assert accepts(signed_request(target="/inbox?a=1"), target="/inbox?a=1")
    assert accepts(signed_request(target="/inbox"), target="/inbox?a=1")
    refuses(signed_request(target="/inbox?a=1"), target="/inbox?a=2")
    refuses(signed_request(target="/inbox?a=1"), target="/inbox")


def test_parameters_may_come_in_any_order_and_unknown_ones_are_ignored():
    headers = signed_request()
    parts = headers["Signature"].split('",')
    headers["Signature"] = (
        'note="x", ' + '" , '.join(part.rstrip('"') for part in [*parts[1:], parts[0]]) + '"'
    )
    assert accepts(headers)


def test_a_host_is_the_same_with_its_default_port_and_in_capitals():
    assert accepts(signed_request(host="HERE.example:443"))


def test_a_digest_may_stand_beside_others_of_which_only_sha_256_is_read():
    both = f"SHA-512=AAAA,{digest_of(BODY).replace('SHA-256', 'sha-256')}"
    assert accepts(signed_request(digest=both))


def test_a_created_time_stands_in_for_a_date():
    at = int(NOW.timestamp())
    covered = "(request-target) (created) (expires) host digest"
    for hours, accepted in [(0, True), (11, True), (12.5, False), (-0.5, True), (-2, False)]:
        headers = signed_request(
            covered,
            algorithm='algorithm="hs2019",',
            parameters=f"created={at},expires={at + 86400}",
        )
        later = NOW + timedelta(hours=hours)
        if accepted:
            assert accepts(headers, now=later)
        else:
            refuses(headers, now=later)
