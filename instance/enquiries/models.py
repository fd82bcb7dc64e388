"""Enquiries, each kept on the side of the group, of the person who asks, or of both."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Side(enum.StrEnum):
    """Whose copy of an enquiry a row is."""

    GROUP = "group"
    ASKER = "asker"


class EnquiryState(enum.StrEnum):
    """Whether an enquiry waits for the group's word."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CLOSED = "closed"


class Enquiry(Base):
    """What one person asks one group, about one job or about nothing in particular.

    `other` is how the other side is called: an address of who asks, or a group's. `job` is empty
    when no job is meant. `origin` is where the other side lives.
    """

    __tablename__ = "enquiries"
    __table_args__ = (
        sa.UniqueConstraint("side", "group_iri", "asker", "job"),
        sa.Index("ix_enquiries_group_changed", "group_iri", "changed"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[Side] = mapped_column(enum_column(Side))
    group_iri: Mapped[str]
    asker: Mapped[str] = mapped_column(index=True)
    job: Mapped[str]
    title: Mapped[str]
    other: Mapped[str]
    origin: Mapped[str] = mapped_column(index=True)
    state: Mapped[EnquiryState] = mapped_column(enum_column(EnquiryState))
    opened: Mapped[datetime]
    changed: Mapped[datetime]


class EnquiryLine(Base):
    """One note of an enquiry, as plain text; a note that was deleted keeps its place, empty."""

    __tablename__ = "enquiry_lines"

    enquiry: Mapped[str] = mapped_column(
        sa.ForeignKey("enquiries.id", ondelete="CASCADE"), primary_key=True
    )
    iri: Mapped[str] = mapped_column(primary_key=True, index=True)
    seq: Mapped[int]
    by_group: Mapped[bool]
    text: Mapped[str]
    language: Mapped[str]
    said: Mapped[datetime]
    version: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(default=False)
