"""What pages and the features above see of asks and loans: places, hours and terms, no names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from federation import Iri
from instance.loans.models import AskState, LoanState, Side


class PlaceView(msgspec.Struct, frozen=True):
    """Places at one opening: how many, what they need (vocabulary keys), exactly when (UTC)."""

    opening: Iri
    places: int
    skill: str
    level: int
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    start: datetime
    end: datetime
    timezone: str


class AskView(msgspec.Struct, frozen=True):
    """An ask as one side keeps it. `lapsed` says that its time is over.

    `left` says for each of `places` how many nobody has offered or promised yet.
    """

    id: str
    iri: Iri
    side: Side
    group: Iri
    ally: Iri
    ally_name: str
    state: AskState
    lapsed: bool
    job: Iri
    job_updated: datetime
    title: str
    district: str
    break_minutes: int
    rate_cents_per_hour: int
    currency: str
    levy_percent: int
    asked: datetime
    until: datetime
    places: tuple[PlaceView, ...]
    left: tuple[int, ...]

    @property
    def open(self) -> bool:
        """Whether the ask still waits for an answer, be it to a part of it."""
        return self.state is AskState.OPEN and not self.lapsed and any(self.left)

    @property
    def answered(self) -> bool:
        """Whether all that was asked for is offered or promised."""
        return self.state is AskState.OPEN and not any(self.left)

    @property
    def minutes(self) -> int:
        """The working minutes of all places that are asked for."""
        return sum(
            minutes_of(one.start, one.end, self.break_minutes, one.places) for one in self.places
        )


def unanswered(asks: Iterable[AskView]) -> Counter[Iri]:
    """Count by opening the places that allies were asked for and have not answered yet."""
    found: Counter[Iri] = Counter()
    for one in asks:
        if one.open:
            found.update({at.opening: left for at, left in zip(one.places, one.left, strict=True)})
    return found


class LoanView(msgspec.Struct, frozen=True):
    """A loan as one side keeps it; `places` are those that stand now, with what they need."""

    id: str
    offer: Iri
    side: Side
    group: Iri
    ally: Iri
    ally_name: str
    state: LoanState
    agreement: Iri | None
    ask: AskView
    places: tuple[PlaceView, ...]
    offered: datetime
    accepted: datetime | None
    ended: datetime | None
    replaces: Iri | None
    code: str
    reason: str

    @property
    def minutes(self) -> int:
        """The working minutes of all places."""
        pause = self.ask.break_minutes
        return sum(minutes_of(one.start, one.end, pause, one.places) for one in self.places)


class LentOpening(msgspec.Struct, frozen=True):
    """Places at an ally's opening that one of our groups promised to fill with its own people.

    Pay is the agreed rate, in the smallest unit per hour, all of it the worker's.
    """

    agreement: Iri
    loan: Iri
    group: Iri
    borrower: Iri
    borrower_name: str
    job: Iri
    title: str
    district: str
    opening: Iri
    places: int
    skill: str
    level: int
    certificates: tuple[str, ...]
    languages: tuple[str, ...]
    start: datetime
    end: datetime
    timezone: str
    break_minutes: int
    pay_cents_per_hour: int
    currency: str
    levy_percent: int


class Coverage(msgspec.Struct, frozen=True):
    """What lending would leave a group with at one opening.

    `free` own people could work then with that skill; `needed` places of its own are at the same
    time; `spare` is what is left, below 0 when the group is short itself.
    """

    opening: Iri
    free: int
    needed: int
    lent: int

    @property
    def spare(self) -> int:
        """How many could be lent without leaving an own place open."""
        return self.free - self.needed - self.lent


def minutes_of(start: datetime, end: datetime, break_minutes: int, places: int = 1) -> int:
    """Return the working minutes of some places: the shift's length less its break, each."""
    return max(int((end - start).total_seconds()) // 60 - break_minutes, 0) * places


class Asked(msgspec.Struct, frozen=True):
    """What an ask says, as it is written by the borrower and read by the lender."""

    iri: Iri
    job: Iri
    job_updated: datetime
    title: str
    district: str
    break_minutes: int
    rate_cents_per_hour: int
    currency: str
    levy_percent: int
    until: datetime
    places: tuple[PlaceView, ...]


class Promised(msgspec.Struct, frozen=True):
    """What an Agreement says of one opening: how many places, and when."""

    opening: Iri
    places: int
    start: datetime
    end: datetime


def wanted(
    query: Mapping[str, str],
    openings: Mapping[Iri, int],
    there: Mapping[Iri, int],
    asked: Sequence[AskView],
) -> dict[str, int]:
    """Return how many places to ask for: as the link says, else what no ally was asked for yet."""
    named = {iri: query.get(iri.rpartition("#")[2], "") for iri in openings}
    if any(named.values()):
        return {
            str(iri): min(int(named[iri]), count) if named[iri].isdecimal() else 0
            for iri, count in openings.items()
        }
    under_way = unanswered(asked) + Counter(there)
    return {str(iri): max(count - under_way[iri], 0) for iri, count in openings.items()}
