"""What is wrong in a spreadsheet: where, what stands there, and how to mend it."""

from __future__ import annotations

import unicodedata
from typing import Any

import msgspec

MOST_SHOWN = 60


def _(message: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return message


class Wrong(ValueError):
    """What stands in a cell cannot be used; the sentence says why and what to write instead."""

    def __init__(self, message: str, **values: Any) -> None:
        super().__init__(message % values if values else message)
        self.message = message
        self.values = values


class Remark(msgspec.Struct, frozen=True):
    """Something about a line that is worth knowing and stops nobody."""

    line: int
    message: str
    values: dict[str, Any] = {}

    def __str__(self) -> str:
        """Write it as one line, for a terminal."""
        sentence = self.message % self.values if self.values else self.message
        return f"line {self.line}: {sentence}" if self.line else sentence


class Fault(msgspec.Struct, frozen=True):
    """What stops an import: the line (from 1, as an editor counts), the column, what is there.

    `message` is an English sentence with places for `values`, translated where it is shown;
    `line` 0 is the file as a whole, and an empty `column` the whole line.
    """

    line: int
    column: str
    found: str
    message: str
    values: dict[str, Any] = {}

    def __str__(self) -> str:
        """Write it as one line, for a terminal."""
        sentence = self.message % self.values if self.values else self.message
        where = f"line {self.line}" if self.line else "the file"
        place = f"{where}, {self.column}" if self.column else where
        return f"{place}: {sentence}"


def shown(text: str) -> str:
    """Return what stands in a cell so that it can be shown anywhere: short, and nothing hidden."""
    visible = "".join(
        one if one == " " or unicodedata.category(one)[0] not in "CZ" else f"<U+{ord(one):04X}>"
        for one in text[: MOST_SHOWN + 1]
    )
    return visible if len(text) <= MOST_SHOWN else f"{visible[:MOST_SHOWN]}…"
