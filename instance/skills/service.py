"""The words of the trade: occupations, skills, certificates and languages, in every language."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from federation import Iri
from instance.skills.places import Place, Places, places
from instance.skills.words import folded, rows_of

__all__ = [
    "KINDS",
    "Place",
    "Places",
    "Term",
    "Vocabulary",
    "document",
    "folded",
    "iri_of",
    "key_of",
    "places",
    "vocabulary",
]

KINDS = ("occupation", "skill", "certificate", "language")


class Term(msgspec.Struct, frozen=True):
    """One word: its key for rows and addresses, its labels, and what else people write for it.

    `isco` is the ISCO-08 unit group of an occupation; `occupations` are the keys of those that
    need a skill.
    """

    key: str
    kind: str
    en: str
    zh_hant: str
    aliases: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()
    isco: str = ""
    esco_uri: str = ""

    def label(self, language: str) -> str:
        """Return the word in a language."""
        return self.zh_hant if language == "zh-Hant" else self.en


class Vocabulary:
    """All words, found by key, label or alias."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._terms = {one.key: one for one in terms}
        self._words: dict[tuple[str, str], Term] = {}
        for one in self._terms.values():
            for word in (one.key, one.en, one.zh_hant, *one.aliases):
                self._words.setdefault((one.kind, folded(word)), one)
        self._skills: dict[str, list[Term]] = {}
        for one in self._terms.values():
            for occupation in one.occupations:
                self._skills.setdefault(occupation, []).append(one)

    def find(self, kind: str, text: str) -> Term | None:
        """Return the word of a kind that somebody wrote in some way, or None."""
        return self._words.get((kind, folded(text)))

    def term(self, key: str) -> Term | None:
        """Return the word with this key."""
        return self._terms.get(key)

    def label(self, key: str, language: str) -> str:
        """Return a word in a language; an unknown key is its own label."""
        found = self._terms.get(key)
        return found.label(language) if found else key

    def terms(self, kind: str) -> tuple[Term, ...]:
        """Return all words of a kind, in the file's order."""
        return tuple(one for one in self._terms.values() if one.kind == kind)

    def skills_of(self, occupation: str) -> tuple[Term, ...]:
        """Return the skills that an occupation needs."""
        return tuple(self._skills.get(occupation, ()))

    def fitting(self, key: str) -> frozenset[str]:
        """Return what stands for a word that is asked for: itself, and an occupation's skills."""
        return frozenset({key, *(one.key for one in self.skills_of(key))})


@cache
def vocabulary() -> Vocabulary:
    """Read the vocabulary, once."""
    return Vocabulary([_term(row) for row in rows_of("vocabulary.csv")])


def held_for(held: Iterable[tuple[str, int]], wanted: Iterable[str]) -> list[tuple[str, int]]:
    """Return those of the wanted skills that somebody has, each with the best level of hers."""
    found, mine = [], tuple(held)
    for key in wanted:
        fitting = vocabulary().fitting(key)
        levels = [level for skill, level in mine if skill in fitting]
        if levels:
            found.append((key, max(levels)))
    return found


def iri_of(origin: str, key: str) -> Iri:
    """Return a word's address at an instance."""
    return Iri(f"{origin}/ns/skills#{key}")


def key_of(iri: str) -> str:
    """Return the key that a word's address ends in, whichever instance wrote it."""
    return iri.rpartition("#")[2]


def document(origin: str) -> dict[str, Any]:
    """Write the vocabulary as a SKOS concept scheme in JSON-LD."""
    scheme = f"{origin}/ns/skills"
    return {
        "@context": {
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "id": "@id",
            "type": "@type",
            "prefLabel": {"@id": "skos:prefLabel", "@container": "@language"},
            "altLabel": "skos:altLabel",
            "notation": "skos:notation",
            "inScheme": {"@id": "skos:inScheme", "@type": "@id"},
            "related": {"@id": "skos:related", "@type": "@id"},
            "exactMatch": {"@id": "skos:exactMatch", "@type": "@id"},
            "hasTopConcept": {"@id": "skos:hasTopConcept", "@type": "@id"},
        },
        "id": scheme,
        "type": "skos:ConceptScheme",
        "hasTopConcept": [
            _concept(origin, scheme, term) for kind in KINDS for term in vocabulary().terms(kind)
        ],
    }


def _concept(origin: str, scheme: str, term: Term) -> dict[str, Any]:
    written: dict[str, Any] = {
        "id": iri_of(origin, term.key),
        "type": "skos:Concept",
        "inScheme": scheme,
        "prefLabel": {"en": term.en, "zh-Hant": term.zh_hant},
    }
    if term.aliases:
        written["altLabel"] = list(term.aliases)
    if term.isco:
        written["notation"] = f"ISCO-08 {term.isco}"
    if term.esco_uri:
        written["exactMatch"] = term.esco_uri
    if term.occupations:
        written["related"] = [iri_of(origin, one) for one in term.occupations]
    return written


def _term(row: dict[str, str]) -> Term:
    return Term(
        key=row["key"],
        kind=row["kind"],
        en=row["en"],
        zh_hant=row["zh_hant"],
        aliases=_parts(row["aliases"]),
        occupations=_parts(row["occupations"]),
        isco=row["isco"],
        esco_uri=row["esco_uri"],
    )


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()
