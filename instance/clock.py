"""The clock, which is handed in so that tests need not sleep."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]


def system_clock() -> datetime:
    """Return the moment it is, in UTC."""
    return datetime.now(UTC)


class PretendClock:
    """A clock that moves only when told."""

    def __init__(self, start: datetime | None = None) -> None:
        self.now = start or datetime(2027, 1, 4, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment it pretends to be."""
        return self.now

    def advance(self, **parts: float) -> None:
        """Move on by a timedelta given by its parts, such as `minutes=10`."""
        self.now += timedelta(**parts)
