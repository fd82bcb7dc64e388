"""Which allies could be asked for a place: by their coarse counts, never by people."""

from matching.answers import AllyOption
from matching.fairness import lot
from matching.intervals import covered, merged, too_close
from matching.model import AllyCapacity, CapacityCount, Opening
from matching.problem import Problem


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
    """Find the smallest count over the half-days of an opening; None when it cannot be lent.

    It cannot when the minutes left do not reach for one place, or a half-day has nobody or is
    untold.
    """
    touched = [
        count
        for count in ally.counts
        if count.skill == opening.requirement.skill and too_close(count.window, opening.interval, 0)
    ]
    told = merged(count.window for count in touched if count.at_least)
    if ally.minutes_left < opening.interval.minutes or not covered(told, opening.interval):
        return None
    return min(touched, key=lambda count: count.at_least)
