"""What if: the plan that would follow from one thing being other than it is, beside the plan.

A supposed problem is made from a problem (`without`, `also`, `limited`), and planned on from the
plan (`suppose`): who has a place keeps it, or is moved only where that fills one place more.
Neither the problem nor the plan is touched.
"""

from msgspec.structs import replace

from matching.answers import Plan, Supposed
from matching.model import Minutes, Opening
from matching.planning import Planner, written
from matching.problem import Problem
from matching.reading import problem_hash
from matching.solve import settled


def without(problem: Problem, worker: str) -> Problem:
    """Suppose that somebody is not there at all; KeyError if nobody bears that name."""
    if all(one.id != worker for one in problem.workers):
        raise KeyError(worker)
    return replace(
        problem,
        workers=tuple(one for one in problem.workers if one.id != worker),
        standing=tuple(one for one in problem.standing if one.worker != worker),
        asked=tuple(one for one in problem.asked if one.worker != worker),
    )


def also(problem: Problem, opening: Opening) -> Problem:
    """Suppose that there is one opening more; ValueError for one that contradicts the problem."""
    return replace(problem, openings=(*problem.openings, opening))


def limited(problem: Problem, alliance: str, minutes_left: Minutes) -> Problem:
    """Suppose that an alliance lends so many minutes more; KeyError if nothing bears that name."""
    known = {one.id for one in problem.alliances} | {one.alliance for one in problem.allies}
    if alliance not in known:
        raise KeyError(alliance)
    return replace(
        problem,
        alliances=tuple(
            replace(one, minutes_left=minutes_left) if one.id == alliance else one
            for one in problem.alliances
        ),
        allies=tuple(
            replace(one, minutes_left=minutes_left) if one.alliance == alliance else one
            for one in problem.allies
        ),
    )


def suppose(problem: Problem, plan: Plan, supposed: Problem) -> Supposed:
    """Plan on from a plan of a problem, in a problem that is a little other than it.

    Raises ValueError for a plan that was made from another problem.
    """
    if plan.problem_hash != problem_hash(problem):
        raise ValueError("this plan was made from another problem: plan again")
    planner = Planner(supposed)
    draft = planner.empty()
    found = written(settled(draft, list(planner.given_by(plan, draft)), keep=True), "fair")
    now, before = set(found.assignments), set(plan.assignments)
    return Supposed(
        plan=found,
        filled=len(now),
        filled_before=len(before),
        more=tuple(sorted(now - before)),
        fewer=tuple(sorted(before - now)),
    )
