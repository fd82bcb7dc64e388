"""Jobs as values: what a leader sees, what the world is told, and what a leader enters."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from federation import Iri
from instance.jobs.models import Audience, JobState
from instance.split import KINDS, PayPart, Split, split_of

# Frozen values compare by what they hold: a document read back equals what was written.


class OpeningView(msgspec.Struct, frozen=True):
    """Places of one kind: skill, certificates and languages by their keys in the vocabulary.

    `level` 0 means that any level will do; `count` is how many people are wanted.
    """

    iri: Iri
    shift_id: Iri
    skill: str
    level: int = 0
    certificates: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    count: int = 1


class ShiftView(msgspec.Struct, frozen=True):
    """One stretch of time, in UTC, with the IANA zone of the place."""

    id: Iri
    start: datetime
    end: datetime
    timezone: str
    called_off: bool
    openings: tuple[OpeningView, ...]

    @property
    def minutes(self) -> int:
        """How long it is, breaks included."""
        return int((self.end - self.start).total_seconds()) // 60

    @property
    def places(self) -> int:
        """How many people it wants."""
        return sum(one.count for one in self.openings)


class JobView(msgspec.Struct, frozen=True):
    """A job with all that its own group's leaders know of it: never for anybody else.

    Pay is what the worker gets for an hour, in the smallest unit; the percents say where what the
    customer pays goes, and add up to 100. `updated` is the job's version.
    """

    iri: Iri
    group: Iri
    title: str
    description: str
    language: str
    district: str
    audience: Audience
    pay_cents_per_hour: int
    currency: str
    worker_percent: int
    insurance_percent: int
    levy_percent: int
    fund_percent: int
    break_minutes: int
    bring: str
    contact_name: str
    contact_phone: str
    customer: str
    customer_phone: str
    address: str
    door: str
    shifts: tuple[ShiftView, ...]
    published: datetime
    updated: datetime
    state: JobState
    lot_seed: str
    decision: str
    told: tuple[Iri, ...] = ()

    @property
    def split(self) -> Split:
        """Where what the customer pays goes, in percent."""
        return split_of({kind: getattr(self, f"{kind}_percent") for kind in KINDS})

    @property
    def token(self) -> str:
        """The last part of its address."""
        return self.iri.rpartition("/")[2]

    @property
    def standing(self) -> tuple[ShiftView, ...]:
        """The shifts that were not called off."""
        return tuple(one for one in self.shifts if not one.called_off)

    @property
    def places(self) -> int:
        """How many people its standing shifts want."""
        return sum(one.places for one in self.standing)


class PostedShift(msgspec.Struct, frozen=True):
    """A shift as others are told of it: the day and its parts, exact hours only to members.

    `parts` are some of morning, afternoon, evening and night, in the zone of the place.
    """

    id: Iri
    day: date
    parts: tuple[str, ...]
    timezone: str
    openings: tuple[OpeningView, ...]
    start: datetime | None = None
    end: datetime | None = None


class Posting(msgspec.Struct, frozen=True):
    """A job as others are told of it. It has no place for a customer's name or address.

    `contents` are cleaned HTML by language, the original first; `until` is when the job closes.
    `hours` is the whole of it as a decimal number, all people taken together; `split` says in
    percent where what the customer pays goes.
    """

    iri: Iri
    group: Iri
    title: str
    district: str
    pay_cents_per_hour: int
    currency: str
    break_minutes: int
    hours: str
    contents: tuple[tuple[str, str], ...]
    shifts: tuple[PostedShift, ...]
    published: datetime
    updated: datetime
    until: datetime
    split: Split = ()

    @property
    def token(self) -> str:
        """The last part of its address."""
        return self.iri.rpartition("/")[2]

    @property
    def exact(self) -> bool:
        """Whether it carries exact hours."""
        return any(one.start is not None for one in self.shifts)

    @property
    def places(self) -> int:
        """How many people are wanted in all."""
        return sum(opening.count for one in self.shifts for opening in one.openings)

    def content(self, language: str) -> str:
        """Return the cleaned HTML in a language, or in the original."""
        return dict(self.contents).get(language, self.contents[0][1] if self.contents else "")


class KnownJobView(msgspec.Struct, frozen=True):
    """A job that reached us, who sent it, and when it was last heard of."""

    posting: Posting
    sent_by: Iri
    heard: datetime
    public: bool = False


class NewOpening(msgspec.Struct, frozen=True):
    """Places of one kind to be published, by keys of the vocabulary."""

    skill: str
    count: int = 1
    level: int = 0
    certificates: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


class NewShift(msgspec.Struct, frozen=True):
    """A stretch of time to be published; the zone is the place's."""

    start: datetime
    end: datetime
    openings: tuple[NewOpening, ...]


class JobDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What a leader says of a job and may say anew later.

    `worker_percent` None means what the other three leave of 100; `district` is a place's key.
    """

    title: str
    description: str = ""
    district: str = ""
    pay_cents_per_hour: int = 0
    worker_percent: int | None = None
    insurance_percent: int = 0
    levy_percent: int = 0
    fund_percent: int = 0
    break_minutes: int = 0
    bring: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    customer: str = ""
    customer_phone: str = ""
    address: str = ""
    door: str = ""


class NewJob(JobDetails, frozen=True, kw_only=True):
    """A job to be published; language and currency are the instance's unless given."""

    shifts: tuple[NewShift, ...]
    audience: Audience = Audience.PUBLIC
    language: str = ""
    currency: str = ""


class BoardRow(msgspec.Struct, frozen=True):
    """One shift on a leader's board."""

    job: Iri
    token: str
    title: str
    group_name: str
    audience: Audience
    district: str
    shift: ShiftView
    number: int


class OpenJob(msgspec.Struct, frozen=True):
    """A job that people may come to, as a line of a list; `href` leads to its page."""

    posting: Posting
    group_name: str
    href: str


Need = tuple[str, str, int]
"""One requirement: skill, level, certificate or language; its key; the level, 0 where any will do.

*level* is how well the skill is to be known, beside the skill itself.
"""


class OwnFit(msgspec.Struct, frozen=True):
    """What of an opening's requirements its reader meets by her own account, and what she lacks.

    `expiring` says that she holds the certificate that is missing, and it runs out too soon.
    """

    opening: Iri
    met: tuple[Need, ...]
    missing: tuple[Need, ...]
    expiring: bool = False


class NearJob(msgspec.Struct, frozen=True, kw_only=True):
    """An opening that its reader is free for, and of which she meets all but one requirement."""

    title: str
    group_name: str
    href: str
    skill: str
    start: datetime
    end: datetime
    timezone: str
    fit: OwnFit


class JobsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The jobs somebody sees: those her groups lead, those open to her, those of allies.

    `nearly` are places of `mine` for which she lacks one thing only.
    """

    board: tuple[BoardRow, ...] = ()
    mine: tuple[OpenJob, ...] = ()
    allied: tuple[OpenJob, ...] = ()
    public: tuple[OpenJob, ...] = ()
    nearly: tuple[NearJob, ...] = ()


class Headline(msgspec.Struct, frozen=True):
    """A job without its shifts: whose it is, what it is called and what it pays an hour."""

    group: Iri
    title: str
    cents_per_hour: int
    currency: str


class Reactions(msgspec.Struct, frozen=True):
    """How many liked a job's post, and how many passed it on."""

    likes: int = 0
    shares: int = 0


class JobPage(msgspec.Struct, frozen=True, kw_only=True):
    """A job's page: what this reader is told, and for its leaders all that there is.

    `about` is the description by paragraphs, as plain text; `fits` is for somebody who could be
    asked what she meets, opening by opening; `repeating` leads a leader to the job that repeats;
    `taken_by` is who took it by telephone, for leaders, if it was.
    """

    posting: Posting
    group_name: str
    group_page: str
    pay_split: tuple[PayPart, ...] = ()
    about: tuple[str, ...] = ()
    here: bool = True
    leads: bool = False
    private: JobView | None = None
    reactions: Reactions = Reactions()
    fits: tuple[OwnFit, ...] = ()
    repeating: str = ""
    taken_by: str | None = None


class ShiftPage(msgspec.Struct, frozen=True):
    """A shift that its leader is about to move or call off."""

    job: JobView
    shift: ShiftView
    number: int


class JobForm(msgspec.Struct, frozen=True):
    """What a form for a job begins with: the groups to choose from, or the job as it stands."""

    groups: tuple[tuple[Iri, str], ...]
    job: JobView | None = None


class Posted(msgspec.Struct, frozen=True):
    """Where a job that was just published stands."""

    iri: Iri
