"""Identity proofs (FEP-c390): which keys, beside its server's, stand behind an actor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from federation.activity import Document
from federation.errors import Malformed, Unauthenticated
from federation.keys import KeyPair, read_multikey
from federation.proofs import proof_method, sign_document, verify_document

MOST_STATEMENTS: Final = 10
MOST_ATTACHED: Final = 100
_DID: Final = "did:key:"
_TYPE: Final = "VerifiableIdentityStatement"


def state_identity(actor: str, key: KeyPair, now: datetime) -> dict[str, Any]:
    """Write the statement, signed by its holder's own Ed25519 key, that an actor is hers.

    An actor lists it in `attachment`. Raises ValueError for an RSA key or a naive time.
    """
    said = {"type": _TYPE, "subject": key.did_key, "alsoKnownAs": actor}
    return sign_document(said, key, key.did_key, now)


def identities_of(actor_document: Document) -> frozenset[str]:
    """Return the `did:key`s whose holders have signed that this actor is theirs.

    A statement that names another actor, or another key than the one that signed it, or that cannot
    be read, proves nothing; ten are looked at. Actors that share a key are one person's. The caller
    has made sure that the document came from its origin.
    """
    stated = _statements(actor_document.get("attachment"))
    return frozenset(
        str(one["subject"])
        for _, one in zip(range(MOST_STATEMENTS), stated, strict=False)
        if one.get("alsoKnownAs") == actor_document.get("id") and _is_signed(one)
    )


def _statements(attached: object) -> Iterator[Mapping[str, Any]]:
    for one in attached[:MOST_ATTACHED] if isinstance(attached, list) else [attached]:
        if isinstance(one, Mapping) and one.get("type") == _TYPE:
            yield one


def _is_signed(statement: Mapping[str, Any]) -> bool:
    """Tell whether the subject's own key has signed a statement; Mitra adds it as a fragment."""
    subject = statement.get("subject")
    if not isinstance(subject, str) or not subject.startswith(_DID):
        return False
    key = subject.removeprefix(_DID)
    if proof_method(statement) not in {subject, f"{subject}#{key}"}:
        return False
    try:
        verify_document(statement, read_multikey(key))
    except (Malformed, Unauthenticated):
        return False
    return True
