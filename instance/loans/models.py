"""Asks and loans, one row per side; places by opening. Nobody who works is named here."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Side(enum.StrEnum):
    """Which of the two groups a row belongs to."""

    BORROWER = "borrower"
    LENDER = "lender"


class AskState(enum.StrEnum):
    """Whether an ask still waits; that its time is over is told by `until`."""

    OPEN = "open"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


class LoanState(enum.StrEnum):
    """How far a loan has come."""

    OFFERED = "offered"
    STANDING = "standing"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    ENDED = "ended"


class Ask(Base):
    """One side's row of an ask: a Proposal to one ally, keyed by (its IRI, side).

    Money is in the smallest unit per hour; `job_updated` is the version of the job that was asked
    for.
    """

    __tablename__ = "asks"
    __table_args__ = (
        sa.UniqueConstraint("iri", "side"),
        sa.Index("ix_asks_group", "group", "side", "state"),
        sa.Index("ix_asks_job", "job", "side"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    iri: Mapped[str]
    side: Mapped[Side] = mapped_column(enum_column(Side))
    group: Mapped[str]
    ally: Mapped[str]
    ally_name: Mapped[str]
    state: Mapped[AskState] = mapped_column(enum_column(AskState))
    job: Mapped[str]
    job_updated: Mapped[datetime]
    title: Mapped[str]
    district: Mapped[str]
    break_minutes: Mapped[int]
    rate_cents_per_hour: Mapped[int]
    currency: Mapped[str]
    levy_percent: Mapped[int]
    asked: Mapped[datetime]
    updated: Mapped[datetime]
    until: Mapped[datetime]


class AskPlace(Base):
    """How many places an ask is for at one opening, what they need, and exactly when."""

    __tablename__ = "ask_places"

    ask_id: Mapped[str] = mapped_column(sa.ForeignKey("asks.id"), primary_key=True)
    opening: Mapped[str] = mapped_column(primary_key=True)
    places: Mapped[int]
    skill: Mapped[str]
    level: Mapped[int]
    certificates: Mapped[list[str]]
    languages: Mapped[list[str]]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    timezone: Mapped[str]


class Loan(Base):
    """One side's row of a loan, keyed by (the Offer that began it, side).

    `agreement` is the borrower's document, from when it accepted; a loan that `replaces` another
    keeps that agreement.
    """

    __tablename__ = "loans"
    __table_args__ = (
        sa.UniqueConstraint("offer", "side"),
        sa.Index("ix_loans_group", "group", "side", "state"),
        sa.Index("ix_loans_agreement", "agreement", "side"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    offer: Mapped[str]
    side: Mapped[Side] = mapped_column(enum_column(Side))
    group: Mapped[str]
    ally: Mapped[str]
    ally_name: Mapped[str]
    ask_id: Mapped[str] = mapped_column(sa.ForeignKey("asks.id"), index=True)
    state: Mapped[LoanState] = mapped_column(enum_column(LoanState))
    agreement: Mapped[str | None]
    accept: Mapped[str | None]
    replaces: Mapped[str | None]
    job_updated: Mapped[datetime]
    updated: Mapped[datetime]
    offered: Mapped[datetime]
    accepted: Mapped[datetime | None]
    ended: Mapped[datetime | None]
    decision: Mapped[str | None]
    code: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class LoanPlace(Base):
    """How many places a loan has at one opening, and how many of them were worked and counted."""

    __tablename__ = "loan_places"

    loan_id: Mapped[str] = mapped_column(sa.ForeignKey("loans.id"), primary_key=True)
    opening: Mapped[str] = mapped_column(primary_key=True)
    places: Mapped[int]
    worked: Mapped[int] = mapped_column(default=0)
    starts: Mapped[datetime]
    ends: Mapped[datetime]

    __table_args__ = (sa.Index("ix_loan_places_opening", "opening"),)


class EarlyEnd(Base):
    """A Delete or Undo that overtook what it ends: remembered by that id and who said so."""

    __tablename__ = "loan_early_ends"

    activity: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
