"""Agreements, the log of who read what, and who may answer for whom by telephone."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Source(enum.StrEnum):
    """How a person agreed."""

    JOIN = "join"
    PAPER = "paper"
    MOVED = "moved"  # taken over from another account of hers


class Agreement(Base):
    """What one person lets one group know, from when until when; never changed, only followed.

    `asked` is what the group asked for at that moment, as {"fields": [{field, essential, why}]},
    and the "days" for which it holds anew when she keeps it. `answered` is False while her word is
    waited for: it was made for her, or its time ran out.
    """

    __tablename__ = "agreements"
    __table_args__ = (sa.Index("ix_agreements_person_group", "person", "group"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"))
    group: Mapped[str]
    group_name: Mapped[str]
    fields: Mapped[list[str]]
    asked: Mapped[dict[str, Any]]
    purpose: Mapped[str]
    source: Mapped[Source] = mapped_column(enum_column(Source))
    answered: Mapped[bool]
    agreed: Mapped[datetime]
    until: Mapped[datetime]
    ended: Mapped[datetime | None] = mapped_column(index=True)


class Reading(Base):
    """That somebody read what a person shares with a group; once a day and reader."""

    __tablename__ = "readings"
    __table_args__ = (sa.Index("ix_readings_reader", "group", "reader", "day"),)

    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date(), primary_key=True)
    fields: Mapped[list[str]]
    at: Mapped[datetime]


class Concierge(Base):
    """That a leader here may answer for a person who is rung up."""

    __tablename__ = "concierges"

    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    leader: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), index=True)
    since: Mapped[datetime]
