"""Who follows which groups. Elsewhere only this instance is seen to follow, nobody by name."""

from __future__ import annotations

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class SubscriptionState(enum.StrEnum):
    """What a group said to being followed."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Subscription(Base):
    """That this instance follows a group, for as long as anybody here does."""

    __tablename__ = "subscriptions"

    group_iri: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    handle: Mapped[str]
    follow: Mapped[str]
    state: Mapped[SubscriptionState] = mapped_column(enum_column(SubscriptionState))
    since: Mapped[datetime]


class Follow(Base):
    """That a person here follows a group."""

    __tablename__ = "follows"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    group_iri: Mapped[str] = mapped_column(
        sa.ForeignKey("subscriptions.group_iri"), primary_key=True, index=True
    )
    since: Mapped[datetime]


class SharedJob(Base):
    """That a followed group passed on something of others: a job, a poll, or what is not shown."""

    __tablename__ = "shared_jobs"

    announce: Mapped[str] = mapped_column(primary_key=True)
    group_iri: Mapped[str] = mapped_column(index=True)
    job: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime] = mapped_column(index=True)


class FollowedPost(Base):
    """What a followed group wrote, or passed on of somebody's: no job and no question.

    `heard` is the day on which it came, in UTC, by which it is forgotten.
    """

    __tablename__ = "followed_posts"

    iri: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str]
    text: Mapped[str]
    language: Mapped[str]
    page: Mapped[str]
    said: Mapped[datetime]
    version: Mapped[datetime]
    heard: Mapped[date] = mapped_column(sa.Date(), index=True)

    __table_args__ = (sa.Index("ix_followed_posts_author", "author", "said"),)
