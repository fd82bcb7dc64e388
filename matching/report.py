"""How fair a plan is, and what another order of priorities would change.

A report is for a group to look at before it votes: `Problem.priorities` is its leaders' to set by
that vote, and nothing here recommends one. It tells of many people at once. The only people named
are those who asked for hours and wait for their first.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from matching import planning
from matching.answers import Plan
from matching.distance import metres_between
from matching.intervals import Interval, minutes_within
from matching.model import Identifier, Minutes, Worker
from matching.problem import Priority, Problem
from matching.remaining import need_own
from matching.shares import DIGITS, Spread, spread_of


class Waiting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who asked for hours, had none lately, and gets none by the plan."""

    worker: Identifier
    minutes_wanted: Minutes


class Shared(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the plan's work is shared out among some people.

    `spread` is of minutes had with those planned, by minutes asked for; `before` without them.
    `minutes_free` are what these people painted and did not promise, from the first opening to the
    last. `waiting` are the largest asks first; `waiting_more` counts those cut off.
    """

    people: int
    suggestions: int
    minutes_planned: int
    minutes_free: int
    before: Spread
    spread: Spread
    waiting: tuple[Waiting, ...]
    waiting_more: int

    @property
    def suggestions_per_hour_free(self) -> float | None:
        """Suggestions for each hour that somebody was free; None where nobody was."""
        return self._per_minute_free(60 * self.suggestions)

    @property
    def hours_per_hour_free(self) -> float | None:
        """Hours planned for each hour that somebody was free; None where nobody was."""
        return self._per_minute_free(self.minutes_planned)

    def _per_minute_free(self, what: int) -> float | None:
        return round(what / self.minutes_free, DIGITS) if self.minutes_free else None


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan's work as shared out among everybody, and among the members of each group.

    Who is in two groups is told of in both, with all that she has.
    """

    problem: Identifier
    problem_hash: str
    everybody: Shared
    groups: tuple[tuple[Identifier, Shared], ...]


class Exchange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plan by one order of priorities comes to.

    `spread` as in `Shared`. `metres` is the mean way of those whose way is known, None where none
    is. `borrowed` counts those who do not come from the group's own people.
    """

    priorities: tuple[Priority, ...]
    filled: int
    spread: Spread
    metres: int | None
    borrowed: int


def report(problem: Problem, plan: Plan, most_waiting: int = 20) -> Report:
    """Report how a plan shares out its work, naming at most so many who wait in each group.

    Raises ValueError for a plan of another problem.
    """
    need_own(problem, plan)
    intervals = {one.id: one.interval for one in problem.openings}
    given: defaultdict[str, list[Interval]] = defaultdict(list)
    for one in plan.assignments:
        given[one.worker].append(intervals[one.opening])
    members: defaultdict[str, list[Worker]] = defaultdict(list)
    for who in problem.workers:
        for group in who.groups:
            members[group].append(who)
    span = _span(intervals.values())
    return Report(
        problem=problem.id,
        problem_hash=plan.problem_hash,
        everybody=_shared(problem.workers, given, span, most_waiting),
        groups=tuple(
            (group, _shared(people, given, span, most_waiting))
            for group, people in sorted(members.items())
        ),
    )


def exchanges(problem: Problem) -> tuple[Exchange, ...]:
    """Plan again with fairness at each place of the priorities, from first to last.

    The others keep the order as voted, so some points have fairness before travel and some after.
    Each plan takes as long as `matching.plan`.
    """
    others = [one for one in problem.priorities if one not in {"fill", "fairness"}]
    found = []
    for place in range(len(others) + 1):
        order: tuple[Priority, ...] = ("fill", *others[:place], "fairness", *others[place:])
        changed = replace(problem, priorities=order)
        found.append(_exchange(changed, planning.plan(changed)))
    return tuple(found)


def _exchange(problem: Problem, plan: Plan) -> Exchange:
    openings = {one.id: one for one in problem.openings}
    workers = {one.id: one for one in problem.workers}
    districts = {one.id: one for one in problem.districts}
    ways = [
        metres_between(workers[one.worker].district, openings[one.opening].district, districts)
        for one in plan.assignments
    ]
    known = [metres for metres in ways if metres is not None]
    minutes = Counter[str]()
    for one in plan.assignments:
        minutes[one.worker] += openings[one.opening].interval.minutes
    return Exchange(
        priorities=problem.priorities,
        filled=len(plan.assignments),
        spread=spread_of(
            [(who.minutes_had + minutes[who.id], who.minutes_wanted) for who in problem.workers]
        ),
        metres=sum(known) // len(known) if known else None,
        borrowed=sum(one.via is not None for one in plan.assignments),
    )


def _span(intervals: Iterable[Interval]) -> Interval | None:
    every = list(intervals)
    if not every:
        return None
    return Interval(min(one.start for one in every), max(one.end for one in every))


def _shared(
    people: Sequence[Worker],
    given: Mapping[str, Sequence[Interval]],
    span: Interval | None,
    most_waiting: int,
) -> Shared:
    minutes = {who.id: sum(one.minutes for one in given.get(who.id, ())) for who in people}
    waiting = sorted(
        (-who.minutes_wanted, who.id)
        for who in people
        if who.minutes_wanted and not who.minutes_had and not minutes[who.id]
    )
    return Shared(
        people=len(people),
        suggestions=sum(len(given.get(who.id, ())) for who in people),
        minutes_planned=sum(minutes.values()),
        minutes_free=sum(_free(who, span) for who in people) if span else 0,
        before=spread_of([(who.minutes_had, who.minutes_wanted) for who in people]),
        spread=spread_of(
            [(who.minutes_had + minutes[who.id], who.minutes_wanted) for who in people]
        ),
        waiting=tuple(
            Waiting(worker=name, minutes_wanted=-wanted) for wanted, name in waiting[:most_waiting]
        ),
        waiting_more=max(0, len(waiting) - most_waiting),
    )


def _free(who: Worker, span: Interval) -> int:
    """Count the minutes that somebody painted within a span and did not promise."""
    minutes = 0
    for window in who.free:
        start, end = max(window.start, span.start), min(window.end, span.end)
        if start < end:
            part = Interval(start, end)
            taken = sum(minutes_within(promise, part) for promise in who.promised)
            minutes += part.minutes - taken
    return minutes
