"""Messages to browsers: encrypted for one device (RFC 8291), with our name to it (RFC 8292)."""

from __future__ import annotations

import base64
import os
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 16
RECORD = 4096
"""The size of the one record that a message is (RFC 8188)."""
MOST_BYTES = 3_000
VALID = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Device:
    """Where a browser's push service takes messages, the browser's public key and its secret."""

    endpoint: str
    public: bytes
    secret: bytes


def read_public(point: bytes) -> ec.EllipticCurvePublicKey:
    """Read a public key of P-256 as browsers write it; raise ValueError."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def check_secret(secret: bytes) -> None:
    """Raise ValueError for what is not the secret that a browser shares with us."""
    if len(secret) != SECRET_BYTES:
        raise ValueError("a secret of another length")


def make_key() -> tuple[str, str]:
    """Make the key of an application server: its public half for browsers, and its PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return _text(_point(key.public_key())), pem.decode()


def encrypt(
    message: bytes,
    device: Device,
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Encrypt a message for one device (RFC 8291, section 3.4); `key` and `salt` are for tests."""
    if len(message) > MOST_BYTES:
        raise ValueError("a message to a device is short")
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    ours = _point(key.public_key())
    shared = key.exchange(ec.ECDH(), read_public(device.public))
    about = b"WebPush: info\0" + device.public + ours
    input_key = _derived(shared, device.secret, about, 32)
    content_key = _derived(input_key, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(input_key, salt, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(content_key).encrypt(nonce, message + b"\x02", None)
    return salt + struct.pack("!IB", RECORD, len(ours)) + ours + sealed


def authorization(endpoint: str, pem: str, contact: str, now: datetime) -> str:
    """Say who sends (RFC 8292): a token for the push service's origin, signed by our key."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    service = urlsplit(endpoint)
    claims = {
        "aud": f"{service.scheme}://{service.netloc}",
        "exp": int((now + VALID).timestamp()),
        "sub": contact,
    }
    signed = b".".join(
        _text(msgspec.json.encode(one)).encode() for one in ({"typ": "JWT", "alg": "ES256"}, claims)
    )
    first, second = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    signature = _text(first.to_bytes(32, "big") + second.to_bytes(32, "big"))
    return f"vapid t={signed.decode()}.{signature}, k={_text(_point(key.public_key()))}"


def _derived(secret: bytes, salt: bytes, about: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=about).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
