"""What people decided about their data."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class SharingAgreed:
    """A person agreed to share some fields with a group, or changed which."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class SharingEnded:
    """A person's agreement with a group is over: withdrawn, expired, or the membership ended."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class SharingEndsSoon:
    """The time of a person's agreement with a group is nearly over."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class SharingRanOut:
    """The time of a person's agreement is over; SharingEnded is told of it, too."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class ConciergeNamed:
    """A person lets a leader here answer for her by telephone."""

    person: Iri
    leader: Iri
