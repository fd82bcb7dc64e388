"""Lists of words in a cell, found in the vocabulary by key, label or alias, in either language."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from typing import TypeVar

from instance.skills import service as vocabulary
from instance.spreadsheets import cells
from instance.spreadsheets.faults import Wrong, _, shown

MOST_WORDS = 60
MOST_COMMAS = 2
LEVEL = 2
NEAR = 0.75
OLDEST_EXPIRY_YEARS = 5
_STRONG = ";\n|"
_WEAK = ",、"
_LEVEL = re.compile(r"(?P<word>.+?) ?[(\[](?:level |級 ?)?(?P<level>[123])(?:級)?[)\]]")
_EXPIRY = re.compile(
    r"(?P<word>.+?)[ (:]+(?:(?:valid )?(?:until|till|to|expires|exp\.?)|有效至|至)? ?"
    r"(?P<date>\d{4} ?[-/.年].{3,9}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{5})[)]?"
)
Found = TypeVar("Found")


def skills(cell: str) -> tuple[tuple[str, int], ...]:
    """Return (key, level) for each skill; a level stands in brackets: Home care (3)."""
    return tuple(dict(_each(cell, _skill)).items())


def certificates(cell: str, today: date) -> tuple[tuple[str, date | None], ...]:
    """Return (key, last valid day or None) for each certificate: First aid 2027-05-31."""
    return tuple(dict(_each(cell, lambda part: _certificate(part, today))).items())


def languages(cell: str) -> tuple[str, ...]:
    """Return the keys of languages."""
    return tuple(dict.fromkeys(_each(cell, lambda part: term("language", part))))


def district(cell: str) -> str:
    """Return the key of a place."""
    tidy = cells.line(cell)
    found = vocabulary.places().find(tidy)
    if found is None:
        raise _unknown(tidy, _places())
    return found.key


def term(kind: str, word: str) -> str:
    """Return the key of a word of the vocabulary; raises Wrong with what comes near."""
    found = vocabulary.vocabulary().find(kind, word)
    if found is None:
        raise _unknown(word, _words(kind))
    return found.key


def needs(cell: str) -> tuple[tuple[str, str], ...]:
    """Return (kind, key) for each certificate or language that work asks for."""
    return tuple(dict.fromkeys(_each(cell, _need)))


def several(cell: str) -> tuple[str, ...]:
    """Return the words of a list as they were written, each once."""
    return tuple(dict.fromkeys(cells.parts(cells.narrow(cells.text(cell)), _STRONG + _WEAK)))


def _each(cell: str, read: Callable[[str], Found]) -> Iterator[Found]:
    number = 0
    for strong in cells.parts(cells.narrow(cells.text(cell)), _STRONG):
        pieces = list(cells.parts(strong, _WEAK))
        while pieces:
            number += 1
            if number > MOST_WORDS:
                message = _("more than %(most)s are named; name the most important")
                raise Wrong(message, most=MOST_WORDS)
            found, used = _first(pieces, read)
            yield found
            pieces = pieces[used:]


def _first(pieces: list[str], read: Callable[[str], Found]) -> tuple[Found, int]:
    """Read the first word and how many pieces it took: some words hold a comma themselves."""
    for used in range(min(len(pieces), MOST_COMMAS + 1), 1, -1):
        try:
            return read(", ".join(pieces[:used])), used
        except Wrong:
            continue
    return read(pieces[0]), 1


def _need(word: str) -> tuple[str, str]:
    for kind in ("certificate", "language"):
        found = vocabulary.vocabulary().find(kind, word)
        if found:
            return kind, found.key
    raise _unknown(word, {**_words("certificate"), **_words("language")})


def _skill(part: str) -> tuple[str, int]:
    found = _LEVEL.fullmatch(part)
    if found:
        return term("skill", found["word"]), int(found["level"])
    return term("skill", part), LEVEL


def _certificate(part: str, today: date) -> tuple[str, date | None]:
    found = _EXPIRY.fullmatch(part)
    if found is None or vocabulary.vocabulary().find("certificate", part):
        return term("certificate", part), None
    key = term("certificate", found["word"])
    expires = cells.day(found["date"])
    if expires.year < today.year - OLDEST_EXPIRY_YEARS:
        raise Wrong(
            _("it ran out in %(year)s; write the new date, or leave it out"), year=expires.year
        )
    return key, expires


def _unknown(word: str, known: dict[str, str]) -> Wrong:
    near = difflib.get_close_matches(vocabulary.folded(word)[:60], known, 1, NEAR)
    if near:
        message = _("'%(word)s' is not known; did you mean '%(near)s'?")
        return Wrong(message, word=shown(word), near=known[near[0]])
    message = _("'%(word)s' is not known; choose a word from the list of skills and places")
    return Wrong(message, word=shown(word))


@cache
def _words(kind: str) -> dict[str, str]:
    return {
        vocabulary.folded(word): word
        for one in vocabulary.vocabulary().terms(kind)
        for word in (one.key, *one.aliases, one.en, one.zh_hant)
    }


@cache
def _places() -> dict[str, str]:
    return {
        vocabulary.folded(word): word
        for one in vocabulary.places()
        for word in (one.key, one.en, one.zh_hant)
    }
