"""What becomes of a placement at the group and of a place at the borrower: tables, as data."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


class PlacementState(enum.StrEnum):
    """How far an invitation has come at the group that sent it."""

    INVITED = "invited"
    ANSWERED = "answered"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    DONE = "done"
    DECLINED = "declined"
    EXPIRED = "expired"
    LOST = "lost"
    DROPPED_OUT = "dropped out"
    CALLED_OFF = "called off"
    NOT_NEEDED = "not needed"
    REPLACED = "replaced"


TAKES_PLACE = frozenset({PlacementState.CONFIRMING, PlacementState.CONFIRMED, PlacementState.DONE})
"""The states in which a place is taken."""

ASKED = frozenset({PlacementState.INVITED, PlacementState.ANSWERED, *TAKES_PLACE})
"""The states in which the same person is not asked again for the same opening."""


class Heard(enum.StrEnum):
    """What her home says to the group."""

    ACCEPT_INVITE = "Accept{Invite}"
    REJECT_INVITE = "Reject{Invite}"
    UNDO_ACCEPT = "Undo{Accept}"
    CREATE_COMMITMENT = "Create{Commitment}"
    UNDO_CREATE = "Undo{Create{Commitment}}"


class Act(enum.StrEnum):
    """What the leader does, or the clock for her."""

    REPLY_DUE = "reply due"
    CALL_OFF = "call off"
    CONFIRM = "confirm"
    NOT_NEEDED = "not needed"
    END = "shift ends"


class Said(enum.StrEnum):
    """What the group says to her home."""

    UNDO_INVITE = "Undo{Invite}"
    ACCEPT = "Accept{her Accept}"
    REJECT = "Reject{her Accept}"


@dataclass(frozen=True, slots=True)
class Step:
    """The state that comes next, and what is sent when it does."""

    becomes: PlacementState
    says: Said | None = None


_S = PlacementState

ON_HEARING: Mapping[tuple[PlacementState, Heard], Step] = MappingProxyType(
    {
        (_S.INVITED, Heard.ACCEPT_INVITE): Step(_S.ANSWERED),
        (_S.INVITED, Heard.REJECT_INVITE): Step(_S.DECLINED),
        (_S.INVITED, Heard.UNDO_ACCEPT): Step(_S.EXPIRED),
        (_S.ANSWERED, Heard.UNDO_ACCEPT): Step(_S.EXPIRED),
        (_S.CONFIRMING, Heard.UNDO_ACCEPT): Step(_S.LOST),
        (_S.CONFIRMING, Heard.CREATE_COMMITMENT): Step(_S.CONFIRMED),
        (_S.CONFIRMING, Heard.UNDO_CREATE): Step(_S.DROPPED_OUT),
        (_S.CONFIRMED, Heard.UNDO_CREATE): Step(_S.DROPPED_OUT),
        (_S.DONE, Heard.UNDO_CREATE): Step(_S.DROPPED_OUT),
    }
)

ON_ACTING: Mapping[tuple[PlacementState, Act], Step] = MappingProxyType(
    {
        (_S.INVITED, Act.REPLY_DUE): Step(_S.CALLED_OFF, Said.UNDO_INVITE),
        (_S.INVITED, Act.CALL_OFF): Step(_S.CALLED_OFF, Said.UNDO_INVITE),
        (_S.ANSWERED, Act.CONFIRM): Step(_S.CONFIRMING, Said.ACCEPT),
        (_S.ANSWERED, Act.NOT_NEEDED): Step(_S.NOT_NEEDED, Said.REJECT),
        (_S.ANSWERED, Act.CALL_OFF): Step(_S.CALLED_OFF, Said.UNDO_INVITE),
        (_S.CONFIRMING, Act.CALL_OFF): Step(_S.CALLED_OFF, Said.UNDO_INVITE),
        (_S.CONFIRMED, Act.CALL_OFF): Step(_S.CALLED_OFF, Said.UNDO_INVITE),
        (_S.CONFIRMED, Act.END): Step(_S.DONE),
    }
)


def hear(state: PlacementState, heard: Heard) -> Step | None:
    """Return what a message leads to; None when it changes nothing in this state."""
    return ON_HEARING.get((state, heard))


def act(state: PlacementState, does: Act) -> Step | None:
    """Return what an act leads to; None when it cannot be done in this state."""
    return ON_ACTING.get((state, does))


def is_replaced(state: PlacementState, heard: Heard) -> bool:
    """Tell whether an older placement gives way to one that hears this about itself.

    Her new promise, or its Undo, proves that the old one was replaced at home, in whatever state
    the new placement is.
    """
    settles = heard in {Heard.CREATE_COMMITMENT, Heard.UNDO_CREATE}
    return settles and state in {PlacementState.CONFIRMED, PlacementState.DONE}


class PlaceState(enum.StrEnum):
    """How far a place that an ally lends has come at the borrower."""

    PROMISED = "promised"
    NAMED = "named"
    DONE = "done"


class PlaceHeard(enum.StrEnum):
    """What the borrower hears of a place, or the clock tells."""

    ANNOUNCE = "Announce{Create{Commitment}}"
    UNDO_ANNOUNCE = "Undo{Announce}"
    HOURS = "her EconomicEvent"
    END = "shift ends"


ON_PLACE: Mapping[tuple[PlaceState, PlaceHeard], PlaceState] = MappingProxyType(
    {
        (PlaceState.PROMISED, PlaceHeard.ANNOUNCE): PlaceState.NAMED,
        (PlaceState.PROMISED, PlaceHeard.UNDO_ANNOUNCE): PlaceState.PROMISED,
        (PlaceState.NAMED, PlaceHeard.UNDO_ANNOUNCE): PlaceState.PROMISED,
        (PlaceState.NAMED, PlaceHeard.HOURS): PlaceState.DONE,
        (PlaceState.NAMED, PlaceHeard.END): PlaceState.DONE,
    }
)


def hear_of_place(state: PlaceState, heard: PlaceHeard) -> PlaceState | None:
    """Return what a place becomes; None when this changes nothing in this state."""
    return ON_PLACE.get((state, heard))
