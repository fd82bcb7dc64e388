import base64
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict

from federation.errors import FederationError, Malformed, Unauthenticated
from federation.keys import public_keys_of
from federation.signatures import digest_of, read_signature, sign_request
from tests.federation.keys_for_tests import ed25519_key, other_rsa_key, rsa_key

NOW = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
ORIGIN = "https://here.example"
KEY_ID = "https://there.example/people/1#main-key"
BODY = b'{"type":"Follow"}'
ON_POST = "(request-target) host date digest content-type"
ON_GET = "(request-target) host date"


def _imf(moment):
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def _request(
    covered=ON_POST,
    *,
    method="POST",
    target="/inbox",
    body=BODY,
    key=rsa_key,
    parameters="",
    algorithm='algorithm="rsa-sha256",',
    **changed,
):
    """Sign a request with code that shares nothing with the code under test."""
    fields = {
        "host": "here.example",
        "date": _imf(NOW),
        "content-type": "application/activity+json",
        "user-agent": "Peer/1.0",
        "accept": "application/activity+json",
        **changed,
    }
    if body:
        fields.setdefault("digest", "SHA-256=" + base64.b64encode(sha256(body).digest()).decode())
    stated = dict(part.split("=") for part in parameters.split(",") if part)
    pseudo = {
        "(request-target)": f"{method.lower()} {target}",
        "(created)": stated.get("created", "").strip('"'),
        "(expires)": stated.get("expires", "").strip('"'),
    }
    text = "\n".join(f"{name}: {(fields | pseudo)[name]}" for name in covered.split(" "))
    signature = base64.b64encode(key().sign(text.encode())).decode()
    fields["signature"] = (
        f'keyId="{KEY_ID}",{algorithm}{parameters and parameters + ","}headers="{covered}",'
        f'signature="{signature}"'
    )
    return CIMultiDict({name.title(): value for name, value in fields.items() if value != ""})


def _read(headers, *, method="POST", target="/inbox", body=BODY, origin=ORIGIN, now=NOW):
    return read_signature(method, target, headers, body, origin=origin, now=now)


def _accepts(headers, key=rsa_key, **request):
    _read(headers, **request).verify(key().public)
    return True


def _refuses(headers, error=Unauthenticated, match=None, key=rsa_key, **request):
    with pytest.raises(error, match=match):
        _accepts(headers, key=key, **request)


def _with_signature(headers, old, new):
    assert old in headers["Signature"]
    changed = CIMultiDict(headers)
    changed["Signature"] = headers["Signature"].replace(old, new)
    return changed


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
    assert _accepts(
        CIMultiDict(headers), method="GET", target="/", body=b"", origin="http://here.example:8804"
    )


def test_an_ed25519_key_does_not_pretend_to_be_rsa():
    with pytest.raises(ValueError, match="RSA"):
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
    headers = _request(
        covered, method=method, body=body, algorithm=f'algorithm="{algorithm}",', **extra
    )
    assert _accepts(headers, method=method, body=body)


def test_no_algorithm_means_that_the_key_decides():
    assert _accepts(_request(algorithm=""))
    assert _accepts(_request(algorithm="", key=ed25519_key), key=ed25519_key)
    assert _accepts(_request(algorithm='algorithm="hs2019",', key=ed25519_key), key=ed25519_key)


def test_a_content_type_with_parameters_is_taken_as_sent():
    assert _accepts(_request(**{"content-type": "application/activity+json; charset=utf-8"}))


def test_a_query_may_be_signed_or_left_out_but_not_changed():
    assert _accepts(_request(target="/inbox?a=1"), target="/inbox?a=1")
    assert _accepts(_request(target="/inbox"), target="/inbox?a=1")
    _refuses(_request(target="/inbox?a=1"), target="/inbox?a=2")
    _refuses(_request(target="/inbox?a=1"), target="/inbox")


def test_parameters_may_come_in_any_order_and_unknown_ones_are_ignored():
    headers = _request()
    parts = headers["Signature"].split('",')
    headers["Signature"] = (
        'note="x", ' + '" , '.join(part.rstrip('"') for part in [*parts[1:], parts[0]]) + '"'
    )
    assert _accepts(headers)


def test_a_host_is_the_same_with_its_default_port_and_in_capitals():
    assert _accepts(_request(host="HERE.example:443"))


def test_a_digest_may_stand_beside_others_of_which_only_sha_256_is_read():
    both = f"SHA-512=AAAA,{digest_of(BODY).replace('SHA-256', 'sha-256')}"
    assert _accepts(_request(digest=both))


def test_a_created_time_stands_in_for_a_date():
    at = int(NOW.timestamp())
    covered = "(request-target) (created) (expires) host digest"
    for hours, accepted in [(0, True), (11, True), (12.5, False), (-0.5, True), (-2, False)]:
        headers = _request(
            covered,
            algorithm='algorithm="hs2019",',
            parameters=f"created={at},expires={at + 86400}",
        )
        later = NOW + timedelta(hours=hours)
        if accepted:
            assert _accepts(headers, now=later)
        else:
            _refuses(headers, now=later)


# What we refuse, by the attack it stops.


def test_an_unsigned_request():
    headers = _request()
    del headers["Signature"]
    _refuses(headers, match="no Signature")


def test_two_signatures():
    headers = _request()
    headers.add("Signature", headers["Signature"])
    _refuses(headers, Malformed, "more than one Signature")
    joined = _request()
    joined["Signature"] += "," + joined["Signature"]
    _refuses(joined, Malformed, "twice")


@pytest.mark.parametrize("name", ["keyId", "keyid", "algorithm", "headers", "signature"])
def test_a_duplicated_parameter(name):
    headers = _request()
    headers["Signature"] = f'{name}="https://evil.example/1#key",' + headers["Signature"]
    _refuses(headers, Malformed, "twice")


def test_a_header_covered_twice():
    _refuses(_request("(request-target) host date digest date"), Malformed, "twice")


@pytest.mark.parametrize("name", ["Host", "Date", "Digest"])
def test_a_second_value_smuggled_beside_a_signed_one(name):
    headers = _request()
    headers.add(name, headers[name])
    _refuses(headers, Malformed, f"more than one {name.lower()}")


def test_a_digest_that_is_not_signed():
    _refuses(_request("(request-target) host date"), match="does not cover digest")


def test_a_digest_that_is_signed_and_missing():
    headers = _request()
    del headers["Digest"]
    _refuses(headers, match="no digest")


def test_a_changed_body():
    _refuses(_request(), match="does not fit the body", body=BODY + b" ")
    _refuses(_request(), match="does not fit the body", body=b"")


def test_a_changed_body_with_its_own_digest():
    headers = _request()
    headers["Digest"] = digest_of(b"other")
    _refuses(headers, match="does not fit the request", body=b"other")


@pytest.mark.parametrize(
    "digest",
    [
        "SHA-512=AAAA",
        "SHA-256",
        "SHA-256=not base64!",
        f"{digest_of(BODY)},{digest_of(BODY)}",
        f"{digest_of(b'other')},{digest_of(BODY)}",
    ],
)
def test_a_digest_that_can_be_read_in_two_ways(digest):
    _refuses(_request(digest=digest), Malformed)


def test_a_body_on_a_get_needs_a_digest_too():
    headers = _request(ON_GET, method="GET")
    _refuses(headers, match="does not cover digest", method="GET")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_request_that_could_have_a_body_needs_a_digest_even_of_nothing(method):
    _refuses(_request(ON_GET, method=method, body=b""), match="digest", method=method, body=b"")


@pytest.mark.parametrize(
    "covered",
    [
        "date",
        "date digest",
        "host date digest",
        "(request-target) date digest",
        "(request-target) host digest",
    ],
)
def test_only_a_part_signed(covered):
    _refuses(_request(covered), match="does not cover")


def test_no_list_of_headers():
    headers = _request()
    parts = [part for part in headers["Signature"].split(",") if not part.startswith("headers=")]
    headers["Signature"] = ",".join(parts)
    _refuses(headers, match="does not say which headers")


@pytest.mark.parametrize("hours", [-1.01, 1.01, 24, 24 * 365])
def test_a_stale_or_future_request(hours):
    _refuses(_request(), now=NOW + timedelta(hours=hours))


@pytest.mark.parametrize("hours", [-0.99, 0.99])
def test_a_clock_that_is_an_hour_off_is_forgiven(hours):
    assert _accepts(_request(), now=NOW + timedelta(hours=hours))


def test_an_expiry_that_has_passed_counts_even_if_it_is_not_signed():
    expired = _request(parameters=f"expires={int(NOW.timestamp()) - 3700}")
    _refuses(expired, match="too old")


def test_an_expiry_that_is_not_signed_stretches_nothing():
    stretched = _request(parameters=f"expires={int(NOW.timestamp()) + 36000}")
    assert _accepts(stretched)
    _refuses(stretched, match="too old", now=NOW + timedelta(hours=2))


@pytest.mark.parametrize(
    "date",
    [
        "wrong date",
        "2026-11-22T08:00:00Z",
        "Sun, 22 Nov 2026 08:00:00 +0000",
        "Sun, 32 Nov 2026 08:00:00 GMT",
        "Sun, 22 Nov 2026 25:00:00 GMT",
        "Sun, 22 Nov 0000 08:00:00 GMT",
        "Sun, ٢٢ Nov 2026 08:00:00 GMT",
    ],
)
def test_a_date_that_is_none(date):
    _refuses(_request(date=date), Malformed, "Date")


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_date_at_the_end_of_the_calendar(year):
    _refuses(_request(date=f"Sun, 31 Dec {year} 23:59:59 GMT"))


@pytest.mark.parametrize("created", ["", "created=soon", "created=99999999999999"])
def test_a_created_time_that_is_none(created):
    headers = _request("(request-target) host (created) digest", algorithm="", parameters=created)
    _refuses(headers, Malformed)


def test_a_created_time_under_rsa_sha256():
    at = int(NOW.timestamp())
    headers = _request("(request-target) host (created) digest", parameters=f"created={at}")
    _refuses(headers, Malformed, "rsa-sha256")


@pytest.mark.parametrize("algorithm", ["none", "hmac-sha256", "rsa-sha1", "RSA-SHA256", ""])
def test_an_unknown_algorithm(algorithm):
    _refuses(_request(algorithm=f'algorithm="{algorithm}",'), match="algorithm")


def test_an_ed25519_signature_that_says_it_is_rsa():
    _refuses(_request(key=ed25519_key), match="not RSA", key=ed25519_key)


@pytest.mark.parametrize(
    "host", ["evil.example", "here.example.evil.example", "here.example:8443", "xhere.example"]
)
def test_a_request_signed_for_a_foreign_host(host):
    _refuses(_request(host=host), match="another host")


def test_a_forwarding_header_does_not_make_a_foreign_host_ours():
    headers = _request(host="evil.example")
    headers["X-Forwarded-Host"] = "here.example"
    headers["Forwarded"] = "host=here.example"
    _refuses(headers, match="another host")


@pytest.mark.parametrize(
    "host", ["here.example/evil", "ana@here.example", "here.example?", "here.example#", "h e", "é/"]
)
def test_a_host_that_is_more_than_a_host(host):
    _refuses(_request(host=host), Malformed)


def test_a_signature_for_another_path_or_method():
    _refuses(_request(target="/people/1/inbox"))
    _refuses(_request(method="PUT"))


def test_a_key_of_somebody_else():
    _refuses(_request(key=other_rsa_key), match="does not fit")


def test_a_key_that_an_actor_lists_for_another_owner_verifies_nothing():
    actor = "https://there.example/people/1"
    entry = {"id": KEY_ID, "owner": f"{actor}0", "publicKeyPem": rsa_key().public_pem}
    signature = _read(_request())
    assert signature.key_id == KEY_ID
    assert signature.key_id not in public_keys_of({"id": actor, "publicKey": entry})


@pytest.mark.parametrize(
    "key_id",
    ["", "#main-key", "acct:ana@there.example", "https://a:b@there.example/1", "/people/1"],
)
def test_a_key_id_that_is_no_address(key_id):
    headers = _with_signature(_request(), f'keyId="{KEY_ID}"', f'keyId="{key_id}"')
    _refuses(headers, Malformed)


def test_no_key_id_and_no_signature_inside_the_header():
    _refuses(_with_signature(_request(), "keyId=", "key="), Malformed, "no key")
    _refuses(_with_signature(_request(), ",signature=", ",sig="), Malformed, "no signature")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Signature",
        "sig1=:AAAA:",
        'keyId="a',
        'keyId="a" algorithm="b"',
        'keyId="a",',
        ',keyId="a"',
        "keyId=a",
        'keyId="a\\"b"',
        "keyId='a'",
        'keyId="a\x00"',
        'keyId="' + "a" * 5000 + '"',
    ],
)
def test_a_signature_header_that_cannot_be_read(header):
    headers = _request()
    headers["Signature"] = header
    _refuses(headers, Malformed)


@pytest.mark.parametrize(("written", "match"), [("?!", "base64"), ("", "empty")])
def test_a_signature_that_is_not_base64(written, match):
    headers = _request()
    start = headers["Signature"].split(',signature="')[0]
    headers["Signature"] = f'{start},signature="{written}"'
    _refuses(headers, Malformed, match)


@pytest.mark.parametrize("covered", ["", " ", "(request-target)  host", "(query)", "a:b", "é"])
def test_a_list_of_headers_that_is_none(covered):
    headers = _with_signature(_request(), f'headers="{ON_POST}"', f'headers="{covered}"')
    _refuses(headers, Malformed)


def test_more_covered_headers_than_anybody_needs():
    many = " ".join(f"x-{number}" for number in range(40))
    headers = _with_signature(_request(), f'headers="{ON_POST}"', f'headers="{ON_POST} {many}"')
    _refuses(headers, Malformed, "too many")


def test_a_covered_header_that_is_not_there():
    headers = _request(f"{ON_POST} user-agent")
    del headers["User-Agent"]
    _refuses(headers, match="user-agent")


def test_a_covered_header_that_is_endless_or_breaks_the_line():
    for value in ("x" * 9000, "Peer\ndate: tomorrow"):
        _refuses(_request(f"{ON_POST} user-agent", **{"user-agent": value}), Malformed)


@pytest.mark.parametrize(
    "target", ["", "*", "https://here.example/inbox", "/a\nhost: b", "/" + "a" * 9000]
)
def test_a_request_target_that_cannot_be_covered(target):
    _refuses(_request(), Malformed, target=target)


def test_a_method_that_is_none():
    _refuses(_request(), Malformed, method="PO ST")


def test_a_request_signed_by_rfc_9421_is_told_what_to_do_instead():
    headers = _request()
    headers["Signature-Input"] = 'sig1=("@method");created=1;keyid="k"'
    _refuses(headers, match="RFC 9421.*draft-cavage")


def test_every_refusal_is_a_sentence_with_a_status():
    headers = _request()
    del headers["Signature"]
    with pytest.raises(FederationError) as refusal:
        _read(headers)
    assert refusal.value.status == 401
    assert refusal.value.sentence == str(refusal.value) == "The request has no Signature header."
