"""Hours as each side keeps them: one row per statement and book, never edited away."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column
from instance.records.statement import Code, HoursState


class Side(enum.StrEnum):
    """Whose book a row belongs to."""

    WORKER = "worker"
    GROUP = "group"
    LENDER = "lender"


class CheckInState(enum.StrEnum):
    """How far a check-in has come: told to the group, taken by it, or not taken."""

    SENT = "sent"
    TAKEN = "taken"
    REFUSED = "refused"


class WorkRecord(Base):
    """Stated hours in one book, keyed by (the EconomicEvent's id, side).

    `group` has the job; `lender` lent the person, or is None. `agreed` names the statement by which
    what the group proposed here was taken. `placed` is False while no place of that person is known
    (her lender has not named her, or the place was called off).
    """

    __tablename__ = "work_records"
    __table_args__ = (
        sa.Index("ix_work_records_person", "person", "side", "started"),
        sa.Index("ix_work_records_group", "group", "side", "state", "started"),
        sa.Index("ix_work_records_lender", "lender", "side", "state", "started"),
        sa.Index("ix_work_records_invite", "invite", "side"),
        sa.Index("ix_work_records_replaces", "replaces", "side"),
    )

    event: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[Side] = mapped_column(enum_column(Side), primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str]
    group: Mapped[str]
    lender: Mapped[str | None]
    agreement: Mapped[str | None]
    invite: Mapped[str]
    commitment: Mapped[str]
    job: Mapped[str]
    opening: Mapped[str]
    title: Mapped[str]
    timezone: Mapped[str]
    started: Mapped[datetime]
    ended: Mapped[datetime]
    break_minutes: Mapped[int]
    minutes: Mapped[int]
    cents_per_hour: Mapped[int]
    currency: Mapped[str]
    code: Mapped[Code] = mapped_column(enum_column(Code))
    words: Mapped[str]
    state: Mapped[HoursState] = mapped_column(enum_column(HoursState))
    replaces: Mapped[str | None]
    proposed: Mapped[int | None]
    answer: Mapped[str] = mapped_column(default="")
    agreed: Mapped[str | None]
    decision: Mapped[str | None]
    placed: Mapped[bool] = mapped_column(default=True)
    stated: Mapped[datetime]
    answered: Mapped[datetime | None]


class EarlyAnswer(Base):
    """A group's answer that overtook the hours it is about: remembered by event and who said so."""

    __tablename__ = "early_hours_answers"

    event: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    accepted: Mapped[bool]
    minutes: Mapped[int | None]
    words: Mapped[str]
    heard: Mapped[datetime]


class DoorCode(Base):
    """The code at the door of one shift of a group's job here, kept for a while after the shift."""

    __tablename__ = "door_codes"

    shift: Mapped[str] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(index=True)
    code: Mapped[str]


class CheckIn(Base):
    """That somebody came, in one book, keyed by (the Invite she came for, side).

    `arrived` is the moment by the clock of her telephone or of her home, `received` when it came
    in here; `left` is for herself alone. `reason` says why a group did not take it.
    """

    __tablename__ = "check_ins"

    invite: Mapped[str] = mapped_column(primary_key=True)
    side: Mapped[Side] = mapped_column(enum_column(Side), primary_key=True)
    event: Mapped[str] = mapped_column(index=True)
    person: Mapped[str] = mapped_column(index=True)
    group: Mapped[str]
    opening: Mapped[str] = mapped_column(index=True)
    state: Mapped[CheckInState] = mapped_column(enum_column(CheckInState))
    reason: Mapped[str] = mapped_column(default="")
    arrived: Mapped[datetime]
    received: Mapped[datetime]
    left: Mapped[datetime | None]
