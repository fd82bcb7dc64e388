"""What was reported: to us by others, and by people here to others."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class ReportState(enum.StrEnum):
    """How far a report has come: it waits, something was done, or there was no reason to."""

    WAITING = "waiting"
    ACTED = "acted"
    DISMISSED = "dismissed"


class Report(Base):
    """One report. `activity` is its Flag, `by` who sent it, `objects` what it is about.

    One that went out from here has `outgoing`; its note is what was answered.
    """

    __tablename__ = "reports"
    __table_args__ = (
        sa.UniqueConstraint("activity", "outgoing"),
        sa.Index("ix_reports_state_at", "state", "at"),
        sa.Index("ix_reports_origin_state", "origin", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    activity: Mapped[str]
    outgoing: Mapped[bool]
    by: Mapped[str]
    origin: Mapped[str]
    objects: Mapped[list[str]]
    words: Mapped[str]
    at: Mapped[datetime]
    state: Mapped[ReportState] = mapped_column(enum_column(ReportState))
    note: Mapped[str] = mapped_column(default="")
    answered: Mapped[datetime | None]


class ReportedGroup(Base):
    """A group here whose leaders read a report, because it is about the group or a member."""

    __tablename__ = "reported_groups"

    report: Mapped[str] = mapped_column(
        sa.ForeignKey("reports.id", ondelete="CASCADE"), primary_key=True
    )
    group: Mapped[str] = mapped_column(primary_key=True, index=True)
