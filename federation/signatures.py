"""Signatures over one HTTP request (draft-cavage-http-signatures-12): who sent these bytes.

`read_signature` applies every rule that needs no key, so that a key is fetched only for a request
worth it; `RequestSignature.verify` then does the arithmetic.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from typing import Final

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from federation.errors import Malformed, Unauthenticated
from federation.iri import origin_of
from federation.keys import KeyPair, PublicKey

Headers = CIMultiDict[str] | CIMultiDictProxy[str]

SKEW: Final = timedelta(hours=1)
LONGEST_VALIDITY: Final = timedelta(hours=12)

_TARGET: Final = "(request-target)"
_CREATED: Final = "(created)"
_EXPIRES: Final = "(expires)"
_ALGORITHMS: Final = frozenset({"hs2019", "rsa-sha256"})
_BODYLESS: Final = frozenset({"GET", "HEAD"})

_LONGEST_SIGNATURE_HEADER: Final = 4096
_LONGEST_HEADER: Final = 8192
_LONGEST_TARGET: Final = 8192
_MOST_COVERED: Final = 32

_PARAMETER = re.compile(
    r'[ \t]*([A-Za-z]{1,32})=(?:"([^"\\\x00-\x1f\x7f]*)"|([0-9]{1,16}(?:\.[0-9]{1,9})?))[ \t]*'
)
_INSTANT = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,9})?")
_FIELD_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,64}")
_METHOD = re.compile(r"[A-Za-z]{1,16}")
_HOST_FIELD = re.compile(r"[^\s/?#@\\]{1,255}")
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_IMF_FIXDATE = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>[0-9]{2}) "
    rf"(?P<month>{'|'.join(_MONTHS)}) (?P<year>[0-9]{{4}}) "
    r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2}) GMT"
)


@dataclass(frozen=True, slots=True)
class RequestSignature:
    """A request's one signature: well formed, fresh, for this host, over these bytes; unproven.

    `messages` are the strings it may have been made over: the target with its query and without.
    """

    key_id: str
    algorithm: str | None
    signature: bytes
    messages: tuple[bytes, ...]

    def verify(self, public_key: PublicKey) -> None:
        """Return if this key made the signature; raise Unauthenticated if not.

        Whose key it is, is the caller's question. The arithmetic follows the key's kind, as the
        fediverse reads `hs2019`: RSA PKCS#1 v1.5 with SHA-256, or Ed25519.
        """
        if public_key.is_ed25519 and self.algorithm == "rsa-sha256":
            raise Unauthenticated("The signature says rsa-sha256, but its key is not RSA.")
        if not any(public_key.verifies(self.signature, message) for message in self.messages):
            raise Unauthenticated("The signature does not fit the request and the key.")


def sign_request(
    *,
    method: str,
    url: str,
    key_id: str,
    key: KeyPair,
    now: datetime,
    body: bytes | None,
    content_type: str = "application/activity+json",
) -> dict[str, str]:
    """Return the headers that sign one request in the form every server of the fediverse reads.

    Host, Date and Signature, with a body also Digest and Content-Type; send them unchanged, and
    the body byte for byte. `url` is encoded as yarl (and so aiohttp) encodes it. `body` is None
    only for requests that have none. Raises ValueError for a key that is not RSA, and Malformed
    for a `url` without an origin.
    """
    if key.public.is_ed25519:
        raise ValueError("rsa-sha256 needs an RSA key")
    headers = {
        "Host": origin_of(url).partition("://")[2],
        "Date": format_datetime(now.astimezone(UTC), usegmt=True),
    }
    covered = [_TARGET, "host", "date"]
    if body is not None:
        headers["Digest"] = digest_of(body)
        headers["Content-Type"] = content_type
        covered += ["digest", "content-type"]
    fields = {name.lower(): value for name, value in headers.items()}
    fields[_TARGET] = f"{method.lower()} {URL(url).raw_path_qs}"
    signature = base64.b64encode(key.sign(_message(covered, fields))).decode("ascii")
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{" ".join(covered)}",'
        f'signature="{signature}"'
    )
    return headers


def read_signature(
    method: str,
    path_qs: str,
    headers: Headers,
    body: bytes | None,
    *,
    origin: str,
    now: datetime,
) -> RequestSignature:
    """Read a request's signature and check all of it that can be checked without the key.

    `path_qs` is the target as it stood in the request line, `body` the raw bytes, `origin` this
    server's own configured origin: what a proxy says about the host is never asked. Covered must
    be the target, host, date or `(created)`, and a digest unless a GET or HEAD has no body.
    Raises Malformed for what cannot be read and Unauthenticated for what proves too little.
    """
    if "Signature-Input" in headers:
        raise Unauthenticated(
            "Signatures by RFC 9421 are not read here; sign as draft-cavage-http-signatures-12."
        )
    parameters = _parameters(_only(headers, "Signature"))
    algorithm = _algorithm(parameters)
    covered = _covered(parameters)
    needs_digest = bool(body) or method.upper() not in _BODYLESS
    _require_coverage(covered, algorithm, needs_digest=needs_digest)
    fields = _fields(covered, headers, parameters)
    _require_host(fields["host"], origin)
    _require_fresh(fields, parameters, now)
    if "digest" in covered:
        _require_digest(fields["digest"], body or b"")
    return RequestSignature(
        key_id=_key_id(parameters),
        algorithm=algorithm,
        signature=_signature(parameters),
        messages=tuple(
            _message(covered, {**fields, _TARGET: target}) for target in _targets(method, path_qs)
        ),
    )


def digest_of(body: bytes) -> str:
    """Return the value of a `Digest` header (RFC 3230) for these bytes, SHA-256."""
    return f"SHA-256={base64.b64encode(sha256(body).digest()).decode('ascii')}"


def _only(headers: Headers, name: str) -> str:
    """Return the one value of a header; two would let two readers see two requests."""
    values = headers.getall(name, [])
    if not values:
        raise Unauthenticated(f"The request has no {name} header.")
    if len(values) > 1:
        raise Malformed(f"The request has more than one {name} header.")
    return values[0]


def _parameters(header: str) -> dict[str, str]:
    """Read `name="value",…`, names in lower case; each may stand once, however it is written."""
    if len(header) > _LONGEST_SIGNATURE_HEADER:
        raise Malformed("The Signature header is too long.")
    parameters: dict[str, str] = {}
    position = 0
    while True:
        match = _PARAMETER.match(header, position)
        if match is None:
            raise Malformed("The Signature header cannot be read.")
        name = match[1].lower()
        if name in parameters:
            raise Malformed(f"The Signature header states {name} twice.")
        parameters[name] = match[2] if match[2] is not None else match[3]
        position = match.end()
        if position == len(header):
            return parameters
        if header[position] != ",":
            raise Malformed("The Signature header cannot be read.")
        position += 1


def _algorithm(parameters: Mapping[str, str]) -> str | None:
    algorithm = parameters.get("algorithm")
    if algorithm is not None and algorithm not in _ALGORITHMS:
        raise Unauthenticated("The signature's algorithm is neither rsa-sha256 nor hs2019.")
    return algorithm


def _key_id(parameters: Mapping[str, str]) -> str:
    if "keyid" not in parameters:
        raise Malformed("The signature names no key.")
    origin_of(parameters["keyid"])
    return parameters["keyid"]


def _signature(parameters: Mapping[str, str]) -> bytes:
    if "signature" not in parameters:
        raise Malformed("The Signature header holds no signature.")
    return _decoded(parameters["signature"], "The signature")


def _covered(parameters: Mapping[str, str]) -> list[str]:
    if "headers" not in parameters:
        raise Unauthenticated("The signature does not say which headers it covers.")
    covered = parameters["headers"].lower().split(" ")
    if len(covered) > _MOST_COVERED:
        raise Malformed("The signature covers too many headers.")
    if len(set(covered)) != len(covered):
        raise Malformed("The signature covers a header twice.")
    for name in covered:
        if name not in {_TARGET, _CREATED, _EXPIRES} and not _FIELD_NAME.fullmatch(name):
            raise Malformed("The signature covers something that is no header.")
    return covered


def _require_coverage(covered: list[str], algorithm: str | None, *, needs_digest: bool) -> None:
    required = [_TARGET, "host"] + (["digest"] if needs_digest else [])
    missing = [name for name in required if name not in covered]
    if "date" not in covered and _CREATED not in covered:
        missing.append(f"date or {_CREATED}")
    if missing:
        raise Unauthenticated(f"The signature does not cover {', '.join(missing)}.")
    if algorithm == "rsa-sha256" and {_CREATED, _EXPIRES} & set(covered):
        # The draft lets only hs2019, which is also what no algorithm means, cover these two.
        raise Malformed(f"A signature with rsa-sha256 cannot cover {_CREATED} or {_EXPIRES}.")


def _fields(covered: list[str], headers: Headers, parameters: Mapping[str, str]) -> dict[str, str]:
    """Return the value of everything covered but the target."""
    fields: dict[str, str] = {}
    for name in covered:
        if name == _TARGET:
            continue
        if name in {_CREATED, _EXPIRES}:
            value = parameters.get(name.strip("()"), "")
        elif name in {"host", "date", "digest"}:
            value = _only(headers, name)
        else:
            value = _joined(headers, name)
        if len(value) > _LONGEST_HEADER or "\n" in value or "\r" in value:
            raise Malformed(f"The value of {name} is too long or holds a line break.")
        fields[name] = value.strip(" \t")
    return fields


def _joined(headers: Headers, name: str) -> str:
    values = headers.getall(name, [])
    if not values:
        raise Unauthenticated(f"The signature covers {name}, which the request does not have.")
    return ", ".join(value.strip(" \t") for value in values)


def _require_host(host: str, origin: str) -> None:
    scheme = origin.partition("://")[0]
    if not _HOST_FIELD.fullmatch(host):
        raise Malformed("The Host header names no host.")
    if origin_of(f"{scheme}://{host}") != origin_of(origin):
        raise Unauthenticated("The request was signed for another host.")


def _require_fresh(fields: Mapping[str, str], parameters: Mapping[str, str], now: datetime) -> None:
    """Refuse what was signed over an hour ago or ahead; `(expires)` may stretch that to 12 h."""
    stated = [_instant(fields[_CREATED])] if _CREATED in fields else []
    if "date" in fields:
        stated.append(_date(fields["date"]))
    if max(stated) > now + SKEW:
        raise Unauthenticated("The request is dated in the future.")
    latest = min(stated) + SKEW
    if "expires" in parameters:
        expiry = _instant(parameters["expires"])
        allowed = LONGEST_VALIDITY if _EXPIRES in fields else SKEW
        latest = min(expiry + SKEW, min(stated) + allowed)
    if now > latest:
        raise Unauthenticated("The request is too old.")


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise Malformed("A time in the signature is no number of seconds.")
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("A time in the signature is out of range.") from error


def _date(text: str) -> datetime:
    match = _IMF_FIXDATE.fullmatch(text)
    if match is None:
        raise Malformed("The Date header is not in the form of RFC 9110 (IMF-fixdate).")
    day, year, hour, minute, second = (
        int(match[part]) for part in ("day", "year", "hour", "minute", "second")
    )
    try:
        month = _MONTHS.index(match["month"]) + 1
        # A leap second is not in Python's calendar.
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError as error:
        raise Malformed("The Date header names no moment.") from error


def _require_digest(header: str, body: bytes) -> None:
    """Recompute the digest over the raw bytes; algorithms other than SHA-256 are ignored."""
    stated = [
        value
        for algorithm, _, value in (part.strip().partition("=") for part in header.split(","))
        if algorithm.lower() == "sha-256"
    ]
    if len(stated) != 1:
        raise Malformed("The Digest header does not hold exactly one SHA-256 digest.")
    if not hmac.compare_digest(_decoded(stated[0], "The digest"), sha256(body).digest()):
        raise Unauthenticated("The digest does not fit the body.")


def _decoded(text: str, subject: str) -> bytes:
    try:
        decoded = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"{subject} is not in base64.") from error
    if not decoded:
        raise Malformed(f"{subject} is empty.")
    return decoded


def _targets(method: str, path_qs: str) -> list[str]:
    """Return the values the request target may have been signed as: with query, and without."""
    if not _METHOD.fullmatch(method) or not path_qs.startswith("/"):
        raise Malformed("The request line cannot be covered by a signature.")
    if len(path_qs) > _LONGEST_TARGET or "\n" in path_qs or "\r" in path_qs:
        raise Malformed("The request target is too long or holds a line break.")
    path, question_mark, _ = path_qs.partition("?")
    paths = [path_qs, path] if question_mark else [path]
    return [f"{method.lower()} {target}" for target in paths]


def _message(covered: list[str], fields: Mapping[str, str]) -> bytes:
    """Return the string that is signed: one `name: value` per line, in the order stated."""
    lines = "\n".join(f"{name}: {fields[name]}" for name in covered)
    return lines.encode("utf-8", "surrogateescape")
