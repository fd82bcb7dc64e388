"""Languages: the catalogue of each, and how moments, hours and money are written in it."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency
from babel.units import format_unit

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文", "ar": "العربية"}
PARTIAL = {"ar"}
"""Languages that need not have words for every page; the others are held to all of them."""
_BABEL = {"en": "en_HK", "zh-Hant": "zh_Hant_HK", "ar": "ar"}
_TAGS = {"zh-Hant": "zh-Hant-HK"}  # so that telephones take Hong Kong's shapes of characters
_BETWEEN = {"zh-Hant": "、", "ar": "، "}
CATALOGUES = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802  # the name that translators' tools know
    """Mark a sentence that is translated where it is shown, not where it stands."""
    return message


class _FromTheLeft(gettext.NullTranslations):
    """English where a language written from the right has no words: its full stop stays last."""

    def gettext(self, message: str) -> str:
        """Return a sentence between marks that no eye sees (Unicode's LRI and PDI)."""
        return f"\u2066{message}\u2069"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return a sentence for a number, likewise."""
        return self.gettext(msgid1 if n == 1 else msgid2)


def babel_name(language: str) -> str:
    """Return what Babel calls a language."""
    return _BABEL[language]


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the translations of a language, read from its .po file."""
    sentences = _read(language)
    if sentences is None:
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, sentences)
    compiled.seek(0)
    found = gettext.GNUTranslations(compiled)
    if direction(language) == "rtl":
        found.add_fallback(_FromTheLeft())
    return found


@cache
def worded(language: str) -> frozenset[str]:
    """Return every sentence, in English, that has words in a language."""
    found = set()
    for message in _read(language) or ():
        one, several = message.id, message.string
        if several and all(several):
            found.add(one if isinstance(one, str) else one[0])
    return frozenset(found)


@cache
def _read(language: str) -> Catalog | None:
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return None
    with path.open("rb") as source:
        return read_po(source, locale=_BABEL[language])


def translate(language: str, message: str, **values: object) -> str:
    """Say a sentence in a language, with its `%(name)s` places filled."""
    text = catalogue(language).gettext(message) if message else ""
    return text % values if values else text


def chosen(accepted: str, default: str) -> str:
    """Choose a language by an Accept-Language header."""
    for part in accepted.split(","):
        tag = part.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-Hant"
        if tag.partition("-")[0] in {"en", "ar"}:
            return tag.partition("-")[0]
    return default


def weekday(language: str, number: int) -> str:
    """Return what a day of the week is called; 0 is Monday."""
    return str(get_day_names("wide", "stand-alone", babel_name(language))[number])


def direction(language: str) -> str:
    """Return `rtl` for languages written from the right, else `ltr`."""
    return "rtl" if language.partition("-")[0] in {"ar", "fa", "he", "ur"} else "ltr"


KEPT = 2_048
"""So many moments of each way to write them are kept as they were written."""


def tag(language: str) -> str:
    """Return what browsers and screen readers know a language by (BCP 47)."""
    return _TAGS.get(language, language)


def listed(language: str, words: Iterable[str]) -> str:
    """Write words one after the other, with the commas of the language."""
    return _BETWEEN.get(language, ", ").join(words)


class Writer:
    """Writes values for people of one language, in the time zone of one place."""

    def __init__(self, language: str, timezone: str, currency: str) -> None:
        self._locale = _BABEL[language]
        self.language = language
        self._zone = ZoneInfo(timezone)
        self._currency = currency

    def filters(self) -> dict[str, Callable[..., str]]:
        """Return the filters of templates: `|day`, `|clock`, `|hours`, `|money` and the like.

        A page writes the same few moments again and again, and others write them, too.
        """
        keep = lru_cache(KEPT)
        return {
            "day": keep(self.day),
            "short_day": keep(self.short_day),
            "clock": keep(self.clock),
            "second": self.second,
            "when": keep(self.when),
            "hours": self.hours,
            "money": self.money,
            "listed": lambda words: listed(self.language, words),
            "as_written": self.as_written,
        }

    def as_written(self, text: str) -> str:
        """Keep an address or a handle in its own order among words written from the right."""
        return f"\u2066{text}\u2069" if direction(self.language) == "rtl" else text

    def day(self, moment: datetime | date) -> str:
        """Write a day: Mon, 4 January."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self._zone).date()
        if self.language == "en":
            return format_date(moment, "EEE, d MMMM", locale=self._locale)
        return format_skeleton("MMMMdE", moment, locale=self._locale)

    def short_day(self, moment: datetime | date) -> str:
        """Write a day where there is little room: Mon 4 Jan."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self._zone).date()
        if self.language == "zh-Hant":
            return format_date(moment, "M'月'd'日' EEEEE", locale=self._locale)
        return format_date(moment, "EEE d MMM", locale=self._locale)

    def clock(self, moment: datetime) -> str:
        """Write a time of day: 08:00."""
        return format_time(moment, "HH:mm", tzinfo=self._zone, locale=self._locale)

    def second(self, moment: datetime) -> str:
        """Write a time of day to the second: 08:00:30."""
        return format_time(moment, "HH:mm:ss", tzinfo=self._zone, locale=self._locale)

    def when(self, moment: datetime) -> str:
        """Write a day and a time of day."""
        return f"{self.day(moment)} {self.clock(moment)}"

    def hours(self, minutes: int) -> str:
        """Write a length of time: 3 h 30."""
        sign, minutes = ("\N{MINUS SIGN}" if minutes < 0 else ""), abs(minutes)
        whole, rest = divmod(minutes, 60)
        if self.language == "ar":
            return f"\u200e{sign}{_in_arabic(whole, rest)}" if sign else _in_arabic(whole, rest)
        if rest and not whole:
            return f"{sign}{rest} min" if self.language == "en" else f"{sign}{rest} 分鐘"
        if self.language == "en":
            return f"{sign}{whole:,} h {rest:02d}" if rest else f"{sign}{whole:,} h"
        return f"{sign}{whole:,} 小時 {rest} 分" if rest else f"{sign}{whole:,} 小時"

    def money(self, cents: int, currency: str | None = None) -> str:
        """Write an amount given in the smallest unit."""
        locale = _BABEL["en"] if self.language == "ar" else self._locale  # HK$ stays in front
        amount = format_currency(cents / 100, currency or self._currency, locale=locale)
        return self.as_written(amount)


def _in_arabic(hours: int, minutes: int) -> str:
    """Write a length of time: one, two, a few and many have words of their own."""
    parts = [
        format_unit(number, f"duration-{unit}", length="long", locale="ar")
        for number, unit in ((hours, "hour"), (minutes, "minute"))
        if number or (unit == "minute" and not hours)
    ]
    return " و".join(parts)
