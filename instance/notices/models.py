"""What people are told: facts by kind. The words are made when somebody reads them."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base, enum_column


class Notice(Base):
    """One thing that somebody is told; `link` is where she can act on it.

    `until` is when it is of no use to send it any more.
    """

    __tablename__ = "notices"
    __table_args__ = (sa.Index("ix_notices_person_made", "person", "made"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"))
    kind: Mapped[str]
    values: Mapped[dict[str, Any]]
    link: Mapped[str] = mapped_column(index=True)
    made: Mapped[datetime] = mapped_column(index=True)
    until: Mapped[datetime | None]
    read: Mapped[datetime | None]


class Channel(enum.StrEnum):
    """What carries a message beyond the page, where every notice stands in any case."""

    PUSH = "push"
    MAIL = "mail"
    TEXT = "text"


class MailState(enum.StrEnum):
    """How far an e-mail has come. `kept` ones are never sent: no server was set."""

    WAITING = "waiting"
    SENT = "sent"
    KEPT = "kept"
    LATE = "late"
    FAILED = "failed"


class Mail(Base):
    """One message on its way: an e-mail, a text or a push.

    `link` may be a secret that signs in: it is emptied once the message is sent. With `signs_in`
    the link is made anew at every sending. `until` is when nobody needs it any more. `address` is
    a telephone number for a text, and a device's id for a push. `next_try` is also the end of the
    lease of whoever is sending it.
    """

    __tablename__ = "mails"
    __table_args__ = (sa.Index("ix_mails_state_next_try", "state", "next_try"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
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


class Reaching(Base):
    """In which order channels are tried for somebody, and when nothing is sent to her.

    `off` are those that are left out. The quiet time is in minutes of her own clock's day and may
    pass midnight; with `urgent` it is broken for work that begins soon. No row means the default.
    """

    __tablename__ = "reaching"

    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), primary_key=True)
    channels: Mapped[list[str]]
    off: Mapped[list[str]]
    quiet_from: Mapped[int | None]
    quiet_until: Mapped[int | None]
    urgent: Mapped[bool]


class PushDevice(Base):
    """A browser that shows messages while its session lasts, and what it gave us to do so."""

    __tablename__ = "push_devices"

    id: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    session: Mapped[str]
    name: Mapped[str]
    endpoint: Mapped[str] = mapped_column(unique=True)
    public: Mapped[str]
    secret: Mapped[str]
    made: Mapped[datetime]


class PushKey(Base):
    """The key by which push services know this instance (RFC 8292); there is one."""

    __tablename__ = "push_keys"

    public: Mapped[str] = mapped_column(primary_key=True)
    pem: Mapped[str]
    made: Mapped[datetime]


class AnswerLink(Base):
    """A secret in an e-mail that shows one invitation and answers it, and nothing else.

    `hash` is its SHA-256: who reads the database cannot answer for anybody.
    """

    __tablename__ = "answer_links"

    hash: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(sa.ForeignKey("people.iri"), index=True)
    promise: Mapped[str]
    expires: Mapped[datetime] = mapped_column(index=True)
