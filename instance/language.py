"""Languages: the catalogue of each, and how moments, hours and money are written in it."""

from __future__ import annotations

import gettext
import io
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency

LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
_BABEL = {"en": "en_HK", "zh-Hant": "zh_Hant_HK"}
CATALOGUES = Path(__file__).parent / "translations"


def N_(message: str) -> str:  # noqa: N802  # the name that translators' tools know
    """Mark a sentence that is translated where it is shown, not where it stands."""
    return message


def babel_name(language: str) -> str:
    """Return what Babel calls a language."""
    return _BABEL[language]


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """Return the translations of a language, read from its .po file."""
    path = CATALOGUES / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=_BABEL[language]))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


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
        if tag.startswith("en"):
            return "en"
    return default


def weekday(language: str, number: int) -> str:
    """Return what a day of the week is called; 0 is Monday."""
    return str(get_day_names("wide", "stand-alone", babel_name(language))[number])


def direction(language: str) -> str:
    """Return `rtl` for languages written from the right, else `ltr`."""
    return "rtl" if language.partition("-")[0] in {"ar", "fa", "he", "ur"} else "ltr"


KEPT = 2_048
"""So many moments of each way to write them are kept as they were written."""


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
        }

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
        if self.language == "en":
            return format_date(moment, "EEE d MMM", locale=self._locale)
        return format_date(moment, "M'月'd'日' EEEEE", locale=self._locale)

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
        if rest and not whole:
            return f"{sign}{rest} min" if self.language == "en" else f"{sign}{rest} 分鐘"
        if self.language == "en":
            return f"{sign}{whole:,} h {rest:02d}" if rest else f"{sign}{whole:,} h"
        return f"{sign}{whole:,} 小時 {rest} 分" if rest else f"{sign}{whole:,} 小時"

    def money(self, cents: int, currency: str | None = None) -> str:
        """Write an amount given in the smallest unit."""
        return format_currency(cents / 100, currency or self._currency, locale=self._locale)
