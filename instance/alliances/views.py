"""What pages and the features above see of alliances."""

from __future__ import annotations

from datetime import datetime

import msgspec

from federation import Iri
from instance.alliances.models import State
from instance.alliances.terms import Terms


class AllyView(msgspec.Struct, frozen=True):
    """A group that one of ours may lend to and borrow from, and on which terms (as ours reads)."""

    alliance: str
    group: Iri
    ally: Iri
    name: str
    terms: Terms
    since: datetime


class AllianceView(msgspec.Struct, frozen=True):
    """An alliance, or an offer of one, as our side keeps it.

    `text` is what both groups sign, byte for byte; `signed_by_them` says that their signature
    over it is kept here.
    """

    id: str
    offer: Iri
    group: Iri
    group_name: str
    ally: Iri
    ally_name: str
    offered_by_us: bool
    state: State
    terms: Terms
    text: str
    signed_by_us: bool
    signed_by_them: bool
    offered: datetime
    answered: datetime | None
    ended: datetime | None
    reason: str


class Count(msgspec.Struct, frozen=True):
    """A coarse number of people free for a skill in one half-day, as `groups` words it."""

    skill: str
    start: datetime
    end: datetime
    label: str


class CapacityView(msgspec.Struct, frozen=True):
    """What an ally last said about its free people, and when; or why it could not be asked."""

    ally: Iri
    counts: tuple[Count, ...] = ()
    as_of: datetime | None = None
    asked: datetime | None = None
    failed: str = ""


class FoundGroup(msgspec.Struct, frozen=True):
    """A group that somebody looked up by its address, as it describes itself."""

    iri: Iri
    name: str
    address: str
    about: str


class OneWay(msgspec.Struct, frozen=True):
    """Minutes that one group may lend another: owed for work, promised, and left to lend."""

    owed: int
    promised: int
    left: int


class HoursBetween(msgspec.Struct, frozen=True):
    """What goes between our group and an ally, as ours reads it."""

    lends: OneWay
    borrows: OneWay


class Concerned(msgspec.Struct, frozen=True):
    """Whom and what it concerns when something that binds two groups ends: counts, no names.

    `waiting` are asks and offers without an answer; `places` are promised and have not begun;
    `said_yes` are people who come for them, `asked` those who have not answered yet.
    """

    waiting: int = 0
    places: int = 0
    said_yes: int = 0
    asked: int = 0
