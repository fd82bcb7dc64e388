"""Who was asked for which place, at the group; who was named for a lent place, at the borrower."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column
from instance.staffing.placement import PlacementState, PlaceState
from instance.staffing.waves import CascadeState


class StaffedOpening(Base):
    """An opening that one of our groups fills: whoever counts or gives its places takes it first.

    `agreement` is empty for the group's own openings.
    """

    __tablename__ = "staffed_openings"

    opening: Mapped[str] = mapped_column(primary_key=True)
    agreement: Mapped[str] = mapped_column(primary_key=True)
    auto_confirm: Mapped[bool] = mapped_column(default=True)


class Placement(Base):
    """One invitation as the group knows it, keyed by the Invite's id.

    `instead` is the Agreement by which an ally promised the place that she was asked to fill.

    `create` is her own Create{Commitment} as it came, with her proof, and `withdrawal` her Undo of
    it; `announce` the Announce in which the promise was passed on to the borrower.
    """

    __tablename__ = "placements"

    invite: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    group: Mapped[str]
    person: Mapped[str] = mapped_column(index=True)
    opening: Mapped[str]
    agreement: Mapped[str]
    instead: Mapped[str | None]
    receiver: Mapped[str]
    job: Mapped[str] = mapped_column(index=True)
    state: Mapped[PlacementState] = mapped_column(enum_column(PlacementState))
    code: Mapped[str] = mapped_column(default="")
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    reply_by: Mapped[datetime]
    hold_until: Mapped[datetime | None]
    replaces: Mapped[str | None] = mapped_column(index=True)
    accept: Mapped[str | None]
    commitment: Mapped[str | None] = mapped_column(index=True)
    create: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    announce: Mapped[str | None]
    withdrawal: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    why: Mapped[list[str]]
    decision: Mapped[str | None]
    invited: Mapped[datetime]
    changed: Mapped[datetime]

    __table_args__ = (
        sa.Index("ix_placements_opening", "opening", "agreement", "state"),
        sa.Index("ix_placements_group", "group", "starts"),
    )


class NamedPlace(Base):
    """A lent place with the person whom the lender announced for it, keyed by that Announce.

    Places that nobody is named for have no row: they are what the Agreement promises.
    """

    __tablename__ = "named_places"

    announce: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    agreement: Mapped[str]
    opening: Mapped[str]
    job: Mapped[str] = mapped_column(index=True)
    group: Mapped[str]
    lender: Mapped[str]
    person: Mapped[str]
    invite: Mapped[str] = mapped_column(index=True)
    commitment: Mapped[str] = mapped_column(index=True)
    create: Mapped[dict[str, Any]]
    state: Mapped[PlaceState] = mapped_column(enum_column(PlaceState))
    starts: Mapped[datetime]
    ends: Mapped[datetime]
    named: Mapped[datetime]
    changed: Mapped[datetime]

    __table_args__ = (
        sa.Index("ix_named_places_opening", "opening", "agreement", "state"),
        sa.Index("ix_named_places_group", "group", "starts"),
    )


class EarlyUnname(Base):
    """An Undo{Announce} that overtook its Announce, remembered so that it names nobody."""

    __tablename__ = "early_unnames"

    announce: Mapped[str] = mapped_column(primary_key=True)
    lender: Mapped[str]
    heard: Mapped[datetime]


class Shortlist(Base):
    """Whom matching last suggested for a job, or for a loan (`subject`: its Agreement).

    The hash, the rule version and the seed are what a replay is held against. Only the last
    answer is kept; that each was asked for stands in the log.
    """

    __tablename__ = "shortlists"

    subject: Mapped[str] = mapped_column(primary_key=True)
    group: Mapped[str]
    problem_hash: Mapped[str]
    rule_version: Mapped[str]
    seed: Mapped[str]
    decision: Mapped[str | None]
    found: Mapped[datetime]


class ShortlistRow(Base):
    """One person at one opening: suggested, or passed over, with the one reason why."""

    __tablename__ = "shortlist_rows"

    subject: Mapped[str] = mapped_column(primary_key=True)
    opening: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(primary_key=True, index=True)
    suggested: Mapped[bool]
    code: Mapped[str]
    values: Mapped[dict[str, Any]]


class ShortlistGap(Base):
    """Places of one opening for which nobody could be suggested, and the allies who may help."""

    __tablename__ = "shortlist_gaps"

    subject: Mapped[str] = mapped_column(primary_key=True)
    opening: Mapped[str] = mapped_column(primary_key=True)
    places: Mapped[int]
    code: Mapped[str]
    values: Mapped[dict[str, Any]]
    allies: Mapped[dict[str, Any]]


class Cascade(Base):
    """How people are asked for one opening a few at a time, and how far that has come.

    `queue` are those who could be asked in fair order, each with the reason why, and the first
    `asked` of them had their turn; `fair_until` is the moment up to which somebody's yes waits for
    those before her. Once over, both who began it and the queue are forgotten.
    """

    __tablename__ = "cascades"

    opening: Mapped[str] = mapped_column(primary_key=True)
    agreement: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)
    group: Mapped[str]
    job: Mapped[str] = mapped_column(index=True)
    begun_by: Mapped[str]
    state: Mapped[CascadeState] = mapped_column(enum_column(CascadeState))
    outcome: Mapped[str] = mapped_column(default="")
    people: Mapped[int]
    minutes: Mapped[int]
    allies: Mapped[bool]
    first_come: Mapped[bool]
    queue: Mapped[list[list[str]]] = mapped_column(sa.JSON)
    asked: Mapped[int]
    wave: Mapped[int]
    asked_allies: Mapped[bool]
    next_at: Mapped[datetime | None]
    fair_until: Mapped[datetime | None]
    begun: Mapped[datetime]
    changed: Mapped[datetime]
    decision: Mapped[str | None]
