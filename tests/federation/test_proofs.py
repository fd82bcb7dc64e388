import copy
import math
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from federation.errors import Malformed, Unauthenticated
from federation.keys import encode_base58
from federation.proofs import canonical, proof_method, sign_document, verify_document
from tests.federation.keys_for_tests import ed25519_key, other_ed25519_key, rsa_key

METHOD = "https://coop.example/people/1#ed25519-key"
CREATED = datetime(2026, 11, 22, 8, 0, 0, 999_999, tzinfo=UTC)
CONTEXT = ["https://www.w3.org/ns/activitystreams", {"toot": "http://joinmastodon.org/ns#"}]
NOTE = {
    "@context": CONTEXT,
    "id": "https://coop.example/activities/1",
    "type": "Create",
    "actor": "https://coop.example/people/1",
    "object": {"type": "Note", "content": "Grüße", "tag": [], "latitude": -71.184902},
}

_SAFE = 2**53 - 1
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-_SAFE, _SAFE)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
_NAMES = st.text(max_size=5).filter(lambda name: name not in {"proof", "signature", "@context"})
_DOCUMENTS = st.dictionaries(_NAMES, _VALUES, max_size=5)
_CONTEXTS = st.sampled_from([None, CONTEXT[0], CONTEXT])


def _signed(document=None, **changes):
    return sign_document({**(document or NOTE), **changes}, ed25519_key(), METHOD, CREATED)


def _with_proof(signed, **changes):
    proof = {name: value for name, value in (signed["proof"] | changes).items() if value != ""}
    return signed | {"proof": proof}


def _nested(levels):
    inner = {}
    for _ in range(levels - 1):
        inner = {"object": inner}
    return inner


@given(_DOCUMENTS, _CONTEXTS)
@settings(database=None, deadline=None)
def test_every_signed_document_verifies(document, context):
    document = document if context is None else document | {"@context": context}
    signed = _signed(document or {"type": "Note"})
    verify_document(signed, ed25519_key().public)
    assert {name: signed[name] for name in document} == document
    assert proof_method(signed) == METHOD


@given(_DOCUMENTS, _NAMES, _VALUES)
@settings(database=None, deadline=None)
def test_no_change_to_a_signed_document_goes_unnoticed(document, name, value):
    signed = _signed(document | {"type": "Note"})
    changed = signed | {name: value}
    assume(canonical(changed) != canonical(signed))
    with pytest.raises(Unauthenticated):
        verify_document(changed, ed25519_key().public)


@given(_DOCUMENTS.filter(bool), st.data())
@settings(database=None, deadline=None)
def test_nothing_can_be_taken_out_of_a_signed_document(document, data):
    signed = _signed(document)
    del signed[data.draw(st.sampled_from(sorted(document)))]
    with pytest.raises(Unauthenticated):
        verify_document(signed, ed25519_key().public)


def test_signing_leaves_the_document_as_it_was():
    document = copy.deepcopy(NOTE)
    signed = sign_document(document, ed25519_key(), METHOD, CREATED)
    assert document == NOTE
    signed["proof"]["@context"].append("more")
    assert document == NOTE
    assert signed["@context"] == NOTE["@context"]


def test_verifying_leaves_the_document_as_it_was():
    signed = _signed() | {"@context": [*CONTEXT, "https://later.example/ns"], "signature": {}}
    before = copy.deepcopy(signed)
    verify_document(signed, ed25519_key().public)
    assert signed == before


def test_a_proof_says_when_it_was_made_in_utc():
    elsewhere = CREATED.astimezone(timezone(timedelta(hours=8)))
    signed = sign_document(NOTE, ed25519_key(), METHOD, elsewhere)
    assert signed["proof"]["created"] == "2026-11-22T08:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        sign_document(NOTE, ed25519_key(), METHOD, CREATED.replace(tzinfo=None))


def test_signing_again_replaces_the_proof():
    first = _signed()
    second = sign_document(first, other_ed25519_key(), METHOD, CREATED)
    verify_document(second, other_ed25519_key().public)
    with pytest.raises(Unauthenticated):
        verify_document(second, ed25519_key().public)


def test_a_linked_data_signature_is_dropped_when_signing_and_ignored_when_verifying():
    signed = _signed(signature={"type": "RsaSignature2017"})
    assert "signature" not in signed
    verify_document(signed | {"signature": {"type": "RsaSignature2017"}}, ed25519_key().public)


def test_a_proof_by_another_key_is_refused():
    with pytest.raises(Unauthenticated):
        verify_document(_signed(), other_ed25519_key().public)


def test_only_ed25519_keys_make_and_check_proofs():
    with pytest.raises(ValueError, match="Ed25519"):
        sign_document(NOTE, rsa_key(), METHOD, CREATED)
    with pytest.raises(Unauthenticated):
        verify_document(_signed(), rsa_key().public)


def test_a_change_deep_inside_is_noticed():
    signed = copy.deepcopy(_signed())
    signed["object"]["tag"].append({"type": "Mention"})
    with pytest.raises(Unauthenticated):
        verify_document(signed, ed25519_key().public)


def test_true_is_not_one_in_a_signed_document():
    signed = _signed(sensitive=True)
    with pytest.raises(Unauthenticated):
        verify_document(signed | {"sensitive": 1}, ed25519_key().public)


@pytest.mark.parametrize(
    "changes",
    [
        {"verificationMethod": "https://evil.example/people/1#ed25519-key"},
        {"created": "2020-01-01T00:00:00Z"},
        {"created": ""},
        {"nonce": "added"},
        {"@context": ""},
        {"@context": CONTEXT[:1]},
        {"proofValue": "z" + "1" * 64},
        {"proofValue": "z"},
        {"proofValue": "no multibase"},
        {"proofValue": "z" + "2" * 5000},
    ],
)
def test_no_change_to_a_proof_goes_unnoticed(changes):
    with pytest.raises(Unauthenticated):
        verify_document(_with_proof(_signed(), **changes), ed25519_key().public)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "Ed25519Signature2020"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": ["eddsa-jcs-2022"]},
        {"proofPurpose": "authentication"},
        {"proofPurpose": ""},
        {"verificationMethod": ""},
        {"verificationMethod": {"id": METHOD}},
        {"proofValue": ""},
        {"proofValue": 7},
        {"expires": "2020-01-01T00:00:00Z"},
        {"domain": "elsewhere.example"},
        {"challenge": "c"},
        {"previousProof": "urn:uuid:1"},
    ],
)
def test_a_proof_of_another_kind_counts_as_none(changes):
    signed = _with_proof(_signed(), **changes)
    assert proof_method(signed) is None
    with pytest.raises(Unauthenticated):
        verify_document(signed, ed25519_key().public)


@pytest.mark.parametrize("proof", [None, "z1", [], 7])
def test_a_document_without_a_proof_object_has_no_proof(proof):
    assert proof_method(NOTE) is None
    assert proof_method(NOTE | {"proof": proof}) is None
    with pytest.raises(Unauthenticated):
        verify_document(NOTE | {"proof": proof}, ed25519_key().public)


def test_two_proofs_are_refused_even_if_one_is_good():
    signed = _signed()
    forged = _with_proof(signed, verificationMethod="https://evil.example/1#ed25519-key")["proof"]
    for proofs in ([signed["proof"], forged], [signed["proof"], signed["proof"]]):
        assert proof_method(signed | {"proof": proofs}) is None
        with pytest.raises(Unauthenticated):
            verify_document(signed | {"proof": proofs}, ed25519_key().public)


def _signed_before_contexts_were_in_proofs(document):
    """Sign as older servers do: the proof's options carry no @context."""
    proof = sign_document(document, ed25519_key(), METHOD, CREATED)["proof"]
    options = {k: v for k, v in proof.items() if k not in {"@context", "proofValue"}}
    data = sha256(canonical(options)).digest() + sha256(canonical(document)).digest()
    value = "z" + encode_base58(ed25519_key().sign(data))
    return document | {"proof": options | {"proofValue": value}}


def test_a_proof_without_context_covers_the_documents_own_contexts_whole():
    signed = _signed_before_contexts_were_in_proofs(NOTE)
    verify_document(signed, ed25519_key().public)
    with pytest.raises(Unauthenticated):
        verify_document(signed | {"@context": [*CONTEXT, "more"]}, ed25519_key().public)


def test_contexts_may_be_added_only_behind_those_the_proof_covers():
    signed = _signed()
    verify_document(signed | {"@context": [*CONTEXT, {"x": "y"}]}, ed25519_key().public)
    for contexts in (["https://evil.example/ns", *CONTEXT], CONTEXT[:1], CONTEXT[::-1], []):
        with pytest.raises(Unauthenticated):
            verify_document(signed | {"@context": contexts}, ed25519_key().public)


def test_a_single_context_may_be_wrapped_into_an_array():
    signed = _signed({"@context": CONTEXT[0], "type": "Note"})
    verify_document(signed | {"@context": [CONTEXT[0], "more"]}, ed25519_key().public)


def test_a_context_that_python_alone_finds_equal_is_refused():
    signed = _signed({"@context": [{"@protected": True}], "type": "Note"})
    with pytest.raises(Unauthenticated):
        verify_document(signed | {"@context": [{"@protected": 1}]}, ed25519_key().public)


def test_a_document_of_32_levels_is_signed_and_one_of_33_is_malformed():
    verify_document(_signed(_nested(32)), ed25519_key().public)
    with pytest.raises(Malformed, match="32 levels"):
        _signed(_nested(33))
    with pytest.raises(Malformed, match="32 levels"):
        verify_document(_signed(_nested(2)) | {"more": _nested(33)}, ed25519_key().public)
    with pytest.raises(Malformed, match="32 levels"):
        _signed({"@context": _nested(31), "type": "Note"})


def test_a_document_as_deep_as_the_parser_allows_is_malformed_not_a_crash():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Malformed):
        verify_document(_signed() | {"deep": deep}, ed25519_key().public)


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, 2**53, -(2**53), 10**5000, "\ud800", {"\ud800": 1}],
    ids=["nan", "inf", "-inf", "2^53", "-2^53", "huge", "surrogate", "surrogate name"],
)
def test_what_has_no_canonical_form_is_malformed(value):
    with pytest.raises(Malformed):
        _signed(value=value)
    with pytest.raises(Malformed):
        verify_document(_signed() | {"value": value}, ed25519_key().public)


def test_the_largest_exact_integers_are_signed():
    verify_document(_signed(largest=2**53 - 1, smallest=1 - 2**53), ed25519_key().public)
