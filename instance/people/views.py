"""What is shown of people: values, never rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from federation import Iri
from instance.people.models import Role


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who gets an account.

    `skills` are (key, level 1 to 3), `certificates` (key, last day or None), `languages` keys of
    the vocabulary, `district` the key of a place; `weekly_minutes` is how much she wants to work.
    """

    username: str
    name: str
    language: str = "en"
    email: str | None = None
    phone: str | None = None
    adult: bool = True
    weekly_minutes: int = 2400
    district: str | None = None
    skills: tuple[tuple[str, int], ...] = ()
    certificates: tuple[tuple[str, date | None], ...] = ()
    languages: tuple[str, ...] = ()
    name_public: bool = False


class PersonView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an account here, as she herself sees it; features share less."""

    iri: Iri
    username: str
    name: str
    email: str | None
    phone: str | None
    language: str
    adult: bool
    weekly_minutes: int
    district: str | None
    skills: tuple[tuple[str, int], ...]
    certificates: tuple[tuple[str, date | None], ...]
    languages: tuple[str, ...]
    name_public: bool
    has_password: bool = False

    @property
    def acct(self) -> str:
        """Her address on the network, as in `name@host`."""
        origin = self.iri.partition("://")[2]
        return f"{self.username}@{origin.partition('/')[0]}"


class RightView(msgspec.Struct, frozen=True):
    """What somebody may do in a group, since when, and by whose word."""

    group: Iri
    group_name: str
    role: Role
    source: str
    since: datetime


class SessionView(msgspec.Struct, frozen=True):
    """A device on which somebody is signed in."""

    id: str
    way: str
    device: str
    made: datetime
    seen: datetime
    here: bool


class TokenView(msgspec.Struct, frozen=True):
    """A program that may act for somebody."""

    id: str
    label: str
    scopes: tuple[str, ...]
    made: datetime
    seen: datetime | None
    expires: datetime | None


class PublicView(msgspec.Struct, frozen=True):
    """What anybody may know of somebody: her handle, and her name if she made it public."""

    iri: Iri
    username: str
    name: str
