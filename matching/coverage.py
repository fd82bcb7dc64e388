"""How many places a stretch of time wants, and by whom they are filled: the figures of a picture.

All minutes here are those that the clock of the place shows, counted from 1970-01-01 00:00 of that
clock, so that days and hours are what people there read; who asks turns the clock's time into them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal, get_args

import msgspec

from matching.answers import Plan
from matching.intervals import Interval, minutes_within
from matching.model import Count, Minutes
from matching.problem import Problem

DAY, PART = 24 * 60, 6 * 60
"""Minutes of a day, and of each of its parts."""

Kind = Literal["own", "others", "borrowed", "uncertain", "open"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PartOfDay = Literal["night", "morning", "afternoon", "evening"]
PARTS: tuple[PartOfDay, ...] = get_args(PartOfDay)


class Stretch(msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True):
    """Places wanted for so long, and how many people of whom fill them; the rest is open.

    `own` are the group's, `others` those of its leader's other groups, `borrowed` those of allies,
    whether they are named yet or not. `uncertain` places have somebody who was asked or is
    suggested, and has not said yes.
    """

    interval: Interval
    wanted: Count
    own: Count = 0
    others: Count = 0
    borrowed: Count = 0
    uncertain: Count = 0

    @property
    def open(self) -> int:
        """How many places nobody fills, not even perhaps."""
        return max(0, self.wanted - self.filled - self.uncertain)

    @property
    def filled(self) -> int:
        """How many people fill them for certain."""
        return self.own + self.others + self.borrowed


class Covered(msgspec.Struct, frozen=True, order=True, kw_only=True, forbid_unknown_fields=True):
    """One part of a day, in minutes of work: those wanted, and those that each kind fills.

    `day` counts days since 1970-01-01. `missing` is how many places are open at once, at most.
    """

    day: int
    part: PartOfDay
    wanted: Minutes
    own: Minutes
    others: Minutes
    borrowed: Minutes
    uncertain: Minutes
    open: Minutes
    missing: Count


def coverage_of(
    problem: Problem, plan: Plan, clock: Callable[[int], int] = lambda minute: minute
) -> tuple[Stretch, ...]:
    """Count what a plan fills at each opening of its problem.

    Those whom it suggests count as if they came. `clock` turns a UTC minute into the minute that
    the clock of the place shows. Places that were taken before count as the group's own: a problem
    does not tell whose they are.
    """
    lent = {one.id for one in problem.alliances}
    filled: dict[str, Counter[Kind]] = {one.id: Counter() for one in problem.openings}
    for one in plan.assignments:
        kind: Kind = "own" if one.via is None else "borrowed" if one.via in lent else "others"
        filled[one.opening][kind] += 1
    return tuple(
        Stretch(
            interval=_shown(one.interval, clock),
            wanted=one.count,
            own=min(one.taken, one.count) + filled[one.id]["own"],
            others=filled[one.id]["others"],
            borrowed=filled[one.id]["borrowed"],
        )
        for one in problem.openings
    )


def _shown(interval: Interval, clock: Callable[[int], int]) -> Interval:
    start = clock(interval.start)
    # where the clock is set back meanwhile it may show an earlier end
    return Interval(start, max(clock(interval.end), start + 1))


def steps_of(stretches: Iterable[Stretch], within: Interval) -> list[Stretch]:
    """Add up what goes on at the same time: one stretch from each change to the next.

    Only what lies within the interval; where nothing is wanted there is none.
    """
    here = [one for one in stretches if minutes_within(one.interval, within) and one.wanted]
    moments = {within.start, within.end}
    moments |= {each for one in here for each in (one.interval.start, one.interval.end)}
    inside = sorted(each for each in moments if within.start <= each <= within.end)
    found: list[Stretch] = []
    for start, end in pairwise(inside):
        at_once = [one for one in here if one.interval.start < end and one.interval.end > start]
        step = _sum(Interval(start, end), at_once)
        if found and found[-1].interval.end == start and _same(found[-1], step):
            joined = Interval(found.pop().interval.start, end)
            step = msgspec.structs.replace(step, interval=joined)
        if step.wanted:
            found.append(step)
    return found


def covered(stretches: Sequence[Stretch]) -> tuple[Covered, ...]:
    """Count the minutes of work in each part of each day that has any, in order of time."""
    if not stretches:
        return ()
    first = min(one.interval.start for one in stretches) // PART
    last = -(-max(one.interval.end for one in stretches) // PART)
    found = []
    for number in range(first, last):
        steps = steps_of(stretches, Interval(number * PART, (number + 1) * PART))
        if steps:
            total = {
                each: sum(getattr(one, each) * one.interval.minutes for one in steps)
                for each in ("wanted", *KINDS)
            }
            day, part = divmod(number, len(PARTS))
            missing = max(one.open for one in steps)
            found.append(Covered(day=day, part=PARTS[part], missing=missing, **total))
    return tuple(found)


def _sum(interval: Interval, at_once: Sequence[Stretch]) -> Stretch:
    # a place too many at one opening fills none at another
    total = {each: sum(getattr(one, each) for one in at_once) for each in KINDS}
    wanted = sum(total.values())
    del total["open"]
    return Stretch(interval=interval, wanted=wanted, **total)


def _same(one: Stretch, other: Stretch) -> bool:
    return all(getattr(one, each) == getattr(other, each) for each in ("wanted", *KINDS))
