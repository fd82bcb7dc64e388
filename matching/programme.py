"""A problem as a linear programme: as many places filled as can be, and no rule broken.

One variable for each edge, one row for each limit: an opening's places; what a worker cannot do
beside each other (the largest sets of openings that are all too close, by a sweep over her week);
her capped weeks; an alliance's minutes; a team's rules. A team that comes whole or not at all has a
variable of its own. Relaxed, its value is a bound that no plan passes; in whole numbers, its best.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from matching.draft import Draft

SLACK = 1e-4
"""How far a solver's value may be from the true one: a bound is rounded down after adding it."""

TOGETHER = 20_000
"""Parts that share nothing are solved apart; small ones together, until they have so many edges."""

MOST_NODES = 1_000
"""Branches looked at for one whole-number solution at most, so that the answer does not depend on
how fast the machine is."""

Row = tuple[list[int], list[float], float, float]
"""Variables, their coefficients, and the least and the most that they may add up to."""


class Solution(msgspec.Struct, frozen=True):
    """What was found: a value for each edge, and how many places no plan fills more than."""

    values: npt.NDArray[np.float64]
    at_most: int


def solved(draft: Draft, pinned: Iterable[int] = (), *, whole: bool) -> Solution:
    """Solve the problem of an empty draft, in whole numbers or relaxed, with these edges taken."""
    edges = len(draft.worker_of)
    rows = list(_rows(draft, edges))
    rows += [([edge], [1.0], 1.0, 1.0) for edge in pinned]
    rows += [([edge], [1.0], 0.0, 0.0) for edge in sorted(draft.barred)]
    values = np.zeros(edges)
    at_most = 0
    for part in _parts(rows, edges + len(draft.teams.whole()), edges):
        found, bound = _solve_part(part, rows, whole=whole)
        values[part.edges] = found
        at_most += int(np.floor(bound + SLACK))
    return Solution(values, at_most)


class _Part(msgspec.Struct, frozen=True):
    """Variables and rows that have to do with each other; teams' variables stand last."""

    edges: list[int]
    teams: list[int]
    rows: list[int]


def _parts(rows: Sequence[Row], size: int, edges: int) -> Iterator[_Part]:
    """Cut a programme where nothing is shared, and put small parts together."""
    columns = [column for row in rows for column in row[0]]
    lengths = np.array([len(row[0]) for row in rows], np.int64)
    lines = np.repeat(np.arange(len(rows)), lengths)
    ones = np.ones(len(columns), np.int8)
    shape = (size + len(rows), size + len(rows))
    shared = csr_array((ones, (np.array(columns, np.int64), lines + size)), shape=shape)
    number, label = connected_components(shared, directed=False)
    count = np.bincount(label[:edges], minlength=number)
    group = (np.cumsum(count) - count) // TOGETHER
    which = group[label]
    for one in np.unique(which):
        inside = np.flatnonzero(which == one)
        variables = inside[inside < size]
        yield _Part(
            edges=variables[variables < edges].tolist(),
            teams=variables[variables >= edges].tolist(),
            rows=(inside[inside >= size] - size).tolist(),
        )


def _solve_part(
    part: _Part, rows: Sequence[Row], *, whole: bool
) -> tuple[npt.NDArray[np.float64], float]:
    if not part.edges:
        return np.zeros(0), 0.0
    variables = [*part.edges, *part.teams]
    place = {variable: at for at, variable in enumerate(variables)}
    chosen = [rows[row] for row in part.rows]
    line = np.repeat(np.arange(len(chosen)), [len(row[0]) for row in chosen])
    column = np.array([place[one] for row in chosen for one in row[0]], np.int64)
    weight = np.array([one for row in chosen for one in row[1]])
    matrix = csr_array((weight, (line, column)), shape=(len(chosen), len(variables)))
    found = milp(
        np.array([-1.0] * len(part.edges) + [0.0] * len(part.teams)),
        integrality=np.full(len(variables), int(whole)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(
            matrix, [row[2] for row in chosen], [row[3] for row in chosen]
        ),
        options={"node_limit": MOST_NODES} if whole else {},
    )
    bound = found.mip_dual_bound if whole else found.fun
    if bound is None:
        bound = -float(len(part.edges))
    nothing = np.zeros(len(part.edges))
    values = nothing if found.x is None else found.x[: len(part.edges)]
    return values, -float(bound)


def _rows(draft: Draft, edges: int) -> Iterator[Row]:
    for opening, places in enumerate(draft.places):
        inside = list(draft.edges(opening))
        if inside:
            yield _limit(inside, [1.0] * len(inside), places)
    by_worker: list[list[int]] = [[] for _ in draft.given]
    for edge, worker in enumerate(draft.worker_of):
        by_worker[worker].append(edge)
    for worker, mine in enumerate(by_worker):
        if len(mine) > 1:
            yield from _of_worker(draft, worker, mine)
    yield from _of_alliances(draft)
    yield from _of_teams(draft, edges)


def _limit(variables: list[int], weights: list[float], most: float) -> Row:
    return variables, weights, -np.inf, most


def _of_worker(draft: Draft, worker: int, mine: list[int]) -> Iterator[Row]:
    for together in too_close_sets(draft, mine):
        yield _limit(together, [1.0] * len(together), 1)
    for cap in draft.caps:
        weights = [float(cap.adds[draft.opening_of[edge]]) for edge in mine]
        if sum(weights) > cap.left[worker]:
            yield _limit(mine, weights, cap.left[worker])


def too_close_sets(draft: Draft, mine: Iterable[int]) -> Iterator[list[int]]:
    """List the largest sets of a worker's edges of which any two are too close to each other."""
    starts, ends, opening_of = draft.starts, draft.ends, draft.opening_of
    rest = draft.problem.rules.rest_minutes
    active: list[int] = []
    grown = False
    for edge in sorted(mine, key=lambda one: (starts[opening_of[one]], one)):
        begins = starts[opening_of[edge]]
        staying = [one for one in active if ends[opening_of[one]] + rest > begins]
        if len(staying) < len(active) and grown:
            if len(active) > 1:
                yield active
            grown = False
        active = [*staying, edge]
        grown = True
    if len(active) > 1:
        yield active


def _of_alliances(draft: Draft) -> Iterator[Row]:
    by_alliance: dict[int, list[int]] = {}
    for edge, via in enumerate(draft.via):
        if via >= 0:
            by_alliance.setdefault(via, []).append(edge)
    for via, lent in by_alliance.items():
        weights = [float(draft.minutes[draft.opening_of[one]]) for one in lent]
        left = draft.left[via]
        if sum(weights) > left:
            yield _limit(lent, weights, left)


def _of_teams(draft: Draft, edges: int) -> Iterator[Row]:
    teams = draft.teams
    whole = {team: edges + number for number, team in enumerate(teams.whole())}
    for team, openings in enumerate(teams.openings):
        inside = [edge for opening in openings for edge in draft.edges(opening)]
        for rule, most in enumerate(teams.most_without(team)):
            without = [
                edge
                for edge in inside
                if not teams.met_by(draft.worker_of[edge], draft.opening_of[edge], team)[rule]
            ]
            if without:
                yield _limit(without, [1.0] * len(without), most)
        if team in whole:
            places = sum(draft.places[one] for one in openings)
            yield [*inside, whole[team]], [*[1.0] * len(inside), -float(places)], 0.0, 0.0
