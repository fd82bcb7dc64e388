"""Signed requests for the tests, made by code that shares nothing with the code under test."""

import base64
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from multidict import CIMultiDict

from federation.errors import Unauthenticated
from federation.signatures import read_signature
from tests.federation.keys_for_tests import rsa_key

NOW = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)
ORIGIN = "https://here.example"
KEY_ID = "https://there.example/people/1#main-key"
BODY = b'{"type":"Follow"}'
ON_POST = "(request-target) host date digest content-type"
ON_GET = "(request-target) host date"


def _imf(moment):
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def signed_request(
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
    """Return a peer's headers; keywords change single ones, `""` leaves one out."""
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


def read(headers, *, method="POST", target="/inbox", body=BODY, origin=ORIGIN, now=NOW):
    return read_signature(method, target, headers, body, origin=origin, now=now)


def accepts(headers, key=rsa_key, **request):
    read(headers, **request).verify(key().public)
    return True


def refuses(headers, error=Unauthenticated, match=None, key=rsa_key, **request):
    with pytest.raises(error, match=match):
        accepts(headers, key=key, **request)


def with_signature(headers, old, new):
    assert old in headers["Signature"]
    changed = CIMultiDict(headers)
    changed["Signature"] = headers["Signature"].replace(old, new)
    return changed
