"""The Ed25519 key of another group, read from what is kept of it: no network, inside any commit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MOST_KEYS = 10

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = 0xED01
_LENGTH = 48


def key_of(document: Mapping[str, Any], owner: str, key_id: str) -> Ed25519PublicKey | None:
    """Return the key that an actor's own document lists under an id, or None (FEP-521a).

    Keys of another controller, of another kind, expired or revoked do not count.
    """
    if document.get("id") != owner or key_id.partition("#")[0] != owner:
        return None
    for entry in _entries(document.get("assertionMethod")):
        if entry.get("id") == key_id and entry.get("controller") == owner:
            return read_multikey(entry.get("publicKeyMultibase"))
    return None


def read_multikey(text: object) -> Ed25519PublicKey | None:
    """Read an Ed25519 Multikey in base58btc (`z6Mk…`); None for anything else."""
    if not isinstance(text, str) or len(text) != _LENGTH or not text.startswith("z"):
        return None
    number = 0
    for letter in text[1:]:
        digit = _ALPHABET.find(letter)
        if digit < 0:
            return None
        number = number * 58 + digit
    if number >> 256 != _ED25519:
        return None
    return Ed25519PublicKey.from_public_bytes((number % (1 << 256)).to_bytes(32, "big"))


def _entries(value: object) -> Iterator[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    for entry in listed[:MOST_KEYS]:
        if isinstance(entry, Mapping) and not entry.keys() & {"revoked", "expires"}:
            yield entry
