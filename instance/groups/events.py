"""What happened between groups and the people who belong to them."""

from __future__ import annotations

from dataclasses import dataclass

from federation import Iri

# At the group ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupCreated:
    """A group has its home here from now on."""

    group: Iri


@dataclass(frozen=True, slots=True)
class JoinAsked:
    """Somebody asks to join a group here; its leaders decide."""

    group: Iri
    membership: str


@dataclass(frozen=True, slots=True)
class MemberJoined:
    """Somebody belongs to a group here from now on."""

    group: Iri
    person: Iri


@dataclass(frozen=True, slots=True)
class MemberLeft:
    """Somebody belongs to a group here no more: she left, or was removed."""

    group: Iri
    person: Iri


@dataclass(frozen=True, slots=True)
class MemberMoved:
    """A member of a group here goes by another account from now on."""

    group: Iri
    old: Iri
    new: Iri


@dataclass(frozen=True, slots=True)
class ShareReceived:
    """What a member shares with a group here is new, or different, or less."""

    group: Iri
    person: Iri


@dataclass(frozen=True, slots=True)
class JoinAnswered:
    """A group here answered somebody who asked: `answer` is accepted or refused."""

    membership: str
    answer: str


@dataclass(frozen=True, slots=True)
class MemberRemoved:
    """A group here removed a member, who is to be told."""

    membership: str


@dataclass(frozen=True, slots=True)
class PersonAsked:
    """A group here asked somebody to join it, who is to be told."""

    membership: str


@dataclass(frozen=True, slots=True)
class MembershipTaken:
    """A membership here was re-keyed to another account, which is to be told; `old` had it."""

    membership: str
    old: Iri


# At a person's home ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JoinWritten:
    """A person here asks to join a group."""

    belonging: str
    fields: tuple[str, ...]
    message: str
    link: str | None


@dataclass(frozen=True, slots=True)
class LeaveWritten:
    """A person here leaves a group, or asks no more."""

    belonging: str


@dataclass(frozen=True, slots=True)
class BelongingBegan:
    """A group took a person here as its member."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class BelongingRefused:
    """A group did not take a person here as its member."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class BelongingEnded:
    """A person here belongs to a group no more."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class GroupInvited:
    """A group asks a person here to join it."""

    person: Iri
    group: Iri


@dataclass(frozen=True, slots=True)
class AccountMoved:
    """A person goes by another account, elsewhere, from now on."""

    old: Iri
    new: Iri


@dataclass(frozen=True, slots=True)
class AccountArrived:
    """A person here says, by a key of her own, that she was another account elsewhere.

    `groups` are those that should follow her.
    """

    old: Iri
    new: Iri
    groups: tuple[Iri, ...]
