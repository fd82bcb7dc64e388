"""Every order in which two overlapping invitations can come out, looked at one by one.

One home, two invitations for overlapping times: by rival groups, or the second replacing the
first. Messages wait as long as they like and overtake each other; each takes effect once. What
becomes of a promise and of a placement is read from the tables of the program.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from instance.agenda import promise
from instance.agenda.promise import PromiseState as P
from instance.staffing import placement
from instance.staffing.placement import PlacementState as G

FIRST, SECOND = 0, 1
TO_HOME = {one.value for one in promise.Heard}

# What the two sides may have come to once every message has arrived, by the state at home.
AGREED: Mapping[P | None, set[G | None]] = {
    None: {None},
    P.INVITED: {G.INVITED},
    P.HELD: {G.ANSWERED},
    P.CONFIRMED: {G.CONFIRMED, G.DONE},
    P.DONE: {G.CONFIRMED, G.DONE, G.CALLED_OFF},
    P.CALLED_OFF: {G.CALLED_OFF},
    P.RELEASED: {G.NOT_NEEDED},
    P.REFUSED: {G.DECLINED, G.CALLED_OFF},
    P.DECLINED: {G.DECLINED, G.CALLED_OFF},
    P.EXPIRED: {G.EXPIRED, G.LOST, G.NOT_NEEDED, G.CALLED_OFF},
    P.WITHDRAWN_HELD: {G.EXPIRED, G.LOST, G.NOT_NEEDED, G.CALLED_OFF},
    # Replaced too: her new promise overtook the Undo of the old one. Neither side counts it.
    P.WITHDRAWN: {G.DROPPED_OUT, G.CALLED_OFF, G.REPLACED},
    P.REPLACED: {G.REPLACED, G.CALLED_OFF},
}


@dataclass(frozen=True)
class Tables:
    """The rows that the search follows; a row can be taken out to see what it is there for."""

    home_hears: Mapping[Any, promise.Step] = field(default_factory=lambda: promise.ON_HEARING)
    home_acts: Mapping[Any, promise.Step] = field(default_factory=lambda: promise.ON_ACTING)
    group_hears: Mapping[Any, placement.Step] = field(default_factory=lambda: placement.ON_HEARING)
    group_acts: Mapping[Any, placement.Step] = field(default_factory=lambda: placement.ON_ACTING)


@dataclass(frozen=True)
class World:
    """The two invitations at home and at their groups, and what is on its way between them.

    `gives_way` says that the second is held in the place of the first; `promised` names the
    invitations for which she has sent her own promise.
    """

    home: tuple[P | None, P | None] = (None, None)
    group: tuple[G | None, G | None] = (None, None)
    gives_way: bool = False
    promised: frozenset[int] = frozenset()
    underway: frozenset[tuple[int, str]] = frozenset()


class Search:
    """Looks at every world that can be reached, and says which of them must not be."""

    def __init__(self, *, replacing: bool, tables: Tables | None = None) -> None:
        self.replacing = replacing
        self.tables = tables or Tables()

    def worlds(self) -> Iterator[World]:
        """Yield every world once."""
        seen = {World()}
        waiting = deque(seen)
        while waiting:
            world = waiting.popleft()
            yield world
            for following in self.steps(world):
                if following not in seen:
                    seen.add(following)
                    waiting.append(following)

    def steps(self, world: World) -> Iterator[World]:
        """Yield what can come next: a message arrives, somebody acts, the clock moves."""
        for message in world.underway:
            yield self._arrive(replace(world, underway=world.underway - {message}), *message)
        for one in (FIRST, SECOND):
            yield from self._invite(world, one)
            yield from self._home_acts(world, one)
            yield from self._group_acts(world, one)

    def fault(self, world: World) -> str | None:
        """Say what is wrong in a world, or None."""
        if all(state in promise.TAKES_TIME for state in world.home) and not self._one_place(world):
            return "she is promised to two places at once"
        for one in (FIRST, SECOND):
            if world.group[one] in {G.CONFIRMED, G.DONE} and one not in world.promised:
                return "a placement is confirmed without her own promise"
        if world.underway:
            return None
        for one in (FIRST, SECOND):
            if world.group[one] not in AGREED[world.home[one]]:
                return f"home says {world.home[one]}, group says {world.group[one]}"
        if self.replacing and all(state in placement.TAKES_PLACE for state in world.group):
            return "one place is counted twice"
        return None

    def _one_place(self, world: World) -> bool:
        return self.replacing and world.gives_way and world.home == (P.CONFIRMED, P.HELD)

    # Arriving ----------------------------------------------------------------------------------

    def _arrive(self, world: World, one: int, message: str) -> World:
        if message in TO_HOME:
            return self._at_home(world, one, promise.Heard(message))
        return self._at_group(world, one, placement.Heard(message))

    def _at_home(self, world: World, one: int, heard: promise.Heard) -> World:
        step = self.tables.home_hears.get((world.home[one], heard))
        return self._moved(world, one, step) if step else world

    def _at_group(self, world: World, one: int, heard: placement.Heard) -> World:
        older = world.group[FIRST] if self.replacing and one == SECOND else None
        if older and placement.is_replaced(older, heard):
            world = replace(world, group=(G.REPLACED, world.group[SECOND]))
        state = world.group[one]
        step = self.tables.group_hears.get((state, heard)) if state else None
        return self._placed(world, one, step) if step else world

    # Acting ------------------------------------------------------------------------------------

    def _invite(self, world: World, one: int) -> Iterator[World]:
        if world.group[one] is not None:
            return
        if self.replacing and one == SECOND and world.group[FIRST] is not G.CONFIRMED:
            return
        sent = (one, promise.Heard.INVITE.value)
        group = put(world.group, one, G.INVITED)
        yield replace(world, group=group, underway=world.underway | {sent})

    def _home_acts(self, world: World, one: int) -> Iterator[World]:
        state = world.home[one]
        for does in promise.Act:
            step = self.tables.home_acts.get((state, does)) if state else None
            if step and self._can(world, one, does):
                moved = self._moved(world, one, step)
                if does is promise.Act.YES:
                    moved = replace(moved, gives_way=self._gives_way(world, one))
                yield moved

    def _can(self, world: World, one: int, does: promise.Act) -> bool:
        free = world.home[1 - one] not in promise.TAKES_TIME or self._gives_way(world, one)
        if does is promise.Act.YES:
            return free
        if does is promise.Act.NOT_FREE:
            return not free
        if does is promise.Act.END and one == FIRST:
            # A hold that replaces a promise ends before the old shift starts.
            return not (world.gives_way and world.home[SECOND] is P.HELD)
        return True

    def _gives_way(self, world: World, one: int) -> bool:
        return self.replacing and one == SECOND and world.home[FIRST] is P.CONFIRMED

    def _group_acts(self, world: World, one: int) -> Iterator[World]:
        state = world.group[one]
        for does in placement.Act:
            step = self.tables.group_acts.get((state, does)) if state else None
            if step:
                yield self._placed(world, one, step)

    # Becoming ----------------------------------------------------------------------------------

    def _moved(self, world: World, one: int, step: promise.Step) -> World:
        home, promised = put(world.home, one, step.becomes), world.promised
        if step.becomes is P.CONFIRMED:
            promised |= {one}
            older = world.home[FIRST] if one == SECOND and world.gives_way else None
            if older and promise.is_replaced(older, step.becomes):
                home = (P.REPLACED, home[SECOND])
        underway = world.underway | ({(one, step.says.value)} if step.says else set())
        return replace(world, home=home, promised=promised, underway=underway)

    def _placed(self, world: World, one: int, step: placement.Step) -> World:
        underway = world.underway | ({(one, step.says.value)} if step.says else set())
        return replace(world, group=put(world.group, one, step.becomes), underway=underway)


def put(pair: tuple[Any, Any], one: int, value: Any) -> tuple[Any, Any]:
    """Return a pair with one of its two values changed."""
    return (value, pair[1]) if one == FIRST else (pair[0], value)
