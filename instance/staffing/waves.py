"""How people are asked a few at a time: what leaders may choose, and how far a cascade has come."""

from __future__ import annotations

import enum
from datetime import timedelta

import msgspec

from instance.errors import Invalid

UNDO = timedelta(seconds=30)
"""So long after a leader pressed nothing is sent, unless she presses again."""

FAIR = timedelta(minutes=3)
"""So long a yes waits for the answers of those who are due before her."""

LEAST_MINUTES, MOST_MINUTES = 3, 240
MOST_PEOPLE = 20


class CascadeState(enum.StrEnum):
    """How far a cascade has come: not begun yet, asking, or over."""

    WAITING = "waiting"
    ASKING = "asking"
    OVER = "over"


LIVE = frozenset({CascadeState.WAITING, CascadeState.ASKING})


class Waves(msgspec.Struct, frozen=True):
    """How many people are asked at once, for how long each, and whether allies come last.

    With `first_come` nobody's yes waits for those before her.
    """

    people: int = 3
    minutes: int = 10
    allies: bool = True
    first_come: bool = False

    def check(self) -> None:
        """Raise Invalid for numbers that nobody can mean, or that would press people."""
        if not 0 < self.people <= MOST_PEOPLE:
            raise Invalid("Ask between 1 and 20 people at once.", field="people")
        if not LEAST_MINUTES <= self.minutes <= MOST_MINUTES:
            raise Invalid("Give people between 3 minutes and 4 hours to answer.", field="minutes")
