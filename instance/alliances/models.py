"""Alliances as one side keeps them: the same text on both, and what each group signed."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class State(enum.StrEnum):
    """How far two groups have come; `proposed` terms wait for the other's leaders."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    REJECTED = "rejected"
    ENDED = "ended"


class Alliance(Base):
    """One group's side of an alliance, keyed by (the Offer that began it, our group).

    `text` is what both sign, byte for byte: the canonical form (RFC 8785) of `terms`.
    """

    __tablename__ = "alliances"
    __table_args__ = (
        sa.UniqueConstraint("offer", "group"),
        sa.Index("ix_alliances_pair", "group", "ally", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    offer: Mapped[str]
    group: Mapped[str]
    ally: Mapped[str]
    ally_name: Mapped[str]
    offered_by_us: Mapped[bool]
    state: Mapped[State] = mapped_column(enum_column(State))
    terms: Mapped[dict[str, Any]]
    text: Mapped[str]
    our_proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    their_proof: Mapped[dict[str, Any]] = mapped_column(default=dict)
    accept: Mapped[str | None]
    decision: Mapped[str | None]
    reason: Mapped[str] = mapped_column(default="")
    offered: Mapped[datetime]
    answered: Mapped[datetime | None]
    ended: Mapped[datetime | None]


class EarlyUndo(Base):
    """An Undo that overtook what it takes back: remembered by that id and who said so."""

    __tablename__ = "alliance_early_undos"

    activity: Mapped[str] = mapped_column(primary_key=True)
    actor: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class HeardCapacity(Base):
    """What an ally last told one of our groups about its free people: counts, and nobody's name."""

    __tablename__ = "alliance_capacities"

    group: Mapped[str] = mapped_column(primary_key=True)
    ally: Mapped[str] = mapped_column(primary_key=True)
    counts: Mapped[dict[str, Any]]
    as_of: Mapped[datetime | None]
    asked: Mapped[datetime]
    failed: Mapped[str] = mapped_column(default="")


class CapacityAsked(Base):
    """How often an ally asked one of our groups for its counts, in the hour since `since`."""

    __tablename__ = "alliance_capacity_askings"

    group: Mapped[str] = mapped_column(primary_key=True)
    ally: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    times: Mapped[int]
