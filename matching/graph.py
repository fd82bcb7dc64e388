"""A problem as a picture: people, groups and openings, who belongs where and who can reach what.

For looking at, drawing and asking questions of; plans are made from the same values, not from it.
"""

import networkx as nx

from matching.allies import least_count
from matching.answers import Reason
from matching.columns import columns_of
from matching.join import edges_of
from matching.model import Opening, Worker
from matching.problem import Problem


def graph_of(problem: Problem) -> "nx.DiGraph[str]":
    """Build the graph of a problem; its nodes and edges come in one order, whatever the input's.

    Nodes are `worker:ID`, `group:ID` and `opening:ID`, with `kind`, and `value` where the problem
    holds one. Edges have a `kind`: *member* (worker to group), *ally* (lender to borrower, with
    `alliance` and `minutes_left`), *eligible* (worker to opening, with the `reason`: what she meets
    it with), *could_lend* (ally to opening, with the coarse `label`).
    """
    graph: nx.DiGraph[str] = nx.DiGraph(problem=problem.id)
    _add_groups(graph, problem)
    for worker in problem.workers:
        graph.add_node(f"worker:{worker.id}", kind="worker", value=worker)
        for group in worker.groups:
            graph.add_edge(f"worker:{worker.id}", f"group:{group}", kind="member")
    for opening in problem.openings:
        graph.add_node(f"opening:{opening.id}", kind="opening", value=opening)
        for ally in problem.allies:
            count = least_count(ally, opening)
            if count is not None:
                ends = f"group:{ally.group}", f"opening:{opening.id}"
                graph.add_edge(*ends, kind="could_lend", label=count.label)
    _add_eligible(graph, problem)
    return graph


def met(worker: Worker, opening: Opening) -> Reason:
    """Record what an eligible worker meets an opening's requirement with."""
    need = opening.requirement
    level = max((held.level for held in worker.skills if held.key == need.skill), default=0)
    return Reason.of(
        "eligible",
        skill=need.skill or "",
        level=level,
        certificates=" ".join(need.certificates),
        languages=" ".join(need.languages),
    )


def _add_eligible(graph: "nx.DiGraph[str]", problem: Problem) -> None:
    edges = edges_of(columns_of(problem))
    for pair in zip(edges.openings.tolist(), edges.workers.tolist(), strict=True):
        opening, worker = problem.openings[pair[0]], problem.workers[pair[1]]
        ends = f"worker:{worker.id}", f"opening:{opening.id}"
        graph.add_edge(*ends, kind="eligible", reason=met(worker, opening))


def _add_groups(graph: "nx.DiGraph[str]", problem: Problem) -> None:
    groups = {problem.group} | {one.group for one in problem.openings if one.group}
    groups.update(ally.group for ally in problem.allies)
    groups.update(group for worker in problem.workers for group in worker.groups)
    groups.update(end for one in problem.alliances for end in (one.lender, one.borrower))
    for group in sorted(groups):
        graph.add_node(f"group:{group}", kind="group")
    left = [(one.group, problem.group, one.alliance, one.minutes_left) for one in problem.allies]
    left += [(one.lender, one.borrower, one.id, one.minutes_left) for one in problem.alliances]
    for lender, borrower, alliance, minutes in left:
        ends = f"group:{lender}", f"group:{borrower}"
        graph.add_edge(*ends, kind="ally", alliance=alliance, minutes_left=minutes)
