"""Places and the people who fill them: invitations, placements, lent places with names."""

from __future__ import annotations

from instance.staffing.accepting import accept_week
from instance.staffing.board import board, job_board
from instance.staffing.cover import fragment
from instance.staffing.evenness import evenness
from instance.staffing.evenness_views import EvennessView, evenness_pictures
from instance.staffing.gaps import gaps
from instance.staffing.hours import hours_picture
from instance.staffing.inviting import invite
from instance.staffing.known import (
    KnownPlace,
    KnownPlacement,
    known_place,
    known_placement,
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
from instance.staffing.reasons import why_of_invite, why_of_job
from instance.staffing.shortlist import FORGET_SHORTLIST, find_people, forget_shortlist, shortlist
from instance.staffing.underway import Weeks
from instance.staffing.views import GapsView, OpeningAt, PersonAt, ShortlistView, WhyView
from instance.staffing.week_views import WeekAsked, WeekPlan
from instance.staffing.weekly import week_found, week_view

__all__ = [
    "ASKED",
    "FORGET_SHORTLIST",
    "TAKES_PLACE",
    "EvennessView",
    "GapsView",
    "KnownPlace",
    "KnownPlacement",
    "OpeningAt",
    "OpeningToFill",
    "PersonAt",
    "PlaceState",
    "PlacementState",
    "ShortlistView",
    "WeekAsked",
    "WeekPlan",
    "Weeks",
    "WhyView",
    "accept_week",
    "board",
    "call_off",
    "coming",
    "confirm",
    "end",
    "end_due",
    "end_place",
    "evenness",
    "evenness_pictures",
    "find_people",
    "forget_shortlist",
    "fragment",
    "gaps",
    "hours_picture",
    "invite",
    "job_board",
    "known_place",
    "known_placement",
    "not_needed",
    "opening",
    "openings_of",
    "reply_due",
    "set_auto_confirm",
    "shortlist",
    "taken",
    "week_found",
    "week_view",
    "why_of_invite",
    "why_of_job",
]
