"""Structured Field Values (RFC 9651), as far as HTTP's signatures use them: dictionaries.

Read strictly and kept as written, so that what is verified is exactly what was sent; text that
has two ways to be written is taken in the one that the standard writes.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

import msgspec

from federation.errors import Malformed

_KEY: Final = r"[a-z*][a-z0-9_.*-]{0,63}"
_STRING: Final = r'"(?:[ !#-\[\]-~]++|\\["\\])*+"'
_INTEGER: Final = r"(?:0|-?[1-9][0-9]{0,14})"
_WORD: Final = r"[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*"
_BYTES: Final = r":[A-Za-z0-9+/]*={0,2}:"
_VALUE: Final = rf"{_STRING}|{_BYTES}|{_INTEGER}(?![0-9.])|\?[01]|{_WORD}"
_BARE = re.compile(_VALUE)
_MEMBER = re.compile(rf"({_KEY})(?:=(?:(\()|({_VALUE})))?")
_PARAMETER = re.compile(rf"; *({_KEY})(?:=({_VALUE}))?")
_COMMA = re.compile(r"[ \t]*,[ \t]*")
_SPACES_AND_END = re.compile(r" *(\))?")
_COMPONENT = re.compile(r'"(@?[a-z0-9!#$%&\'*+.^_`|~-]{1,64})"')
_PLAIN_LIST = re.compile(rf"(?: *{_STRING}(?= |\)))* *\)")


class Item(msgspec.Struct, frozen=True):
    """One value as it stood there, with its parameters as they stood there."""

    bare: str
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)

    def __str__(self) -> str:
        """Write it as the standard does."""
        return self.bare + _written(self.parameters)

    @property
    def bytes(self) -> bytes:
        """The bytes of a byte sequence; Malformed for any other value."""
        if not self.bare.startswith(":"):
            raise Malformed("A value in a header is no byte sequence.")
        try:
            return binascii.a2b_base64(self.bare[1:-1], strict_mode=True)
        except ValueError as error:
            raise Malformed("A byte sequence in a header is not in base64.") from error


class InnerList(msgspec.Struct, frozen=True):
    """A list within a dictionary: `(item item);parameter=value`."""

    items: tuple[str, ...]
    parameters: Mapping[str, str] = msgspec.field(default_factory=dict)

    def __str__(self) -> str:
        """Write it as the standard does."""
        return f"({' '.join(self.items)}){_written(self.parameters)}"

    @property
    def names(self) -> tuple[str, ...]:
        """The components that it lists, without quotes; Malformed for one with parameters."""
        return _names_of(self.items)

    def text(self, name: str) -> str | None:
        """Return a parameter that is a string, or None; Malformed when it is something else."""
        written = self.parameters.get(name)
        if written is None:
            return None
        if not written.startswith('"'):
            raise Malformed(f"The parameter {name} is no string.")
        text = written[1:-1]
        return re.sub(r'\\(["\\])', r"\1", text) if "\\" in text else text


Member: TypeAlias = Item | InnerList


@lru_cache(maxsize=1024)
def quoted(text: str) -> str:
    """Write a string; Malformed for what HTTP cannot carry."""
    if not text.isascii() or not text.isprintable():
        raise Malformed("A string in a header is not plain ASCII.")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def dictionary(header: str) -> dict[str, Member]:
    """Read a dictionary; Malformed for what is none, and for a key or a parameter given twice."""
    return _Reader(header.lstrip(" ").rstrip(" \t")).dictionary()


# A server lists the same components with every request: each list is read once.
@lru_cache(maxsize=256)
def _names_of(items: tuple[str, ...]) -> tuple[str, ...]:
    found = [_COMPONENT.fullmatch(item) for item in items]
    if not all(found):
        raise Malformed("A component of a signature is no header's name, or has parameters.")
    return tuple(one[1] for one in found if one)


@lru_cache(maxsize=256)
def _plain_items(text: str) -> tuple[str, ...] | None:
    """Return the items of a list, up to its `)`, of strings without parameters; else None."""
    return tuple(re.findall(_STRING, text)) if _PLAIN_LIST.fullmatch(text) else None


def _written(parameters: Mapping[str, str]) -> str:
    parts = [f";{key}" if value == "?1" else f";{key}={value}" for key, value in parameters.items()]
    return "".join(parts)


class _Reader:
    """Reads from left to right, and never back."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def dictionary(self) -> dict[str, Member]:
        members: dict[str, Member] = {}
        while True:
            key, opened, bare = self._take(_MEMBER).groups()
            if key in members:
                raise Malformed("A header gives the same key twice.")
            if opened:
                members[key] = self._inner_list()
            else:
                members[key] = Item(bare or "?1", self._parameters())
            if self._at == len(self._text):
                return members
            self._take(_COMMA)

    def _inner_list(self) -> InnerList:
        end = self._text.find(")", self._at) + 1
        plain = _plain_items(self._text[self._at : end])
        if plain is not None:
            self._at = end
            return InnerList(plain, self._parameters())
        items: list[str] = []
        while not self._take(_SPACES_AND_END)[1]:
            items.append(str(Item(self._take(_BARE)[0], self._parameters())))
            if self._text[self._at : self._at + 1] not in {" ", ")"}:
                raise Malformed("A list in a header cannot be read.")
        return InnerList(tuple(items), self._parameters())

    def _parameters(self) -> dict[str, str]:
        found: dict[str, str] = {}
        while match := _PARAMETER.match(self._text, self._at):
            key, bare = match.groups()
            if key in found:
                raise Malformed("A header gives the same parameter twice.")
            found[key] = bare or "?1"
            self._at = match.end()
        return found

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise Malformed("A header is not in the form of RFC 9651.")
        self._at = match.end()
        return match
