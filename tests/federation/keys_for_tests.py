"""Key pairs and vectors for the tests, made or read once in a run: RSA pairs are slow to make."""

import json
from functools import cache
from pathlib import Path

import pytest

from federation.keys import KeyPair

_VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"


@cache
def rsa_key() -> KeyPair:
    return KeyPair.generate_rsa()


@cache
def other_rsa_key() -> KeyPair:
    return KeyPair.generate_rsa()


@cache
def ed25519_key() -> KeyPair:
    return KeyPair.generate_ed25519()


@cache
def other_ed25519_key() -> KeyPair:
    return KeyPair.generate_ed25519()


def vector_text(name: str) -> str:
    """Return a vector file's text, or skip the test where the vectors are not at hand."""
    path = _VECTORS / name
    if not path.exists():
        pytest.skip(f"The test vectors are not beside this project: {name} is missing.")
    return path.read_text(encoding="utf-8")


def vector(name: str):
    return json.loads(vector_text(name))
