"""What the screens show."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from federation import Iri
from instance.agenda.service import Clash
from instance.groups.service import RequestView
from instance.loans.service import AskView, LoanView
from instance.moderation.service import PeerLine
from instance.records.service import ShiftHere
from instance.split import PayPart


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation or promise as the person it concerns sees it.

    `borrower` is the group she is lent to, or empty. `person` is set on the list of a leader who
    answers by telephone. `old` is the promise that this one is to replace. `why_page` says more of
    why she was asked, where the group that asked is at this co-op. `people` is how many the shift
    wants in all, on its own page, where that is known; `changed` when its state became what it is.
    """

    id: str
    state: str
    title: str
    group_name: str
    borrower: str
    start: datetime
    end: datetime
    timezone: str
    minutes: int
    cents: int
    currency: str
    place: str
    reply_by: datetime
    hold_until: datetime | None
    clashes: tuple[Clash, ...]
    is_blocked: bool
    why: tuple[str, ...]
    code: str
    answerable: bool
    may_withdraw: bool
    over: bool
    job: str
    changed: datetime
    address: str = ""
    door: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    why_page: str = ""
    customer: str = ""
    bring: str = ""
    pay_split: tuple[PayPart, ...] = ()
    old_start: datetime | None = None
    old_end: datetime | None = None
    person: Iri | None = None
    person_name: str = ""
    people: int = 0
    phone: str = ""


class WorkerOnTelephone(msgspec.Struct, frozen=True):
    """Somebody who lets a leader answer for her: what she is asked, and what she has promised."""

    name: str
    phone: str
    invitations: tuple[InvitationView, ...]
    promises: tuple[InvitationView, ...]


class TelephoneDesk(msgspec.Struct, frozen=True):
    """Those for whom a leader enters what they say by telephone."""

    workers: tuple[WorkerOnTelephone, ...]


class DayView(msgspec.Struct, frozen=True):
    """One day of a week: what is promised, and in which hours she could work."""

    day: date
    today: bool
    past: bool
    off: bool
    free: tuple[tuple[str, str], ...]
    promises: tuple[InvitationView, ...]


class DaysOff(msgspec.Struct, frozen=True):
    """Days on which she does not work, both named days included."""

    id: str
    first: date
    last: date


class WeekView(msgspec.Struct, frozen=True, kw_only=True):
    """A worker's week over all her groups, wherever they are.

    `squares` are the painted ones, such as `2027-01-04/morning`; `taken` says what is promised in
    a square. `to_ring` are people who let this viewer answer for them. `here` are shifts that begin
    soon or go on, by their promise: she says at the door that she has come.
    """

    monday: date
    previous: date
    following: date
    this_week: bool
    invitations: tuple[InvitationView, ...]
    days: tuple[DayView, ...]
    squares: tuple[str, ...]
    taken: dict[str, str]
    days_off: tuple[DaysOff, ...]
    to_ring: tuple[InvitationView, ...]
    hours_to_enter: int
    unseen_sharing: int
    groups: int
    minutes: int
    here: dict[str, ShiftHere] = {}


class PlaceLine(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of today: how many are wanted, who comes, who was asked, what is open.

    `borrower` is set when the places are at an ally's job and ours to fill; `page` is where people
    are found for it, `cover` where cover is sought. `promised` are places for which an ally still
    looks. `asking` is set while people are asked a few at a time: waiting or asking, in `wave`.
    """

    title: str
    skill: str
    borrower: str
    page: str
    cover: str
    start: datetime
    end: datetime
    wanted: int
    come: tuple[str, ...]
    dropped_out: tuple[str, ...]
    confirming: int
    answered: int
    invited: int
    promised: int
    open: int
    asking: str = ""
    wave: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody has to be found."""
        return self.open > 0


class TodayView(msgspec.Struct, frozen=True, kw_only=True):
    """A leader's board for one day; `coming` are later days with open places, and how many."""

    day: date
    today: bool
    group: Iri | None
    groups: tuple[tuple[Iri, str], ...]
    open: tuple[PlaceLine, ...]
    filled: tuple[PlaceLine, ...]
    coming: tuple[tuple[date, int], ...]
    asks: tuple[AskView, ...]
    offers: tuple[LoanView, ...]
    requests: tuple[tuple[Iri, str, RequestView], ...]
    hours_waiting: tuple[tuple[Iri, str, int], ...]
    unheard: tuple[PeerLine, ...]
    to_ring: int

    @property
    def previous(self) -> date:
        """The day before."""
        return self.day - timedelta(days=1)

    @property
    def following(self) -> date:
        """The day after."""
        return self.day + timedelta(days=1)


class GroupLine(msgspec.Struct, frozen=True):
    """A group of this co-op, for its administrators."""

    iri: Iri
    name: str
    handle: str
    members: int
    leaders: tuple[str, ...]


class AdminView(msgspec.Struct, frozen=True, kw_only=True):
    """Where an administrator starts."""

    groups: tuple[GroupLine, ...]
    people: int
    mail_server: str
    mails_waiting: int
    peers: int
    peers_unheard: int
    failures: int
    reports: int
    steps: tuple[tuple[str, str, str], ...]


class AnswerView(msgspec.Struct, frozen=True):
    """The one screen that an e-mail leads to: an invitation, and whose it is."""

    held: str
    name: str
    invitation: InvitationView
