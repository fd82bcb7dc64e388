"""A problem as a picture: people, groups and openings, who belongs where and who can reach what.

For looking at, drawing and asking questions of; plans are made from the same values, not from it.
"""

import networkx as nx

from matching.allies import least_count
from matching.eligibility import pools
from matching.model import Opening, Problem, Reason, Worker


def graph_of(problem: Problem) -> "nx.DiGraph[str]":
    """Build the graph of a problem; its nodes and edges come in one order, whatever the input's.

    Nodes are `worker:ID`, `group:ID` and `opening:ID`, with `kind`, and `value` where the problem
    holds one. Edges have a `kind`: *member* (worker to group), *ally* (ally to own group, with
    `alliance` and `minutes_left`), *eligible* (worker to opening, with the `reason`: what she meets
    it with), *could_lend* (ally to opening, with the coarse `label`).
    """
    graph: nx.DiGraph[str] = nx.DiGraph(problem=problem.id)
    _add_groups(graph, problem)
    for worker in problem.workers:
        graph.add_node(f"worker:{worker.id}", kind="worker", value=worker)
        for group in worker.groups:
            graph.add_edge(f"worker:{worker.id}", f"group:{group}", kind="member")
    for pool in pools(problem):
        node = f"opening:{pool.opening.id}"
        graph.add_node(node, kind="opening", value=pool.opening)
        for worker in pool.eligible:
            reason = met(worker, pool.opening)
            graph.add_edge(f"worker:{worker.id}", node, kind="eligible", reason=reason)
        for ally in problem.allies:
            count = least_count(ally, pool.opening)
            if count is not None:
                label = count.label
                graph.add_edge(f"group:{ally.group}", node, kind="could_lend", label=label)
    return graph


def met(worker: Worker, opening: Opening) -> Reason:
    """Record what an eligible worker meets an opening's requirement with."""
    need = opening.requirement
    level = max((held.level for held in worker.skills if held.key == need.skill), default=0)
    return Reason.of(
        "eligible",
        skill=need.skill,
        level=level,
        certificates=" ".join(need.certificates),
        languages=" ".join(need.languages),
    )


def _add_groups(graph: "nx.DiGraph[str]", problem: Problem) -> None:
    groups = {problem.group} | {ally.group for ally in problem.allies}
    groups.update(group for worker in problem.workers for group in worker.groups)
    for group in sorted(groups):
        graph.add_node(f"group:{group}", kind="group")
    for ally in problem.allies:
        graph.add_edge(
            f"group:{ally.group}",
            f"group:{problem.group}",
            kind="ally",
            alliance=ally.alliance,
            minutes_left=ally.minutes_left,
        )
