"""Plans by solvers, under the same rules: by the members' order, or only as many places as can be.

Each begins with the edges and answers with seconds and places.
"""

from __future__ import annotations

import time
from typing import NamedTuple

import numpy as np

from benchmarks.planning.peers.order import tangents, weights
from benchmarks.planning.peers.rows import Row, sums, together
from matching import Problem
from matching.join import Edges

Figures = dict[str, float]
SECONDS_FOR_CP_SAT = 60
SECONDS_FOR_HIGHS = 300
LARGEST_SHARE = 1_000_000


class Question(NamedTuple):
    """What is asked: a variable for each edge, one more for each person, and what they gain."""

    edges: int
    people: int
    gains: list[int]
    one_at_most: list[list[int]]
    rows: list[Row]


def question(problem: Problem, edges: Edges, *, only_places: bool) -> Question:
    """Ask for the plan that the members' order wants, or only for as many places as can be."""
    size, one_at_most = len(edges.workers), together(problem, edges)
    rows = list(sums(problem, edges))
    if only_places:
        return Question(size, 0, [1] * size, one_at_most, rows)
    people = len(np.unique(edges.workers))
    gains = [*weights(problem, edges), *[-1] * people]
    return Question(size, people, gains, one_at_most, [*rows, *tangents(problem, edges)])


def cp_sat(problem: Problem, edges: Edges, *, only_places: bool = False) -> Figures:
    """Give CP-SAT two workers and a minute; say when it first filled as many as in the end."""
    from ortools.sat.python import cp_model

    begun = time.perf_counter()
    asked, model = question(problem, edges, only_places=only_places), cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in range(asked.edges)]
    shares = [model.new_int_var(0, LARGEST_SHARE, "") for _ in range(asked.people)]
    every, total = [*taken, *shares], cp_model.LinearExpr.weighted_sum
    for some in asked.one_at_most:
        model.add_at_most_one([taken[edge] for edge in some])
    for some, takes, most in asked.rows:
        model.add(total([every[one] for one in some], takes) <= most)
    model.maximize(total(every, asked.gains))

    class Watch(cp_model.CpSolverSolutionCallback):
        def __init__(self) -> None:
            super().__init__()
            self.first: dict[int, float] = {}

        def on_solution_callback(self) -> None:
            now = time.perf_counter()
            self.first.setdefault(sum(map(self.boolean_value, taken)), now)

    watch, solver = Watch(), cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = SECONDS_FOR_CP_SAT
    solver.solve(model, watch)
    filled = max(watch.first)
    return {
        "filled": filled,
        "seconds": watch.first[filled] - begun,
        "bound": solver.best_objective_bound,
    }


def highs(problem: Problem, edges: Edges, *, only_places: bool = False) -> Figures:
    """Let HiGHS, the one within scipy, prove that no plan is better."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    begun = time.perf_counter()
    asked = question(problem, edges, only_places=only_places)
    rows = [*((some, [1] * len(some), 1) for some in asked.one_at_most), *asked.rows]
    at = np.cumsum([0, *(len(some) for some, _, _ in rows)])
    columns = np.concatenate([some for some, _, _ in rows])
    takes = np.concatenate([takes for _, takes, _ in rows])
    counts = [asked.edges, asked.people]
    matrix = csr_array((takes, columns, at), shape=(len(rows), sum(counts)))
    answer = milp(
        -np.array(asked.gains),
        integrality=np.repeat([1, 0], counts),
        bounds=Bounds(0, np.repeat([1, LARGEST_SHARE], counts)),
        constraints=LinearConstraint(matrix, -np.inf, [most for _, _, most in rows]),
        options={"time_limit": SECONDS_FOR_HIGHS},
    )
    assert answer.status == 0, answer.message
    return {
        "filled": round(answer.x[: asked.edges].sum()),
        "seconds": time.perf_counter() - begun,
        "bound": -answer.mip_dual_bound,
    }


def network_simplex(problem: Problem, edges: Edges) -> Figures:
    """Solve the question of one moment exactly: everybody at one place, most places, then near."""
    import networkx as nx

    begun = time.perf_counter()
    graph = nx.DiGraph()
    places = sum(one.places for one in problem.openings)
    graph.add_node("from", demand=-places)
    graph.add_node("to", demand=places)
    graph.add_edge("from", "to", capacity=places, weight=10**9)
    for worker in np.unique(edges.workers).tolist():
        graph.add_edge("from", ("worker", worker), capacity=1, weight=0)
    for opening in np.unique(edges.openings).tolist():
        graph.add_edge(
            ("opening", opening), "to", capacity=problem.openings[opening].places, weight=0
        )
    cost = (edges.far * 1_000_000 + edges.metres).tolist()
    pairs = zip(edges.workers.tolist(), edges.openings.tolist(), cost, strict=True)
    for worker, opening, weight in pairs:
        one, other = ("worker", worker), ("opening", opening)
        if not graph.has_edge(one, other):  # ways come nearest first
            graph.add_edge(one, other, capacity=1, weight=weight)
    _, flow = nx.network_simplex(graph)
    return {"filled": places - flow["from"]["to"], "seconds": time.perf_counter() - begun}
