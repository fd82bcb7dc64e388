"""What FEDERATION.md says each document needs, as data; and documents that lack some of it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.kinds import chain_of
from instance.labour import CODES
from instance.loans.refusals import REFUSALS

DOCUMENT = Path(__file__).resolve().parents[2] / "FEDERATION.md"
TABLE = re.compile(r"<!-- properties: .*?-->\n(.*?)<!-- end of properties -->", re.DOTALL)
NAMED = re.compile(r"(\*\*)?`([^`]+)`")
ENVELOPE = {"@context", "id", "type", "actor", "object", "to", "cc", "published", "proof"}
ENVELOPE |= {"decision"}
INSIDE = {"@context", "proof"}

_DIGITS = re.compile(r"\d{1,9}")
_DECIMAL = re.compile(r"\d{1,9}(\.\d{1,2})?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ADDRESS = re.compile(r"https?://\S+|urn:iso:std:iso:4217:[A-Z]{3}")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _quantity(value: Any, *units: str) -> bool:
    return value["hasUnit"] in units and bool(_DIGITS.fullmatch(value["hasNumericalValue"]))


FORMATS = {
    "address": lambda value: bool(_ADDRESS.fullmatch(value)),
    "address or object": lambda value: isinstance(value, dict) or bool(_ADDRESS.fullmatch(value)),
    "moment": lambda value: bool(_MOMENT.fullmatch(value)),
    "day": lambda value: bool(_DAY.fullmatch(value)),
    "length": lambda value: _quantity(value, "second"),
    "places": lambda value: _quantity(value, "one"),
    "digits": lambda value: bool(_DIGITS.fullmatch(value)),
    "decimal": lambda value: bool(_DECIMAL.fullmatch(value)),
    "number": lambda value: type(value) is int,
    "true or false": lambda value: isinstance(value, bool),
    "text": _text,
    "word": _text,
    "three letters": lambda value: len(value) == 3,
    "object": lambda value: isinstance(value, dict),
    "objects": lambda value: all(isinstance(one, dict) for one in value),
    "addresses": lambda value: all(_ADDRESS.fullmatch(one) for one in value),
    "code": lambda value: value in CODES or value in REFUSALS,
    "codes": lambda value: all(one in CODES for one in value),
    "words": lambda value: all(isinstance(one, str) for one in value),
}


@dataclass(frozen=True)
class Property:
    """A line of the table: where something stands, whether it is needed, and how it is written."""

    path: str
    needed: bool
    format: str


def table() -> dict[str, list[Property]]:
    """Read the table: the properties of each document, by its name, such as `Accept{Join}`."""
    found: dict[str, list[Property]] = {}
    current: list[str] = []
    for line in TABLE.search(DOCUMENT.read_text(encoding="utf-8"))[1].splitlines()[2:]:
        names, paths, form, _ = (cell.strip() for cell in line.strip("|").split("|"))
        current = [name for _, name in NAMED.findall(names)] or current
        for bold, path in NAMED.findall(paths):
            for name in current:
                found.setdefault(name, []).append(Property(path, bool(bold), form))
    return found


def name_of(document: dict[str, Any]) -> str:
    """Return the name under which the table has an activity."""
    chain = [one for one in chain_of(document) if one != "*"]
    return "{".join(chain) + "}" * (len(chain) - 1)


def values(document: Any, path: str) -> Iterator[Any]:
    """Yield all that stands at a path, such as `object.skills[].id`."""
    name, _, rest = path.partition(".")
    found = document.get(name.removesuffix("[]")) if isinstance(document, dict) else None
    if found is None:
        return
    for one in found if name.endswith("[]") else [found]:
        if rest:
            yield from values(one, rest)
        else:
            yield one


def without(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a document without what stands at a path."""
    changed = copy.deepcopy(document)
    above, _, name = path.rpartition(".")
    for one in values(changed, above) if above else [changed]:
        if isinstance(one, dict):
            one.pop(name, None)
    return changed


def bare(document: dict[str, Any], properties: list[Property]) -> dict[str, Any]:
    """Return a document with what is needed alone."""
    needed = {one.path for one in properties if one.needed}
    for one in properties:
        if not one.needed and not any(name.startswith(f"{one.path}[") for name in needed):
            document = without(document, one.path)
    return document


def faults(document: dict[str, Any], known: dict[str, list[Property]]) -> list[str]:
    """Say what of a document the table does not have, or has otherwise."""
    name = name_of(document)
    listed = known.get(name)
    if listed is None:
        return []
    found = [f"{name} has no {one.path}" for one in listed if one.needed and _lacks(document, one)]
    for one in listed:
        wrong = [value for value in values(document, one.path) if not _fits(value, one.format)]
        found += [f"{name}: {one.path} is {value!r}, no {one.format}" for value in wrong]
    paths = {part for one in listed for part in _above(one.path.replace("[]", ""))}
    told = set(_paths(document, paths))
    return found + [f"{name}: {path} is not listed" for path in sorted(told - paths)]


def _above(path: str) -> list[str]:
    """Return a path and whatever it lies in."""
    parts = path.split(".")
    return [".".join(parts[: number + 1]) for number in range(len(parts))]


def _lacks(document: dict[str, Any], one: Property) -> bool:
    return not list(values(document, one.path))


def _fits(value: Any, form: str) -> bool:
    if form == "as offered":
        return True
    if form.startswith("`"):
        return value == form.strip("`")
    return FORMATS[form](value)


def _paths(document: dict[str, Any], listed: set[str]) -> Iterator[str]:
    """Yield where anything stands, not inside what the table leaves whole."""
    yield from document.keys() - ENVELOPE
    for above in ("object", "result"):
        inner = document.get(above)
        if isinstance(inner, dict) and any(one.startswith(f"{above}.") for one in listed):
            yield from (f"{above}.{name}" for name in inner.keys() - INSIDE)
