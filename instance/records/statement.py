"""What becomes of stated hours, as a table, and what both sides agree on. Pure.

A statement (an EconomicEvent) is hers; only the group's Accept makes it count, and the group
decides in one place, one after the other. From this follows the one rule that lets three books
agree in whatever order they hear: *what replaces a statement that counts, counts for nothing.*
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


class HoursState(enum.StrEnum):
    """How far stated hours have come."""

    ENTERED = "entered"
    CORRECTED = "corrected"
    DISPUTED = "disputed"
    CONFIRMED = "confirmed"
    REPLACED = "replaced"
    OVERTAKEN = "overtaken"


class Code(enum.StrEnum):
    """Why hours are stated: for the first time, anew, as both agree, or as the open rest."""

    ENTERED = "entered"
    CHANGED = "changed"
    AGREED = "agreed"
    DISPUTED = "disputed"


class Heard(enum.StrEnum):
    """What happens to a statement after it was made."""

    ACCEPT = "Accept"
    REJECT = "Reject"
    REPLACED = "Create that replaces it"
    OVERTAKEN = "Accept of what it replaces"


_S = HoursState

BECOMES: Mapping[tuple[HoursState, Heard], HoursState] = MappingProxyType(
    {
        (_S.ENTERED, Heard.ACCEPT): _S.CONFIRMED,
        (_S.CORRECTED, Heard.ACCEPT): _S.CONFIRMED,
        (_S.DISPUTED, Heard.ACCEPT): _S.CONFIRMED,
        (_S.REPLACED, Heard.ACCEPT): _S.CONFIRMED,
        (_S.OVERTAKEN, Heard.ACCEPT): _S.CONFIRMED,
        (_S.ENTERED, Heard.REJECT): _S.CORRECTED,
        (_S.CORRECTED, Heard.REJECT): _S.CORRECTED,
        (_S.DISPUTED, Heard.REJECT): _S.DISPUTED,
        (_S.REPLACED, Heard.REJECT): _S.REPLACED,
        (_S.ENTERED, Heard.REPLACED): _S.REPLACED,
        (_S.CORRECTED, Heard.REPLACED): _S.REPLACED,
        (_S.DISPUTED, Heard.REPLACED): _S.REPLACED,
        (_S.REPLACED, Heard.REPLACED): _S.REPLACED,
        (_S.ENTERED, Heard.OVERTAKEN): _S.OVERTAKEN,
        (_S.CORRECTED, Heard.OVERTAKEN): _S.OVERTAKEN,
        (_S.DISPUTED, Heard.OVERTAKEN): _S.OVERTAKEN,
        (_S.REPLACED, Heard.OVERTAKEN): _S.OVERTAKEN,
    }
)

COUNTS_FOR_NOTHING = frozenset({HoursState.CONFIRMED, HoursState.OVERTAKEN})
"""The states of a statement in which nothing that replaces it can count."""

WAITING = frozenset({HoursState.ENTERED, HoursState.CORRECTED, HoursState.DISPUTED})
"""The states in which hours wait for one side or the other."""


def becomes(state: HoursState, heard: Heard) -> HoursState | None:
    """Return what a statement becomes; None when this changes nothing in this state."""
    return BECOMES.get((state, heard))


def begins(code: Code, replaced: HoursState | None) -> HoursState:
    """Return the state in which a statement begins, by the state of what it replaces."""
    if replaced in COUNTS_FOR_NOTHING:
        return HoursState.OVERTAKEN
    return HoursState.DISPUTED if code is Code.DISPUTED else HoursState.ENTERED


@dataclass(frozen=True, slots=True)
class Split:
    """Stated minutes in two parts: what both sides agree on, and what stays open."""

    agreed: int
    open: int


def split_minutes(stated: int, proposed: int) -> Split:
    """Split what she stated by what the group says: the smaller figure is agreed on."""
    agreed = min(stated, proposed)
    return Split(agreed, stated - agreed)


def is_agreed(code: Code, minutes: int, proposed: int | None) -> bool:
    """Tell whether a group takes a statement without asking its leaders again.

    It does when she follows what the leaders proposed, or takes a statement back altogether.
    """
    if minutes == 0:
        return True
    return code is Code.AGREED and proposed is not None and minutes <= proposed
