"""Places and the people who fill them: invitations, placements, lent places with names."""

from __future__ import annotations

from instance.staffing.inviting import invite
from instance.staffing.known import (
    KnownPlace,
    KnownPlacement,
    PeopleAt,
    known_place,
    known_placement,
    people_at,
)
from instance.staffing.openings import OpeningToFill, opening, openings_of
from instance.staffing.placement import ASKED, TAKES_PLACE, PlacementState, PlaceState
from instance.staffing.placements import (
    call_off,
    confirm,
    end,
    end_due,
    not_needed,
    reply_due,
    set_auto_confirm,
    taken,
)
from instance.staffing.places import coming, end_place

__all__ = [
    "ASKED",
    "TAKES_PLACE",
    "KnownPlace",
    "KnownPlacement",
    "OpeningToFill",
    "PeopleAt",
    "PlaceState",
    "PlacementState",
    "call_off",
    "coming",
    "confirm",
    "end",
    "end_due",
    "end_place",
    "invite",
    "known_place",
    "known_placement",
    "not_needed",
    "opening",
    "openings_of",
    "people_at",
    "reply_due",
    "set_auto_confirm",
    "taken",
]
