"""Jobs of the groups that live here, and what other groups' jobs reached us."""

from __future__ import annotations

import enum
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Audience(enum.StrEnum):
    """Who is told of a job."""

    PUBLIC = "public"
    MEMBERS = "members"
    ALLIES = "allies"


class JobState(enum.StrEnum):
    """Whether a job stands."""

    OPEN = "open"
    CALLED_OFF = "called_off"


class Job(Base):
    """Work that a group of ours has to do for a customer.

    Money is in the smallest unit; percents say where what the customer pays goes. `starts` and
    `ends` span the shifts that stand.
    """

    __tablename__ = "jobs"
    __table_args__ = (sa.Index("ix_jobs_group_ends", "group_iri", "ends"),)

    iri: Mapped[str] = mapped_column(primary_key=True)
    group_iri: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"))
    state: Mapped[JobState] = mapped_column(enum_column(JobState), default=JobState.OPEN)
    audience: Mapped[Audience] = mapped_column(enum_column(Audience))
    language: Mapped[str]
    title: Mapped[str]
    description: Mapped[str]
    district: Mapped[str]
    pay_cents_per_hour: Mapped[int]
    currency: Mapped[str]
    worker_percent: Mapped[int]
    insurance_percent: Mapped[int]
    levy_percent: Mapped[int]
    fund_percent: Mapped[int]
    break_minutes: Mapped[int]
    bring: Mapped[str]
    contact_name: Mapped[str]
    contact_phone: Mapped[str]
    customer: Mapped[str]
    customer_phone: Mapped[str]
    address: Mapped[str]
    door: Mapped[str]
    lot_seed: Mapped[str]
    decision: Mapped[str]
    told: Mapped[list[str]]
    starts: Mapped[datetime]
    ends: Mapped[datetime] = mapped_column(index=True)
    published: Mapped[datetime]
    updated: Mapped[datetime]


class Shift(Base):
    """One stretch of time of a job."""

    __tablename__ = "shifts"

    iri: Mapped[str] = mapped_column(primary_key=True)
    job_iri: Mapped[str] = mapped_column(sa.ForeignKey("jobs.iri"), index=True)
    number: Mapped[int]
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    timezone: Mapped[str]
    called_off: Mapped[datetime | None]


class Opening(Base):
    """What kind of people a shift wants, and how many."""

    __tablename__ = "openings"

    iri: Mapped[str] = mapped_column(primary_key=True)
    shift_iri: Mapped[str] = mapped_column(sa.ForeignKey("shifts.iri"), index=True)
    number: Mapped[int]
    skill: Mapped[str]
    level: Mapped[int]
    certificates: Mapped[list[str]]
    languages: Mapped[list[str]]
    count: Mapped[int]


class RepeatingJob(Base):
    """A job that is published anew for each week that it falls into.

    `rule` is an RRULE of RFC 5545 whose DTSTART is the day `first`; `left_out` are its EXDATEs, by
    the calendar of the zone. `said` is what each week's job says, with the hours of a day.
    """

    __tablename__ = "repeating_jobs"

    iri: Mapped[str] = mapped_column(primary_key=True)
    group_iri: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), index=True)
    decided_by: Mapped[str]
    rule: Mapped[str]
    first: Mapped[date]
    left_out: Mapped[list[str]]
    timezone: Mapped[str]
    said: Mapped[dict[str, Any]]
    since: Mapped[datetime]
    stopped: Mapped[datetime | None]


class RepeatedShift(Base):
    """That a repeating job has a shift on a day: no day is published twice."""

    __tablename__ = "repeated_shifts"

    repeating_iri: Mapped[str] = mapped_column(
        sa.ForeignKey("repeating_jobs.iri"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    shift_iri: Mapped[str] = mapped_column(sa.ForeignKey("shifts.iri"), index=True)


class TelephoneRequest(Base):
    """That a job was asked for by telephone; the log knows, by `decision`, who took it."""

    __tablename__ = "telephone_requests"

    job_iri: Mapped[str] = mapped_column(sa.ForeignKey("jobs.iri"), primary_key=True)
    decision: Mapped[str]


class ReactionKind(enum.StrEnum):
    """What somebody did with a job's post."""

    LIKE = "like"
    SHARE = "share"


class Reaction(Base):
    """That somebody liked a job's post or passed it on; `mark` is a hash in place of a name."""

    __tablename__ = "job_reactions"

    job_iri: Mapped[str] = mapped_column(sa.ForeignKey("jobs.iri"), primary_key=True)
    kind: Mapped[ReactionKind] = mapped_column(enum_column(ReactionKind), primary_key=True)
    mark: Mapped[str] = mapped_column(primary_key=True)


class KnownJob(Base):
    """A job as a group told us of it, wherever that group lives; kept gone when it was deleted.

    `posting` is what it was told without exact hours, `exact` what its members' homes were told;
    either may be missing. `until` is when nobody needs it any more; `public` whether it was told to
    everybody.
    """

    __tablename__ = "known_jobs"
    __table_args__ = (sa.Index("ix_known_jobs_group_until", "group_iri", "until"),)

    iri: Mapped[str] = mapped_column(primary_key=True)
    group_iri: Mapped[str]
    origin: Mapped[str] = mapped_column(index=True)
    sent_by: Mapped[str]
    posting: Mapped[dict[str, Any]] = mapped_column(default=dict)
    exact: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)
    heard: Mapped[datetime]
    gone: Mapped[bool] = mapped_column(default=False)
    public: Mapped[bool] = mapped_column(default=False)
