"""The log of acts of power: a chain of entries, and apart from it who is meant by each mark."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base


class Entry(Base):
    """One act. `by_mark` and `about_mark` are salted hashes; `digest` covers all before it."""

    __tablename__ = "transparency_entries"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    group: Mapped[str | None] = mapped_column(index=True)
    by_mark: Mapped[str] = mapped_column(index=True)
    about_mark: Mapped[str | None] = mapped_column(index=True)
    text: Mapped[str]
    values: Mapped[dict[str, Any]]
    previous: Mapped[str]
    digest: Mapped[str]


class Head(Base):
    """The end of the chain: one row, taken before an entry is added."""

    __tablename__ = "transparency_head"

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    digest: Mapped[str]


class Salt(Base):
    """Who is meant by a mark. Without this row nobody can tell, and the chain stands."""

    __tablename__ = "transparency_salts"

    mark: Mapped[str] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(unique=True)
    salt: Mapped[str]
