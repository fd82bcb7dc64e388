import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import Malformed
from federation.keys import (
    KeyPair,
    decode_base58,
    decode_multibase,
    encode_base58,
    public_keys_of,
    read_multikey,
    read_public_pem,
)
from tests.federation.keys_for_tests import ed25519_key, other_ed25519_key, other_rsa_key, rsa_key

ACTOR = "https://coop.example/people/1"


def _public_pem(private_key):
    return (
        private_key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def _rsa_entry(**changes):
    entry = {"id": f"{ACTOR}#main-key", "owner": ACTOR, "publicKeyPem": rsa_key().public_pem}
    return entry | changes


def _multikey_entry(**changes):
    entry = {
        "id": f"{ACTOR}#ed25519-key",
        "type": "Multikey",
        "controller": ACTOR,
        "publicKeyMultibase": ed25519_key().multibase,
    }
    return entry | changes


@given(st.binary(max_size=80))
@settings(database=None, deadline=None)
def test_base58_gives_back_every_byte(data):
    assert decode_base58(encode_base58(data)) == data


@given(st.text("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", max_size=60))
@settings(database=None, deadline=None)
def test_every_base58_text_is_the_only_one_for_its_bytes(text):
    assert encode_base58(decode_base58(text)) == text


def test_base58_is_the_bitcoin_alphabet():
    assert encode_base58(b"Hello World!") == "2NEpo7TZRRrLZSi2U"
    assert encode_base58(b"\0\0\x28\x7f\xb4\xcd") == "11233QC4"
    assert decode_base58("") == b""


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "é", "1 1", "z" * 2049])
def test_what_is_not_base58_is_malformed(text):
    with pytest.raises(Malformed):
        decode_base58(text)


@pytest.mark.parametrize("text", ["", "uAAAA", "Z6Mk", "m6Mk"])
def test_only_base58btc_is_read_as_multibase(text):
    with pytest.raises(Malformed):
        decode_multibase(text)


@pytest.mark.parametrize("key", [rsa_key, ed25519_key])
def test_a_pair_survives_being_stored(key):
    pair = key()
    restored = KeyPair.from_private_pem(pair.private_pem)
    assert restored.public == pair.public
    assert restored.public.verifies(restored.sign(b"words"), b"words")
    assert pair.public.verifies(restored.sign(b"words"), b"words")


@pytest.mark.parametrize(
    ("key", "prefix"), [(rsa_key, "z4MX"), (ed25519_key, "z6Mk")], ids=["rsa", "ed25519"]
)
def test_a_public_key_reads_back_from_pem_and_from_multikey(key, prefix):
    pair = key()
    assert pair.multibase.startswith(prefix)
    assert pair.did_key == f"did:key:{pair.multibase}"
    assert read_public_pem(pair.public.pem) == pair.public
    assert read_multikey(pair.multibase) == pair.public
    assert len({pair.public, read_multikey(pair.multibase)}) == 1


@pytest.mark.parametrize(
    ("key", "other"), [(rsa_key, other_rsa_key), (ed25519_key, other_ed25519_key)]
)
def test_a_signature_fits_one_key_and_one_message(key, other):
    signature = key().sign(b"words")
    assert key().public.verifies(signature, b"words")
    assert not key().public.verifies(signature, b"Words")
    assert not other().public.verifies(signature, b"words")
    assert not key().public.verifies(signature[:-1], b"words")
    assert not key().public.verifies(b"", b"words")
    assert key().public != other().public


def test_a_key_pair_does_not_print_its_secret():
    pair = ed25519_key()
    assert pair.private_key.private_bytes_raw().hex() not in repr(pair)
    assert "PRIVATE" not in repr(pair)


def test_a_secret_ed25519_key_is_written_as_it_is_read():
    pair = ed25519_key()
    assert KeyPair.from_secret_multibase(pair.secret_multibase).public == pair.public
    with pytest.raises(ValueError, match="format is invalid"):
        _ = rsa_key().secret_multibase


def test_rsa_under_2048_bits_is_refused():
    small = rsa.generate_private_key(65537, 1024)
    pem = small.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    pkcs1 = small.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.PKCS1
    )
    with pytest.raises(Malformed, match="1024 bits"):
        read_public_pem(_public_pem(small))
    with pytest.raises(Malformed, match="1024 bits"):
        KeyPair.from_private_pem(pem)
    with pytest.raises(Malformed, match="1024 bits"):
        read_multikey("z" + encode_base58(b"\x85\x24" + pkcs1))


def test_an_rsa_exponent_made_to_burn_our_time_is_refused():
    numbers = rsa_key().private_key.public_key().public_numbers()
    slow = rsa.RSAPublicNumbers(2**33 + 1, numbers.n).public_key()
    pem = slow.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(Malformed, match="exponent"):
        read_public_pem(pem.decode())


def test_other_kinds_of_key_are_refused():
    with pytest.raises(Malformed):
        read_public_pem(_public_pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(Malformed):
        read_multikey("z" + encode_base58(b"\x80\x24" + bytes(33)))


@pytest.mark.parametrize(
    "pem",
    [
        "",
        "key",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nklüngel\n-----END PUBLIC KEY-----\n",
        "-----BEGIN PUBLIC KEY-----\n" + "A" * 9000 + "\n-----END PUBLIC KEY-----\n",
    ],
)
def test_what_is_no_public_pem_is_malformed(pem):
    with pytest.raises(Malformed):
        read_public_pem(pem)


def test_a_private_key_published_by_mistake_is_not_read_as_a_public_one():
    with pytest.raises(Malformed):
        read_public_pem(ed25519_key().private_pem)


@pytest.mark.parametrize("pem", ["", "key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END"])
def test_what_is_no_private_pem_is_malformed(pem):
    with pytest.raises(Malformed):
        KeyPair.from_private_pem(pem)


def test_an_rsa_multikey_has_one_encoding():
    subject_public_key_info = (
        rsa_key()
        .private_key.public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    with pytest.raises(Malformed):
        read_multikey("z" + encode_base58(b"\x85\x24" + subject_public_key_info))
    with pytest.raises(Malformed):
        read_multikey("z" + encode_base58(b"\x85\x24" + b"no key"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_an_ed25519_multikey_has_32_bytes(length):
    with pytest.raises(Malformed):
        read_multikey("z" + encode_base58(b"\xed\x01" + bytes(length)))
    with pytest.raises(Malformed):
        KeyPair.from_secret_multibase("z" + encode_base58(b"\x80\x26" + bytes(length)))


def test_an_actors_keys_are_read_from_both_properties():
    actor = {"id": ACTOR, "publicKey": _rsa_entry(), "assertionMethod": [_multikey_entry()]}
    assert public_keys_of(actor) == {
        f"{ACTOR}#main-key": rsa_key().public,
        f"{ACTOR}#ed25519-key": ed25519_key().public,
    }


def test_several_public_keys_and_a_key_at_its_own_address_are_read():
    other = _rsa_entry(id=f"{ACTOR}/main-key", publicKeyPem=other_rsa_key().public_pem)
    actor = {"id": ACTOR, "publicKey": [_rsa_entry(), other]}
    assert public_keys_of(actor) == {
        f"{ACTOR}#main-key": rsa_key().public,
        f"{ACTOR}/main-key": other_rsa_key().public,
    }


def test_an_rsa_key_may_be_listed_as_a_multikey():
    entry = _multikey_entry(id=f"{ACTOR}#rsa", publicKeyMultibase=rsa_key().multibase)
    assert public_keys_of({"id": ACTOR, "assertionMethod": entry}) == {
        f"{ACTOR}#rsa": rsa_key().public
    }


@pytest.mark.parametrize(
    "entry",
    [
        _rsa_entry(owner="https://coop.example/people/2"),
        _rsa_entry(owner=None),
        _rsa_entry(owner=[ACTOR]),
        _rsa_entry(id="https://victim.example/people/1#main-key"),
        _rsa_entry(id="#main-key"),
        _rsa_entry(id=["https://coop.example/1"]),
        _rsa_entry(publicKeyPem="no key"),
        _rsa_entry(publicKeyPem=None),
        _rsa_entry(revoked="2024-01-01T00:00:00Z"),
        f"{ACTOR}#main-key",
        None,
        7,
        [[_rsa_entry()]],
    ],
)
def test_a_public_key_that_is_not_the_actors_own_is_ignored(entry):
    assert public_keys_of({"id": ACTOR, "publicKey": entry}) == {}


@pytest.mark.parametrize(
    "entry",
    [
        _multikey_entry(controller="https://coop.example/people/2"),
        _multikey_entry(controller=None),
        _multikey_entry(type="JsonWebKey"),
        _multikey_entry(id="https://victim.example/people/1#ed25519-key"),
        _multikey_entry(id="#ed25519-key"),
        _multikey_entry(id="did:key:z6Mk#z6Mk"),
        _multikey_entry(publicKeyMultibase="uAAAA"),
        _multikey_entry(expires="2024-01-01T00:00:00Z"),
        f"{ACTOR}#ed25519-key",
    ],
)
def test_a_multikey_that_does_not_conform_is_ignored_and_its_neighbour_is_not(entry):
    good = _multikey_entry(id=f"{ACTOR}#good")
    actor = {"id": ACTOR, "assertionMethod": [entry, good]}
    assert list(public_keys_of(actor)) == [f"{ACTOR}#good"]


def test_the_first_of_two_keys_under_one_id_counts():
    second = _rsa_entry(publicKeyPem=other_rsa_key().public_pem)
    keys = public_keys_of({"id": ACTOR, "publicKey": [_rsa_entry(), second]})
    assert keys == {f"{ACTOR}#main-key": rsa_key().public}


def test_an_actor_has_at_most_ten_keys():
    listed = [_multikey_entry(id=f"{ACTOR}#{number}") for number in range(500)]
    actor = {"id": ACTOR, "publicKey": _rsa_entry(), "assertionMethod": listed}
    assert len(public_keys_of(actor)) == 10


@pytest.mark.parametrize("actor_id", [None, 7, "", "acct:ana@coop.example", "x" * 5000])
def test_an_actor_without_an_address_has_no_keys(actor_id):
    actor = {"publicKey": _rsa_entry(owner=actor_id), "assertionMethod": [_multikey_entry()]}
    assert public_keys_of(actor | {"id": actor_id}) == {}
    assert public_keys_of(actor) == {}
