"""What happened to people's accounts and rights."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri


@dataclass(frozen=True, slots=True)
class PersonChanged:
    """Somebody's own facts, such as her skills or her name, are different now."""

    person: Iri


@dataclass(frozen=True, slots=True)
class RightGranted:
    """Somebody may from now on act in a group, in a role such as `leader`."""

    person: Iri
    group: Iri
    role: str


@dataclass(frozen=True, slots=True)
class RightRevoked:
    """Somebody may no longer act in a group in a role."""

    person: Iri
    group: Iri
    role: str


@dataclass(frozen=True, slots=True)
class SignInLinkMade:
    """Somebody asked to be sent a link that signs her in; it works once, for `minutes`."""

    person: Iri
    url: str
    minutes: int
