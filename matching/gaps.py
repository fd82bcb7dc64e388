"""What a group lacks: which skill keeps places open, whose absence nobody makes up for.

All are counts about work, never a judgement of a person. What somebody could learn to fill more is
in `training.py`, what somebody nearly could do in `near.py`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace

from matching.answers import Plan
from matching.arrays import UNKNOWN, Ints
from matching.attributes import Attribute, asked_for
from matching.columns import columns_of
from matching.eligibility import meets
from matching.join import edges_of
from matching.model import Identifier, Opening, Team
from matching.problem import Problem
from matching.reach import InReach, in_reach
from matching.remaining import need_own, remaining
from matching.ways import Ways

_Point = tuple[str, tuple[Attribute, ...], tuple[str, ...]]


class MissingAttribute(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One attribute, and what would come of it if whoever lacks nothing else had it.

    `places` that the plan leaves open could be filled, were nobody needed in two of them at once;
    `people` lack it and nothing else for one at least, `expiring` of whom hold the certificate, but
    not for long enough.
    """

    attribute: Attribute
    places: int
    people: int
    expiring: int = 0


class SinglePoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People without whom a group's openings have a place that nobody else in reach could take.

    `attributes` is what nobody else brings: one, or all that is asked for where only together they
    are rare; empty where nothing is asked for and nobody else is free.
    """

    group: Identifier
    attributes: tuple[Attribute, ...]
    workers: tuple[Identifier, ...]
    openings: tuple[Identifier, ...]


def missing_attributes(problem: Problem, plan: Plan) -> tuple[MissingAttribute, ...]:
    """List what would open the places that a plan leaves open, first what would open most.

    It looks at everybody who is in reach, free and not needed by the plan, and lacks exactly one
    attribute. A skill or level counts for every opening that asks for it or for less. Rules of
    teams are left aside. Raises ValueError for a plan of another problem.
    """
    left = remaining(problem, plan)
    reach = in_reach(left)
    edges, what = reach.one_lacking()
    levels = np.array([one.requirement.level or 0 for one in left.openings], np.int64)
    places = np.array([one.places for one in left.openings], np.int64)
    found = []
    for number, (kind, key) in enumerate(reach.keys):
        mine = edges[what == number]
        level = levels[reach.openings[mine]]
        if kind in {"certificate", "language"}:
            level = np.zeros_like(level)
        for most in np.unique(level).tolist():
            some = mine[level <= most]
            which, count = _people_by_opening(reach, some)
            found.append(
                MissingAttribute(
                    attribute=Attribute(kind=kind, key=key, level=most),
                    places=int(np.minimum(count, places[which]).sum()),
                    people=len(np.unique(reach.workers[some])),
                    expiring=len(np.unique(reach.workers[some[reach.expires[some]]])),
                )
            )
    return tuple(sorted(found, key=lambda one: (-one.places, one.people, one.attribute)))


def single_points(problem: Problem, plan: Plan) -> tuple[SinglePoint, ...]:
    """List on whom openings that a plan fills depend: were one away, nobody else could come.

    So it is where everybody eligible for an opening is suggested for it already; and where, of all
    who could be in a team, no more meet one of its rules than it asks for. First what concerns most
    openings. Raises ValueError for a plan of another problem.
    """
    need_own(problem, plan)
    ways = Ways.of(problem)
    eligible = _eligible(problem)
    suggested: defaultdict[str, set[str]] = defaultdict(set)
    for one in plan.assignments:
        suggested[one.opening].add(one.worker)
    needed = [one for one in problem.openings if suggested[one.id] == eligible[one.id] != set()]
    found: defaultdict[_Point, set[str]] = defaultdict(set)
    for opening, attributes in _rare(problem, needed, eligible):
        workers = tuple(sorted(eligible[opening.id]))
        found[ways.group_of(opening), attributes, workers].add(opening.id)
    for team in problem.teams:
        for point in _rare_in(problem, team, eligible, suggested):
            found[point].update(team.openings)
    points = [
        SinglePoint(group=group, attributes=what, workers=who, openings=tuple(sorted(where)))
        for (group, what, who), where in sorted(found.items())
    ]
    return tuple(sorted(points, key=lambda one: -len(one.openings)))


def _people_by_opening(reach: InReach, edges: Ints) -> tuple[Ints, Ints]:
    """Number the openings of some edges, and count at each the people; each may come many ways."""
    most = int(reach.workers.max(initial=0)) + 1
    pairs = np.unique(reach.openings[edges] * most + reach.workers[edges])
    openings, count = np.unique(pairs // most, return_counts=True)
    return openings, count


def _eligible(problem: Problem) -> defaultdict[str, set[str]]:
    edges = edges_of(columns_of(problem))
    found: defaultdict[str, set[str]] = defaultdict(set)
    for opening, worker in zip(edges.openings.tolist(), edges.workers.tolist(), strict=True):
        found[problem.openings[opening].id].add(problem.workers[worker].id)
    return found


def _rare(
    problem: Problem, needed: Sequence[Opening], eligible: Mapping[str, set[str]]
) -> Iterator[tuple[Opening, tuple[Attribute, ...]]]:
    """Give each thing that nobody else brings to one of these openings, or all that is asked."""
    part = replace(problem, openings=tuple(needed), teams=(), standing=())
    reach = in_reach(part)
    able = np.array([len(eligible[one.id]) for one in part.openings], np.int64)
    rare: list[dict[str, Attribute]] = [{} for _ in part.openings]
    no_skill = reach.rows[0].lacks
    for row in reach.rows:
        brings = (row.number != UNKNOWN) & ~row.lacks
        if row is reach.rows[1]:
            brings &= ~no_skill
        edges = np.flatnonzero(brings)
        numbers = dict(zip(reach.openings[edges].tolist(), row.number[edges].tolist(), strict=True))
        openings, count = _people_by_opening(reach, edges)
        for one in openings[count == able[openings]].tolist():
            kind, key = reach.keys[numbers[one]]
            graded = kind in {"skill", "level"}
            level = (part.openings[one].requirement.level or 0) if graded else 0
            # where nobody else has the skill, that nobody has it at its level says nothing more
            family = "skill" if graded else f"{kind} {key}"
            rare[one].setdefault(family, Attribute(kind=kind, key=key, level=level))
    for opening, alone in zip(part.openings, rare, strict=True):
        if alone:
            yield from ((opening, (one,)) for one in alone.values())
        else:
            yield opening, asked_for(opening)


def _rare_in(
    problem: Problem,
    team: Team,
    eligible: Mapping[str, set[str]],
    suggested: Mapping[str, set[str]],
) -> Iterator[_Point]:
    """Give the points of a team: those suggested who meet a rule that no more than needed meet."""
    workers = {one.id: one for one in problem.workers}
    openings = [one for one in problem.openings if one.id in team.openings]
    for rule in team.rules:
        meeting = {
            name
            for one in openings
            for name in eligible[one.id]
            if meets(workers[name], rule.requirement, one.interval.end)
        }
        there = {name for one in openings for name in suggested[one.id]} & meeting
        if there and len(meeting) <= rule.least - rule.met:
            asked = asked_for(replace(openings[0], requirement=rule.requirement))
            yield Ways.of(problem).group_of(openings[0]), asked, tuple(sorted(there))
