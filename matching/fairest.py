"""The plan that no other is fairer than, where work has a shape in which that can be known.

The shape: nobody can do two openings of one day, and whoever does one of each day breaks no rest;
all openings are equally long; each capped week holds whole days; no alliance and no team's rule
sets a limit that could be met. Then who does what is a flow: from each person to her weeks, to
their days, to openings, with one arc for each further opening that she may get in all, each dearer
than the one before. Its linear programme has whole numbers at every corner, so each priority in its
turn can be made the best there is among all that is best by those before it: the ways on which the
best is reached are kept, and the others closed. With unequal lengths the same question is as hard
as sharing out coins by weight (partition), and turns and chains have to do.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import gt

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from matching.draft import Draft

NOTHING = 1e-9
"""A price below this is none: prices of whole numbers are whole, shares are of whole minutes."""

Values = npt.NDArray[np.float64]
Row = tuple[Sequence[int], Sequence[int], int]
"""Variables that count, variables that count the other way, and the most they may add up to."""


class Shape(msgspec.Struct, frozen=True):
    """On which day each opening lies, which capped week holds that day, and how long all take.

    A day in no capped week has week -1.
    """

    day_of: tuple[int, ...]
    week_of: tuple[int, ...]
    minutes: int


def shape_of(draft: Draft) -> Shape | None:
    """Recognise the shape in the openings of an empty draft that have places and people.

    A single opening needs no programme: turns are as fair as can be.
    """
    asked = [one for one, places in enumerate(draft.places) if places and draft.edges(one)]
    lengths = {draft.minutes[one] for one in asked}
    if len(asked) < 2 or len(lengths) != 1 or _limited(draft):
        return None
    minutes = lengths.pop()
    days = list(_days(draft, asked))
    if any(_apart(draft, day) for day in days) or any(map(draft.teams.team_of.get, asked)):
        return None
    day_of = [-1] * len(draft.places)
    for number, day in enumerate(days):
        for opening in day:
            day_of[opening] = number
    weeks = [_week(draft, day, minutes) for day in days]
    known = tuple(week for week in weeks if week is not None)
    return Shape(tuple(day_of), known, minutes) if len(known) == len(days) else None


def fairest(draft: Draft, shape: Shape, pinned: Iterable[int]) -> list[int]:
    """List the edges of a plan than which none is better by the voted order, but for the lot."""
    flow = _Flow(draft, shape, pinned)
    flow.best(np.concatenate([-np.ones(flow.edges), np.zeros(flow.steps)]))
    for name in draft.order:
        if name == "fairness":
            for cost in flow.shares():
                flow.best(np.concatenate([np.zeros(flow.edges), cost]))
        else:
            cost = draft.facts[name] - draft.facts[name].min(initial=0)
            flow.best(np.concatenate([cost / max(1, cost.max(initial=0)), np.zeros(flow.steps)]))
    return flow.taken()


class _Flow:
    """The programme, and of it what is still open: every best plan so far, and no other.

    Its variables are the draft's edges and, for each person, how many openings she has got: one
    step for each that she may.
    """

    def __init__(self, draft: Draft, shape: Shape, pinned: Iterable[int]) -> None:
        self._draft, self._shape = draft, shape
        self.edges = len(draft.worker_of)
        mine: dict[int, list[int]] = {}
        for edge, worker in enumerate(draft.worker_of):
            if draft.places[draft.opening_of[edge]]:
                mine.setdefault(worker, []).append(edge)
        self._steps = [
            (worker, step)
            for worker, hers in mine.items()
            for step in range(len({self._day(edge) for edge in hers}))
        ]
        self.steps = len(self._steps)
        self._limits = self._rows(list(self._limiting(mine)))
        self._most = np.array([most for _, _, most in self._limiting(mine)], np.float64)
        self._sums = self._rows(list(self._counting(mine)))
        self._tight = np.zeros(len(self._most), np.bool_)
        self._lower = np.zeros(self.edges + self.steps)
        self._upper = np.ones(self.edges + self.steps)
        self._lower[list(pinned)] = 1
        self._upper[sorted(draft.barred)] = 0
        self._values: Values = self._lower

    def best(self, cost: Values) -> None:
        """Keep only what costs least, where that is not the same for all."""
        if not cost.any():
            return
        loose = ~self._tight
        found = linprog(
            cost,
            A_ub=self._limits[loose],
            b_ub=self._most[loose],
            A_eq=vstack([self._sums, self._limits[self._tight]]),
            b_eq=np.concatenate([np.zeros(self._sums.shape[0]), self._most[self._tight]]),
            bounds=np.column_stack([self._lower, self._upper]),
            method="highs-ds",
        )
        assert found.status == 0, found.message
        self._values = found.x
        self._upper = np.where(found.lower.marginals > NOTHING, self._lower, self._upper)
        self._lower = np.where(found.upper.marginals < -NOTHING, self._upper, self._lower)
        self._tight[loose] = found.ineqlin.marginals < -NOTHING

    def shares(self) -> Iterator[Values]:
        """Give what steps cost by fairness: first those of people who asked for no hours."""
        draft, minutes = self._draft, self._shape.minutes
        had = np.array([draft.had[worker] + step * minutes for worker, step in self._steps])
        wanted = np.array([draft.wanted[worker] for worker, _ in self._steps])
        yield np.where(wanted > 0, 0.0, 1.0)
        yield np.where(wanted > 0, had / np.maximum(wanted, 1), 0.0)
        yield np.where(wanted > 0, 0.0, had / minutes)

    def taken(self) -> list[int]:
        """List the edges of the plan that was found last."""
        found: list[int] = np.flatnonzero(self._values[: self.edges] > 0.5).tolist()
        return found

    def _day(self, edge: int) -> int:
        return self._shape.day_of[self._draft.opening_of[edge]]

    def _limiting(self, mine: dict[int, list[int]]) -> Iterator[Row]:
        """Limit each opening's places, and what one person does in a day and in a capped week."""
        draft = self._draft
        for opening, places in enumerate(draft.places):
            if places and draft.edges(opening):
                yield draft.edges(opening), (), places
        for worker, hers in mine.items():
            days: dict[int, list[int]] = {}
            weeks: dict[int, list[int]] = {}
            for edge in hers:
                days.setdefault(self._day(edge), []).append(edge)
                weeks.setdefault(self._shape.week_of[self._day(edge)], []).append(edge)
            for inside in days.values():
                yield inside, (), 1
            for week, inside in weeks.items():
                if week >= 0:
                    left = draft.caps[week].left[worker]
                    yield inside, (), max(0, left // self._shape.minutes)

    def _counting(self, mine: dict[int, list[int]]) -> Iterator[Row]:
        """Hold each person's steps equal to the openings that she gets."""
        steps: dict[int, list[int]] = {}
        for number, (worker, _) in enumerate(self._steps, self.edges):
            steps.setdefault(worker, []).append(number)
        for worker, hers in mine.items():
            yield hers, steps[worker], 0

    def _rows(self, rows: list[Row]) -> csr_array:
        """Write rows as a matrix: 1 for the first kind of variable of each, -1 for the second."""
        lengths = [len(plus) + len(minus) for plus, minus, _ in rows]
        columns = [one for plus, minus, _ in rows for one in (*plus, *minus)]
        signs = [sign for plus, minus, _ in rows for sign in [1] * len(plus) + [-1] * len(minus)]
        lines = np.repeat(np.arange(len(rows)), lengths)
        shape = (len(rows), self.edges + self.steps)
        return csr_array((np.array(signs, float), (lines, columns)), shape=shape)


def _days(draft: Draft, asked: Sequence[int]) -> Iterator[list[int]]:
    """Gather what lies too close to each other, directly or through others between."""
    rest, day, until = draft.problem.rules.rest_minutes, list[int](), -1
    for opening in sorted(asked, key=draft.starts.__getitem__):
        if day and draft.starts[opening] >= until + rest:
            yield day
            day = []
        until = max(until, draft.ends[opening]) if day else draft.ends[opening]
        day.append(opening)
    yield day


def _apart(draft: Draft, day: Sequence[int]) -> bool:
    """Tell whether somebody could do two openings of a day."""
    last, first = max(draft.starts[one] for one in day), min(draft.ends[one] for one in day)
    return last >= first + draft.problem.rules.rest_minutes


def _week(draft: Draft, day: Sequence[int], minutes: int) -> int | None:
    """Number the capped week that holds a day whole, -1 for none; None if it is not so simple."""
    found = {
        tuple((week, cap.adds[one]) for week, cap in enumerate(draft.caps) if cap.adds[one])
        for one in day
    }
    if found == {()}:
        return -1
    ((week, adds), *more), *others = found
    return None if more or others or adds != minutes else week


def _limited(draft: Draft) -> bool:
    """Tell whether an alliance's hours could run out, or something planned before should stay."""
    if any(one.kind == "planned" for one in draft.problem.standing):
        return True
    needed = [0] * len(draft.left)
    for opening, places in enumerate(draft.places):
        ways = Counter(draft.via[edge] for edge in draft.edges(opening))
        for via, count in ways.items():
            if via >= 0:
                needed[via] += min(places, count) * draft.minutes[opening]
    return any(map(gt, needed, draft.left))
