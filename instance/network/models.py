"""The actors that live here: one namespace of names, ids that are never used again."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class ActorKind(enum.StrEnum):
    """What an actor of ours can be, in ActivityStreams' words."""

    PERSON = "Person"
    GROUP = "Group"
    APPLICATION = "Application"


class Actor(Base):
    """What is common to everybody and everything with an address here.

    `identity` is the statement by which a person's own key, which only she has, says that she is
    this actor (FEP-c390).
    """

    __tablename__ = "actors"

    iri: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ActorKind] = mapped_column(enum_column(ActorKind))
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    rsa_pem: Mapped[str]
    ed25519_pem: Mapped[str]
    also_known_as: Mapped[list[str]] = mapped_column(default=list)
    moved_to: Mapped[str | None]
    made: Mapped[datetime]
    gone: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=1, server_default="1")
    identity: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class FormerKeyPair(Base):
    """Keys that an actor of ours had before; the private halves (PEM) only for a few days."""

    __tablename__ = "former_keys"

    actor: Mapped[str] = mapped_column(sa.ForeignKey("actors.iri"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    rsa: Mapped[str]
    ed25519: Mapped[str]
    rsa_pem: Mapped[str | None]
    ed25519_pem: Mapped[str | None]
    replaced: Mapped[datetime]
