"""Hours as pages show them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import msgspec

from federation import Iri
from instance.records.models import Side
from instance.records.money import pay_cents
from instance.records.statement import WAITING, Code, HoursState
from instance.split import split_of_pay


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """Stated hours in one book, with the names that its reader may know.

    `proposed` is what the group says instead, `answer` its words. Of an open rest, `her_minutes`
    and `their_minutes` are the two whole figures, and `their_words` what the group wrote.
    """

    id: str
    event: Iri
    side: Side
    person: Iri
    person_name: str
    group: Iri
    group_name: str
    lender: Iri | None
    lender_name: str
    agreement: Iri | None
    invite: Iri
    commitment: str
    job: str
    opening: str
    title: str
    timezone: str
    started: datetime
    ended: datetime
    break_minutes: int
    minutes: int
    cents_per_hour: int
    currency: str
    code: Code
    words: str
    state: HoursState
    replaces: Iri | None
    proposed: int | None
    answer: str
    decision: str | None
    placed: bool
    stated: datetime
    answered: datetime | None
    her_minutes: int = 0
    their_minutes: int = 0
    their_words: str = ""

    @property
    def waits(self) -> bool:
        """Whether one side or the other has still to say something."""
        return self.state in WAITING

    @property
    def cents(self) -> int:
        """The pay for these minutes, in the smallest unit."""
        return pay_cents(self.minutes, self.cents_per_hour)

    @property
    def start_clock(self) -> str:
        """When the work began, by the clock of the place."""
        return self.started.astimezone(ZoneInfo(self.timezone)).strftime("%H:%M")

    @property
    def end_clock(self) -> str:
        """When the work ended, by the clock of the place."""
        return self.ended.astimezone(ZoneInfo(self.timezone)).strftime("%H:%M")

    @property
    def job_token(self) -> str:
        """The last part of the job's address."""
        return self.job.rpartition("/")[2]


class ShiftToEnter(msgspec.Struct, frozen=True, kw_only=True):
    """A shift that has begun and whose hours she has not entered, filled in.

    `from_door` is whether it is filled in from when she came and left, not from the plan alone.
    """

    promise: str
    title: str
    group_name: str
    start: datetime
    end: datetime
    timezone: str
    start_clock: str
    end_clock: str
    break_minutes: int
    minutes: int
    from_door: bool = False


class WeekTotal(msgspec.Struct, frozen=True):
    """What counts of one week, which begins on a Monday."""

    monday: date
    minutes: int


class GroupTotal(msgspec.Struct, frozen=True):
    """What counts for one group, with its pay."""

    name: str
    minutes: int
    cents: int
    currency: str


class MyRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's own page: what she has to do, what counts, and all she stated, newest first."""

    to_enter: tuple[ShiftToEnter, ...]
    waiting: tuple[RecordView, ...]
    confirmed: tuple[RecordView, ...]
    weeks: tuple[WeekTotal, ...]
    groups: tuple[GroupTotal, ...]
    total_minutes: int
    page: int
    pages: int


class PayLine(msgspec.Struct, frozen=True):
    """Hours that count or are disputed, with where the money of their job goes, in percent."""

    row: RecordView
    percents: dict[str, int]

    @property
    def disputed(self) -> bool:
        """Whether this is the part that the two sides have not agreed on."""
        return self.row.state is HoursState.DISPUTED

    @property
    def split(self) -> dict[str, int]:
        """What the customer pays for these hours by its parts, in the smallest unit."""
        return split_of_pay(self.row.cents, self.percents) if self.percents else {}


class HoursOfGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A leader's page for one group: what waits, what is open between two statements, what counts.

    `lent` are hours of our people at allies, for reading: their group confirms them.
    """

    group: Iri
    group_name: str
    groups: tuple[tuple[Iri, str], ...]
    first: date
    last: date
    to_confirm: tuple[RecordView, ...]
    corrected: tuple[RecordView, ...]
    disputed: tuple[RecordView, ...]
    confirmed: tuple[RecordView, ...]
    lent: tuple[RecordView, ...]
    confirmed_minutes: int
