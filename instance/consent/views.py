"""What is shown of agreements and of who read what."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from federation import Iri
from instance.consent.fields import FIELDS, Field
from instance.consent.models import Source

REMIND_BEFORE = timedelta(days=14)


class Asked(msgspec.Struct, frozen=True):
    """One field that a group asks for; an essential one it cannot do without, and says why."""

    field: str
    essential: bool = False
    why: str = ""

    @property
    def about(self) -> Field:
        """The field's entry in the catalogue."""
        return FIELDS[self.field]


class Receipt(msgspec.Struct, frozen=True):
    """A person's proof of what she agreed to: with whom, which fields, why, how long.

    Kept, it holds for so many `days` more.
    """

    id: str
    group: Iri
    group_name: str
    fields: tuple[str, ...]
    asked: tuple[Asked, ...]
    purpose: str
    source: Source
    answered: bool
    agreed: datetime
    until: datetime
    ended: datetime | None
    days: int

    @property
    def is_hers(self) -> bool:
        """Whether she agreed herself, or has kept or ended what was agreed for her."""
        return self.answered or self.source is Source.JOIN

    def stands(self, now: datetime) -> bool:
        """Tell whether it is in force."""
        return self.ended is None and self.until > now

    def ends_soon(self, now: datetime) -> bool:
        """Tell whether it stands, and nearly all of its time is over."""
        return self.stands(now) and now >= reminded_at(self.agreed, self.until)


def reminded_at(agreed: datetime, until: datetime) -> datetime:
    """Say when a person is reminded that an agreement ends."""
    return until - min(REMIND_BEFORE, (until - agreed) / 4)


class ReadingView(msgspec.Struct, frozen=True):
    """That somebody read something of a person, and when."""

    group: Iri
    reader: Iri
    reader_name: str
    fields: tuple[str, ...]
    at: datetime


class ConciergeView(msgspec.Struct, frozen=True):
    """The leader who may answer for a person by telephone."""

    leader: Iri
    name: str
    since: datetime
