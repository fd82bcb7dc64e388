"""A plan in the making: who is given what so far, and whether one more would fit.

People and openings go by their numbers in the problem, and everything is in lists and the standard
library's arrays: most of what is asked here is asked of one edge at a time.
"""

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property

import numpy as np

from matching.arrays import Ints
from matching.columns import Columns
from matching.fairness import lot, order_of, share_of
from matching.join import Edges
from matching.teams import Teams

FAR_UNKNOWN = 40_000_001


class Draft:
    """The only thing in the package that changes, and only while one plan is made or explained."""

    def __init__(self, columns: Columns, edges: Edges) -> None:
        problem = columns.problem
        self.columns = columns
        self.problem = problem
        self.order = order_of(problem)
        facts = self._facts(columns, edges)
        before, after = self._ranks(facts)
        order = np.lexsort((after, before, edges.openings))
        self.first: list[int] = edges.first.tolist()
        self.opening_of = _numbers(edges.openings)
        self.worker_of = _numbers(edges.workers[order])
        self.via = _numbers(edges.via[order])
        self.far = _numbers(edges.far[order])
        self.metres = _numbers(edges.metres[order])
        self.facts = {name: column[order] for name, column in facts.items()}
        self.before = _numbers(before[order])
        self.after = _numbers(after[order])
        asks = columns.openings
        self.starts: list[int] = asks.start.tolist()
        self.ends: list[int] = asks.end.tolist()
        self.minutes: list[int] = (asks.end - asks.start).tolist()
        self.places: list[int] = asks.places.tolist()
        self.given: list[dict[int, int]] = [{} for _ in problem.workers]
        self.filled: list[dict[int, int]] = [{} for _ in problem.openings]
        self.had: list[int] = [one.minutes_had for one in problem.workers]
        self.wanted: list[int] = [one.minutes_wanted for one in problem.workers]
        self.share: list[float] = list(map(share_of, self.had, self.wanted))
        self.left: list[int] = columns.lent[:, 0].tolist()
        self._lent: list[dict[int, None]] = [{} for _ in self.left]
        self.teams = Teams(problem)
        self.barred: set[int] = set()
        self._rest = problem.rules.rest_minutes
        self.caps = self._room(columns)
        self._lots: dict[tuple[int, int], bytes] = {}

    def edges(self, opening: int) -> range:
        """Number the edges of an opening, the best by what never changes first."""
        return range(self.first[opening], self.first[opening + 1])

    @cached_property
    def by_worker(self) -> "EdgesBy":
        """The edges to openings that have places, by their worker."""
        return EdgesBy(self, self.worker_of, len(self.given))

    @cached_property
    def by_alliance(self) -> "EdgesBy":
        """The same, by the alliance that lends."""
        return EdgesBy(self, self.via, len(self.left))

    def missing(self, opening: int) -> int:
        """Count the places that are still open."""
        return self.places[opening] - len(self.filled[opening])

    def give(self, edge: int) -> None:
        """Give a place to whom an edge leads from. Whether it fits is asked before."""
        worker, opening = self.worker_of[edge], self.opening_of[edge]
        self.given[worker][opening] = edge
        self.filled[opening][worker] = edge
        self._count(edge, 1)

    def take_back(self, edge: int) -> None:
        """Take a place back."""
        worker, opening = self.worker_of[edge], self.opening_of[edge]
        del self.given[worker][opening]
        del self.filled[opening][worker]
        self._count(edge, -1)

    def lot(self, worker: int, opening: int) -> bytes:
        """Draw her lot for this opening."""
        key = (worker, opening)
        drawn = self._lots.get(key)
        if drawn is None:
            problem = self.problem
            names = problem.workers[worker].id, problem.openings[opening].id
            drawn = self._lots[key] = lot(problem.seed, *names)
        return drawn

    def fits(self, edge: int) -> bool:
        """Tell whether she could take this beside all that the draft gives her and others."""
        worker, opening = self.worker_of[edge], self.opening_of[edge]
        given = self.given[worker]
        return (
            edge not in self.barred
            and (not given or (opening not in given and self._has_time(worker, opening, given)))
            and (self.via[edge] < 0 or self.hours_left(edge))
            and (opening not in self.teams.team_of or self.teams.room_for(worker, opening))
        )

    def in_the_way(self, edge: int) -> list[int]:
        """List what she is given of which any one, taken back, would make this fit: its edges."""
        worker, opening = self.worker_of[edge], self.opening_of[edge]
        given = self.given[worker]
        if not given or opening in given or edge in self.barred:
            return []
        found = []
        for other, theirs in list(given.items()):
            rest = [one for one in given if one != other]
            self._count(theirs, -1)
            if (
                self._has_time(worker, opening, rest)
                and self.hours_left(edge)
                and self.teams.room_for(worker, opening)
            ):
                found.append(theirs)
            self._count(theirs, 1)
        return found

    def is_free(self, edge: int) -> bool:
        """Tell whether she has the time for this beside what is hers, whatever others take."""
        worker, opening = self.worker_of[edge], self.opening_of[edge]
        given = self.given[worker]
        return (
            edge not in self.barred
            and opening not in given
            and self._has_time(worker, opening, given)
        )

    def users(self, via: int) -> list[int]:
        """List the edges that an alliance lends by."""
        return list(self._lent[via]) if via >= 0 else []

    def others_in_the_way(self, edge: int) -> list[int]:
        """List others' places that take the hours or the room in the team which this edge lacks."""
        opening, via = self.opening_of[edge], self.via[edge]
        if not self.hours_left(edge):
            return self.users(via)
        team = self.teams.team_of.get(opening)
        if team is None:
            return []
        inside = (one for each in self.teams.openings[team] for one in self.filled[each].values())
        return [one for one in inside if self.opening_of[one] != opening]

    def needed_for(self, edge: int) -> tuple[int, str] | None:
        """Name what she is given that keeps her from this, and by which rule; None if nothing."""
        worker, opening = self.worker_of[edge], self.opening_of[edge]
        given = sorted(self.given[worker], key=lambda one: (self.starts[one], self.ends[one], one))
        for rest, code in ((0, "overlap"), (self._rest, "rest_too_short")):
            for other in given:
                if self._too_close(opening, other, rest):
                    return other, code
        for cap in self.caps:
            if cap.full(worker, opening, given):
                return next(one for one in given if cap.adds[one]), "weekly_cap"
        return None

    def hours_left(self, edge: int) -> bool:
        """Tell whether the alliance that lends her, if one does, has the hours left for this."""
        opening, via = self.opening_of[edge], self.via[edge]
        return via < 0 or self.left[via] >= self.minutes[opening]

    def _count(self, edge: int, sign: int) -> None:
        worker, opening, via = self.worker_of[edge], self.opening_of[edge], self.via[edge]
        minutes = sign * self.minutes[opening]
        had = self.had[worker] = self.had[worker] + minutes
        self.share[worker] = share_of(had, self.wanted[worker])
        if via >= 0:
            self.left[via] -= minutes
            if sign > 0:
                self._lent[via][edge] = None
            else:
                self._lent[via].pop(edge, None)
        if opening in self.teams.team_of:
            self.teams.count(worker, opening, sign)

    def _has_time(self, worker: int, opening: int, given: Iterable[int]) -> bool:
        starts, ends = self.starts, self.ends
        start, end = starts[opening] - self._rest, ends[opening] + self._rest
        for other in given:
            if starts[other] < end and start < ends[other]:
                return False
        for cap in self.caps:  # noqa: SIM110  asked most of all, and mostly there is one cap
            if cap.full(worker, opening, given):
                return False
        return True

    def _too_close(self, one: int, other: int, rest: int) -> bool:
        starts, ends = self.starts, self.ends
        return starts[one] < ends[other] + rest and starts[other] < ends[one] + rest

    def _room(self, columns: Columns) -> list["Cap"]:
        cap = self.problem.rules.weekly_cap_minutes or 0
        rows = zip(columns.openings.adds, columns.counted, strict=True)
        return [Cap(adds.tolist(), (cap - counted).tolist()) for adds, counted in rows]

    def _facts(self, columns: Columns, edges: Edges) -> dict[str, Ints]:
        """Tabulate, by priority, what is known of an edge before anybody is given anything."""
        owed = np.array([one.owed_minutes for one in self.problem.alliances] or [0], np.int64)
        return {
            "own_group": edges.far,
            "reciprocity": np.where(edges.via >= 0, -owed[np.maximum(edges.via, 0)], 0),
            "travel": np.where(edges.metres >= 0, edges.metres, FAR_UNKNOWN),
            "team": _strangers(columns, edges),
        }

    def _ranks(self, facts: dict[str, Ints]) -> tuple[Ints, Ints]:
        """Rank edges by the priorities before fairness, and by those after it."""
        at = self.order.index("fairness")
        return (
            _packed([facts[one] for one in self.order[:at]], len(facts["travel"])),
            _packed([facts[one] for one in self.order[at + 1 :]], len(facts["travel"])),
        )


class EdgesBy:
    """The edges to openings that have places, by the worker or by the alliance."""

    def __init__(self, draft: Draft, whose: Sequence[int], number: int) -> None:
        owners, openings = np.array(whose, np.int64), np.array(draft.opening_of, np.int64)
        wanting = (np.array(draft.places, np.int64)[openings] > 0) & (owners >= 0)
        every = max(1, len(owners))
        keys = np.sort(owners[wanting] * every + np.flatnonzero(wanting))
        self._edges = keys % every
        self._first: list[int] = np.searchsorted(keys, np.arange(number + 1) * every).tolist()

    def of(self, owner: int) -> list[int]:
        """List the edges of one worker or alliance."""
        found: list[int] = self._edges[self._first[owner] : self._first[owner + 1]].tolist()
        return found


class Cap:
    """How much one capped week takes of each opening, and what is left of it for each worker."""

    __slots__ = ("adds", "left")

    def __init__(self, adds: list[int], left: list[int]) -> None:
        self.adds = adds
        self.left = left

    def full(self, worker: int, opening: int, given: Iterable[int]) -> bool:
        """Tell whether an opening, beside what is given to her, takes her past the cap."""
        adds = self.adds
        minutes = adds[opening]
        if not minutes:
            return False
        for one in given:
            minutes += adds[one]
        return minutes > self.left[worker]


def _numbers(column: Ints) -> "array[int]":
    """Hold a column where one number at a time is read soon, in less room than a list takes."""
    return array("q", column.tobytes())


def _packed(columns: Sequence[Ints], size: int) -> Ints:
    """Write rows of facts as one number each, in the same order; all of them together fit."""
    found = np.zeros(size, np.int64)
    for column in columns if size else ():
        lowest = column.min()
        found = found * (column.max() - lowest + 1) + (column - lowest)
    return found


def _strangers(columns: Columns, edges: Edges) -> Ints:
    """Mark with 1 those who worked with nobody who has a place in the shift already, else 0."""
    found = np.ones(len(edges.workers), np.int64)
    workers = columns.problem.workers
    for number, opening in enumerate(columns.problem.openings):
        people = set(opening.people)
        if people:
            for edge in range(edges.first[number], edges.first[number + 1]):
                known = workers[edges.workers[edge]].worked_with
                found[edge] = int(people.isdisjoint(known))
    return found
