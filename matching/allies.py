"""Which allies could be asked for a place: by their coarse counts, never by people."""

from matching.answers import AllyOption
from matching.fairness import lot
from matching.intervals import minutes_within
from matching.model import AllyCapacity, CapacityCount, Opening
from matching.problem import Problem

LONG_ENOUGH = 180
"""Minutes of a half-day that somebody is free for, at the least, to be counted in it."""


def ally_options(problem: Problem, opening: Opening) -> tuple[AllyOption, ...]:
    """List the allies that may have somebody for this opening, in the order to ask them.

    First who owes us most minutes, then by lot. Level, certificates and languages are theirs to
    check: counts do not tell.
    """
    found = [(ally, least_count(ally, opening)) for ally in problem.allies]
    options = [
        (-ally.owed_minutes, lot(problem.seed, ally.alliance, opening.id), ally, count)
        for ally, count in found
        if count is not None
    ]
    options.sort(key=lambda option: option[:2])
    return tuple(
        AllyOption(group=ally.group, alliance=ally.alliance, label=count.label)
        for *_, ally, count in options
    )


def least_count(ally: AllyCapacity, opening: Opening) -> CapacityCount | None:
    """Find the smallest count that matters to an opening; None when it cannot be lent.

    It cannot when the minutes left do not reach for one place, or a half-day has nobody or is
    untold.
    """
    counts = counts_touched(ally, opening)
    least = min(counts, key=lambda count: count.at_least, default=None)
    if least is None or not least.at_least or ally.minutes_left < opening.interval.minutes:
        return None
    return least


def counts_touched(ally: AllyCapacity, opening: Opening) -> list[CapacityCount]:
    """List the counts that a place of an opening uses up; none where one that matters is untold.

    Only half-days in which it mostly lies do: somebody who is free until two is not counted for
    that afternoon, and can take a shift that ends at one.
    """
    within = {
        count: minutes_within(opening.interval, count.window)
        for count in ally.counts
        if count.skill == opening.requirement.skill
    }
    if opening.interval.minutes - sum(within.values()) >= LONG_ENOUGH:
        return []
    least = min(LONG_ENOUGH, max(within.values(), default=0))
    return [count for count, minutes in within.items() if minutes >= least > 0]
