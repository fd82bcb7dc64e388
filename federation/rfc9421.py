"""The newer signatures over one HTTP request: RFC 9421, with the digest of RFC 9530.

Of the standard we take what the fediverse uses: one signature, RSA PKCS#1 v1.5 or Ed25519, over at
least the method, the whole target and, where there is a body, its SHA-256.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Final

from yarl import URL

from federation.errors import Malformed, Unauthenticated
from federation.iri import origin_of
from federation.keys import KeyPair
from federation.signing import (
    BODYLESS,
    CONTENT_TYPE,
    LONGEST_SIGNATURE_HEADER,
    MOST_COVERED,
    Headers,
    RequestSignature,
    check_request_line,
    covered_value,
    moment,
    only,
    require_fresh,
)
from federation.structured import InnerList, Item, Member, dictionary, quoted

NEWEST: Final = timedelta(minutes=5)

_LABEL: Final = "sig1"
_DIGEST: Final = "content-digest"
_ALWAYS: Final = ("@method", "@target-uri")
_ED25519: Final = {"ed25519": True, "rsa-v1_5-sha256": False}
_PARAMETERS: Final = frozenset({"created", "expires", "keyid", "alg", "nonce", "tag"})


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a peer wants signed, as its `Accept-Signature` says (RFC 9421 §5).

    `label` names the signature, `covered` the components, `echo` the parameters to send back as
    they are; `ed25519` is the kind of key it wants, or None.
    """

    label: str = _LABEL
    covered: tuple[str, ...] = ()
    echo: Mapping[str, str] = field(default_factory=dict)
    ed25519: bool | None = None
    expires: bool = False


def sign(
    *,
    method: str,
    url: str | URL,
    key_id: str,
    key: KeyPair,
    now: datetime,
    body: bytes | None,
    content_type: str = CONTENT_TYPE,
    challenge: Challenge | None = None,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers that sign one request: Host, Signature-Input and Signature.

    With a body also Content-Digest and Content-Type. What a challenge asks for is covered besides
    what always is, and so are the headers in `more`. Raises Malformed for a `url` without an
    origin.
    """
    asked = challenge or Challenge()
    headers = {"Host": origin_of(str(url)).partition("://")[2]}
    if body is not None:
        headers["Content-Digest"] = digest_of(body)
        headers["Content-Type"] = content_type
    headers |= more or {}
    needed = (*_ALWAYS, _DIGEST) if body is not None else _ALWAYS
    added = [name.lower() for name in more or {}]
    covered = tuple(dict.fromkeys((*needed, *added, *asked.covered)))
    values = dict(_derived(method, origin_of(str(url)), URL(url).raw_path_qs))
    values |= {name.lower(): value for name, value in headers.items()}
    created = int(now.timestamp())
    parameters = {"created": str(created)}
    if asked.expires:
        parameters["expires"] = str(created + int(NEWEST.total_seconds()))
    parameters |= {"keyid": quoted(key_id), **asked.echo}
    signed = InnerList(tuple(quoted(name) for name in covered), parameters)
    base = signature_base([(quoted(name), values[name]) for name in covered], signed)
    signature = base64.b64encode(key.sign(base)).decode("ascii")
    headers["Signature-Input"] = f"{asked.label}={signed}"
    headers["Signature"] = f"{asked.label}=:{signature}:"
    return headers


def read(
    method: str,
    path_qs: str,
    headers: Headers,
    body: bytes | None,
    *,
    origin: str,
    now: datetime,
) -> RequestSignature:
    """Read a request's signature and check all of it that can be checked without the key.

    The target and authority are this server's own origin with the request line, so that what was
    signed for another host fits no key. Raises Malformed for what cannot be read, Unauthenticated
    for what proves too little.
    """
    check_request_line(method, path_qs)
    label, signed = _only_input(only(headers, "Signature-Input"))
    covered = _covered(signed)
    _require_coverage(covered, needs_digest=bool(body) or method.upper() not in BODYLESS)
    values = dict(_derived(method, origin, path_qs))
    for name in covered:
        if not name.startswith("@"):
            values[name] = covered_value(headers, name)
    unknown = [name for name in covered if name not in values]
    if unknown:
        raise Unauthenticated(f"The signature covers {unknown[0]}, which is not taken here.")
    _require_fresh(signed, now)
    if _DIGEST in covered:
        _require_digest(values[_DIGEST], body or b"")
    return RequestSignature(
        key_id=_key_id(signed),
        ed25519=_kind(signed),
        signature=_signature(only(headers, "Signature"), label),
        messages=(signature_base([(quoted(name), values[name]) for name in covered], signed),),
        covered=frozenset(covered),
    )


def signature_base(values: Sequence[tuple[str, str]], signed: InnerList) -> bytes:
    """Return the bytes that are signed (RFC 9421 §2.5): what is covered, then the parameters."""
    lines = [f"{name}: {value}" for name, value in values]
    lines.append(f'"@signature-params": {signed}')
    return "\n".join(lines).encode("utf-8", "surrogateescape")


def digest_of(body: bytes) -> str:
    """Return the value of a `Content-Digest` header (RFC 9530) for these bytes, SHA-256."""
    return f"sha-256=:{base64.b64encode(sha256(body).digest()).decode('ascii')}:"


def challenge_of(headers: Headers, *, has_body: bool) -> Challenge | None:
    """Read what a peer wants signed; None when it does not say, or wants what we do not do."""
    if "Accept-Signature" not in headers:
        return None
    known = set(_derived("get", "https://any.example", "/")) | {"host"}
    known |= {_DIGEST, "content-type"} if has_body else set()
    try:
        members = _members(only(headers, "Accept-Signature"))
        for label, asked in members.items():
            if not isinstance(asked, InnerList) or len(asked.items) > MOST_COVERED:
                continue
            covered, parameters = asked.names, asked.parameters
            kind = asked.text("alg")
            if known.issuperset(covered) and (kind is None or kind in _ED25519):
                echo = {one: parameters[one] for one in ("nonce", "tag") if one in parameters}
                return Challenge(
                    label=label,
                    covered=covered,
                    echo=echo,
                    ed25519=None if kind is None else _ED25519[kind],
                    expires="expires" in parameters,
                )
    except (Malformed, Unauthenticated):
        return None
    return None


def _members(header: str) -> dict[str, Member]:
    if len(header) > LONGEST_SIGNATURE_HEADER:
        raise Malformed("A signature's header is too long.")
    return dictionary(header)


def _only_input(header: str) -> tuple[str, InnerList]:
    members = _members(header)
    if len(members) != 1:
        raise Unauthenticated("The request does not have exactly one signature.")
    [(label, signed)] = members.items()
    if not isinstance(signed, InnerList):
        raise Malformed("The Signature-Input header lists nothing that is covered.")
    unknown = signed.parameters.keys() - _PARAMETERS
    if unknown:
        raise Malformed(f"The signature has the unknown parameter {min(unknown)}.")
    return label, signed


def _covered(signed: InnerList) -> tuple[str, ...]:
    if len(signed.items) > MOST_COVERED:
        raise Malformed("The signature covers too much.")
    covered = signed.names
    if len(set(covered)) != len(covered):
        raise Malformed("The signature covers something twice.")
    return covered


@lru_cache(maxsize=256)
def _require_coverage(covered: tuple[str, ...], *, needs_digest: bool) -> None:
    needed = (*_ALWAYS, _DIGEST) if needs_digest else _ALWAYS
    missing = [name for name in needed if name not in covered]
    if missing:
        raise Unauthenticated(f"The signature does not cover {', '.join(missing)}.")


@lru_cache(maxsize=256)
def _derived(method: str, origin: str, path_qs: str) -> Mapping[str, str]:
    """Return the components that are made from the request line (RFC 9421 §2.2)."""
    scheme, _, authority = origin.partition("://")
    path, _, query = path_qs.partition("?")
    return {
        "@method": method.upper(),
        "@target-uri": f"{origin}{path_qs}",
        "@authority": authority,
        "@scheme": scheme,
        "@request-target": path_qs,
        "@path": path,
        "@query": f"?{query}",
    }


def _require_fresh(signed: InnerList, now: datetime) -> None:
    parameters = signed.parameters
    if "created" not in parameters:
        raise Unauthenticated("The signature does not say when it was made.")
    expires = _instant(parameters["expires"]) if "expires" in parameters else None
    require_fresh([_instant(parameters["created"])], expires, now, proven=True)


def _instant(text: str) -> datetime:
    if not text.removeprefix("-").isdecimal():
        raise Malformed("A time in the signature is no number of seconds.")
    return moment(int(text))


def _key_id(signed: InnerList) -> str:
    key_id = signed.text("keyid")
    if key_id is None:
        raise Unauthenticated("The signature names no key.")
    origin_of(key_id)
    return key_id


def _kind(signed: InnerList) -> bool | None:
    kind = signed.text("alg")
    if kind is not None and kind not in _ED25519:
        raise Unauthenticated("The signature's algorithm is neither rsa-v1_5-sha256 nor ed25519.")
    return None if kind is None else _ED25519[kind]


def _signature(header: str, label: str) -> bytes:
    members = _members(header)
    if members.keys() != {label}:
        raise Malformed("The Signature header does not hold the one signature that is described.")
    return _bytes(members[label], "The signature")


def _require_digest(header: str, body: bytes) -> None:
    """Recompute the digest over the raw bytes; algorithms other than sha-256 are ignored."""
    members = _members(header)
    if "sha-256" not in members:
        raise Malformed("The Content-Digest header holds no sha-256 digest.")
    if not hmac.compare_digest(_bytes(members["sha-256"], "The digest"), sha256(body).digest()):
        raise Unauthenticated("The digest does not fit the body.")


def _bytes(member: Member, subject: str) -> bytes:
    found = member.bytes if isinstance(member, Item) else b""
    if not found:
        raise Malformed(f"{subject} is empty, or no byte sequence.")
    return found
