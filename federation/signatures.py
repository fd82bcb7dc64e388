"""Signatures over one HTTP request, of both generations: who sent these bytes.

Draft-cavage-http-signatures-12 (`federation.cavage`) is what every server of the fediverse reads,
RFC 9421 (`federation.rfc9421`) what the newer ones prefer. A request carries one or the other.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from federation import cavage, rfc9421
from federation.rfc9421 import Challenge
from federation.signing import CONTENT_TYPE, Headers, RequestSignature

if TYPE_CHECKING:
    from yarl import URL

    from federation.keys import KeyPair

__all__ = ["Challenge", "Headers", "Manner", "RequestSignature", "read_signature", "sign_request"]


class Manner(enum.StrEnum):
    """How a request to a peer is signed."""

    CAVAGE = "cavage"
    RFC9421 = "rfc9421"
    RFC9421_ED25519 = "rfc9421-ed25519"


def sign_request(
    *,
    method: str,
    url: str | URL,
    key_id: str,
    key: KeyPair,
    now: datetime,
    body: bytes | None,
    content_type: str = CONTENT_TYPE,
    manner: Manner = Manner.CAVAGE,
    challenge: Challenge | None = None,
    more: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the headers that sign one request; send them unchanged, and the body byte for byte.

    `url` is encoded as yarl (and so aiohttp) encodes it. `body` is None only for requests that
    have none; `more` are further headers to send and to cover; `challenge` is what the peer asked
    for, and counts for RFC 9421 alone. Raises ValueError for a key that is not of the manner's
    kind, and Malformed for a `url` without an origin.
    """
    if (manner is Manner.RFC9421_ED25519) is not key.is_ed25519:
        raise ValueError(f"{manner} is not signed with this kind of key")
    sign: Callable[..., dict[str, str]] = partial(rfc9421.sign, challenge=challenge)
    return (cavage.sign if manner is Manner.CAVAGE else sign)(
        method=method,
        url=url,
        key_id=key_id,
        key=key,
        now=now,
        body=body,
        content_type=content_type,
        more=more,
    )


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

    So a key is fetched only for a request worth it. `path_qs` is the target as it stood in the
    request line, `body` the raw bytes, `origin` this server's own configured origin: what a proxy
    says about the host is never asked. Raises Malformed for what cannot be read, Unauthenticated
    for what proves too little.
    """
    read = rfc9421.read if "Signature-Input" in headers else cavage.read
    return read(method, path_qs, headers, body, origin=origin, now=now)
