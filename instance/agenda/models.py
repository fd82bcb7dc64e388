"""A person's time at home: when she could work, whom she lets ask her, and what she promised."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from instance.agenda.promise import PromiseState
from instance.db import Base, enum_column

LONGEST_SHIFT = timedelta(days=7)
"""No shift lasts longer: what touches a stretch of time began no earlier than this before it."""

_PERSON_AS_RANGE = "int8range(hashtextextended(person, 0), hashtextextended(person, 0), '[]')"


class Agenda(Base):
    """One row for each person whose time is kept here: whoever changes a promise takes it first."""

    __tablename__ = "agendas"

    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    timezone: Mapped[str | None]


class PaintedHours(Base):
    """Hours of a weekday in which she could work, in minutes of her own clock; Monday is 0."""

    __tablename__ = "painted_hours"

    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    weekday: Mapped[int] = mapped_column(primary_key=True)
    start_minute: Mapped[int] = mapped_column(primary_key=True)
    end_minute: Mapped[int]


class PaintedDay(Base):
    """A date on which the week does not hold; `hours` are [start, end] in minutes of the day."""

    __tablename__ = "painted_days"

    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date(), primary_key=True)
    hours: Mapped[list[list[int]]] = mapped_column(sa.JSON())


class DaysOff(Base):
    """Days on which she does not work at all, both named days included."""

    __tablename__ = "days_off"

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), index=True)
    first: Mapped[date] = mapped_column(sa.Date())
    last: Mapped[date] = mapped_column(sa.Date())


class Inviter(Base):
    """A group, wherever it lives, that may ask her: she belongs to it."""

    __tablename__ = "inviters"

    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    group: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    since: Mapped[datetime]


class Promise(Base):
    """One invitation as her home knows it, keyed by the Invite's id.

    `claims` is False while a hold stands in the place of the confirmed promise it is to replace
    (`gives_way`): the two are one place. `offered` is the Invite's Commitment as it came.
    """

    __tablename__ = "promises"

    invite: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"))
    group: Mapped[str]
    state: Mapped[PromiseState] = mapped_column(enum_column(PromiseState))
    code: Mapped[str] = mapped_column(default="")
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    minutes: Mapped[int]
    break_minutes: Mapped[int]
    pay_cents_per_hour: Mapped[int]
    currency: Mapped[str]
    reply_by: Mapped[datetime]
    hold_until: Mapped[datetime | None]
    replaces: Mapped[str | None]
    gives_way: Mapped[str | None]
    claims: Mapped[bool] = mapped_column(default=True)
    accept: Mapped[str | None]
    create: Mapped[str | None] = mapped_column(unique=True)
    receiver: Mapped[str]
    offered: Mapped[dict[str, Any]]
    invited: Mapped[datetime]
    changed: Mapped[datetime]

    __table_args__ = (
        sa.Index("ix_promises_person_starts", "person", "starts"),
        # The belt to the braces: whatever the program computes, PostgreSQL keeps nobody in two
        # places at once. A hash as a range needs no extension that a server may lack.
        ExcludeConstraint(
            (
                sa.literal_column(
                    "int8range(hashtextextended(person, 0), hashtextextended(person, 0), '[]')"
                ),
                "&&",
            ),
            (sa.literal_column("tstzrange(starts, ends)"), "&&"),
            where=sa.text("claims AND state IN ('held', 'confirmed', 'done')"),
            using="gist",
            name="ex_promises_one_place",
        ).ddl_if(dialect="postgresql"),
    )


def touches(start: datetime, end: datetime) -> sa.ColumnElement[bool]:
    """Say in SQL that a promise touches a stretch of time, so that the index finds it.

    Without the lower bound every promise of years would be looked at.
    """
    return sa.and_(
        Promise.starts > start - LONGEST_SHIFT, Promise.starts < end, Promise.ends > start
    )


class PromiseDetails(Base):
    """Where exactly, whom to call, what to bring: told by the group whose job it is."""

    __tablename__ = "promise_details"

    invite: Mapped[str] = mapped_column(sa.ForeignKey("promises.invite"), primary_key=True)
    document: Mapped[dict[str, Any]]
    told: Mapped[datetime]


class EarlyUndo(Base):
    """An Undo{Invite} that overtook its Invite, remembered so that the Invite comes to nothing."""

    __tablename__ = "early_undos"

    invite: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str]
    heard: Mapped[datetime]
