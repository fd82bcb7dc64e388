"""From a problem to a plan that can be kept, shown and computed again, by one of three ways.

*Fair*: choosing in turn and mending (`solve.py`). *Exact*: a small problem whose open places
somebody could fill is solved in whole numbers as well, and nobody could fill more. *Improved*: a
large one is solved as a relaxed programme, rounded, and mended. In each, taking turns comes last:
it never loses a place, so what the other ways fill stays filled, and turns are kept.
"""

from collections.abc import Iterator

import numpy as np

from matching.allies import ally_options
from matching.answers import RULE_VERSION, Assignment, Plan, Reason, Tier, Unfilled
from matching.columns import Columns, columns_of
from matching.draft import Draft
from matching.join import Edges, edges_of
from matching.problem import Problem
from matching.reading import problem_hash
from matching.solve import Making, settled

SMALL = 5_000
"""Edges up to which the best plan is looked for in whole numbers: a week of a small co-op."""

TAKEN = 1e-6
"""A solver's value from which somebody is at least in part given the place."""


def plan(problem: Problem) -> Plan:
    """Suggest people for a problem's openings.

    Pure: the same problem, however it is written down, gives the same bytes. A large problem takes
    seconds of computing: call it in an executor, never inside a transaction.
    """
    return written(*Planner(problem).best())


def improve(problem: Problem) -> Plan:
    """Plan as well as can be: minutes of computing for a large problem, with its bound."""
    return written(*Planner(problem).best(improve=True))


def bound(problem: Problem) -> int:
    """Compute how many places no plan of a problem fills more than."""
    from matching.programme import solved

    planner = Planner(problem)
    return solved(planner.empty(), planner.pinned(), whole=False).at_most


class Planner:
    """One problem with its columns and edges, from which drafts begin."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.columns: Columns = columns_of(problem)
        self.edges: Edges = edges_of(self.columns)

    def empty(self) -> Draft:
        """Begin a draft."""
        return Draft(self.columns, self.edges)

    def begun(self, plan: Plan) -> Draft:
        """Begin a draft with what a plan of this problem gives.

        Raises ValueError for a plan that was made from another problem.
        """
        if plan.problem_hash != problem_hash(self.problem):
            raise ValueError("this plan was made from another problem: plan again")
        draft = self.empty()
        edges = list(self.given_by(plan, draft))
        if len(edges) < len(plan.assignments):
            raise ValueError("this plan gives somebody a place that she cannot take")
        for edge in edges:
            draft.give(edge)
        return draft

    def given_by(self, plan: Plan, draft: Draft) -> Iterator[int]:
        """List the edges that a plan gives places by, as far as this problem has them."""
        workers = {one.id: number for number, one in enumerate(self.problem.workers)}
        openings = {one.id: number for number, one in enumerate(self.problem.openings)}
        for one in plan.assignments:
            worker, opening = workers.get(one.worker), openings.get(one.opening)
            for edge in () if opening is None else draft.edges(opening):
                if draft.worker_of[edge] == worker and via_of(draft, edge) == one.via:
                    yield edge

    def best(self, *, improve: bool = False) -> "Best":
        """Plan as the size of the problem allows, or as well as can be."""
        draft = self.fair()
        small = len(self.edges.workers) <= SMALL
        best = self._fairest() if improve or small else None
        if best is not None:
            return best
        if not somebody_left(draft):
            return draft, "exact", filled(draft)
        if small:
            return self._exact(draft)
        return self._improved(draft) if improve else (draft, "fair", None)

    def fair(self) -> Draft:
        """Choose in turn and mend."""
        return settled(self.empty())

    def pinned(self) -> list[int]:
        """List the edges that leaders pinned, as far as they are legal together."""
        making = Making(self.empty())
        making.keep_standing()
        return sorted(making.pinned)

    def _fairest(self) -> "Best | None":
        """Find what nobody is better off without, if the problem has the shape for it."""
        from matching.fairest import fairest, shape_of

        shape = shape_of(self.empty())
        if shape is None:
            return None
        draft = settled(self.empty(), fairest(self.empty(), shape, self.pinned()))
        return draft, "fairest", filled(draft)

    def _exact(self, draft: Draft) -> "Best":
        """Look for the best in whole numbers, unless the draft has reached the relaxed bound."""
        from matching.programme import solved

        pinned = self.pinned()
        relaxed = solved(self.empty(), pinned, whole=False)
        if filled(draft) >= relaxed.at_most:
            return draft, "exact", relaxed.at_most
        best = solved(self.empty(), pinned, whole=True)
        other = settled(self.empty(), np.flatnonzero(best.values > 0.5).tolist())
        draft = max(draft, other, key=filled)
        at_most = min(relaxed.at_most, best.at_most)
        return draft, "exact" if filled(draft) == at_most else "improved", at_most

    def _improved(self, draft: Draft) -> "Best":
        """Round the relaxed programme, the most decided first, and mend."""
        from matching.programme import solved

        relaxed = solved(self.empty(), self.pinned(), whole=False)
        values = np.round(relaxed.values, 6)
        order = np.argsort(-values, kind="stable")
        other = settled(self.empty(), order[values[order] > TAKEN].tolist())
        return max(draft, other, key=filled), "improved", relaxed.at_most


Best = tuple[Draft, Tier, int | None]
"""A finished draft, how it was made, and how many places no plan fills more than."""


def filled(draft: Draft) -> int:
    """Count the places that a draft fills."""
    return sum(map(len, draft.filled))


def somebody_left(draft: Draft) -> bool:
    """Tell whether some opening has places left, and people who are not suggested for it."""
    for opening, inside in enumerate(draft.filled):
        if draft.missing(opening) > 0:
            eligible = {draft.worker_of[edge] for edge in draft.edges(opening)}
            if len(eligible) > len(inside):
                return True
    return False


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
