"""What is shown of agreements and of who read what."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri
from instance.consent.fields import FIELDS, Field
from instance.consent.models import Source


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
    """A person's proof of what she agreed to: with whom, which fields, why, how long."""

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

    def stands(self, now: datetime) -> bool:
        """Tell whether it is in force."""
        return self.ended is None and self.until > now


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
