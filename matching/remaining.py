"""What is left of a problem once a plan stands: the places still open, and the time people have.

What a plan gives somebody is written down as promised, so the rules of eligibility answer what they
are asked beside the plan, and nothing has to be said twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from matching.answers import Plan
from matching.eligibility import minutes_counted
from matching.intervals import Interval, minutes_within
from matching.model import Rules, WeekMinutes, Worker
from matching.problem import Problem
from matching.reading import problem_hash
from matching.ways import Ways


def need_own(problem: Problem, plan: Plan) -> None:
    """Raise ValueError for a plan that was made from another problem."""
    if plan.problem_hash != problem_hash(problem):
        raise ValueError("this plan was made from another problem: plan again")


def remaining(problem: Problem, plan: Plan) -> Problem:
    """Return the problem of the places that a plan leaves open, beside all that the plan gives.

    The rules of teams are no part of it. Raises ValueError for a plan of another problem.
    """
    need_own(problem, plan)
    ways = Ways.of(problem)
    openings = {one.id: one for one in problem.openings}
    given: defaultdict[str, list[Interval]] = defaultdict(list)
    lent: Counter[str] = Counter()
    for one in plan.assignments:
        opening = openings[one.opening]
        given[one.worker].append(opening.interval)
        # another group of the leader's may bear the name of an alliance
        if one.via is not None and one.via not in ways.others.get(ways.group_of(opening), ()):
            lent[one.via] += opening.interval.minutes
    filled = Counter(one.opening for one in plan.assignments)
    return replace(
        problem,
        openings=tuple(
            replace(one, taken=min(one.count, one.taken) + filled[one.id])
            for one in problem.openings
            if one.places > filled[one.id]
        ),
        workers=tuple(
            with_promises(one, given[one.id], problem.rules) if one.id in given else one
            for one in problem.workers
        ),
        alliances=tuple(
            replace(one, minutes_left=one.minutes_left - lent[one.id]) for one in problem.alliances
        ),
        teams=(),
        standing=(),
    )


def with_promises(worker: Worker, given: Iterable[Interval], rules: Rules) -> Worker:
    """Return a worker who has promised this too, in her weeks and in the hours that she has had."""
    given = tuple(given)
    told = {one.start: one.minutes for one in worker.weeks}
    for week in rules.weeks:
        planned = sum(minutes_within(one, week) for one in given)
        told[week.start] = minutes_counted(worker, week) + planned
    return replace(
        worker,
        promised=worker.promised + given,
        weeks=tuple(WeekMinutes(start, minutes) for start, minutes in told.items()),
        minutes_had=worker.minutes_had + sum(one.minutes for one in given),
    )
