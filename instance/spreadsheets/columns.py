"""Which column is meant by a heading, in English or Chinese, however it is spelt."""

from __future__ import annotations

import csv
import difflib
import enum
import re
import unicodedata
from functools import cache
from importlib import resources

import msgspec

_HAN = re.compile(r"[\u3400-\u9fff]+")
_NEAR = 0.78


class Sheet(enum.StrEnum):
    """The kinds of spreadsheet that are understood."""

    PEOPLE = "people"
    AVAILABILITY = "availability"
    JOBS = "jobs"


class Columns(msgspec.Struct, frozen=True):
    """The columns of one kind of spreadsheet: all keys, the required ones, and their names."""

    keys: tuple[str, ...]
    required: frozenset[str]
    names: dict[str, str]

    def find(self, heading: str) -> str | None:
        """Return the key of the column that a heading means, or None."""
        whole = self.names.get(_bare(heading))
        if whole:
            return whole
        narrow = unicodedata.normalize("NFKC", heading)
        without = re.sub(r"[(\[【][^)\]】]*[)\]】]", " ", narrow)
        pieces = [without, *_HAN.findall(without), _HAN.sub(" ", without)]
        meant = {self.names[_bare(one)] for one in pieces if _bare(one) in self.names}
        return meant.pop() if len(meant) == 1 else None

    def near(self, heading: str) -> str | None:
        """Return the name that a misspelt heading comes close to, or None."""
        found = difflib.get_close_matches(_bare(heading)[:60], self.names, 1, _NEAR)
        return self.names[found[0]] if found else None


@cache
def columns(sheet: Sheet) -> Columns:
    """Read what the columns of a kind of spreadsheet may be called, once."""
    text = (resources.files("instance.spreadsheets") / "columns.csv").read_text(encoding="utf-8")
    rows = [one for one in csv.DictReader(text.splitlines(), strict=True) if one["sheet"] == sheet]
    return Columns(
        keys=tuple(one["key"] for one in rows),
        required=frozenset(one["key"] for one in rows if one["required"]),
        names={
            _bare(name): one["key"]
            for one in rows
            for name in (one["key"], *one["aliases"].split("|"))
        },
    )


def _bare(heading: str) -> str:
    """Return a heading as it is compared: letters, digits and plus signs, folded."""
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(one for one in folded if one.isalnum() or one == "+")
