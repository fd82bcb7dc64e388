"""How words are read and compared: width, case and spaces do not matter."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Sequence
from importlib import resources


def folded(word: str) -> str:
    """Return a word as it is compared (NFKC, case folded, single spaces)."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().split())


def rows_of(name: str) -> Sequence[dict[str, str]]:
    """Read one of the files that come with the feature."""
    text = (resources.files("instance.skills") / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True), strict=True))
