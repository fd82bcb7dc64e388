"""Polls of the groups here, polls that reached us, and who has answered while they are open."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base


class Poll(Base):
    """A question with its choices, and for each choice how many took it.

    `several` lets people take more than one; `voters` is how many answered. `public` ones are for
    everybody, others for the group's members. `untold` says that those who were asked do not know
    the counts yet. Of one that was taken down, `gone` says since when, and nothing else is left.
    """

    __tablename__ = "polls"
    __table_args__ = (sa.Index("ix_polls_group_ends", "group_iri", "ends"),)

    iri: Mapped[str] = mapped_column(primary_key=True)
    group_iri: Mapped[str]
    text: Mapped[str]
    language: Mapped[str]
    choices: Mapped[list[str]]
    counts: Mapped[list[int]] = mapped_column(sa.JSON)
    voters: Mapped[int]
    several: Mapped[bool]
    public: Mapped[bool]
    published: Mapped[datetime]
    version: Mapped[datetime]
    ends: Mapped[datetime]
    closed: Mapped[bool] = mapped_column(default=False)
    untold: Mapped[bool] = mapped_column(default=False)
    gone: Mapped[datetime | None]


class PollVote(Base):
    """That somebody took a choice, by its place from 0: kept while the poll is open, not longer."""

    __tablename__ = "poll_votes"

    poll: Mapped[str] = mapped_column(
        sa.ForeignKey("polls.iri", ondelete="CASCADE"), primary_key=True
    )
    voter: Mapped[str] = mapped_column(primary_key=True, index=True)
    choice: Mapped[int] = mapped_column(primary_key=True)
