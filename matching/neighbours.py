"""Who is near one opening: who comes, was asked, is suggested or could be asked, by which group.

The ego graph of an opening, as values: taken from the graph of a problem, or made by somebody who
knows as much. What pictures and tables show of it are the same values.
"""

from typing import Literal, get_args

import msgspec

from matching.allies import ally_options
from matching.answers import AllyOption, Plan
from matching.model import Count, Identifier, Opening
from matching.problem import Problem
from matching.ways import ALLY, OWN, Ways

State = Literal["comes", "asked", "suggested", "eligible"]
STATES: tuple[State, ...] = get_args(State)
"""How near, the nearest first; who is *eligible* could be asked, and is not suggested."""


class Neighbour(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person near an opening, with the group by which she comes and the alliance, if any."""

    id: Identifier
    group: Identifier
    state: State
    alliance: Identifier | None = None


class Neighbours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All who are near an opening of `group`, in the order in which they are shown.

    `allies` are those of whom only coarse counts are known.
    """

    opening: Identifier
    group: Identifier
    places: Count
    people: tuple[Neighbour, ...] = ()
    allies: tuple[AllyOption, ...] = ()

    def count(self, state: State) -> int:
        """Count the people of one state."""
        return sum(one.state == state for one in self.people)


def neighbours_of(problem: Problem, plan: Plan, opening: Identifier) -> Neighbours:
    """Find who is near an opening of a problem; the nearest first.

    Raises KeyError when there is no such opening.
    """
    found = {one.id: one for one in problem.openings}[opening]
    alone = msgspec.structs.replace(
        problem,
        openings=(found,),
        teams=(),
        standing=(),
        asked=tuple(one for one in problem.asked if one.opening == opening),
    )
    ways = Ways.of(problem)
    state = _states(alone, plan, found)
    via = {one.worker: one.via for one in plan.assignments if one.opening == opening}
    people = [
        _neighbour(problem, ways, name, found, state[name], via.get(name))
        for name in sorted(state, key=lambda one: (STATES.index(state[one]), one))
    ]
    return Neighbours(
        opening=opening,
        group=ways.group_of(found),
        places=found.count,
        people=tuple(people),
        allies=ally_options(problem, found),
    )


def _states(problem: Problem, plan: Plan, opening: Opening) -> dict[str, State]:
    from matching.graph import graph_of

    graph = graph_of(problem)
    known = {one.id for one in problem.workers}
    state: dict[str, State] = {}
    for near in graph.predecessors(f"opening:{opening.id}"):
        if graph.nodes[near]["kind"] == "worker":
            state[near.removeprefix("worker:")] = "eligible"
    suggested = {one.worker for one in plan.assignments if one.opening == opening.id}
    state |= dict.fromkeys(suggested, "suggested")
    state |= {one.worker: "asked" for one in problem.asked if one.state == "invited"}
    state |= dict.fromkeys(opening.people, "comes")
    return {name: state[name] for name in state if name in known}


def _neighbour(
    problem: Problem, ways: Ways, name: str, opening: Opening, state: State, via: str | None
) -> Neighbour:
    worker = next(one for one in problem.workers if one.id == name)
    lenders = {one.id: one.lender for one in problem.alliances}
    group = ways.group_of(opening)
    alliance: str | None = None
    open_ways = ways.open_to(worker, opening)
    way = next((one for one in open_ways if one.via == via or state != "suggested"), None)
    if way is None:
        # she is here already; by which way is not told any more
        group = next((one for one in worker.groups if one == group), min(worker.groups))
    elif way.far == ALLY:
        group, alliance = lenders[str(way.via)], way.via
    elif way.far != OWN:
        group = str(way.via)
    return Neighbour(id=name, group=group, state=state, alliance=alliance)
