"""Who could learn what, so that few trainings fill many of the places that a plan leaves open.

Greedy: each step is the training that fills most places beside the steps before it. That is close
to the best there is, and nobody claims that it is the best. How long it takes to learn something is
not known here.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush

import msgspec
import numpy as np
from msgspec.structs import replace

from matching import planning
from matching.answers import Plan
from matching.attributes import Attribute, with_attribute
from matching.eligibility import overfull_week
from matching.fairness import lot, share_of
from matching.intervals import Interval, too_close
from matching.model import Identifier
from matching.problem import Problem, Standing
from matching.reach import InReach, in_reach
from matching.remaining import remaining

LEARNING = "training"
"""The name for which a person's lot is drawn when several could learn the same as well."""


class Training(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person learns or renews one thing, and could then take these openings' places besides."""

    worker: Identifier
    attribute: Attribute
    openings: tuple[Identifier, ...]


class TrainingPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Trainings, the one that fills most first.

    `told` adds up what the steps tell. `places` is how many places more were filled when the
    problem was planned again with all of it learnt: what counts. It may be fewer than told where an
    alliance's last hours go to somebody else.
    """

    steps: tuple[Training, ...]
    told: int
    places: int


def training_plan(problem: Problem, plan: Plan, most: int) -> TrainingPlan:
    """Choose up to so many trainings that fill most places which a plan leaves open.

    A person takes what she has the time for beside what the plan gives her. Among trainings that
    fill as many, who has had the least share of her hours goes first, then the lot decides. Places
    of teams are not counted: that a team comes together is more than one person's training. Raises
    ValueError for a plan of another problem.
    """
    left = remaining(problem, plan)
    teams = {one for team in problem.teams for one in team.openings}
    left = replace(left, openings=tuple(one for one in left.openings if one.id not in teams))
    steps = tuple(_Choosing(left).steps(most))
    told = sum(len(one.openings) for one in steps)
    return TrainingPlan(steps=steps, told=told, places=_learnt(problem, plan, steps, told))


def _learnt(problem: Problem, plan: Plan, steps: Sequence[Training], told: int) -> int:
    """Plan again with all of it learnt, and count how many places more are filled.

    What the plan suggests and the steps tell stands as planned. Where that fills fewer than told,
    as it does not stand by which way somebody comes, it is planned afresh as well.
    """
    if not steps:
        return 0
    workers = {one.id: one for one in problem.workers}
    for step in steps:
        workers[step.worker] = with_attribute(workers[step.worker], step.attribute)
    changed = replace(problem, workers=tuple(workers.values()))
    before = len(plan.assignments)
    standing = replace(changed, standing=tuple(_standing(problem, plan, steps)))
    gained = _filled(standing) - before
    return gained if gained >= told else max(gained, _filled(changed) - before)


def _filled(problem: Problem) -> int:
    return len(planning.plan(problem).assignments)


def _standing(problem: Problem, plan: Plan, steps: Sequence[Training]) -> Iterator[Standing]:
    pinned = {(one.worker, one.opening) for one in problem.standing if one.kind == "pinned"}
    planned = {(one.worker, one.opening) for one in plan.assignments}
    planned |= {(step.worker, one) for step in steps for one in step.openings}
    yield from (one for one in problem.standing if one.kind == "pinned")
    for worker, opening in sorted(planned - pinned):
        yield Standing(worker=worker, opening=opening, kind="planned")


_Turn = tuple[int, float, bytes, int]
"""Places it may fill, as less than nothing; her share of hours had; her lot; the candidate."""


class _Candidate(msgspec.Struct, frozen=True):
    worker: int
    attribute: Attribute
    edges: list[int]


class _Choosing:
    """The places that steps have left open, and the time and hours that they have taken."""

    def __init__(self, left: Problem) -> None:
        self._problem = left
        self._places = [one.places for one in left.openings]
        self._taken: dict[int, list[Interval]] = {}
        self._lent: Counter[int] = Counter()
        reach = in_reach(left)
        self._openings: list[int] = reach.openings.tolist()
        self._via: list[int] = reach.via.tolist()
        self._candidates = list(_candidates(left, reach))

    def steps(self, most: int) -> Iterator[Training]:
        """Choose, looking again only at what may still be the best: gains never grow."""
        turns = self._turns()
        heapify(turns)
        while turns and most > 0:
            at_most, share, drawn, number = heappop(turns)
            one = self._candidates[number]
            edges = self._fillable(one)
            if len(edges) < -at_most:
                if edges:
                    heappush(turns, (-len(edges), share, drawn, number))
                continue
            most -= 1
            yield self._chosen(one, edges)

    def _turns(self) -> list[_Turn]:
        problem = self._problem
        drawn: dict[int, tuple[float, bytes]] = {}
        turns = []
        for number, one in enumerate(self._candidates):
            if one.worker not in drawn:
                who = problem.workers[one.worker]
                share = share_of(who.minutes_had, who.minutes_wanted)
                drawn[one.worker] = share, lot(problem.seed, who.id, LEARNING)
            at_most = len({self._openings[edge] for edge in one.edges})
            turns.append((-at_most, *drawn[one.worker], number))
        return turns

    def _fillable(self, one: _Candidate) -> list[int]:
        """List edges to as many open places as she has time for: always the one that ends first."""
        problem, rules = self._problem, self._problem.rules
        who = problem.workers[one.worker]
        given = list(self._taken.get(one.worker, ()))
        lent = Counter[int]()
        found: list[int] = []
        for edge in one.edges:
            opening, via = self._openings[edge], self._via[edge]
            interval = problem.openings[opening].interval
            if self._places[opening] <= 0:
                continue
            if any(too_close(interval, other, rules.rest_minutes) for other in given):
                continue
            if via >= 0 and self._hours_left(via) - lent[via] < interval.minutes:
                continue
            if overfull_week(who, interval, given, rules) is not None:
                continue
            lent[via] += interval.minutes
            given.append(interval)
            found.append(edge)
        return found

    def _hours_left(self, via: int) -> int:
        return self._problem.alliances[via].minutes_left - self._lent[via]

    def _chosen(self, one: _Candidate, edges: Sequence[int]) -> Training:
        problem = self._problem
        openings = [self._openings[edge] for edge in edges]
        for edge, opening in zip(edges, openings, strict=True):
            interval = problem.openings[opening].interval
            self._places[opening] -= 1
            self._taken.setdefault(one.worker, []).append(interval)
            self._lent[self._via[edge]] += interval.minutes
        return Training(
            worker=problem.workers[one.worker].id,
            attribute=one.attribute,
            openings=tuple(problem.openings[opening].id for opening in openings),
        )


def _candidates(left: Problem, reach: InReach) -> Iterator[_Candidate]:
    """Give each worker with each one thing that she lacks somewhere, and the edges it opens.

    A skill or level opens what asks for it or for less. Edges come by the end of their opening,
    then the nearest way first.
    """
    edges, what = reach.one_lacking()
    ends = np.array([one.interval.end for one in left.openings], np.int64)
    openings, workers = reach.openings[edges], reach.workers[edges]
    order = np.lexsort((edges, openings, ends[openings], what, workers))
    edges, what, workers = edges[order], what[order], workers[order]
    cuts = np.flatnonzero((what[1:] != what[:-1]) | (workers[1:] != workers[:-1])) + 1
    levels = [one.requirement.level or 0 for one in left.openings]
    opening_of = reach.openings.tolist()
    begins = [0, *cuts.tolist()] if len(edges) else []
    for begin, end in zip(begins, [*begins[1:], len(edges)], strict=False):
        kind, key = reach.keys[what[begin]]
        mine = edges[begin:end].tolist()
        graded = kind in {"skill", "level"}
        asked = {edge: levels[opening_of[edge]] if graded else 0 for edge in mine}
        for level in sorted(set(asked.values())):
            yield _Candidate(
                int(workers[begin]),
                Attribute(kind=kind, key=key, level=level),
                [edge for edge in mine if asked[edge] <= level],
            )
