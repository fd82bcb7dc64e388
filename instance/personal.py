"""Everything that is kept about a person: what for, and until when (GDPR, Article 30)."""

from __future__ import annotations

import csv
import enum
from importlib import resources

import msgspec


def _(message: str) -> str:
    """Mark a sentence for translation; it is translated where it is shown."""
    return message


class Until(enum.StrEnum):
    """When something is no longer kept."""

    ACCOUNT = "account"
    MEMBERSHIP = "membership"
    AGREEMENT = "agreement"
    USE = "use"
    FOLLOW = "follow"
    MINUTES = "15 minutes"
    TWO_DAYS = "2 days"
    MONTH = "30 days"
    FOUR_WEEKS = "28 days"
    QUARTER = "90 days"
    BOOK = "book"
    NETWORK = "network"
    LOG = "log"


WORDS = {
    Until.ACCOUNT: _("As long as your account, or until you take it out"),
    Until.MEMBERSHIP: _("As long as you belong to the group"),
    Until.AGREEMENT: _("Until you or the time you agreed on ends it"),
    Until.USE: _("Until it was used or its time is over"),
    Until.FOLLOW: _("Until the follower takes it back"),
    Until.MINUTES: _("15 minutes"),
    Until.TWO_DAYS: _("Two days"),
    Until.MONTH: _("30 days"),
    Until.FOUR_WEEKS: _("28 days after the work"),
    Until.QUARTER: _("90 days"),
    Until.BOOK: _("As long as the co-op keeps its books"),
    Until.NETWORK: _("As long as the co-op works with others"),
    Until.LOG: _("Always; when your account ends, nobody can tell any more that it was you"),
}


class Kept(msgspec.Struct, frozen=True):
    """Columns of one table that say something about a person, what for, and until when."""

    table: str
    columns: tuple[str, ...]
    kept: Until
    purpose: str
    purpose_zh_hant: str

    def why(self, language: str) -> str:
        """Return what it is kept for in one of the languages."""
        return self.purpose_zh_hant if language == "zh-Hant" else self.purpose

    @property
    def until(self) -> str:
        """Return until when it is kept, in words to translate."""
        return WORDS[self.kept]


def _read() -> tuple[Kept, ...]:
    text = (resources.files("instance") / "personal_data.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(keepends=True), strict=True)
    return tuple(
        msgspec.convert({**row, "columns": row["columns"].split()}, Kept, strict=True)
        for row in rows
    )


REGISTER = _read()
