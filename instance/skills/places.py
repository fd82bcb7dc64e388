"""Districts and neighbourhoods, found by any name people write."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from instance.skills.words import folded, rows_of


class Place(msgspec.Struct, frozen=True):
    """A district, or a neighbourhood in one."""

    key: str
    en: str
    zh_hant: str
    district_en: str
    district_zh_hant: str
    region: str

    def label(self, language: str) -> str:
        """Return its name in a language."""
        return self.zh_hant if language == "zh-Hant" else self.en

    @property
    def is_district(self) -> bool:
        """Whether it is a whole district."""
        return self.key.endswith("-district")


class Middle(msgspec.Struct, frozen=True):
    """Where most people of a district live: metres east of 114° E and north of 22° N.

    To a hundred metres, measured on a map of towns; enough to say which of two ways is longer.
    """

    key: str
    east: int
    north: int


class Places:
    """Every place the co-ops know by name."""

    def __init__(self, rows: tuple[Place, ...], middles: tuple[Middle, ...] = ()) -> None:
        self._middles = {one.key: one for one in middles}
        self._places = {one.key: one for one in rows}
        self._words: dict[str, Place] = {}
        for one in rows:
            for word in (one.key, one.en, one.zh_hant):
                self._words.setdefault(folded(word), one)
        for one in rows:
            if one.is_district:
                self._words.setdefault(folded(one.district_en), one)

    def find(self, text: str) -> Place | None:
        """Return the place with this key or name, in either language."""
        return self._words.get(folded(text))

    def place(self, key: str) -> Place | None:
        """Return the place with this key."""
        return self._places.get(key)

    def label(self, key: str, language: str) -> str:
        """Return a place's name in a language, by its key or any name; unknown ones stay."""
        found = self._places.get(key) or self.find(key)
        return found.label(language) if found else key

    def district(self, key: str, language: str) -> str:
        """Return the name of the district that a place lies in."""
        found = self._places.get(key)
        if found is None:
            return key
        return found.district_zh_hant if language == "zh-Hant" else found.district_en

    def district_key(self, key: str) -> str:
        """Return the key of the district that a place lies in; an unknown key is its own."""
        found = self._places.get(key)
        same = (p for p in self if found and p.is_district and p.district_en == found.district_en)
        return next((one.key for one in same), key)

    def middle(self, key: str) -> Middle | None:
        """Return where the middle of a district is, by its key; None where that is not known."""
        return self._middles.get(key)

    def __iter__(self) -> Iterator[Place]:
        return iter(self._places.values())


@cache
def places() -> Places:
    """Read every place, once."""
    middles = (
        Middle(row["key"], int(row["east"]), int(row["north"])) for row in rows_of("districts.csv")
    )
    return Places(tuple(Place(**row) for row in rows_of("places.csv")), tuple(middles))
