"""The actors that live here: one namespace of names, ids that are never used again."""

from __future__ import annotations

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base


class ActorKind(enum.StrEnum):
    """What an actor of ours can be, in ActivityStreams' words."""

    PERSON = "Person"
    GROUP = "Group"
    APPLICATION = "Application"


class Actor(Base):
    """What is common to everybody and everything with an address here."""

    __tablename__ = "actors"

    iri: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[ActorKind] = mapped_column(
        sa.Enum(ActorKind, native_enum=False, values_callable=lambda k: [one.value for one in k])
    )
    username: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    rsa_pem: Mapped[str]
    ed25519_pem: Mapped[str]
    also_known_as: Mapped[list[str]] = mapped_column(default=list)
    moved_to: Mapped[str | None]
    made: Mapped[datetime]
    gone: Mapped[datetime | None]
