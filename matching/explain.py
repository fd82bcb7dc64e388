"""Why this person, and why not that one: codes and values, which pages put into words.

Every worker has exactly one reason for every opening. Reasons for a person tell her own figures
only, and never what she has promised elsewhere.

Codes of those suggested: free_and_qualified. Codes of those passed over: the hard rules' own (see
`eligibility.py`); no_place_left; needed_elsewhere, with the opening that she is suggested for
instead; others_first, with the priority that decided. Codes of places left open: nobody_eligible,
too_few_eligible, all_needed_elsewhere.
"""

from bisect import bisect_left
from collections.abc import Iterator

from matching.allies import ally_options
from matching.draft import Draft
from matching.eligibility import Circumstances, Pool, first_failing
from matching.fairness import Turn, decided_by, same_district
from matching.model import (
    RULE_VERSION,
    Assignment,
    Opening,
    PassedOver,
    Plan,
    Problem,
    Reason,
    RuledOut,
    Unfilled,
    Worker,
)
from matching.reading import problem_hash


def explained(draft: Draft, found: tuple[Pool, ...]) -> Plan:
    """Make a plan of a finished draft: everything in order, everything with its reason."""
    problem = draft.problem
    return Plan(
        problem=problem.id,
        problem_hash=problem_hash(problem),
        rule_version=RULE_VERSION,
        seed=problem.seed,
        assignments=tuple(one for pool in found for one in _assignments(draft, pool)),
        passed_over=tuple(one for pool in found for one in _passed_over(draft, pool)),
        ruled_out=tuple(
            RuledOut(opening=pool.opening.id, code=code, count=count)
            for pool in found
            for code, count in pool.ruled_out
        ),
        unfilled=tuple(_unfilled(draft, pool) for pool in found if draft.missing(pool.opening) > 0),
    )


def reasons_for(problem: Problem, plan: Plan, opening: str) -> tuple[PassedOver, ...]:
    """Say why each worker of the problem whom the plan does not suggest for an opening is not.

    With the plan's assignments for the opening that makes one reason for each worker, by id. Raises
    ValueError when the plan was made from another problem, and KeyError for an unknown opening.
    """
    if plan.problem_hash != problem_hash(problem):
        raise ValueError("this plan was made from another problem: plan again")
    asked = {one.id: one for one in problem.openings}[opening]
    now = Circumstances.of(problem)
    failing = {worker.id: first_failing(worker, asked, now) for worker in problem.workers}
    eligible = tuple(worker for worker in problem.workers if failing[worker.id] is None)
    pool = Pool(opening=asked, eligible=eligible, ruled_out=())
    reasons = list(_passed_over(Draft(problem, plan.assignments), pool))
    reasons += [
        PassedOver(opening=opening, worker=worker, reason=reason)
        for worker, reason in failing.items()
        if reason is not None
    ]
    return tuple(sorted(reasons, key=lambda one: one.worker))


def _assignments(draft: Draft, pool: Pool) -> Iterator[Assignment]:
    given = draft.filled(pool.opening)
    if not given:
        return
    lots = sorted(draft.lot(worker, pool.opening) for worker in pool.eligible)
    for worker in sorted(given, key=lambda one: one.id):
        reason = _offered(draft, worker, pool.opening, lots)
        yield Assignment(opening=pool.opening.id, worker=worker.id, reason=reason)


def _offered(draft: Draft, worker: Worker, opening: Opening, lots: list[bytes]) -> Reason:
    return Reason.of(
        "free_and_qualified",
        **_hours(draft, worker, opening),
        own_group=_yes(draft.problem.group in worker.groups),
        same_district=_yes(same_district(worker, opening)),
        lot_position=bisect_left(lots, draft.lot(worker, opening)) + 1,
        lot_of=len(lots),
    )


def _passed_over(draft: Draft, pool: Pool) -> Iterator[PassedOver]:
    opening = pool.opening
    inside = {worker.id for worker in draft.filled(opening)}
    turns = [draft.turn(worker, opening) for worker in draft.filled(opening)]
    last = max(turns, default=None)
    for worker in pool.eligible:
        if worker.id not in inside:
            reason = _not_offered(draft, worker, opening, last)
            yield PassedOver(opening=opening.id, worker=worker.id, reason=reason)


def _not_offered(draft: Draft, worker: Worker, opening: Opening, last: Turn | None) -> Reason:
    if not opening.places:
        return Reason("no_place_left")
    elsewhere = draft.needed_for(worker, opening)
    if elsewhere is not None:
        other, because = elsewhere
        return Reason.of("needed_elsewhere", opening=other.id, because=because)
    mine = draft.turn(worker, opening)
    return Reason.of(
        "others_first",
        **_hours(draft, worker, opening),
        decided_by=decided_by(draft.order, mine, last or mine),
    )


def _hours(draft: Draft, worker: Worker, opening: Opening) -> dict[str, int]:
    return {
        "minutes_had": worker.minutes_had,
        "minutes_planned": draft.minutes_planned(worker, besides=opening),
        "minutes_wanted": worker.minutes_wanted,
    }


def _unfilled(draft: Draft, pool: Pool) -> Unfilled:
    opening, eligible = pool.opening, len(pool.eligible)
    if not eligible:
        reason = Reason.of("nobody_eligible")
    elif eligible < opening.places and eligible == len(draft.filled(opening)):
        reason = Reason.of("too_few_eligible", eligible=eligible)
    else:
        reason = Reason.of("all_needed_elsewhere", eligible=eligible)
    return Unfilled(
        opening=opening.id,
        places=draft.missing(opening),
        reason=reason,
        ally_options=ally_options(draft.problem, opening),
    )


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
