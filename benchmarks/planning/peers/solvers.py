"""Plans by solvers: as many places filled as can be, under the same rules.

Each begins with the edges and answers with seconds and places. Who fills them is of no concern to
these solvers, which makes it easier for them.
"""

from __future__ import annotations

import time

import numpy as np

from benchmarks.planning.peers.rows import sums, together
from matching import Problem
from matching.join import Edges

Figures = dict[str, float]
SECONDS_FOR_CP_SAT = 60
SECONDS_FOR_HIGHS = 300


def cp_sat(problem: Problem, edges: Edges) -> Figures:
    """Give CP-SAT two workers and a minute; say when it first had as much as it had in the end."""
    from ortools.sat.python import cp_model

    begun = time.perf_counter()
    model = cp_model.CpModel()
    taken = [model.new_bool_var("") for _ in edges.workers]
    for some in together(problem, edges):
        model.add_at_most_one([taken[edge] for edge in some])
    for some, takes, most in sums(problem, edges):
        model.add(cp_model.LinearExpr.weighted_sum([taken[edge] for edge in some], takes) <= most)
    model.maximize(cp_model.LinearExpr.sum(taken))
    built = time.perf_counter()

    class Watch(cp_model.CpSolverSolutionCallback):
        def __init__(self) -> None:
            super().__init__()
            self.first: dict[int, float] = {}

        def on_solution_callback(self) -> None:
            self.first.setdefault(round(self.objective_value), time.perf_counter())

    watch, solver = Watch(), cp_model.CpSolver()
    solver.parameters.num_workers = 2
    solver.parameters.max_time_in_seconds = SECONDS_FOR_CP_SAT
    solver.solve(model, watch)
    filled = max(watch.first)
    return {
        "filled": filled,
        "build": built - begun,
        "seconds": watch.first[filled] - begun,
        "bound": solver.best_objective_bound,
    }


def highs(problem: Problem, edges: Edges) -> Figures:
    """Let HiGHS, the one within scipy, prove how many places can be filled."""
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    begun = time.perf_counter()
    rows = [(some, [1] * len(some), 1) for some in together(problem, edges)]
    rows += sums(problem, edges)
    at = np.cumsum([0, *(len(some) for some, _, _ in rows)])
    columns = np.concatenate([some for some, _, _ in rows])
    takes = np.concatenate([takes for _, takes, _ in rows])
    matrix = csr_array((takes, columns, at), shape=(len(rows), len(edges.workers)))
    built = time.perf_counter()
    answer = milp(
        -np.ones(len(edges.workers)),
        integrality=np.ones(len(edges.workers)),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix, -np.inf, [most for _, _, most in rows]),
        options={"time_limit": SECONDS_FOR_HIGHS},
    )
    assert answer.status == 0, answer.message
    return {
        "filled": round(-answer.fun),
        "build": built - begun,
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
