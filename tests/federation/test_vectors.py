"""Our arithmetic against everybody else's: published vectors, byte for byte."""

import base64
import json
import struct
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from multidict import CIMultiDict

from federation.cavage import _message, digest_of, parameters_of
from federation.errors import FederationError, Malformed, Unauthenticated
from federation.keys import KeyPair, PublicKey, encode_base58, public_keys_of, read_public_pem
from federation.proofs import canonical, proof_method, sign_document, verify_document
from federation.rfc9421 import _derived, signature_base
from federation.signatures import read_signature
from federation.structured import dictionary
from tests.federation.keys_for_tests import vector, vector_text

# draft-cavage-http-signatures-12, appendix C. Its key has 1024 bits, which we refuse, and two of
# its three cases cover too little for us: so only the primitives are held to it.

_CAVAGE = "draft-cavage/draft-cavage.json"


@pytest.mark.parametrize("number", [0, 1, 2], ids=["default", "basic", "all"])
def test_appendix_c_of_draft_cavage_is_signed_byte_for_byte(number):
    given = vector(_CAVAGE)
    case, request = given["cases"][number], given["request"]
    fields = {name.lower(): value for name, value in request["headers"].items()}
    fields["(request-target)"] = f"{request['method'].lower()} {request['target']}"
    message = _message(case["headers"], fields)
    assert message.decode() == case["signing_string"]
    signature = base64.b64decode(case["signature"])
    load_pem_public_key(given["public_pem"].encode()).verify(
        signature, message, PKCS1v15(), SHA256()
    )
    private = load_pem_private_key(given["private_pem"].encode(), None)
    assert private.sign(message, PKCS1v15(), SHA256()) == signature
    assert parameters_of(case["header"])["signature"] == case["signature"]


def test_appendix_c_of_draft_cavage_has_our_digest_and_a_key_we_refuse():
    given = vector(_CAVAGE)
    assert digest_of(given["request"]["body"].encode()) == given["request"]["headers"]["Digest"]
    with pytest.raises(Malformed, match="1024 bits"):
        read_public_pem(given["public_pem"])


# Mastodon's own requests, at its own fixed time. Its verdict and ours, where they differ: title
# of the case and why.

_MASTODON = "mastodon-spec/signature_verification.json"
_CAVAGE_CASES = {
    "with a valid signature on a GET request": "ok",
    "with a valid signature on a GET request that has a query string": "ok",
    "when the query string is missing from the signature verification (compatibility quirk)": "ok",
    "with mismatching query string": "fail",
    "with a mismatching path": "fail",
    "with a mismatching method": "fail",
    "with an unparsable date": "fail",
    "with a request older than a day": "fail",
    "with a valid signature on a POST request": "ok",
    "when the Digest of a POST request is not signed": "fail",
    "with a tampered body on a POST request": "fail",
    "with a tampered path in a POST request": "fail",
    "with an inaccessible key": "fail",
}
_WE_DIFFER: dict[str, str] = {}


def _mastodon_cases(section):
    return {
        case["title"]: case for case in vector(_MASTODON)["cases"] if case["section"] == section
    }


def _verify_as_received(case):
    """Verify one of Mastodon's requests; only bob's key can be looked up."""
    given = vector(_MASTODON)
    signature = read_signature(
        case["method"],
        case["target"],
        CIMultiDict(case["headers"]),
        case["body"].encode(),
        origin="https://www.example.com",
        now=datetime.fromisoformat(given["now"]),
    )
    if signature.key_id != given["keyId"]:
        raise Unauthenticated("Nobody can be asked for this key.")
    signature.verify(read_public_pem(given["public_pem"]))


@pytest.mark.parametrize(("title", "verdict"), _CAVAGE_CASES.items())
def test_mastodons_verdict_on_its_own_cavage_requests_is_ours(title, verdict):
    case = _mastodon_cases("cavage")[title]
    assert case["expect"] == verdict
    if _WE_DIFFER.get(title, verdict) == "ok":
        _verify_as_received(case)
    else:
        with pytest.raises(FederationError) as refusal:
            _verify_as_received(case)
        assert refusal.value.status in {400, 401}


def test_no_cavage_request_of_mastodons_is_left_out():
    assert _mastodon_cases("cavage").keys() == _CAVAGE_CASES.keys()
    assert _WE_DIFFER.keys() <= _CAVAGE_CASES.keys()


_RFC_9421 = "rfc9421/rfc9421.json"
_RFC_9421_CASES = {
    "with a valid signature on a GET request": "ok",
    "with a valid signature on a GET request that has a query string": "ok",
    "with mismatching query string": "fail",
    "with a mismatching path": "fail",
    "with a mismatching method": "fail",
    "with a request older than a day": "fail",
    "with a valid signature on a POST request": "ok",
    "when the Digest of a POST request is not signed": "fail",
    "with a tampered body on a POST request": "fail",
    "with a tampered path in a POST request": "fail",
    "with a malformed `Content-Digest` header": "400",
    "with an inaccessible key": "fail",
}


@pytest.mark.parametrize(("title", "verdict"), _RFC_9421_CASES.items())
def test_mastodons_verdict_on_its_own_rfc_9421_requests_is_ours(title, verdict):
    case = _mastodon_cases("rfc9421")[title]
    assert case["expect"] == verdict
    if verdict == "ok":
        _verify_as_received(case)
        return
    with pytest.raises(FederationError) as refusal:
        _verify_as_received(case)
    assert refusal.value.status in ({400} if verdict == "400" else {400, 401})


def test_no_rfc_9421_request_of_mastodons_is_left_out():
    assert _mastodon_cases("rfc9421").keys() == _RFC_9421_CASES.keys()


# RFC 9421, appendix B and section 4.3. Most of its cases cover too little for us, or are signed in
# ways we do not take: so the primitives are held to them, and the policy refuses them.


def _rfc_9421_case(title):
    [case] = [one for one in vector(_RFC_9421)["cases"] if one["title"].startswith(title)]
    return case


def _written(case):
    """Write a case's base from its own lines by our parser and our writer."""
    [(_, signed)] = dictionary(case["signature_input"]).items()
    lines = [one.partition(": ")[::2] for one in case["signature_base"].split("\n")[:-1]]
    assert [name for name, _ in lines] == list(signed.items)
    return signature_base(lines, signed).decode()


@pytest.mark.parametrize(
    "title",
    [
        "Minimal Signature Using rsa-pss",
        "Selective Covered Components",
        "Full Coverage",
        "Signing a Response",
        "Signing a Request using hmac",
        "Signing a Request using ed25519",
        "TLS-Terminating",
    ],
)
def test_the_bases_of_rfc_9421_are_written_byte_for_byte(title):
    case = _rfc_9421_case(title)
    assert _written(case) == case["signature_base"]


def test_what_is_derived_from_the_request_line_is_what_rfc_9421_derives():
    lines = _rfc_9421_case("Full Coverage")["signature_base"].split("\n")
    derived = _derived("post", "https://example.com", "/foo?param=Value&Pet=dog")
    for name in ("@method", "@path", "@query", "@authority"):
        assert f'"{name}": {derived[name]}' in lines


def test_case_b_2_6_of_rfc_9421_is_signed_byte_for_byte():
    case, keys = _rfc_9421_case("Signing a Request using ed25519"), vector(_RFC_9421)["keys"]
    key = KeyPair.from_private_pem(keys["test-key-ed25519"]["pem_private"])
    signature = base64.b64encode(key.sign(_written(case).encode())).decode()
    assert case["signature"] == f"sig-b26=:{signature}:"
    public = read_public_pem(keys["test-key-ed25519"]["pem_public"])
    assert public.verifies(base64.b64decode(signature), case["signature_base"].encode())


def test_the_proxys_signature_of_section_4_3_is_made_by_the_rsa_that_we_take():
    """RSA is the same every time: what the key signs is what RFC 9421 §4.3 prints."""
    digest = (
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHW"
        "XvJwew==:"
    )
    lines = [
        ('"@method"', "POST"),
        ('"@authority"', "origin.host.internal.example"),
        ('"@path"', "/foo"),
        ('"content-digest"', digest),
        ('"content-type"', "application/json"),
        ('"content-length"', "18"),
        ('"forwarded"', "for=192.0.2.123;host=example.com;proto=https"),
    ]
    covered = " ".join(name for name, _ in lines)
    header = (
        f'proxy_sig=({covered});created=1618884480;keyid="test-key-rsa"'
        ';alg="rsa-v1_5-sha256";expires=1618884540'
    )
    key = KeyPair.from_private_pem(vector(_RFC_9421)["keys"]["test-key-rsa"]["pem_private"])
    signed = dictionary(header)["proxy_sig"]
    assert base64.b64encode(key.sign(signature_base(lines, signed))).decode() == (
        "S6ZzPXSdAMOPjN/6KXfXWNO/f7V6cHm7BXYUh3YD/fRad4BCaRZxP+JH+8XY1I6+8Cy+CM5g92iHgxtRPz+MjniO"
        "aYmdkDcnL9cCpXJleXsOckpURl49GwiyUpZ10KHgOEe11sx3G2gxI8S0jnxQB+Pu68U9vVcasqOWAEObtNKKZd8t"
        "SFu7LB5YAv0RAGhB8tmpv7sFnIm9y+7X5kXQfi8NMaZaA8i2ZHwpBdg7a6CMfwnnrtflzvZdXAsD3LH2TwevU+/P"
        "BPv0B6NMNk93wUs/vfJvye+YuI87HU38lZHowtznbLVdp770I6VHR6WfgS9ddzirrswsE1w5o0LV/g=="
    )


@pytest.mark.parametrize(
    "title", ["Minimal", "Selective", "Full Coverage", "Signing a Request using", "TLS"]
)
def test_our_policy_takes_none_of_the_requests_of_rfc_9421(title):
    """They are signed by PSS, HMAC and P-256, or do not cover what a fediverse request has to."""
    given = vector(_RFC_9421)
    head, _, body = given["messages"]["test-request"].partition("\n\n")
    headers = CIMultiDict(line.split(": ", 1) for line in head.split("\n")[1:])
    for case in given["cases"]:
        if not case["title"].startswith(title):
            continue
        headers["Signature-Input"], headers["Signature"] = (
            case["signature_input"],
            case["signature"],
        )
        with pytest.raises(FederationError):
            read_signature(
                "POST",
                "/foo?param=Value&Pet=dog",
                headers,
                body.encode(),
                origin="https://example.com",
                now=datetime.fromtimestamp(1618884473, UTC),
            )


# FEP-8b32 and FEP-521a.

_FEP_8B32 = "fep-8b32/fep-8b32.json"


def test_fep_8b32_is_signed_byte_for_byte():
    given = vector(_FEP_8B32)
    key = KeyPair.from_secret_multibase(given["secretKeyMultibase"])
    created = datetime.fromisoformat(given["created"])
    assert sign_document(given["unsigned"], key, given["keyId"], created) == given["signed"]


def test_fep_8b32_verifies_by_the_key_its_actor_lists():
    given = vector(_FEP_8B32)
    method = proof_method(given["signed"])
    assert method == given["keyId"]
    verify_document(given["signed"], public_keys_of(given["actor"])[method])


def _feature(hint):
    """Return a key's hex bytes and the multikey they must become, from the feature file."""
    text = vector_text("fep-8b32/fep-521a.feature").split(hint)[1]
    document = json.loads(text.split('"""')[1])
    return bytes.fromhex(text.split('hex string "')[1].split('"')[0]), document


def test_fep_521a_represents_an_ed25519_key():
    data, document = _feature("Scenario: Representing Ed25519")
    assert document["publicKeyMultibase"] == "z" + encode_base58(b"\xed\x01" + data)
    keys = public_keys_of({"id": document["controller"], "assertionMethod": [document]})
    assert keys[document["id"]].key.public_bytes_raw() == data


def test_fep_521a_represents_an_rsa_key():
    data, document = _feature("Scenario: Representing RSA")
    key = PublicKey(load_der_public_key(data))
    assert key.multibase == document["publicKeyMultibase"]
    keys = public_keys_of({"id": document["controller"], "assertionMethod": [document]})
    assert keys[document["id"]] == key


# The W3C's vectors for eddsa-jcs-2022.

_W3C = "vc-di-eddsa/TestVectors"


def _w3c_key():
    pair = vector(f"{_W3C}/keyPair.json")
    key = KeyPair.from_secret_multibase(pair["privateKeyMultibase"])
    assert key.multibase == pair["publicKeyMultibase"]
    return key


def test_the_w3c_credential_is_hashed_byte_for_byte():
    folder = f"{_W3C}/eddsa-jcs-2022"
    document, options = vector(f"{_W3C}/unsigned.json"), vector(f"{folder}/proofConfigJCS.json")
    assert canonical(document).decode() == vector_text(f"{folder}/canonDocJCS.txt").strip()
    assert canonical(options).decode() == vector_text(f"{folder}/proofCanonJCS.txt").strip()
    hashes = [sha256(canonical(part)).hexdigest() for part in (options, document)]
    assert hashes[0] == vector_text(f"{folder}/proofHashJCS.txt").strip()
    assert hashes[1] == vector_text(f"{folder}/docHashJCS.txt").strip()
    assert "".join(hashes) == vector_text(f"{folder}/combinedHashJCS.txt").strip()


def test_the_w3c_credential_is_signed_byte_for_byte():
    folder = f"{_W3C}/eddsa-jcs-2022"
    given, key = vector(f"{folder}/signedJCS.json"), _w3c_key()
    proof = given["proof"]
    created = datetime.fromisoformat(proof["created"]).astimezone(UTC)
    unsigned = vector(f"{_W3C}/unsigned.json")
    assert sign_document(unsigned, key, proof["verificationMethod"], created) == given
    assert proof["verificationMethod"].startswith(f"{key.did_key}#")
    assert proof["proofValue"] == vector_text(f"{folder}/sigBTC58JCS.txt").strip()
    verify_document(given, key.public)


@pytest.mark.parametrize(
    "name", ["proof-set-chain/signedProofSet2.json", "proof-set-chain/signedProofChain2.json"]
)
def test_the_w3cs_proof_sets_and_chains_count_as_no_proof(name):
    given = vector(f"{_W3C}/{name}")
    assert len(given["proof"]) > 1
    assert proof_method(given) is None
    with pytest.raises(Unauthenticated):
        verify_document(given, _w3c_key().public)


def test_the_w3cs_rdf_suite_is_not_mistaken_for_ours():
    given = vector(f"{_W3C}/eddsa-rdfc-2022/signedDataInt.json")
    assert proof_method(given) is None
    with pytest.raises(Unauthenticated):
        verify_document(given, _w3c_key().public)


# RFC 8785.


@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_the_six_files_of_rfc_8785_become_their_canonical_bytes(name):
    given = vector(f"jcs/testdata/input/{name}.json")
    expected = bytes.fromhex(vector_text(f"jcs/testdata/outhex/{name}.txt"))
    assert canonical(given) == expected
    assert canonical(json.loads(expected)) == expected


@pytest.mark.parametrize(
    ("bits", "written"),
    [
        ("4340000000000001", "9007199254740994"),
        ("4340000000000002", "9007199254740996"),
        ("444b1ae4d6e2ef50", "1e+21"),
        ("3eb0c6f7a0b5ed8d", "0.000001"),
        ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
        ("8000000000000000", "0"),
        ("0000000000000000", "0"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(bits, written):
    assert canonical(struct.unpack(">d", bytes.fromhex(bits))[0]).decode() == written
