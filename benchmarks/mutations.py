"""Requests that were honest once: documents, headers and signatures, each with something changed.

Strategies of hypothesis, shared by the soak and by a small test of the suite.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

TERMS = "id type actor object to cc proof signature target attributedTo @context content".split()
HEADERS = ("Signature", "Digest", "Date", "Host", "Content-Type")
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=40),
    st.sampled_from(["as:Public", "http://here.test/actor", "https://[", "did:key:z6Mk", "@id"]),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.sampled_from(TERMS) | st.text(max_size=8), inner, max_size=4),
    ),
    max_leaves=8,
)


@dataclass(frozen=True)
class Mutation:
    """How an honest request is changed: before it is signed, or after."""

    part: str
    name: str
    value: Any
    place: int = 0


MUTATIONS = st.one_of(
    st.builds(Mutation, st.just("document"), st.sampled_from(TERMS), VALUES),
    st.builds(Mutation, st.just("object"), st.sampled_from(TERMS), VALUES),
    st.builds(Mutation, st.just("header"), st.sampled_from(HEADERS), st.text(max_size=60)),
    st.builds(
        Mutation,
        st.just("piece"),
        st.sampled_from(HEADERS),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=6),
        st.integers(0, 600),
    ),
    st.builds(
        Mutation, st.just("bytes"), st.just(""), st.binary(max_size=6), st.integers(0, 2_000)
    ),
)


def changed_document(document: dict[str, Any], mutation: Mutation) -> dict[str, Any]:
    """Return a document with one of its parts changed, to be signed thereafter."""
    if mutation.part == "document":
        return {**document, mutation.name: mutation.value}
    if mutation.part == "object":
        return {**document, "object": {**document["object"], mutation.name: mutation.value}}
    return document


def changed_request(
    body: bytes, headers: dict[str, str], mutation: Mutation
) -> tuple[bytes, dict[str, str]]:
    """Return a signed request with its bytes or one of its headers changed."""
    at = mutation.place
    if mutation.part == "bytes":
        return body[:at] + mutation.value + body[at + len(mutation.value) :], headers
    if mutation.part == "header":
        return body, {**headers, mutation.name: sendable(mutation.value)}
    if mutation.part == "piece":
        text = headers.get(mutation.name, "")
        at %= len(text) + 1
        fresh = text[:at] + mutation.value + text[at + len(mutation.value) :]
        return body, {**headers, mutation.name: sendable(fresh)}
    return body, headers


def sendable(text: str) -> str:
    """Drop what no client can put in a header."""
    return "".join(one for one in text if " " <= one <= "~").strip()


def encoded(document: dict[str, Any]) -> bytes:
    """Encode a document, lone surrogates and all."""
    return json.dumps(document, ensure_ascii=True).encode()


def drawn(seed: int, many: int) -> list[Mutation]:
    """Draw so many mutations at once, the same for the same seed."""
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded

    found: list[Mutation] = []

    @seeded(seed)
    @settings(
        max_examples=many,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(MUTATIONS)
    def draw(one: Mutation) -> None:
        found.append(one)

    draw()
    return found


def shuffled(seed: int, mutations: list[Mutation], many: int) -> Callable[[], Mutation]:
    """Return what hands out the mutations in an order of its own, `many` in all."""
    order = random.Random(seed).choices(mutations, k=many)
    turn = iter(order)
    return lambda: next(turn)
