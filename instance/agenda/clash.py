"""What stands against one more promise: time that is taken, rest, and caps. Pure."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import msgspec

from instance.agenda.windows import Window, day_of, days_in, week_of
from instance.policy.service import Rules


class ClashKind(enum.StrEnum):
    """What a promise would break; the later ones are named as the rules of the policy are."""

    OVERLAP = "overlap"
    REST = "rest_minutes"
    WEEK = "weekly_cap_minutes"
    DAY = "daily_cap_minutes"


class Clash(msgspec.Struct, frozen=True):
    """One thing that stands against a promise.

    `blocks` tells whether it cannot be done; otherwise she is warned before the button and may.
    `minutes` is the rest that would be left, or the minutes that the day or week would have.
    """

    kind: ClashKind
    blocks: bool
    minutes: int = 0
    limit: int = 0


def clashes(
    wanted: Window, taken: Sequence[Window], rules: Rules, zone: ZoneInfo
) -> tuple[Clash, ...]:
    """List what stands against promising a stretch beside those already promised."""
    if any(wanted.overlaps(one) for one in taken):
        return (Clash(ClashKind.OVERLAP, blocks=True),)
    found = [_rest(wanted, taken, rules), _week(wanted, taken, rules, zone)]
    found.append(_day(wanted, taken, rules, zone))
    return tuple(one for one in found if one)


def minutes_within(taken: Iterable[Window], frame: Window) -> int:
    """Add up the parts of stretches that lie inside a frame."""
    return sum(part.minutes for one in taken if (part := one.within(frame)))


def _rest(wanted: Window, taken: Sequence[Window], rules: Rules) -> Clash | None:
    gaps = [_gap(wanted, one) for one in taken]
    least = min(gaps, default=rules.rest_minutes)
    if least >= rules.rest_minutes:
        return None
    return Clash(ClashKind.REST, rules.blocks("rest_minutes"), least, rules.rest_minutes)


def _gap(one: Window, other: Window) -> int:
    first, second = sorted((one, other))
    return Window(first.end, second.start).minutes


def _week(wanted: Window, taken: Sequence[Window], rules: Rules, zone: ZoneInfo) -> Clash | None:
    weeks = {week_of(day, zone) for day in days_in(wanted, zone)}
    most = max(minutes_within([wanted, *taken], week) for week in weeks)
    return _over(ClashKind.WEEK, most, rules.weekly_cap_minutes, rules)


def _day(wanted: Window, taken: Sequence[Window], rules: Rules, zone: ZoneInfo) -> Clash | None:
    days = [day_of(day, zone) for day in days_in(wanted, zone)]
    most = max(minutes_within([wanted, *taken], day) for day in days)
    return _over(ClashKind.DAY, most, rules.daily_cap_minutes, rules)


def _over(kind: ClashKind, minutes: int, limit: int, rules: Rules) -> Clash | None:
    return Clash(kind, rules.blocks(kind.value), minutes, limit) if minutes > limit else None
