"""People with an account here: who they are, how they sign in, what they may do and can do."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Role(enum.StrEnum):
    """What somebody is in a group. An administrator looks after the whole co-op's server."""

    MEMBER = "member"
    LEADER = "leader"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class LinkKind(enum.StrEnum):
    """How a single-use secret is carried: an address that is opened, or digits that are typed."""

    LINK = "link"
    CODE = "code"


class Person(Base):
    """A worker's account. What the world sees of her is her actor's row, not this one."""

    __tablename__ = "people"

    iri: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    name: Mapped[str]
    name_public: Mapped[bool]
    language: Mapped[str]
    email: Mapped[str | None] = mapped_column(index=True)
    phone: Mapped[str | None]
    adult: Mapped[bool]
    weekly_minutes: Mapped[int]
    district: Mapped[str | None]
    password: Mapped[str | None]
    joined: Mapped[datetime]


class HeldSkill(Base):
    """A skill somebody has: 1 is learning it, 2 does it alone, 3 shows others."""

    __tablename__ = "held_skills"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int]


class HeldCertificate(Base):
    """A certificate somebody has, and the last day on which it holds."""

    __tablename__ = "held_certificates"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    expires: Mapped[date | None]


class HeldLanguage(Base):
    """A language somebody works in."""

    __tablename__ = "held_languages"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)


class Right(Base):
    """What somebody, here or elsewhere, may do in a group, and by whose word."""

    __tablename__ = "rights"

    person: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(enum_column(Role), primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]


class Session(Base):
    """One device on which somebody is signed in; `hash` is the SHA-256 of its cookie."""

    __tablename__ = "sessions"

    hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    way: Mapped[str]
    device: Mapped[str]
    made: Mapped[datetime]
    seen: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)


CALENDAR = "calendar"
"""The only scope of a token that acts for nobody: the secret part of a calendar's address."""


class Token(Base):
    """A program's right to act for somebody; `hash` is the SHA-256 of its bearer token."""

    __tablename__ = "tokens"

    hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    label: Mapped[str]
    scopes: Mapped[list[str]]
    made: Mapped[datetime]
    seen: Mapped[datetime | None]
    expires: Mapped[datetime | None]


class SignInLink(Base):
    """A link or code that signs somebody in once; `tries` counts wrong guesses of a code."""

    __tablename__ = "sign_in_links"

    hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[LinkKind] = mapped_column(enum_column(LinkKind))
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    purpose: Mapped[str]
    made: Mapped[datetime]
    expires: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)


class Attempt(Base):
    """How often somebody failed to sign in since a moment; `key` hashes from where and as whom."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime] = mapped_column(index=True)
