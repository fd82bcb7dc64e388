"""Balances between two accounts: every amount stands twice, once for each of them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from instance.db import Base


class Entry(Base):
    """One half of a posting: what `counter` owes `account` more than before (or less, below 0).

    `unit` is `minutes` or a currency, whose amounts are in its smallest unit. `cause` names what
    made it so; `reverses` the cause that a reversal takes back.
    """

    __tablename__ = "ledger_entries"
    __table_args__ = (
        sa.UniqueConstraint("cause", "unit", "credit"),
        sa.Index("ix_ledger_entries_account", "account", "counter", "unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str]
    credit: Mapped[bool]
    account: Mapped[str]
    counter: Mapped[str]
    unit: Mapped[str]
    amount: Mapped[int]
    at: Mapped[datetime]
    reverses: Mapped[str | None]


class Reversal(Base):
    """That a cause is taken back, by whom; remembered even before the cause itself is posted."""

    __tablename__ = "ledger_reversals"

    cause: Mapped[str] = mapped_column(primary_key=True)
    by_cause: Mapped[str]
    at: Mapped[datetime]
