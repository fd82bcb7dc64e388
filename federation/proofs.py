"""Proofs that travel inside a document: eddsa-jcs-2022 (FEP-8b32, W3C vc-di-eddsa)."""

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import rfc8785

from federation.errors import Malformed, Unauthenticated
from federation.keys import KeyPair, PublicKey, decode_multibase, encode_base58

MOST_LEVELS: Final = 32

_TYPE: Final = "DataIntegrityProof"
_SUITE: Final = "eddsa-jcs-2022"
_PURPOSE: Final = "assertionMethod"
_SIGNATURE_BYTES: Final = 64
# A proof that holds only until a date, for a recipient or after another proof says more than
# "this owner wrote this"; taking it for that would drop the condition its author set.
_CONDITIONS: Final = frozenset({"expires", "domain", "challenge", "previousProof"})


def sign_document(
    document: Mapping[str, Any], key: KeyPair, verification_method: str, created: datetime
) -> dict[str, Any]:
    """Return a copy of a document that carries one proof by an Ed25519 key.

    The document's own `proof` is replaced and a linked-data `signature` dropped.
    `verification_method` is the key's id; `created` must know its time zone and is written in
    UTC, in whole seconds. Raises Malformed for a document that has no canonical form (see
    `canonical`) and ValueError for an RSA key or a naive time.
    """
    if not key.is_ed25519:
        raise ValueError("eddsa-jcs-2022 needs an Ed25519 key")
    if created.tzinfo is None:
        raise ValueError("a proof's time needs a time zone")
    unsigned = _without_proof(document)
    _require_shallow({**unsigned, "proof": {"@context": unsigned.get("@context")}})
    proof: dict[str, Any] = {
        "type": _TYPE,
        "cryptosuite": _SUITE,
        "verificationMethod": verification_method,
        "proofPurpose": _PURPOSE,
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if "@context" in unsigned:
        proof["@context"] = copy.deepcopy(unsigned["@context"])
    signature = key.sign(_hash_data(proof, unsigned))
    proof["proofValue"] = "z" + encode_base58(signature)
    return {**unsigned, "proof": proof}


def verify_document(document: Mapping[str, Any], public_key: PublicKey) -> None:
    """Return if the document's proof was made by this key over exactly this content.

    Raises Malformed for a document without canonical form (see `canonical`), otherwise
    Unauthenticated. A proof that carries `@context` covers that beginning of the document's
    contexts; one without is taken as it came. Whose key it is, and whether that owner may speak
    for the document, is the caller's question (FEP-fe34).
    """
    proof = _proof_of(document)
    if proof is None:
        raise Unauthenticated("The document carries no single eddsa-jcs-2022 proof.")
    if not public_key.is_ed25519:
        raise Unauthenticated("The document's proof names a key that is not Ed25519.")
    _require_shallow(document)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    covered = _without_proof(document)
    if "@context" in options:
        covered["@context"] = _covered_context(options["@context"], covered.get("@context"))
    if not public_key.verifies(_signature_of(proof), _hash_data(options, covered)):
        raise Unauthenticated("The document's proof does not fit its content and key.")


def proof_method(document: Mapping[str, Any]) -> str | None:
    """Return the id of the key that a document's proof names (`verificationMethod`).

    None if there is no proof, more than one, or one of a kind that `verify_document` refuses:
    such a document needs other evidence.
    """
    proof = _proof_of(document)
    return None if proof is None else str(proof["verificationMethod"])


def canonical(value: object) -> bytes:
    """Write a JSON value in its canonical form (JCS, RFC 8785).

    Raises Malformed for numbers that are not finite, for integers beyond ±(2^53 - 1), which JSON
    readers round differently, and for strings that are not Unicode text. Depth is not checked.
    """
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # what is no JSON is refused inside
    except ValueError as error:
        raise Malformed(
            "The document holds a number or string that has no canonical form."
        ) from error


def _proof_of(document: Mapping[str, Any]) -> Mapping[str, Any] | None:
    proof = document.get("proof")
    if not isinstance(proof, Mapping) or proof.keys() & _CONDITIONS:
        return None
    expected = {"type": _TYPE, "cryptosuite": _SUITE, "proofPurpose": _PURPOSE}
    if any(proof.get(name) != value for name, value in expected.items()):
        return None
    texts = (proof.get("verificationMethod"), proof.get("proofValue"))
    return proof if all(isinstance(text, str) for text in texts) else None


def _signature_of(proof: Mapping[str, Any]) -> bytes:
    try:
        signature = decode_multibase(proof["proofValue"])
    except Malformed as error:
        raise Unauthenticated("The document's proof holds no signature.") from error
    if len(signature) != _SIGNATURE_BYTES:
        raise Unauthenticated("The document's proof holds no Ed25519 signature.")
    return signature


def _covered_context(proven: object, stated: object) -> object:
    """Return the contexts a proof covers, if the document's own begin with them."""
    wanted, present = _as_list(proven), _as_list(stated)
    # Compared in canonical form: to Python, true and 1 are equal.
    if canonical(wanted) != canonical(present[: len(wanted)]):
        raise Unauthenticated("The document's contexts are not those its proof covers.")
    return proven


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _without_proof(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in {"proof", "signature"}}


def _hash_data(options: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
    return b"".join(sha256(canonical(dict(part))).digest() for part in (options, document))


def _require_shallow(document: Mapping[str, Any]) -> None:
    level: list[object] = [document]
    for _ in range(MOST_LEVELS):
        level = [inner for value in level for inner in _inside(value)]
        if not level:
            return
    raise Malformed(f"The document is nested deeper than {MOST_LEVELS} levels.")


def _inside(value: object) -> list[object]:
    """Return the objects and arrays that stand directly in a value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return []
    return [inner for inner in value if isinstance(inner, Mapping | list | tuple)]
