"""From a finished draft to a plan that can be kept, shown and computed again."""

from collections.abc import Iterator

from matching.allies import ally_options
from matching.answers import RULE_VERSION, Assignment, Plan, Reason, Tier, Unfilled
from matching.draft import Draft
from matching.problem import Problem
from matching.reading import problem_hash
from matching.solve import drafted


def plan(problem: Problem) -> Plan:
    """Suggest people for a problem's openings.

    Pure: the same problem, however it is written down, gives the same bytes. A large problem takes
    seconds of computing: call it in an executor, never inside a transaction.
    """
    return written(drafted(problem), "fair")


def written(draft: Draft, tier: Tier, at_most: int | None = None) -> Plan:
    """Make a plan of a finished draft: everything in order."""
    problem = draft.problem
    return Plan(
        problem=problem.id,
        problem_hash=problem_hash(problem),
        rule_version=RULE_VERSION,
        seed=problem.seed,
        tier=tier,
        assignments=tuple(sorted(_assignments(draft))),
        unfilled=tuple(_unfilled(draft)),
        at_most=at_most,
    )


def _assignments(draft: Draft) -> Iterator[Assignment]:
    problem = draft.problem
    for opening, filled in enumerate(draft.filled):
        for worker, edge in filled.items():
            yield Assignment(
                opening=problem.openings[opening].id,
                worker=problem.workers[worker].id,
                via=via_of(draft, edge),
            )


def via_of(draft: Draft, edge: int) -> str | None:
    """Name the alliance or the other group by which an edge leads; None for own people."""
    via = draft.via[edge]
    if via >= 0:
        return draft.problem.alliances[via].id
    return None if via == -1 else draft.columns.groups[-2 - via]


def _unfilled(draft: Draft) -> Iterator[Unfilled]:
    for number, opening in enumerate(draft.problem.openings):
        if draft.missing(number) > 0:
            yield Unfilled(
                opening=opening.id,
                places=draft.missing(number),
                reason=why_open(draft, number),
                ally_options=ally_options(draft.problem, opening),
            )


def why_open(draft: Draft, opening: int) -> Reason:
    """Say why an opening has places left.

    Codes: nobody_eligible; too_few_eligible; team_incomplete, when a whole team could not be;
    team_rule and alliance_used_up, when somebody has the time; else all_needed_elsewhere.
    """
    edges = draft.edges(opening)
    eligible = len({draft.worker_of[edge] for edge in edges})
    inside = draft.filled[opening]
    if not eligible:
        return Reason("nobody_eligible")
    team = draft.teams.team_of.get(opening)
    if team is not None and draft.problem.teams[team].whole and not inside:
        return Reason.of("team_incomplete", eligible=eligible, team=draft.problem.teams[team].id)
    if eligible < draft.places[opening] and eligible == len(inside):
        return Reason.of("too_few_eligible", eligible=eligible)
    has_time = [edge for edge in edges if not draft.needed_for(edge)]
    held_up = [edge for edge in has_time if draft.worker_of[edge] not in inside]
    if any(draft.hours_left(edge) for edge in held_up):
        return Reason.of("team_rule", eligible=eligible)
    return Reason.of("alliance_used_up" if held_up else "all_needed_elsewhere", eligible=eligible)
