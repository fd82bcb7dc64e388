"""What people are told: facts by kind. The words are made when somebody reads them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Notice(Base):
    """One thing that somebody is told; `link` is where she can act on it."""

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_person_made", "person", "made"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"))
    kind: Mapped[str]
    values: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(index=True)
    made: Mapped[datetime] = mapped_column(index=True)
    read: Mapped[datetime | None]


class MailState(enum.StrEnum):
    """How far an e-mail has come. `kept` ones are never sent: no server was set."""

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    LATE = "late"
    FAILED = "failed"


class Mail(Base):
    """One e-mail. `link` may be a secret that signs in: it is emptied once the mail is sent.

    With `signs_in` the link is made anew at every sending. `until` is when nobody needs it any
    more. `next_try` is also the end of the lease of whoever is sending it.
    """

    __tablename__ = "mails"
    __table_args__ = (sa.Index("ix_mails_state_next_try", "state", "next_try"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    address: Mapped[str]
    language: Mapped[str]
    kind: Mapped[str]
    values: Mapped[dict[str, Any]]
    link: Mapped[str]
    signs_in: Mapped[bool]
    state: Mapped[MailState] = mapped_column(enum_column(MailState))
    made: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime | None]
    next_try: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(default="")
    sent: Mapped[datetime | None]


class AnswerLink(Base):
    """A secret in an e-mail that shows one invitation and answers it, and nothing else.

    `hash` is its SHA-256: who reads the database cannot answer for anybody.
    """

    __tablename__ = "answer_links"

    hash: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    promise: Mapped[str]
    expires: Mapped[datetime] = mapped_column(index=True)
