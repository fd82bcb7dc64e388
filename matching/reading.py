"""Problems and plans as JSON: read with care, written in one way only."""

import hashlib
from typing import Any, TypeVar

import msgspec

from matching.answers import Explanation, Plan, Supposed
from matching.model import Opening
from matching.problem import Problem

MOST_BYTES = 1024 * 1024 * 1024
"""No problem is larger: 200,000 workers with 80,000 openings take about 200 MB."""

_Value = TypeVar("_Value", Problem, Plan, Opening)


class UnreadableProblem(ValueError):
    """This file holds no problem (or plan): the message is a sentence that says where and why."""


def problem_from_json(document: bytes) -> Problem:
    """Read a problem as `to_json` writes it; lists may be in any order.

    Raises UnreadableProblem: too large, no JSON, a field missing, unknown or of the wrong kind, or
    a problem that contradicts itself.
    """
    return _read(document, Problem, "problem")


def plan_from_json(document: bytes) -> Plan:
    """Read a plan that was kept. Raises UnreadableProblem as `problem_from_json` does."""
    return _read(document, Plan, "plan")


def opening_from_json(document: bytes) -> Opening:
    """Read one opening. Raises UnreadableProblem as `problem_from_json` does."""
    return _read(document, Opening, "opening")


def schema() -> dict[str, Any]:
    """Describe problems, and all that is answered, as JSON Schema (2020-12)."""
    kinds = (Problem, Plan, Explanation, Supposed)
    roots, parts = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What matching is asked, and what it answers",
        "oneOf": list(roots),
        "$defs": parts,
    }


def to_json(value: Any) -> bytes:
    """Write any value of this package as its one JSON: keys sorted, no spaces, UTF-8."""
    return msgspec.json.encode(value, order="sorted")


def problem_hash(problem: Problem) -> str:
    """Give the SHA-256, in hexadecimal, of a problem's one JSON."""
    return hashlib.sha256(to_json(problem)).hexdigest()


def _read(document: bytes, kind: type[_Value], name: str) -> _Value:
    if len(document) > MOST_BYTES:
        raise UnreadableProblem(f"This {name} is larger than {MOST_BYTES // 1024 // 1024} MB.")
    try:
        return msgspec.json.decode(document, type=kind)
    except msgspec.ValidationError as error:
        raise UnreadableProblem(f"This {name} cannot be used: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableProblem(f"This {name} is not JSON: {error}.") from error
