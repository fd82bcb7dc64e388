"""RFC 9421: what we sign, what we take, and everything we refuse."""

from __future__ import annotations

import base64
from datetime import timedelta
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from federation.errors import FederationError, Malformed, Unauthenticated
from federation.rfc9421 import Challenge, challenge_of, digest_of
from federation.signatures import Manner, read_signature, sign_request
from federation.structured import InnerList, dictionary
from tests.federation.keys_for_tests import ed25519_key, rsa_key
from tests.federation.requests_for_tests import BODY, KEY_ID, NOW, ORIGIN

CREATED = int(NOW.timestamp())
ON_POST = '"@method" "@target-uri" "content-digest"'
ON_GET = '"@method" "@target-uri"'


def signed(
    covered=ON_POST,
    *,
    method="POST",
    target="/inbox",
    body=BODY,
    key=rsa_key,
    parameters=f';created={CREATED};keyid="{KEY_ID}"',
    origin=ORIGIN,
    **more,
):
    """Sign a request by code that shares nothing with the code under test."""
    headers = {"content-type": "application/activity+json", "date": "yesterday", **more}
    if body:
        digest = base64.b64encode(sha256(body).digest()).decode()
        headers.setdefault("content-digest", f"sha-256=:{digest}:")
    values = headers | {
        "@method": method,
        "@target-uri": origin + target,
        "@authority": origin.partition("://")[2],
        "@path": target.partition("?")[0],
        "@query": "?" + target.partition("?")[2],
    }
    lines = [f"{name}: {values[name.strip(chr(34))]}" for name in covered.split()]
    text = "\n".join([*lines, f'"@signature-params": ({covered}){parameters}'])
    signature = base64.b64encode(key().sign(text.encode())).decode()
    headers |= {
        "signature-input": f"sig1=({covered}){parameters}",
        "signature": f"sig1=:{signature}:",
    }
    return CIMultiDict(headers)


def read(headers, *, method="POST", target="/inbox", body=BODY, origin=ORIGIN, now=NOW):
    return read_signature(method, target, headers, body, origin=origin, now=now)


def accepts(headers, key=rsa_key, **request):
    read(headers, **request).verify(key().public)
    return True


def refuses(headers, error=Unauthenticated, match=None, key=rsa_key, **request):
    with pytest.raises(error, match=match):
        accepts(headers, key=key, **request)


@pytest.mark.parametrize("key", [rsa_key, ed25519_key])
def test_a_signature_over_method_target_and_body_is_taken(key):
    assert accepts(signed(key=key), key=key)
    assert read(signed()).key_id == KEY_ID


def test_more_may_be_covered_than_has_to_be():
    covered = f'"date" {ON_POST} "@authority" "@path" "@query" "content-type"'
    assert accepts(signed(covered, target="/inbox?a=1"), target="/inbox?a=1")


def test_what_is_fetched_needs_no_digest():
    assert accepts(signed(ON_GET, method="GET", body=None), method="GET", body=None)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"method": "PUT"}, "does not fit"),
        ({"target": "/inbox?a"}, "does not fit"),
        ({"origin": "https://elsewhere.example"}, "does not fit"),
        ({"body": BODY + b" "}, "digest does not fit"),
        ({"now": NOW + timedelta(minutes=61)}, "too old"),
        ({"now": NOW - timedelta(minutes=61)}, "in the future"),
    ],
)
def test_nothing_that_is_covered_may_change(changed, why):
    refuses(signed(), match=why, **changed)


@pytest.mark.parametrize(
    "covered",
    [
        '"@method" "@target-uri"',
        '"@method" "content-digest"',
        '"@target-uri" "content-digest"',
        '"@authority" "content-digest"',
        '"date"',
    ],
)
def test_a_signature_that_covers_too_little_proves_nothing(covered):
    refuses(signed(covered), match="does not cover")


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        (f';keyid="{KEY_ID}"', Unauthenticated),
        (f";created={CREATED}", Unauthenticated),
        (f';created={CREATED};keyid="k"', Malformed),
        (f";created={CREATED};keyid=k", Malformed),
        (f';created="{CREATED}";keyid="{KEY_ID}"', Malformed),
        (f';created={CREATED}.5;keyid="{KEY_ID}"', Malformed),
        (f';created=999999999999999;keyid="{KEY_ID}"', Malformed),
        (f';created={CREATED};created={CREATED};keyid="{KEY_ID}"', Malformed),
        (f';created={CREATED};keyid="{KEY_ID}";alg="rsa-pss-sha512"', Unauthenticated),
        (f';created={CREATED};keyid="{KEY_ID}";alg="hmac-sha256"', Unauthenticated),
        (f';created={CREATED};keyid="{KEY_ID}";alg="ed25519"', Unauthenticated),
        (f';created={CREATED};keyid="{KEY_ID}";surprise', Malformed),
        (f';created={CREATED};keyid="{KEY_ID}";expires={CREATED - 7200}', Unauthenticated),
    ],
)
def test_parameters_that_are_missing_twisted_or_not_ours_are_refused(parameters, error):
    refuses(signed(parameters=parameters), error)


def test_what_expires_may_live_twelve_hours_and_no_longer():
    def until(hours):
        return signed(parameters=f';created={CREATED};expires={CREATED + hours};keyid="{KEY_ID}"')

    assert accepts(until(6 * 3600), now=NOW + timedelta(hours=6))
    refuses(until(6 * 3600), match="too old", now=NOW + timedelta(hours=7, seconds=1))
    refuses(until(48 * 3600), match="too old", now=NOW + timedelta(hours=12, seconds=1))


def test_the_stated_algorithm_is_the_keys():
    stated = f';created={CREATED};keyid="{KEY_ID}";alg='
    assert accepts(signed(parameters=f'{stated}"rsa-v1_5-sha256"'))
    assert accepts(signed(parameters=f'{stated}"ed25519"', key=ed25519_key), key=ed25519_key)
    refuses(signed(parameters=f'{stated}"rsa-v1_5-sha256"', key=ed25519_key), key=ed25519_key)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("signature-input", "", Malformed),
        ("signature-input", "sig1", Malformed),
        ("signature-input", "sig1=5", Malformed),
        ("signature-input", "sig1=(", Malformed),
        ("signature-input", 'sig1=("@method"', Malformed),
        ("signature-input", 'sig1=("@method""@target-uri")', Malformed),
        ("signature-input", f"sig1=({ON_POST} {ON_GET});created={CREATED}", Malformed),
        ("signature-input", f'sig1=({ON_POST} "@status");created={CREATED}', Unauthenticated),
        ("signature-input", f'sig1=({ON_POST} "Date");created={CREATED}', Malformed),
        ("signature-input", f'sig1=({ON_POST} "date";bs);created={CREATED}', Malformed),
        ("signature-input", f'sig1=({ON_POST} "x-none");created={CREATED}', Unauthenticated),
        ("signature-input", "sig1=(" + '"@method" ' * 40 + ")", Malformed),
        ("signature-input", "x" * 5000, Malformed),
        ("signature", "sig1=:!:", Malformed),
        ("signature", "sig1=::", Malformed),
        ("signature", "sig1=5", Malformed),
        ("signature", "sig2=:AAAA:", Malformed),
        ("signature", 'keyId="k",signature="AAAA"', Malformed),
        ("content-digest", "SHA-256=:AAAA:", Malformed),
        ("content-digest", "sha-512=:AAAA:", Malformed),
        ("content-digest", "sha-256=:AAAA:", Unauthenticated),
        ("content-digest", "sha-256=AAAA", Malformed),
    ],
)
def test_headers_that_cannot_be_read_are_refused(name, value, error):
    headers = signed()
    headers[name] = value
    refuses(headers, error)


def test_two_signatures_are_one_too_many():
    headers = signed()
    twice = f"{headers['signature-input']}, sig2=({ON_POST})"
    headers["signature-input"] = twice
    refuses(headers, match="exactly one")
    headers = signed()
    headers.add("signature-input", f"sig2=({ON_POST})")
    refuses(headers, Malformed)


@given(st.text(max_size=200))
def test_no_text_breaks_the_reading(text):
    for name in ("signature-input", "signature", "content-digest"):
        headers = signed()
        headers[name] = text
        with pytest.raises(FederationError):
            accepts(headers)


@given(st.text(alphabet='sig1=("@method" \\;:,?0A-*', max_size=60))
def test_what_is_read_is_written_as_it_was_read(text):
    try:
        members = dictionary(text)
    except Malformed:
        return
    again = dictionary(", ".join(f"{key}={one}" for key, one in members.items()))
    assert again == members


# What we sign ---------------------------------------------------------------------------------

OURS = {"url": f"{ORIGIN}/inbox?b=1", "key_id": KEY_ID, "now": NOW}
MANNERS = [(Manner.RFC9421, rsa_key), (Manner.RFC9421_ED25519, ed25519_key)]


def ours(manner, key, body=BODY, **more):
    method = "GET" if body is None else "POST"
    request = OURS | {"method": method, "body": body, "manner": manner, "key": key()}
    return CIMultiDict(sign_request(**request, **more))


@pytest.mark.parametrize(("manner", "key"), MANNERS)
def test_what_we_sign_is_what_we_take(manner, key):
    headers = ours(manner, key)
    assert headers["Signature-Input"] == f'sig1=({ON_POST});created={CREATED};keyid="{KEY_ID}"'
    assert headers["Content-Digest"] == digest_of(BODY)
    assert "Digest" not in headers
    assert accepts(headers, key=key, target="/inbox?b=1")
    fetched = ours(manner, key, body=None)
    assert accepts(fetched, key=key, target="/inbox?b=1", method="GET", body=None)


@pytest.mark.parametrize(
    ("manner", "key"),
    [
        (Manner.CAVAGE, ed25519_key),
        (Manner.RFC9421, ed25519_key),
        (Manner.RFC9421_ED25519, rsa_key),
    ],
)
def test_a_manner_is_signed_with_its_own_kind_of_key(manner, key):
    with pytest.raises(ValueError, match="kind of key"):
        ours(manner, key)


def asked(text, *, has_body=True):
    return challenge_of(CIMultiDict({"Accept-Signature": text}), has_body=has_body)


def test_a_challenge_is_understood_and_answered():
    challenge = asked(
        'want=("@method" "@target-uri" "@authority" "content-digest")'
        ';created;expires;keyid;nonce="n1";alg="ed25519"'
    )
    assert challenge is not None
    assert challenge.ed25519 is True
    headers = ours(Manner.RFC9421_ED25519, ed25519_key, challenge=challenge)
    [(label, answered)] = dictionary(headers["Signature-Input"]).items()
    assert label == "want"
    assert isinstance(answered, InnerList)
    assert set(answered.names) == {"@method", "@target-uri", "content-digest", "@authority"}
    assert answered.text("nonce") == "n1"
    assert int(answered.parameters["expires"]) == CREATED + 300
    assert accepts(headers, key=ed25519_key, target="/inbox?b=1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense(",
        'sig1=("@method" "x-api-key")',
        'sig1=("@method";req)',
        'sig1=("@method");alg="hmac-sha256"',
        'sig1=("content-digest")',
        "sig1=5",
    ],
)
def test_a_challenge_that_we_cannot_meet_is_none(text):
    assert asked(text, has_body=False) is None


def test_of_several_challenges_the_first_that_can_be_met_is_taken():
    text = 'a=("@status"), b=("@method");tag="x"'
    assert asked(text) == Challenge(label="b", covered=("@method",), echo={"tag": '"x"'})
