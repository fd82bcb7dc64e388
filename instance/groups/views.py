"""What is shown of groups, their members and what members share."""

from __future__ import annotations

from datetime import date, datetime
from urllib.parse import urlsplit

import msgspec

from federation import Iri
from instance.consent.service import Asked as Asked  # noqa: PLC0414  # offered on
from instance.groups.models import MemberState


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """A group whose home is here. `asked_days` is how long an agreement to share lasts."""

    iri: Iri
    username: str
    name: str
    about: str
    first: bool
    district: str | None
    asked: tuple[Asked, ...]
    asked_days: int

    @property
    def token(self) -> str:
        """The last part of the group's address."""
        return self.iri.rpartition("/")[2]

    @property
    def handle(self) -> str:
        """Its address as people write it."""
        return f"{self.username}@{host_of(self.iri)}"


class FoundGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group, here or elsewhere, that somebody could join, as its own home describes it."""

    iri: Iri
    name: str
    handle: str
    about: str
    asked: tuple[Asked, ...]
    asked_days: int
    here: bool


def found_here(group: GroupView) -> FoundGroup:
    """Return a group whose home is here as somebody sees it who could join."""
    return FoundGroup(
        iri=group.iri,
        name=group.name,
        handle=group.handle,
        about=group.about,
        asked=group.asked,
        asked_days=group.asked_days,
        here=True,
    )


class FoundPerson(msgspec.Struct, frozen=True):
    """Somebody elsewhere, found by address, and the other accounts she says are hers."""

    iri: Iri
    handle: str
    also_known_as: tuple[str, ...]


class MemberView(msgspec.Struct, frozen=True, kw_only=True):
    """A member as her group's leaders see her: by the name she shares, else by her handle."""

    membership: str
    person: Iri
    handle: str
    name: str
    role: str
    since: datetime
    home: str
    fields: tuple[str, ...] = ()
    district: str | None = None
    phone: str | None = None
    email: str | None = None
    skills: tuple[tuple[str, int], ...] = ()
    as_of: datetime | None = None


class RequestView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who asks to join: what she offered to share, and what of it is known already."""

    membership: str
    person: Iri
    handle: str
    name: str
    home: str
    message: str
    by_link: bool
    asked: datetime
    offered: tuple[str, ...]
    district: str | None = None
    skills: tuple[tuple[str, int], ...] = ()
    languages: tuple[str, ...] = ()
    certificates: tuple[tuple[str, date | None], ...] = ()


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """What a member shares with one group: exactly the fields she agreed to, nothing else.

    `fields` says which those are; a field that is not among them is empty here. Windows are
    (start, end) in UTC; `weekly_minutes` and `adult` are None when not shared.
    """

    person: Iri
    fields: frozenset[str]
    as_of: datetime
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    district: str | None = None
    weekly_minutes: int | None = None
    adult: bool | None = None
    skills: tuple[tuple[str, int], ...] = ()
    certificates: tuple[tuple[str, date | None], ...] = ()
    languages: tuple[str, ...] = ()
    windows: tuple[tuple[datetime, datetime], ...] = ()


MemberShare = Shared


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """A group that somebody here belongs to, asked to join, or is asked to join."""

    group: Iri
    name: str
    handle: str
    role: str
    state: MemberState
    origin: str
    since: datetime | None
    asked: datetime


class HalfDay(msgspec.Struct, frozen=True):
    """How many could come with a skill in half a day: `count` is coarse, as in `6+`."""

    skill: str
    start: datetime
    end: datetime
    count: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A poll of a group as the group's page lists it; `public` ones are for everybody."""

    iri: Iri
    href: str
    text: str
    language: str
    voters: int
    public: bool
    ends: datetime


class Questions(msgspec.Struct, frozen=True):
    """What a group asks, the first to end first, and a page of what it asked, newest first."""

    open: tuple[Question, ...] = ()
    over: tuple[Question, ...] = ()
    page: int = 1
    pages: int = 1
    total: int = 0


class LinkView(msgspec.Struct, frozen=True):
    """A link into a group: its address, and until when it is good."""

    url: str
    until: datetime
    group: GroupView


class NamedHomeView(msgspec.Struct, frozen=True):
    """Where somebody here wants to have her home, and whether she has moved there."""

    home: Iri
    handle: str
    named: datetime
    moved: datetime | None


def host_of(iri: str) -> str:
    """Return host and port of an address."""
    return urlsplit(iri).netloc


def home_of(iri: str) -> str:
    """Return the origin of an address: scheme, host and port."""
    parts = urlsplit(iri)
    return f"{parts.scheme}://{parts.netloc}"
