"""The older signatures over one HTTP request: draft-cavage-http-signatures-12."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
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
    decoded,
    moment,
    only,
    plain,
    require_fresh,
)

_TARGET: Final = "(request-target)"
_CREATED: Final = "(created)"
_EXPIRES: Final = "(expires)"
_ALGORITHMS: Final = frozenset({"hs2019", "rsa-sha256"})

_NUMBER = re.compile(r"[0-9]{1,16}(?:\.[0-9]{1,9})?")
_INSTANT = re.compile(r"[0-9]{1,11}(?:\.[0-9]{1,9})?")
_FIELD_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]{1,64}")
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


def sign(
    *,
    method: str,
    url: str | URL,
    key_id: str,
    key: KeyPair,
    now: datetime,
    body: bytes | None,
    content_type: str = CONTENT_TYPE,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers that sign one request in the form every server of the fediverse reads.

    Host, Date and Signature, with a body also Digest and Content-Type; send them unchanged, and
    the body byte for byte. `more` are further headers, covered like these. `url` is encoded as yarl
    (and so aiohttp) encodes it. `body` is None only for requests that have none. The key is RSA.
    Raises Malformed for a `url` without an origin.
    """
    headers = {
        "Host": origin_of(str(url)).partition("://")[2],
        "Date": format_datetime(now.astimezone(UTC), usegmt=True),
    }
    covered = [_TARGET, "host", "date"]
    if body is not None:
        headers["Digest"] = digest_of(body)
        headers["Content-Type"] = content_type
        covered += ["digest", "content-type"]
    headers |= more or {}
    covered += [name.lower() for name in more or {}]
    fields = {name.lower(): value for name, value in headers.items()}
    fields[_TARGET] = f"{method.lower()} {URL(url).raw_path_qs}"
    signature = base64.b64encode(key.sign(_message(covered, fields))).decode("ascii")
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="rsa-sha256",headers="{" ".join(covered)}",'
        f'signature="{signature}"'
    )
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

    `path_qs` is the target as it stood in the request line, `body` the raw bytes, `origin` this
    server's own configured origin: what a proxy says about the host is never asked. Covered must
    be the target, host, date or `(created)`, and a digest unless a GET or HEAD has no body.
    Raises Malformed for what cannot be read and Unauthenticated for what proves too little.
    """
    parameters = parameters_of(only(headers, "Signature"))
    algorithm = _algorithm(parameters)
    covered = _covered(parameters)
    needs_digest = bool(body) or method.upper() not in BODYLESS
    _require_coverage(covered, algorithm, needs_digest)
    fields = _fields(covered, headers, parameters)
    _require_host(fields["host"], origin)
    _require_fresh(fields, parameters, now)
    if "digest" in covered:
        _require_digest(fields["digest"], body or b"")
    return RequestSignature(
        key_id=_key_id(parameters),
        ed25519=False if algorithm == "rsa-sha256" else None,
        signature=_signature(parameters),
        messages=tuple(
            [_message(covered, {**fields, _TARGET: one}) for one in _targets(method, path_qs)]
        ),
        covered=frozenset(covered),
    )


def digest_of(body: bytes) -> str:
    """Return the value of a `Digest` header (RFC 3230) for these bytes, SHA-256."""
    return f"SHA-256={base64.b64encode(sha256(body).digest()).decode('ascii')}"


def parameters_of(header: str) -> dict[str, str]:
    """Read `name="value",…`, names in lower case; each may stand once, however it is written.

    Raises Malformed for what cannot be read so.
    """
    if len(header) > LONGEST_SIGNATURE_HEADER:
        raise Malformed("The Signature header is too long.")
    pieces = header.split('"')
    if len(pieces) % 2 == 0 or "\\" in header or not header.isprintable():
        raise Malformed("The Signature header cannot be read.")
    quoted = iter(pieces[1::2])
    stated = _stated('"'.join(pieces[::2]))
    return {name: next(quoted) if value == '"' else value for name, value in stated.items()}


# But for what stands in quotes a server writes the same into every request: that is read once.
@lru_cache(maxsize=256)
def _stated(frame: str) -> Mapping[str, str]:
    """Read `name=",name=1,…`, where each text has given place to a single quotation mark."""
    stated: dict[str, str] = {}
    for part in frame.split(","):
        name, _, value = part.strip(" ").partition("=")
        if not name.isalpha() or not name.isascii() or name.lower() in stated:
            raise Malformed("The Signature header cannot be read, or states something twice.")
        if value != '"' and not _NUMBER.fullmatch(value):
            raise Malformed("The Signature header cannot be read.")
        stated[name.lower()] = value
    return stated


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
    return decoded(parameters["signature"], "The signature")


def _covered(parameters: Mapping[str, str]) -> tuple[str, ...]:
    if "headers" not in parameters:
        raise Unauthenticated("The signature does not say which headers it covers.")
    return _listed(parameters["headers"])


# A server writes the same list into every request, and a moment has one date: each is read once.
@lru_cache(maxsize=256)
def _listed(headers: str) -> tuple[str, ...]:
    covered = tuple(headers.lower().split(" "))
    if len(covered) > MOST_COVERED:
        raise Malformed("The signature covers too many headers.")
    if len(set(covered)) != len(covered):
        raise Malformed("The signature covers a header twice.")
    for name in covered:
        if name not in {_TARGET, _CREATED, _EXPIRES} and not _FIELD_NAME.fullmatch(name):
            raise Malformed("The signature covers something that is no header.")
    return covered


@lru_cache(maxsize=256)
def _require_coverage(
    covered: tuple[str, ...],
    algorithm: str | None,
    needs_digest: bool,  # a cache tells positions from names
) -> None:
    required = [_TARGET, "host"] + (["digest"] if needs_digest else [])
    missing = [name for name in required if name not in covered]
    if "date" not in covered and _CREATED not in covered:
        missing.append(f"date or {_CREATED}")
    if missing:
        raise Unauthenticated(f"The signature does not cover {', '.join(missing)}.")
    if algorithm == "rsa-sha256" and {_CREATED, _EXPIRES} & set(covered):
        # The draft lets only hs2019, which is also what no algorithm means, cover these two.
        raise Malformed(f"A signature with rsa-sha256 cannot cover {_CREATED} or {_EXPIRES}.")


def _fields(
    covered: Sequence[str], headers: Headers, parameters: Mapping[str, str]
) -> dict[str, str]:
    """Return the value of everything covered but the target."""
    fields: dict[str, str] = {}
    for name in covered:
        if name == _TARGET:
            continue
        if name in {_CREATED, _EXPIRES}:
            fields[name] = plain(name, parameters.get(name.strip("()"), ""))
        elif name in {"host", "date", "digest"}:
            fields[name] = plain(name, only(headers, name))
        else:
            fields[name] = covered_value(headers, name)
    return fields


@lru_cache(maxsize=256)
def _require_host(host: str, origin: str) -> None:
    scheme = origin.partition("://")[0]
    if not _HOST_FIELD.fullmatch(host):
        raise Malformed("The Host header names no host.")
    if origin_of(f"{scheme}://{host}") != origin_of(origin):
        raise Unauthenticated("The request was signed for another host.")


def _require_fresh(fields: Mapping[str, str], parameters: Mapping[str, str], now: datetime) -> None:
    stated = [_instant(fields[_CREATED])] if _CREATED in fields else []
    if "date" in fields:
        stated.append(_date(fields["date"]))
    expires = _instant(parameters["expires"]) if "expires" in parameters else None
    require_fresh(stated, expires, now, proven=_EXPIRES in fields)


def _instant(text: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        raise Malformed("A time in the signature is no number of seconds.")
    return moment(float(text))


@lru_cache(maxsize=256)
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
    if header == digest_of(body):  # as everybody writes it
        return
    parts = [part.strip().partition("=") for part in header.split(",")]
    stated = [value for algorithm, _, value in parts if algorithm.lower() == "sha-256"]
    if len(stated) != 1:
        raise Malformed("The Digest header does not hold exactly one SHA-256 digest.")
    if not hmac.compare_digest(decoded(stated[0], "The digest"), sha256(body).digest()):
        raise Unauthenticated("The digest does not fit the body.")


@lru_cache(maxsize=256)
def _targets(method: str, path_qs: str) -> Sequence[str]:
    """Return the values the request target may have been signed as: with query, and without."""
    check_request_line(method, path_qs)
    path, question_mark, _ = path_qs.partition("?")
    paths = [path_qs, path] if question_mark else [path]
    return [f"{method.lower()} {target}" for target in paths]


def _message(covered: Sequence[str], fields: Mapping[str, str]) -> bytes:
    """Return the string that is signed: one `name: value` per line, in the order stated."""
    lines = "\n".join([f"{name}: {fields[name]}" for name in covered])
    return lines.encode("utf-8", "surrogateescape")
