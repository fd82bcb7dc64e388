"""Groups; memberships on the group's side; belongings on the person's; what is shared."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class MemberState(enum.StrEnum):
    """Where somebody stands with a group, on either side."""

    INVITED = "invited"
    ASKED = "asked"
    MEMBER = "member"
    REFUSED = "refused"
    LEFT = "left"
    REMOVED = "removed"
    MOVED = "moved"


class Group(Base):
    """A group whose home is here. `asked` is what it asks its members to share."""

    __tablename__ = "groups"

    iri: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    first: Mapped[bool]
    district: Mapped[str | None]
    about: Mapped[str]
    asked: Mapped[dict[str, Any]]
    asked_days: Mapped[int]
    made: Mapped[datetime]


class Membership(Base):
    """Somebody, whose home may be anywhere, and a group here: the group's word on it.

    `join` is the id of the activity by which she asked; `stamp` of the Relationship that proves
    the membership; `offered` the fields she agreed to share when she asked.
    """

    __tablename__ = "memberships"
    __table_args__ = (
        sa.UniqueConstraint("group", "person"),
        sa.Index("ix_memberships_group_state", "group", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(sa.ForeignKey("groups.iri"))
    person: Mapped[str] = mapped_column(index=True)
    handle: Mapped[str]
    state: Mapped[MemberState] = mapped_column(enum_column(MemberState))
    join: Mapped[str | None]
    link: Mapped[str | None]
    message: Mapped[str] = mapped_column(default="")
    offered: Mapped[list[str]] = mapped_column(default=list)
    decision: Mapped[str | None]
    asked: Mapped[datetime]
    since: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    moved: Mapped[datetime | None]


class MemberShare(Base):
    """The group's copy of what a member's home shares about her; gone when she says so."""

    __tablename__ = "member_shares"

    membership: Mapped[str] = mapped_column(sa.ForeignKey("memberships.id"), primary_key=True)
    iri: Mapped[str]
    fields: Mapped[list[str]]
    name: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    district: Mapped[str | None]
    weekly_minutes: Mapped[int | None]
    adult: Mapped[bool | None]
    skills: Mapped[list[Any]] = mapped_column(sa.JSON())
    certificates: Mapped[list[Any]] = mapped_column(sa.JSON())
    languages: Mapped[list[str]]
    windows: Mapped[list[Any]] = mapped_column(sa.JSON())
    as_of: Mapped[datetime]


class EndedShare(Base):
    """A share that its owner took back: should an older word on it come later, it is not heard."""

    __tablename__ = "ended_shares"

    iri: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class Belonging(Base):
    """A person here and a group, whose home may be anywhere: her side of it.

    `share` is the id of the document kept for the group; `sent` what it was last told.
    """

    __tablename__ = "belongings"
    __table_args__ = (sa.UniqueConstraint("person", "group"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"))
    group: Mapped[str] = mapped_column(index=True)
    group_name: Mapped[str]
    group_handle: Mapped[str]
    state: Mapped[MemberState] = mapped_column(enum_column(MemberState))
    join: Mapped[str | None] = mapped_column(index=True)
    share: Mapped[str] = mapped_column(unique=True)
    sent: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    asked: Mapped[datetime]
    since: Mapped[datetime | None]
    ended: Mapped[datetime | None]


class JoinLink(Base):
    """A link or a code on paper by which people find their way into a group."""

    __tablename__ = "join_links"

    token: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(sa.ForeignKey("groups.iri"), index=True)
    made_by: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"))
    made: Mapped[datetime]
    until: Mapped[datetime]


class NamedHome(Base):
    """Another account that a person here says is hers too, where she wants to have her home."""

    __tablename__ = "named_homes"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    home: Mapped[str]
    handle: Mapped[str]
    named: Mapped[datetime]
    moved: Mapped[datetime | None]


class Takeover(Base):
    """A membership of another account that a person here takes over, once its group agrees."""

    __tablename__ = "takeovers"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    old: Mapped[str]
    group_name: Mapped[str]
    fields: Mapped[list[str]]
    until: Mapped[datetime]
