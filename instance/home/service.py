"""The screens' questions and acts: the feature's door for its pages."""

from __future__ import annotations

from instance.home.admin import administration
from instance.home.answering import (
    answer_by_link,
    invitation_by_link,
    is_unseen,
    is_unseen_by_link,
    seen,
    seen_by_link,
)
from instance.home.calendar import calendar
from instance.home.today import today
from instance.home.week import (
    answer,
    copy_week,
    invitation,
    monday_of,
    on_the_telephone,
    paint,
    to_ring,
    week,
    why,
    withdraw,
)

__all__ = [
    "administration",
    "answer",
    "answer_by_link",
    "calendar",
    "copy_week",
    "invitation",
    "invitation_by_link",
    "is_unseen",
    "is_unseen_by_link",
    "monday_of",
    "on_the_telephone",
    "paint",
    "seen",
    "seen_by_link",
    "to_ring",
    "today",
    "week",
    "why",
    "withdraw",
]
