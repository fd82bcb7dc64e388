"""Signing requests and documents, and checking what others signed: by the standards alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import datetime
from email.utils import format_datetime
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding

ACTIVITY = "application/activity+json"
DIGITS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CAVAGE, RSA, ED25519 = "draft-cavage-12", "RFC 9421 with RSA", "RFC 9421 with Ed25519"


def base58(data: bytes) -> str:
    number, written = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        written = DIGITS[rest] + written
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + written


def unbase58(text: str) -> bytes:
    number = 0
    for one in text:
        number = number * 58 + DIGITS.index(one)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def canonical(value: object) -> bytes:
    """Write JSON as RFC 8785 does, as long as there are no fractions and no names beyond ASCII."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode()


def hashed(document: dict, proof: dict) -> bytes:
    """Return what eddsa-jcs-2022 signs."""
    said = {name: value for name, value in document.items() if name != "proof"}
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    return sha256(canonical(options)) + sha256(canonical(said))


def prove(document: dict, key_id: str, key: ed25519.Ed25519PrivateKey, now: datetime) -> dict:
    """Return a document with one proof, over all that it says."""
    said = {name: value for name, value in document.items() if name != "proof"}
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-jcs-2022",
        "verificationMethod": key_id,
        "proofPurpose": "assertionMethod",
        "created": moment(now),
        "@context": said["@context"],
    }
    return {**said, "proof": {**proof, "proofValue": "z" + base58(key.sign(hashed(said, proof)))}}


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(method: str, url: str, body: bytes | None, actor, now: datetime, manner: str) -> dict:
    """Return the headers of a signed request."""
    if manner == CAVAGE:
        return _cavage(method, url, body, actor, now)
    lines = {'"@method"': method, '"@target-uri"': url}
    headers = {}
    if body is not None:
        headers = {"Content-Digest": f"sha-256=:{b64(sha256(body))}:", "Content-Type": ACTIVITY}
        lines['"content-digest"'] = headers["Content-Digest"]
    key = f"{actor.id}#{'ed25519-key' if manner == ED25519 else 'main-key'}"
    what = f'({" ".join(lines)});created={int(now.timestamp())};keyid="{key}"'
    base = "\n".join([*(f"{name}: {value}" for name, value in lines.items()), _params(what)])
    by = actor.ed25519.sign if manner == ED25519 else lambda data: _rsa(actor, data)
    return {**headers, "Signature-Input": f"a={what}", "Signature": f"a=:{b64(by(base.encode()))}:"}


def _cavage(method: str, url: str, body: bytes | None, actor, now: datetime) -> dict:
    parts = urlsplit(url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    headers = {"Host": parts.netloc, "Date": format_datetime(now, usegmt=True)}
    if body is not None:
        headers |= {"Digest": f"SHA-256={b64(sha256(body))}", "Content-Type": ACTIVITY}
    lines = {"(request-target)": f"{method.lower()} {target}"}
    lines |= {name.lower(): value for name, value in headers.items()}
    base = "\n".join(f"{name}: {value}" for name, value in lines.items())
    headers["Signature"] = (
        f'keyId="{actor.id}#main-key",algorithm="rsa-sha256",headers="{" ".join(lines)}",'
        f'signature="{b64(_rsa(actor, base.encode()))}"'
    )
    return headers


def _params(what: str) -> str:
    return f'"@signature-params": {what}'


def _rsa(actor, data: bytes) -> bytes:
    return actor.rsa.sign(data, padding.PKCS1v15(), hashes.SHA256())


def read_signature(method: str, target: str, origin: str, headers, body: bytes) -> tuple:
    """Return the key's id, the signature and what was signed; raise ValueError for a false digest.

    Only what is covered is in what was signed: whoever calls this sees the key fail for the rest.
    """
    if "Signature-Input" in headers:
        what = headers["Signature-Input"].partition("=")[2]
        derived = {"@method": method, "@target-uri": origin + target}
        names = re.findall(r'"([^"]+)"', what.partition(")")[0])
        lines = [f'"{one}": {derived.get(one) or headers[one]}' for one in names]
        _require_digest(body, headers.get("Content-Digest", "").removeprefix("sha-256=:")[:-1])
        key_id = re.search(r'keyid="([^"]+)"', what)[1]
        value = headers["Signature"].partition("=:")[2][:-1]
        return key_id, base64.b64decode(value), "\n".join([*lines, _params(what)]).encode()
    stated = dict(re.findall(r'(\w+)="([^"]*)"', headers["Signature"]))
    derived = {"(request-target)": f"{method.lower()} {target}"}
    lines = [f"{one}: {derived.get(one) or headers[one]}" for one in stated["headers"].split()]
    _require_digest(body, headers.get("Digest", "").removeprefix("SHA-256="))
    return stated["keyId"], base64.b64decode(stated["signature"]), "\n".join(lines).encode()


def _require_digest(body: bytes, stated: str) -> None:
    if body and stated != b64(sha256(body)):
        raise ValueError("the digest does not fit")


def verify(key, signature: bytes, data: bytes) -> None:
    """Raise InvalidSignature unless a key made this signature."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        key.verify(signature, data)
    else:
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
