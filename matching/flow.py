"""A bound in a moment where the linear programme takes minutes: how many places any plan fills.

It is the most that flows from people to places when each person gives a day no more openings than
she could take on that day alone, and a week no more than she could take of it alone. Of what
forbids her two openings on two days, of alliances' hours and of teams' rules nothing is asked:
that can only let more flow, so no plan fills more.
"""

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow

from matching.draft import Draft
from matching.planning import Planner
from matching.problem import Problem

DAY = 24 * 60


def ceiling(problem: Problem) -> int:
    """Compute a number of places that no plan of a problem fills more than."""
    draft = Planner(problem).empty()
    network = _Network()
    first = min((week.start for week in problem.rules.weeks), default=0)
    for worker, openings in _by_worker(draft).items():
        person = network.node()
        network.let(network.SOURCE, person, _most(draft, worker, openings))
        days = defaultdict[int, list[int]](list)
        for opening in openings:
            days[(draft.starts[opening] - first) // DAY].append(opening)
        for inside in days.values():
            day = network.node()
            network.let(person, day, _beside(draft, inside))
            for opening in inside:
                network.let(day, network.opening(opening), 1)
    for opening, places in enumerate(draft.places):
        network.let(network.opening(opening), network.SINK, places)
    return network.most()


def _by_worker(draft: Draft) -> dict[int, list[int]]:
    """List the openings that each worker could take, by whichever way she comes."""
    found = defaultdict[int, dict[int, None]](dict)
    for edge, worker in enumerate(draft.worker_of):
        found[worker][draft.opening_of[edge]] = None
    return {worker: list(openings) for worker, openings in found.items()}


def _most(draft: Draft, worker: int, openings: list[int]) -> int:
    """Count how many of these she could take at most: beside each other, and within each cap."""
    most = _beside(draft, openings)
    for cap in draft.caps:
        left, taken = cap.left[worker], 0
        for minutes in sorted(cap.adds[opening] for opening in openings):
            left -= minutes
            if left < 0:
                break
            taken += 1
        most = min(most, taken)
    return most


def _beside(draft: Draft, openings: Iterable[int]) -> int:
    """Count how many of these lie far enough apart: who ends first is taken first."""
    rest = draft.problem.rules.rest_minutes
    count, free = 0, None
    for opening in sorted(openings, key=draft.ends.__getitem__):
        if free is None or draft.starts[opening] >= free:
            count, free = count + 1, draft.ends[opening] + rest
    return count


class _Network:
    """Nodes and what may flow between them."""

    SOURCE, SINK = 0, 1

    def __init__(self) -> None:
        self._nodes = 2
        self._openings: dict[int, int] = {}
        self._from: list[int] = []
        self._to: list[int] = []
        self._most: list[int] = []

    def node(self) -> int:
        self._nodes += 1
        return self._nodes - 1

    def opening(self, opening: int) -> int:
        if opening not in self._openings:
            self._openings[opening] = self.node()
        return self._openings[opening]

    def let(self, one: int, other: int, most: int) -> None:
        self._from.append(one)
        self._to.append(other)
        self._most.append(most)

    def most(self) -> int:
        ends = (np.array(self._from, np.int32), np.array(self._to, np.int32))
        shape = (self._nodes, self._nodes)
        network = csr_array((np.array(self._most, np.int32), ends), shape=shape)
        return int(maximum_flow(network, self.SOURCE, self.SINK).flow_value)
