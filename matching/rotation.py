"""Many weeks in a row: whether those who are alike come to have alike hours in the long run.

A simulation of what planning does, not of people: everybody says yes, nobody drops out, and each
week asks for the same as the first.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import mul

import msgspec
from msgspec.structs import replace

from matching import planning
from matching.fairness import FADING, faded, share_of
from matching.intervals import Interval
from matching.model import Identifier, Minutes, Worker
from matching.problem import Problem
from matching.reading import problem_hash
from matching.shares import DIGITS

WEEKS = 26
"""Half a year."""

WEEK = 7 * 24 * 60


class Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of some people at one time: the least, three cuts between quarters, and the most."""

    least: float
    quarter: float
    half: float
    three_quarters: float
    most: float


class Week(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One week: `filled` of its `places`, and one band for each of `Rotation.alike`.

    Shares are of minutes given by minutes asked for, from the first week up to this one.
    """

    number: int
    places: int
    filled: int
    bands: tuple[Band, ...]


class Rotation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of planning week after week.

    Each of `alike` are people who differ in nothing but the hours they asked for and those they
    had: two at least, the most first. `minutes` is what each worker was given in all weeks.
    """

    problem: Identifier
    problem_hash: str
    alike: tuple[tuple[Identifier, ...], ...]
    weeks: tuple[Week, ...]
    minutes: tuple[tuple[Identifier, Minutes], ...]


def rotate(problem: Problem, weeks: int = WEEKS) -> Rotation:
    """Plan a week's problem again for each of so many weeks, with the hours had carried along.

    Hours had are those of the weeks before, as they fade (`fairness.faded`); those before the
    first are taken to have been as `minutes_had` says. Each week moves openings, painted hours and
    the weeks of the cap on by seven days. What the week before gave is promised; certificates run
    out when they do; what was asked, pinned, planned or counted for the first week is for it
    alone; an alliance has the same hours left every week. The lot is drawn anew each week, from
    the seed and the number of the week. Raises ValueError for less than one week.
    """
    if weeks < 1:
        raise ValueError("there must be a week at least to plan")
    alike = _alike(problem.workers)
    wanted = {one.id: one.minutes_wanted for one in problem.workers}
    before = {one.id: [one.minutes_had] * len(FADING) for one in problem.workers}
    minutes = dict.fromkeys(before, 0)
    promised: Mapping[str, Sequence[Interval]] = {}
    found = []
    for number in range(weeks):
        had = {name: had_of(past[::-1]) for name, past in before.items()}
        week = week_of(problem, number, had, promised)
        promised = _given(week)
        for name, past in before.items():
            past.append(sum(one.minutes for one in promised.get(name, ())))
            minutes[name] += past[-1]
        shares = {name: share_of(minutes[name], wanted[name] * (number + 1)) for name in wanted}
        found.append(_told(week, number + 1, promised, alike, shares))
    return Rotation(
        problem=problem.id,
        problem_hash=problem_hash(problem),
        alike=alike,
        weeks=tuple(found),
        minutes=tuple(sorted(minutes.items())),
    )


def had_of(minutes: Iterable[int]) -> int:
    """Give the minutes had a week, as they fade, from those of each week: the last one first."""
    return faded(sum(map(mul, minutes, FADING)))


def _told(
    week: Problem,
    number: int,
    given: Mapping[str, Sequence[Interval]],
    alike: Iterable[Sequence[str]],
    shares: Mapping[str, float],
) -> Week:
    return Week(
        number=number,
        places=sum(one.places for one in week.openings),
        filled=sum(map(len, given.values())),
        bands=tuple(_band([shares[name] for name in names]) for names in alike),
    )


def week_of(
    problem: Problem,
    number: int,
    had: Mapping[str, int],
    promised: Mapping[str, Iterable[Interval]],
) -> Problem:
    """Return the problem of a later week: what people had, and what they promised the week before.

    The week of number 0 is the problem itself.
    """
    if number == 0:
        return problem
    by = number * WEEK
    rules = problem.rules
    return replace(
        problem,
        seed=f"{problem.seed} week {number}",
        moment=problem.moment + by,
        rules=replace(rules, weeks=tuple(_later(rules.weeks, by))),
        openings=tuple(
            replace(one, interval=Interval(one.interval.start + by, one.interval.end + by))
            for one in problem.openings
        ),
        workers=tuple(
            replace(
                one,
                free=tuple(_later(one.free, by)),
                promised=(*one.promised, *promised.get(one.id, ())),
                weeks=(),
                minutes_had=had[one.id],
            )
            for one in problem.workers
        ),
        allies=(),
        standing=(),
        asked=(),
    )


def _later(intervals: Iterable[Interval], by: int) -> Iterator[Interval]:
    return (Interval(one.start + by, one.end + by) for one in intervals)


def _given(problem: Problem) -> Mapping[str, Sequence[Interval]]:
    intervals = {one.id: one.interval for one in problem.openings}
    found: defaultdict[str, list[Interval]] = defaultdict(list)
    for one in planning.plan(problem).assignments:
        found[one.worker].append(intervals[one.opening])
    return found


def _alike(workers: Iterable[Worker]) -> tuple[tuple[str, ...], ...]:
    """Put those together who differ in nothing that planning looks at for more than one week."""
    found: defaultdict[Worker, list[str]] = defaultdict(list)
    for one in workers:
        if one.minutes_wanted:
            found[_standing(one)].append(one.id)
    together = [tuple(sorted(names)) for names in found.values() if len(names) > 1]
    return tuple(sorted(together, key=lambda names: (-len(names), names)))


def _standing(worker: Worker) -> Worker:
    return replace(
        worker,
        id="",
        minutes_wanted=0,
        minutes_had=0,
        promised=(),
        weeks=(),
        worked_with=(),
    )


def _band(shares: Sequence[float]) -> Band:
    ordered = sorted(shares)
    last = len(ordered) - 1
    cuts = [round(ordered[round(last * quarter / 4)], DIGITS) for quarter in range(5)]
    return Band(least=cuts[0], quarter=cuts[1], half=cuts[2], three_quarters=cuts[3], most=cuts[4])
