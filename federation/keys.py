"""Keys: pairs that sign for our actors, and public keys read from actors elsewhere."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any, Final, Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256

from federation.errors import Malformed
from federation.iri import LONGEST_IRI, same_origin

RSA_BITS: Final = 2048
MOST_KEYS: Final = 10

# Larger keys and exponents only buy an attacker our processor time.
_LARGEST_RSA_BITS: Final = 8192
_LARGEST_RSA_EXPONENT: Final = 2**32
_LONGEST_PEM: Final = 8192
_LONGEST_BASE58: Final = 2048

_PADDING: Final = PKCS1v15()
_HASH: Final = SHA256()
_ED25519_PUBLIC: Final = b"\xed\x01"
_RSA_PUBLIC: Final = b"\x85\x24"
_ED25519_SECRET: Final = b"\x80\x26"

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGIT: Final = {letter: value for value, letter in enumerate(_ALPHABET)}
_PUBLIC_PEM = re.compile(r"\s*-----BEGIN (?:RSA )?PUBLIC KEY-----[A-Za-z0-9+/=\s]+-----END ")


def encode_base58(data: bytes) -> str:
    """Write bytes in base58btc (the Bitcoin alphabet), without a multibase prefix."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    letters = []
    while number:
        number, digit = divmod(number, 58)
        letters.append(_ALPHABET[digit])
    return "1" * zeros + "".join(reversed(letters))


def decode_base58(text: str) -> bytes:
    """Read base58btc without a multibase prefix; Malformed if it is not, or over 2048 letters."""
    if len(text) > _LONGEST_BASE58:
        raise Malformed("A base58 value is longer than any key or signature.")
    number = 0
    for letter in text:
        if letter not in _DIGIT:
            raise Malformed("A value is not base58btc.")
        number = number * 58 + _DIGIT[letter]
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def decode_multibase(text: str) -> bytes:
    """Read a multibase value in base58btc, the only base FEP-521a and FEP-8b32 allow (`z…`)."""
    if not text.startswith("z"):
        raise Malformed("A multibase value does not start with z (base58btc).")
    return decode_base58(text[1:])


@dataclass(frozen=True, slots=True, eq=False)
class PublicKey:
    """Somebody's public key: Ed25519, or RSA of at least 2048 bits.

    Two are equal when their Multikey is.
    """

    key: Ed25519PublicKey | RSAPublicKey
    is_ed25519: bool = field(init=False)
    """Whether this is an Ed25519 key; the other kind is RSA."""

    _verify: Callable[[bytes, bytes], None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        key = self.key
        if isinstance(key, Ed25519PublicKey):
            verify = key.verify
        else:
            verify = partial(key.verify, padding=_PADDING, algorithm=_HASH)
        object.__setattr__(self, "is_ed25519", isinstance(key, Ed25519PublicKey))
        object.__setattr__(self, "_verify", verify)

    @property
    def pem(self) -> str:
        """The key as PEM (SubjectPublicKeyInfo), for `publicKeyPem`."""
        return self.key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ).decode("ascii")

    @property
    def multibase(self) -> str:
        """The key as Multikey (FEP-521a), for `publicKeyMultibase`: `z6Mk…` or `z4MX…`."""
        if isinstance(self.key, Ed25519PublicKey):
            return "z" + encode_base58(_ED25519_PUBLIC + self.key.public_bytes_raw())
        return "z" + encode_base58(_RSA_PUBLIC + _pkcs1(self.key))

    @property
    def did_key(self) -> str:
        """The key as a decentralised identifier, `did:key:z…`."""
        return f"did:key:{self.multibase}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Say whether this key signed the message: Ed25519, or RSA PKCS#1 v1.5 with SHA-256."""
        try:
            self._verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PublicKey):
            return NotImplemented
        return self.multibase == other.multibase

    def __hash__(self) -> int:
        return hash(self.multibase)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key of one of our actors, with its public half."""

    private_key: Ed25519PrivateKey | RSAPrivateKey

    @classmethod
    def generate_ed25519(cls) -> Self:
        """Make a new Ed25519 pair."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def generate_rsa(cls) -> Self:
        """Make a new RSA-2048 pair. Takes up to a second: run it in an executor."""
        return cls(generate_private_key(public_exponent=65537, key_size=RSA_BITS))

    @classmethod
    def from_private_pem(cls, pem: str) -> Self:
        """Read an unencrypted private key from PEM; Malformed if it is neither of our kinds.

        Only our own keys are read by this, so RSA's arithmetic is not checked: that takes two
        thousand times longer than the rest.
        """
        try:
            key = serialization.load_pem_private_key(
                pem.encode(), password=None, unsafe_skip_rsa_key_validation=True
            )
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Malformed("A private key in PEM cannot be read.") from error
        if isinstance(key, RSAPrivateKey):
            _require_reasonable_rsa(key.public_key())
        elif not isinstance(key, Ed25519PrivateKey):
            raise Malformed("A private key is neither Ed25519 nor RSA.")
        return cls(key)

    @classmethod
    def from_secret_multibase(cls, text: str) -> Self:
        """Read an Ed25519 secret key from a Multikey (`z3u2…`, multicodec 0x1300)."""
        data = decode_multibase(text)
        if len(data) != 34 or not data.startswith(_ED25519_SECRET):
            raise Malformed("A secret Multikey is not an Ed25519 key.")
        return cls(Ed25519PrivateKey.from_private_bytes(data[2:]))

    @property
    def is_ed25519(self) -> bool:
        """Whether this is an Ed25519 pair; the other kind is RSA."""
        return isinstance(self.private_key, Ed25519PrivateKey)

    @property
    def public(self) -> PublicKey:
        """The public half."""
        return PublicKey(self.private_key.public_key())

    @property
    def private_pem(self) -> str:
        """The private key as unencrypted PEM (PKCS#8)."""
        return self.private_key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii")

    @property
    def secret_multibase(self) -> str:
        """The private key of an Ed25519 pair as a Multikey; ValueError for an RSA pair."""
        raw = self.private_key.private_bytes(
            serialization.Encoding.Raw,
            serialization.PrivateFormat.Raw,
            serialization.NoEncryption(),
        )
        return "z" + encode_base58(_ED25519_SECRET + raw)

    @property
    def public_pem(self) -> str:
        """The public half as PEM, for `publicKeyPem`."""
        return self.public.pem

    @property
    def multibase(self) -> str:
        """The public half as Multikey, for `publicKeyMultibase`."""
        return self.public.multibase

    @property
    def did_key(self) -> str:
        """The public half as `did:key:z…`."""
        return self.public.did_key

    def sign(self, message: bytes) -> bytes:
        """Sign bytes: Ed25519, or RSA PKCS#1 v1.5 with SHA-256."""
        if isinstance(self.private_key, Ed25519PrivateKey):
            return self.private_key.sign(message)
        return self.private_key.sign(message, _PADDING, _HASH)


def read_public_pem(pem: str) -> PublicKey:
    """Read a public key from PEM (SubjectPublicKeyInfo or PKCS#1).

    Raises Malformed for anything else, for other kinds of key, and for RSA under 2048 bits.
    """
    if len(pem) > _LONGEST_PEM or _PUBLIC_PEM.match(pem) is None:
        raise Malformed("A public key is not in PEM.")
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed("A public key in PEM cannot be read.") from error
    if isinstance(key, RSAPublicKey):
        return PublicKey(_require_reasonable_rsa(key))
    if isinstance(key, Ed25519PublicKey):
        return PublicKey(key)
    raise Malformed("A public key is neither Ed25519 nor RSA.")


def read_multikey(text: str) -> PublicKey:
    """Read a public key from `publicKeyMultibase` (FEP-521a: ed25519-pub or rsa-pub).

    Raises Malformed for anything else, and for RSA under 2048 bits.
    """
    data = decode_multibase(text)
    if data.startswith(_ED25519_PUBLIC) and len(data) == 34:
        return PublicKey(Ed25519PublicKey.from_public_bytes(data[2:]))
    if not data.startswith(_RSA_PUBLIC):
        raise Malformed("A Multikey is neither Ed25519 nor RSA.")
    try:
        key = serialization.load_der_public_key(data[2:])
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Malformed("An RSA Multikey cannot be read.") from error
    # The loader knows other encodings too; one key must have one name.
    if not isinstance(key, RSAPublicKey) or _pkcs1(key) != data[2:]:
        raise Malformed("An RSA Multikey is not in PKCS#1.")
    return PublicKey(_require_reasonable_rsa(key))


def public_keys_of(actor_document: Mapping[str, Any]) -> dict[str, PublicKey]:
    """Map key id to key, as an actor's own document lists them in `publicKey` and FEP-521a.

    An entry counts if it names this actor as its owner (`owner`, or `controller` of a Multikey)
    and its id has the actor's origin (FEP-fe34); others are ignored, and so are keys marked as
    expired or revoked. At most 10 entries of each property are looked at, at most 10 keys kept.
    The caller has made sure that the document came from its origin.
    """
    actor = actor_document.get("id")
    if not isinstance(actor, str):
        return {}
    keys: dict[str, PublicKey] = {}
    for key_id, read, text in _listed_keys(actor_document, actor):
        if len(keys) == MOST_KEYS:
            break
        if key_id in keys or len(key_id) > LONGEST_IRI or not same_origin(key_id, actor):
            continue
        try:
            keys[key_id] = read(text)
        except Malformed:
            continue
    return keys


def _listed_keys(
    document: Mapping[str, Any], actor: str
) -> Iterator[tuple[str, Callable[[str], PublicKey], str]]:
    for entry in _entries(document.get("publicKey")):
        key_id, text = entry.get("id"), entry.get("publicKeyPem")
        if entry.get("owner") == actor and isinstance(key_id, str) and isinstance(text, str):
            yield key_id, read_public_pem, text
    for entry in _entries(document.get("assertionMethod")):
        key_id, text = entry.get("id"), entry.get("publicKeyMultibase")
        if (
            entry.get("type") == "Multikey"
            and entry.get("controller") == actor
            and isinstance(key_id, str)
            and isinstance(text, str)
        ):
            yield key_id, read_multikey, text


def _entries(value: object) -> Iterator[Mapping[str, Any]]:
    listed = value if isinstance(value, list) else [value]
    for entry in islice(listed, MOST_KEYS):
        if isinstance(entry, Mapping) and not entry.keys() & {"revoked", "expires"}:
            yield entry


def _pkcs1(key: RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)


def _require_reasonable_rsa(key: RSAPublicKey) -> RSAPublicKey:
    if not RSA_BITS <= key.key_size <= _LARGEST_RSA_BITS:
        raise Malformed(f"An RSA key has {key.key_size} bits; 2048 to 8192 are accepted.")
    if key.public_numbers().e >= _LARGEST_RSA_EXPONENT:
        raise Malformed("An RSA key has an unreasonably large exponent.")
    return key
