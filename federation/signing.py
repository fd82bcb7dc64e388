"""What both generations of signatures have in common: one request, read once, fresh, unproven."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from multidict import CIMultiDict, CIMultiDictProxy

from federation.errors import Malformed, Unauthenticated

if TYPE_CHECKING:
    from federation.keys import PublicKey

Headers = CIMultiDict[str] | CIMultiDictProxy[str]

SKEW: Final = timedelta(hours=1)
LONGEST_VALIDITY: Final = timedelta(hours=12)
CONTENT_TYPE: Final = "application/activity+json"
BODYLESS: Final = frozenset({"GET", "HEAD"})
MOST_COVERED: Final = 32
LONGEST_SIGNATURE_HEADER: Final = 4096

_LONGEST_HEADER: Final = 8192
_LONGEST_TARGET: Final = 8192
_METHOD = re.compile(r"[A-Za-z]{1,16}")


class RequestSignature(msgspec.Struct, frozen=True):
    """A request's one signature: well formed, fresh, for this host, over these bytes; unproven.

    `messages` are the bytes it may have been made over. `ed25519` is what it says of its key's
    kind, or None when it leaves that to the key. `covered` names what it is over, headers in lower
    case.
    """

    key_id: str
    ed25519: bool | None
    signature: bytes
    messages: tuple[bytes, ...]
    covered: frozenset[str] = frozenset()

    def verify(self, public_key: PublicKey) -> None:
        """Return if this key made the signature; raise Unauthenticated if not.

        Whose key it is, is the caller's question. The arithmetic follows the key's kind, as the
        fediverse does: RSA PKCS#1 v1.5 with SHA-256, or Ed25519.
        """
        if self.ed25519 is not None and self.ed25519 is not public_key.is_ed25519:
            raise Unauthenticated("The signature's algorithm is not that of its key.")
        for message in self.messages:
            if public_key.verifies(self.signature, message):
                return
        raise Unauthenticated("The signature does not fit the request and the key.")


def only(headers: Headers, name: str) -> str:
    """Return the one value of a header; two would let two readers see two requests."""
    values = headers.getall(name, [])
    if not values:
        raise Unauthenticated(f"The request has no {name} header.")
    if len(values) > 1:
        raise Malformed(f"The request has more than one {name} header.")
    return values[0]


def covered_value(headers: Headers, name: str) -> str:
    """Return a covered header's values as one; Unauthenticated when the request has none."""
    values = headers.getall(name, [])
    if not values:
        raise Unauthenticated(f"The signature covers {name}, which the request does not have.")
    if len(values) == 1:
        return plain(name, values[0])
    return plain(name, ", ".join([value.strip(" \t") for value in values]))


def plain(name: str, value: str) -> str:
    """Return a covered value without blanks around it; Malformed for a line break, or too long."""
    if len(value) > _LONGEST_HEADER or "\n" in value or "\r" in value:
        raise Malformed(f"The value of {name} is too long or holds a line break.")
    return value.strip(" \t")


def check_request_line(method: str, path_qs: str) -> None:
    """Raise Malformed for a request line that no signature can cover."""
    if not _METHOD.fullmatch(method) or not path_qs.startswith("/"):
        raise Malformed("The request line cannot be covered by a signature.")
    if len(path_qs) > _LONGEST_TARGET or "\n" in path_qs or "\r" in path_qs:
        raise Malformed("The request target is too long or holds a line break.")


def require_fresh(
    stated: Sequence[datetime], expires: datetime | None, now: datetime, *, proven: bool
) -> None:
    """Refuse what was signed over an hour ago or ahead.

    `expires` may shorten that and, when it is `proven` (covered by the signature), stretch it to
    12 hours.
    """
    if max(stated) > now + SKEW:
        raise Unauthenticated("The request is dated in the future.")
    latest = min(stated) + SKEW
    if expires is not None:
        latest = min(expires + SKEW, min(stated) + (LONGEST_VALIDITY if proven else SKEW))
    if now > latest:
        raise Unauthenticated("The request is too old.")


def moment(seconds: float) -> datetime:
    """Read a count of seconds since 1970; Malformed when no calendar holds it."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Malformed("A time in the signature is out of range.") from error


def decoded(text: str, subject: str) -> bytes:
    """Read base64; Malformed when it is not, or empty."""
    try:
        found = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise Malformed(f"{subject} is not in base64.") from error
    if not found:
        raise Malformed(f"{subject} is empty.")
    return found
