"""What others see of a person's time: frozen values, never rows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import msgspec

from federation import Iri
from instance.agenda.clash import Clash
from instance.agenda.promise import TAKES_TIME, PromiseState
from instance.agenda.windows import Hours
from instance.split import Split


class DayView(msgspec.Struct, frozen=True):
    """A date on which the painted week does not hold; hours are (start, end) in minutes."""

    day: date
    hours: tuple[tuple[int, int], ...]


class DaysOffView(msgspec.Struct, frozen=True):
    """Days on which she does not work, both named days included."""

    id: str
    first: date
    last: date


class Painted(msgspec.Struct, frozen=True):
    """What a person painted: her week, the dates that differ, and her days off."""

    timezone: str
    week: tuple[Hours, ...]
    days: tuple[DayView, ...]
    days_off: tuple[DaysOffView, ...]


class InviterView(msgspec.Struct, frozen=True):
    """A group that may ask her."""

    group: Iri
    name: str
    since: datetime


class PromiseView(msgspec.Struct, frozen=True):
    """One invitation and what has become of it. `minutes` is the work paid, without breaks.

    `skill` is a key of the vocabulary; pay is in the smallest unit per hour.
    `details` is the Event that the group whose job it is sent after the confirmation, if any.
    """

    id: str
    invite: Iri
    person: Iri
    group: Iri
    group_name: str
    receiver: Iri
    state: PromiseState
    code: str
    start: datetime
    end: datetime
    timezone: str
    minutes: int
    break_minutes: int
    title: str
    district: str
    job: str
    opening: str
    skill: str
    agreement: str | None
    reply_by: datetime
    hold_until: datetime | None
    replaces: Iri | None
    pay_cents_per_hour: int
    currency: str
    why: tuple[str, ...]
    invited: datetime
    changed: datetime
    commitment: str | None = None
    details: dict[str, Any] | None = None
    clashes: tuple[Clash, ...] = ()
    split: Split = ()

    @property
    def takes_time(self) -> bool:
        """Whether the time is hers to keep."""
        return self.state in TAKES_TIME

    @property
    def is_blocked(self) -> bool:
        """Whether a yes could not be kept, so that no button offers it."""
        return any(one.blocks for one in self.clashes)


class Answer(msgspec.Struct, frozen=True):
    """What came of pressing yes or no: `held`, `declined`, or `refused` with what stands against.

    A refusal is no error: the group is told "not free then", in the same commit.
    """

    state: PromiseState
    clashes: tuple[Clash, ...] = ()
