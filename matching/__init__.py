"""Who could do this work, and what is a fair plan? Values in, values out, and nothing else.

`plan` answers a `Problem` with a `Plan`; `explain` says of one opening why each person is suggested
or not; `check` finds what is illegal in a plan; `matching.supposing` says what would be if. All are
pure: no clock, no chance, no database. A plan suggests; people decide. What computes (numpy, scipy)
and what draws (`matching.draw`, `matching.graph`) is loaded where it is first needed.
"""

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from matching.answers import (
    RULE_VERSION,
    AllyOption,
    Assignment,
    Explanation,
    Plan,
    Reason,
    Supposed,
    Told,
    Unfilled,
)
from matching.attributes import Attribute, lacking
from matching.fairness import FADING, faded
from matching.intervals import Interval
from matching.model import (
    Alliance,
    AllyCapacity,
    CapacityCount,
    CoarseCount,
    District,
    Group,
    HeldCertificate,
    HeldSkill,
    Opening,
    Requirement,
    Rules,
    Team,
    TeamRule,
    WeekMinutes,
    Worker,
)
from matching.near import NearMatch, near_matches
from matching.problem import DEFAULT_PRIORITIES, Asked, AskedState, Problem, Standing
from matching.reading import (
    UnreadableProblem,
    opening_from_json,
    plan_from_json,
    problem_from_json,
    problem_hash,
    schema,
    to_json,
)

if TYPE_CHECKING:
    from matching.asking import Ask
    from matching.checking import Fault
    from matching.gaps import MissingAttribute, SinglePoint
    from matching.repair import Resident
    from matching.report import Exchange, Report
    from matching.training import TrainingPlan

__all__ = [
    "DEFAULT_PRIORITIES",
    "FADING",
    "RULE_VERSION",
    "Alliance",
    "AllyCapacity",
    "AllyOption",
    "Asked",
    "AskedState",
    "Assignment",
    "Attribute",
    "CapacityCount",
    "CoarseCount",
    "District",
    "Explanation",
    "Group",
    "HeldCertificate",
    "HeldSkill",
    "Interval",
    "NearMatch",
    "Opening",
    "Plan",
    "Problem",
    "Reason",
    "Requirement",
    "Rules",
    "Standing",
    "Supposed",
    "Team",
    "TeamRule",
    "Told",
    "Unfilled",
    "UnreadableProblem",
    "WeekMinutes",
    "Worker",
    "asks",
    "bound",
    "ceiling",
    "check",
    "exchanges",
    "explain",
    "faded",
    "improve",
    "in_turn",
    "lacking",
    "missing_attributes",
    "near_matches",
    "opening_from_json",
    "plan",
    "plan_from_json",
    "problem_from_json",
    "problem_hash",
    "resident",
    "schema",
    "shared_out",
    "single_points",
    "suggestions",
    "to_json",
    "training_plan",
]


def plan(problem: Problem) -> Plan:
    """Suggest people for a problem's openings.

    Pure: the same problem, however it is written down, gives the same bytes. A large problem takes
    seconds of computing: call it in an executor, never inside a transaction.
    """
    from matching import planning

    return planning.plan(problem)


def improve(problem: Problem) -> Plan:
    """Plan as well as can be, with the number of places that no plan fills more than.

    Minutes of computing for a large problem; a small one is planned so by `plan` already.
    """
    from matching import planning

    return planning.improve(problem)


def bound(problem: Problem) -> int:
    """Compute how many places no plan of a problem fills more than: as long as `improve` takes."""
    from matching import planning

    return planning.bound(problem)


def ceiling(problem: Problem) -> int:
    """Compute in a moment a number of places that no plan fills more than; `bound` may be lower."""
    from matching import flow

    return flow.ceiling(problem)


def asks(
    problem: Problem, plan: Plan, without: Collection[tuple[str, str]] = ()
) -> tuple["Ask", ...]:
    """Say which allies to ask for the places that a plan leaves open, by their counts.

    `without` are pairs of alliance and opening that were tried already. What an ally can give:
    `matching.asking.answer`.
    """
    from matching import asking

    return asking.asks(problem, plan, without)


def explain(
    problem: Problem, plan: Plan, openings: Iterable[str] | None = None, *, changes: bool = False
) -> tuple[Explanation, ...]:
    """Say why each worker is suggested for each of these openings of a plan, or is not.

    All openings if none are named. With `changes` also what would change it, for all whom no rule
    excludes, each seen to be true by planning again. Raises ValueError for a plan that was made
    from another problem, KeyError for an opening that is not in it.
    """
    from matching.explaining import Explainer

    explainer = Explainer(problem, plan)
    names = [one.id for one in problem.openings] if openings is None else openings
    return tuple(explainer.opening(one, changes=changes) for one in names)


def suggestions(problem: Problem, plan: Plan) -> tuple[tuple[str, Told], ...]:
    """Say of everybody whom a plan suggests why, beside the opening that it is for.

    What `explain` says of them, without looking at anybody else. Raises ValueError for a plan that
    was made from another problem.
    """
    from matching.explaining import Explainer

    return Explainer(problem, plan).suggestions()


def in_turn(problem: Problem, plan: Plan) -> dict[str, tuple[str, ...]]:
    """Say for each opening of a plan who could come, in the order in which to ask them.

    Those whom the plan suggests come first, then all others whom no rule excludes, as they are due.
    Raises ValueError for a plan that was made from another problem.
    """
    from matching.explaining import Explainer

    return Explainer(problem, plan).turns()


def check(problem: Problem, plan: Plan) -> tuple["Fault", ...]:
    """List what is illegal in a plan of a problem, each fault with its sentence; empty: nothing.

    It reads the rules anew and shares no code with what plans. `matching.checking.moved_pins` lists
    besides what a leader pinned and the plan has not kept.
    """
    from matching.checking import faults_of

    return faults_of(problem, plan)


def missing_attributes(problem: Problem, plan: Plan) -> tuple["MissingAttribute", ...]:
    """List what would open the places that a plan leaves open: see `matching.gaps`."""
    from matching import gaps

    return gaps.missing_attributes(problem, plan)


def single_points(problem: Problem, plan: Plan) -> tuple["SinglePoint", ...]:
    """List on whom openings that a plan fills depend: see `matching.gaps`."""
    from matching import gaps

    return gaps.single_points(problem, plan)


def training_plan(problem: Problem, plan: Plan, most: int) -> "TrainingPlan":
    """Choose trainings that fill most places which a plan leaves open: see `matching.training`."""
    from matching import training

    return training.training_plan(problem, plan, most)


def resident(problem: Problem, plan: Plan) -> "Resident":
    """Keep a plan ready to be mended where somebody drops out: see `matching.repair`."""
    from matching import repair

    return repair.Resident(problem, plan)


def shared_out(problem: Problem, plan: Plan) -> "Report":
    """Report how a plan shares out its work: see `matching.report`."""
    from matching.report import report

    return report(problem, plan)


def exchanges(problem: Problem) -> tuple["Exchange", ...]:
    """Say what fairness costs, by planning again in other orders: see `matching.report`."""
    from matching.report import exchanges

    return exchanges(problem)
