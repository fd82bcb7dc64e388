"""What a plan has to keep, as rows over its edges: what a solver is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from matching import Problem
from matching.intervals import minutes_within
from matching.join import Edges

Row = tuple[list[int], list[int], int]
"""Edges, how much each takes, and how much all of them may."""


def together(problem: Problem, edges: Edges) -> list[list[int]]:
    """List the edges of which one at most is taken: of one worker, at one moment or without rest.

    With each interval stretched by the rest, those that are too close are those that overlap; all
    that hold at some beginning are one such list, and none is needed that lies within another.
    """
    asked = [one.interval for one in problem.openings]
    rest = problem.rules.rest_minutes
    openings, found = edges.openings.tolist(), []
    for mine in by(edges.workers.tolist()).values():
        mine.sort(key=lambda edge: asked[openings[edge]].start)
        active: list[int] = []
        for edge in mine:
            start = asked[openings[edge]].start
            still = [one for one in active if asked[openings[one]].end + rest > start]
            if len(still) < len(active) and len(active) > 1:
                found.append(active)
            active = [*still, edge]
        if len(active) > 1:
            found.append(active)
    return found


def sums(problem: Problem, edges: Edges) -> Iterator[Row]:
    """List places, weekly caps and alliances' hours, as far as they could be passed."""
    openings, workers = edges.openings.tolist(), edges.workers.tolist()
    for opening, some in by(openings).items():
        yield some, [1] * len(some), problem.openings[opening].places
    asked = [one.interval for one in problem.openings]
    for week in problem.rules.weeks:
        takes = [minutes_within(one, week) for one in asked]
        for some in by(workers).values():
            minutes = [takes[openings[edge]] for edge in some]
            if sum(minutes) > (problem.rules.weekly_cap_minutes or 0):
                yield some, minutes, problem.rules.weekly_cap_minutes or 0
    for way, some in by(edges.via.tolist()).items():
        minutes = [asked[openings[edge]].minutes for edge in some]
        if way >= 0 and sum(minutes) > problem.alliances[way].minutes_left:
            yield some, minutes, problem.alliances[way].minutes_left


def by(keys: list[int]) -> dict[int, list[int]]:
    """Gather the numbers of the edges that have the same key."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for edge, key in enumerate(keys):
        found[key].append(edge)
    return found
