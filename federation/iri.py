"""Addresses as identities: what an id's origin is, and when two ids share one."""

import re
from functools import lru_cache
from typing import Final, NewType

from yarl import URL

from federation.errors import Malformed

Iri = NewType("Iri", str)
"""An absolute http(s) address that names something, compared as it is written."""

LONGEST_IRI: Final = 2048
"""In bytes of UTF-8: what a database's index takes."""

_AUTHORITY = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>\[[0-9a-f:.]+\]|[^\[\]:@%/?#]+)"  # no credentials, no escapes, no IPv6 zone
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?=[/?#]|\Z)",
    re.IGNORECASE | re.ASCII,
)
# White space and control characters are dropped by some parsers and kept by others.
_TREACHEROUS = re.compile(r"[\x00-\x20\x7f-\xa0\\]")
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\Z")
_DEFAULT_PORT: Final = {"http": 80, "https": 443}


# A few thousand actors, their keys and collections, beside ids that never come again.
@lru_cache(maxsize=8192)
def origin_of(iri: str) -> str:
    """Return the origin (RFC 6454, FEP-fe34) as `scheme://host` or `scheme://host:port`.

    Lower case, the host in its ASCII form (IDNA 2008), without a trailing dot and without the
    scheme's default port. Raises Malformed for anything but http and https, for credentials in
    the address, and for a host or port that is missing or impossible.
    """
    length = len(iri) if iri.isascii() else len(iri.encode("utf-8", "surrogatepass"))
    if length > LONGEST_IRI or _TREACHEROUS.search(iri):
        raise Malformed("An address is too long or holds characters that no address may hold.")
    match = _AUTHORITY.match(iri)
    if match is None:
        raise Malformed(f"Not an http(s) address with a plain host: {iri[:200]!r}")
    return _origin(match[0])


# Ids are all different, the hosts in them are few.
@lru_cache(maxsize=4096)
def _origin(written: str) -> str:
    match = _AUTHORITY.match(written)
    assert match, "it begins an address that was looked at"
    scheme, host, stated = match["scheme"].lower(), _ascii_host(match["host"]), match["port"]
    port = int(stated) if stated else _DEFAULT_PORT[scheme]
    if not 0 < port < 65536:
        raise Malformed(f"No such port: {stated}")
    return f"{scheme}://{host}" if port == _DEFAULT_PORT[scheme] else f"{scheme}://{host}:{port}"


def _ascii_host(written: str) -> str:
    host = written
    if not written.isascii() or ":" in written:
        try:
            host = URL(f"https://{written}/").raw_host or ""
        except ValueError as error:
            raise Malformed(f"No such host: {written[:200]!r}") from error
    if ":" in host:
        return f"[{host}]"
    host = host.lower().removesuffix(".")
    if _HOST_NAME.match(host) is None:
        raise Malformed(f"No such host: {written[:200]!r}")
    return host


def same_origin(one: str, other: str) -> bool:
    """Say whether two addresses share scheme, host and port; False if either has no origin."""
    try:
        return origin_of(one) == origin_of(other)
    except Malformed:
        return False


def main_key_id(actor: Iri, generation: int = 1) -> str:
    """Return the id of an actor's RSA key; later generations are numbered."""
    return f"{actor}#main-key" if generation == 1 else f"{actor}#main-key-{generation}"


def ed25519_key_id(actor: Iri, generation: int = 1) -> str:
    """Return the id of an actor's Ed25519 key; later generations are numbered."""
    return f"{actor}#ed25519-key" if generation == 1 else f"{actor}#ed25519-key-{generation}"


def without_fragment(iri: str) -> Iri:
    """Return the address of the document an id lives in: the id without `#…`."""
    return Iri(iri.partition("#")[0])
