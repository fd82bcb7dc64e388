"""Requests that prove too little, each test named by the attack it stops."""

from datetime import timedelta

import pytest

from federation.cavage import digest_of
from federation.errors import FederationError, Malformed
from federation.keys import public_keys_of
from tests.federation.keys_for_tests import ed25519_key, other_rsa_key, rsa_key
from tests.federation.requests_for_tests import (
    BODY,
    KEY_ID,
    NOW,
    ON_GET,
    ON_POST,
    accepts,
    read,
    refuses,
    signed_request,
    with_signature,
)


def test_an_unsigned_request():
    headers = signed_request()
    del headers["Signature"]
    refuses(headers, match="no Signature")


def test_two_signatures():
    headers = signed_request()
    headers.add("Signature", headers["Signature"])
    refuses(headers, Malformed, "more than one Signature")
    joined = signed_request()
    joined["Signature"] += "," + joined["Signature"]
    refuses(joined, Malformed, "twice")


@pytest.mark.parametrize("name", ["keyId", "keyid", "algorithm", "headers", "signature"])
def test_a_duplicated_parameter(name):
    headers = signed_request()
    headers["Signature"] = f'{name}="https://evil.example/1#key",' + headers["Signature"]
    refuses(headers, Malformed, "twice")


def test_a_header_covered_twice():
    refuses(signed_request("(request-target) host date digest date"), Malformed, "twice")


@pytest.mark.parametrize("name", ["Host", "Date", "Digest"])
def test_a_second_value_smuggled_beside_a_signed_one(name):
    headers = signed_request()
    headers.add(name, headers[name])
    refuses(headers, Malformed, f"more than one {name.lower()}")


def test_a_digest_that_is_not_signed():
    refuses(signed_request("(request-target) host date"), match="does not cover digest")


def test_a_digest_that_is_signed_and_missing():
    headers = signed_request()
    del headers["Digest"]
    refuses(headers, match="no digest")


def test_a_changed_body():
    refuses(signed_request(), match="does not fit the body", body=BODY + b" ")
    refuses(signed_request(), match="does not fit the body", body=b"")


def test_a_changed_body_with_its_own_digest():
    headers = signed_request()
    headers["Digest"] = digest_of(b"other")
    refuses(headers, match="does not fit the request", body=b"other")


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
    refuses(signed_request(digest=digest), Malformed)


def test_a_body_on_a_get_needs_a_digest_too():
    headers = signed_request(ON_GET, method="GET")
    refuses(headers, match="does not cover digest", method="GET")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_a_request_that_could_have_a_body_needs_a_digest_even_of_nothing(method):
    refuses(
        signed_request(ON_GET, method=method, body=b""), match="digest", method=method, body=b""
    )


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
    refuses(signed_request(covered), match="does not cover")


def test_no_list_of_headers():
    headers = signed_request()
    parts = [part for part in headers["Signature"].split(",") if not part.startswith("headers=")]
    headers["Signature"] = ",".join(parts)
    refuses(headers, match="does not say which headers")


@pytest.mark.parametrize("hours", [-1.01, 1.01, 24, 24 * 365])
def test_a_stale_or_future_request(hours):
    refuses(signed_request(), now=NOW + timedelta(hours=hours))


@pytest.mark.parametrize("hours", [-0.99, 0.99])
def test_a_clock_that_is_an_hour_off_is_forgiven(hours):
    assert accepts(signed_request(), now=NOW + timedelta(hours=hours))


def test_an_expiry_that_has_passed_counts_even_if_it_is_not_signed():
    expired = signed_request(parameters=f"expires={int(NOW.timestamp()) - 3700}")
    refuses(expired, match="too old")


def test_an_expiry_that_is_not_signed_stretches_nothing():
    stretched = signed_request(parameters=f"expires={int(NOW.timestamp()) + 36000}")
    assert accepts(stretched)
    refuses(stretched, match="too old", now=NOW + timedelta(hours=2))


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
    refuses(signed_request(date=date), Malformed, "Date")


@pytest.mark.parametrize("year", ["0001", "9999"])
def test_a_date_at_the_end_of_the_calendar(year):
    refuses(signed_request(date=f"Sun, 31 Dec {year} 23:59:59 GMT"))


@pytest.mark.parametrize("created", ["", "created=soon", "created=99999999999999"])
def test_a_created_time_that_is_none(created):
    headers = signed_request(
        "(request-target) host (created) digest", algorithm="", parameters=created
    )
    refuses(headers, Malformed)


def test_a_created_time_under_rsa_sha256():
    at = int(NOW.timestamp())
    headers = signed_request("(request-target) host (created) digest", parameters=f"created={at}")
    refuses(headers, Malformed, "rsa-sha256")


@pytest.mark.parametrize("algorithm", ["none", "hmac-sha256", "rsa-sha1", "RSA-SHA256", ""])
def test_an_unknown_algorithm(algorithm):
    refuses(signed_request(algorithm=f'algorithm="{algorithm}",'), match="algorithm")


def test_an_ed25519_signature_that_says_it_is_rsa():
    refuses(
        signed_request(key=ed25519_key), match="algorithm is not that of its key", key=ed25519_key
    )


@pytest.mark.parametrize(
    "host", ["evil.example", "here.example.evil.example", "here.example:8443", "xhere.example"]
)
def test_a_request_signed_for_a_foreign_host(host):
    refuses(signed_request(host=host), match="another host")


def test_a_forwarding_header_does_not_make_a_foreign_host_ours():
    headers = signed_request(host="evil.example")
    headers["X-Forwarded-Host"] = "here.example"
    headers["Forwarded"] = "host=here.example"
    refuses(headers, match="another host")


@pytest.mark.parametrize(
    "host", ["here.example/evil", "ana@here.example", "here.example?", "here.example#", "h e", "é/"]
)
def test_a_host_that_is_more_than_a_host(host):
    refuses(signed_request(host=host), Malformed)


def test_a_signature_for_another_path_or_method():
    refuses(signed_request(target="/people/1/inbox"))
    refuses(signed_request(method="PUT"))


def test_a_key_of_somebody_else():
    refuses(signed_request(key=other_rsa_key), match="does not fit")


def test_a_key_that_an_actor_lists_for_another_owner_verifies_nothing():
    actor = "https://there.example/people/1"
    entry = {"id": KEY_ID, "owner": f"{actor}0", "publicKeyPem": rsa_key().public_pem}
    signature = read(signed_request())
    assert signature.key_id == KEY_ID
    assert signature.key_id not in public_keys_of({"id": actor, "publicKey": entry})


@pytest.mark.parametrize(
    "key_id",
    ["", "#main-key", "acct:ana@there.example", "https://a:b@there.example/1", "/people/1"],
)
def test_a_key_id_that_is_no_address(key_id):
    headers = with_signature(signed_request(), f'keyId="{KEY_ID}"', f'keyId="{key_id}"')
    refuses(headers, Malformed)


def test_no_key_id_and_no_signature_inside_the_header():
    refuses(with_signature(signed_request(), "keyId=", "key="), Malformed, "no key")
    refuses(with_signature(signed_request(), ",signature=", ",sig="), Malformed, "no signature")


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
    headers = signed_request()
    headers["Signature"] = header
    refuses(headers, Malformed)


@pytest.mark.parametrize(("written", "match"), [("?!", "base64"), ("", "empty")])
def test_a_signature_that_is_not_base64(written, match):
    headers = signed_request()
    start = headers["Signature"].split(',signature="')[0]
    headers["Signature"] = f'{start},signature="{written}"'
    refuses(headers, Malformed, match)


@pytest.mark.parametrize("covered", ["", " ", "(request-target)  host", "(query)", "a:b", "é"])
def test_a_list_of_headers_that_is_none(covered):
    headers = with_signature(signed_request(), f'headers="{ON_POST}"', f'headers="{covered}"')
    refuses(headers, Malformed)


def test_more_covered_headers_than_anybody_needs():
    many = " ".join(f"x-{number}" for number in range(40))
    headers = with_signature(
        signed_request(), f'headers="{ON_POST}"', f'headers="{ON_POST} {many}"'
    )
    refuses(headers, Malformed, "too many")


def test_a_covered_header_that_is_not_there():
    headers = signed_request(f"{ON_POST} user-agent")
    del headers["User-Agent"]
    refuses(headers, match="user-agent")


def test_a_covered_header_that_is_endless_or_breaks_the_line():
    for value in ("x" * 9000, "Peer\ndate: tomorrow"):
        refuses(signed_request(f"{ON_POST} user-agent", **{"user-agent": value}), Malformed)


@pytest.mark.parametrize(
    "target", ["", "*", "https://here.example/inbox", "/a\nhost: b", "/" + "a" * 9000]
)
def test_a_request_target_that_cannot_be_covered(target):
    refuses(signed_request(), Malformed, target=target)


def test_a_method_that_is_none():
    refuses(signed_request(), Malformed, method="PO ST")


def test_a_request_of_both_generations_is_read_as_the_newer_and_refused():
    headers = signed_request()
    headers["Signature-Input"] = (
        'sig1=("@method" "@target-uri" "digest");created=1795334400;keyid="https://there.example/1"'
    )
    refuses(headers)


def test_every_refusal_is_a_sentence_with_a_status():
    headers = signed_request()
    del headers["Signature"]
    with pytest.raises(FederationError) as refusal:
        read(headers)
    assert refusal.value.status == 401
    assert refusal.value.sentence == str(refusal.value) == "The request has no Signature header."
