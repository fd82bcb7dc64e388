"""A person's time, kept at her home and nowhere else: availability, invitations, promises."""

from __future__ import annotations

from federation import Iri
from instance.agenda.availability import (
    add_day_off,
    busy,
    free_windows,
    minutes_promised,
    paint_day,
    paint_week,
    painted,
    remove_day_off,
    set_timezone,
    zone_of,
    zones_of,
)
from instance.agenda.clash import Clash, ClashKind
from instance.agenda.details import forget_details, keep_details
from instance.agenda.inviters import allow_inviter, forbid_inviter, inviters, may_invite
from instance.agenda.promise import TAKES_TIME, Heard, PromiseState
from instance.agenda.promises import (
    Invitation,
    Sent,
    answer,
    end,
    expire,
    hear,
    note_sent,
    record_invitation,
    sent_of,
    withdraw,
    would_clash,
)
from instance.agenda.reading import (
    count_invitations,
    invitations,
    invites_between,
    promise,
    promise_at,
    promises,
    state_of,
    week_of,
)
from instance.agenda.views import Answer, DaysOffView, DayView, InviterView, Painted, PromiseView
from instance.agenda.windows import Hours, Window
from instance.db import Tx

__all__ = [
    "TAKES_TIME",
    "Answer",
    "Clash",
    "ClashKind",
    "DayView",
    "DaysOffView",
    "Heard",
    "Hours",
    "Invitation",
    "InviterView",
    "Painted",
    "PromiseState",
    "PromiseView",
    "Sent",
    "Window",
    "add_day_off",
    "allow_inviter",
    "answer",
    "busy",
    "count_invitations",
    "end",
    "end_due",
    "expire",
    "expire_due",
    "forbid_inviter",
    "forget_details",
    "free_windows",
    "hear",
    "invitations",
    "inviters",
    "invites_between",
    "keep_details",
    "may_invite",
    "minutes_promised",
    "note_sent",
    "paint_day",
    "paint_week",
    "painted",
    "promise",
    "promise_at",
    "promises",
    "record_invitation",
    "remove_day_off",
    "sent_of",
    "set_timezone",
    "state_of",
    "week_of",
    "withdraw",
    "would_clash",
    "zone_of",
    "zones_of",
]


async def expire_due(tx: Tx, key: str) -> None:
    """Do what is due when a hold ends; `key` is the Invite's id."""
    await expire(tx, Iri(key))


async def end_due(tx: Tx, key: str) -> None:
    """Do what is due when a shift ends; `key` is the Invite's id."""
    await end(tx, Iri(key))
