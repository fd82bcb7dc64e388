"""The token by which a form shows that it came from our own page, of this session."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from aiohttp import web

from instance.viewer import VIEWER

TOKEN_BYTES = 16


def csrf_token(request: web.Request) -> str:
    """Return the token that every form of a signed-in person carries."""
    found = request.get(VIEWER)
    if found is None or not found.session:
        return ""
    return hashlib.sha256(f"csrf:{found.session}".encode()).hexdigest()[: 2 * TOKEN_BYTES]


def masked_token(request: web.Request) -> str:
    """Return the token as pages carry it: written otherwise each time.

    Pages are compressed, so that their length would give away a text that is always the same
    (BREACH).
    """
    token = csrf_token(request)
    mask = secrets.token_bytes(TOKEN_BYTES)
    return mask.hex() + _crossed(mask, bytes.fromhex(token)).hex() if token else ""


def csrf_matches(request: web.Request, token: str) -> bool:
    """Tell whether a token, masked or not, is the one this session's forms carry."""
    return hmac.compare_digest(csrf_token(request).encode(), _unmasked(token).encode())


def _unmasked(token: str) -> str:
    if len(token) != 4 * TOKEN_BYTES:
        return token
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return ""
    return _crossed(raw[:TOKEN_BYTES], raw[TOKEN_BYTES:]).hex()


def _crossed(mask: bytes, other: bytes) -> bytes:
    return bytes(one ^ two for one, two in zip(mask, other, strict=True))
