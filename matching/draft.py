"""A plan in the making: who is given what so far, and whether one more would fit."""

from collections.abc import Iterable, Sequence

from matching.eligibility import overfull_week
from matching.fairness import Share, Turn, lot, order_of, same_district
from matching.intervals import too_close
from matching.model import Assignment, Opening, Problem, Worker


class Draft:
    """The only thing in the package that changes, and only while one plan is made or explained."""

    def __init__(self, problem: Problem, assignments: Iterable[Assignment] = ()) -> None:
        """Begin empty, or from the assignments of a finished plan of the same problem."""
        self.problem = problem
        self.order = order_of(problem)
        self._given: dict[str, list[Opening]] = {worker.id: [] for worker in problem.workers}
        self._filled: dict[str, list[Worker]] = {opening.id: [] for opening in problem.openings}
        self._lots: dict[tuple[str, str], bytes] = {}
        workers = {worker.id: worker for worker in problem.workers}
        openings = {opening.id: opening for opening in problem.openings}
        for one in assignments:
            self.give(workers[one.worker], openings[one.opening])

    def given(self, worker: Worker) -> Sequence[Opening]:
        """List what the draft gives her."""
        return self._given[worker.id]

    def filled(self, opening: Opening) -> Sequence[Worker]:
        """List who is given a place of this opening."""
        return self._filled[opening.id]

    def missing(self, opening: Opening) -> int:
        """Count the places that are still open."""
        return opening.places - len(self._filled[opening.id])

    def give(self, worker: Worker, opening: Opening) -> None:
        """Give her a place. Whether it fits is asked before."""
        self._given[worker.id].append(opening)
        self._filled[opening.id].append(worker)

    def take_back(self, worker: Worker, opening: Opening) -> None:
        """Take a place back from her."""
        self._given[worker.id].remove(opening)
        self._filled[opening.id].remove(worker)

    def clear(self, opening: Opening) -> tuple[Worker, ...]:
        """Take all places of an opening back, and tell whose they were."""
        before = tuple(self._filled[opening.id])
        for worker in before:
            self.take_back(worker, opening)
        return before

    def minutes_planned(self, worker: Worker, besides: Opening) -> int:
        """Count the minutes that the draft gives her, leaving one opening out."""
        given = self._given[worker.id]
        return sum(other.interval.minutes for other in given if other.id != besides.id)

    def lot(self, worker: Worker, opening: Opening) -> bytes:
        """Give her lot for this opening."""
        key = (worker.id, opening.id)
        drawn = self._lots.get(key)
        if drawn is None:
            drawn = self._lots[key] = lot(self.problem.seed, *key)
        return drawn

    def turn(self, worker: Worker, opening: Opening) -> Turn:
        """Put her into the order for this opening; what else the draft gives her counts as had."""
        had = worker.minutes_had + self.minutes_planned(worker, besides=opening)
        facts: dict[str, bool | Share] = {
            "own_group": self.problem.group not in worker.groups,
            "fairness": Share(had, worker.minutes_wanted),
            "travel": not same_district(worker, opening),
        }
        return (*[facts[name] for name in self.order], self.lot(worker, opening))

    def fits(self, worker: Worker, opening: Opening) -> bool:
        """Tell whether an eligible worker could take this beside all that the draft gives her."""
        given = self._given[worker.id]
        return not given or self._fits_beside(worker, opening, given)

    def in_the_way(self, worker: Worker, opening: Opening) -> tuple[Opening, ...]:
        """List what she is given of which any one, taken back, would make this fit."""
        given = self._given[worker.id]
        return tuple(
            other
            for other in given
            if self._fits_beside(worker, opening, [one for one in given if one is not other])
        )

    def needed_for(self, worker: Worker, opening: Opening) -> tuple[Opening, str] | None:
        """Name what she is given that keeps her from this, and by which rule; None if it fits."""
        given = sorted(self._given[worker.id], key=lambda one: (one.interval, one.id))
        for minutes, code in ((0, "overlap"), (self.problem.rules.rest_minutes, "rest_too_short")):
            for other in given:
                if too_close(other.interval, opening.interval, minutes):
                    return other, code
        planned = [other.interval for other in given]
        week = overfull_week(worker, opening.interval, planned, self.problem.rules)
        if week is None:
            return None
        return next(one for one in given if too_close(one.interval, week, 0)), "weekly_cap"

    def _fits_beside(self, worker: Worker, opening: Opening, given: Sequence[Opening]) -> bool:
        interval, rules = opening.interval, self.problem.rules
        for other in given:
            if too_close(other.interval, interval, rules.rest_minutes):
                return False
        planned = [other.interval for other in given]
        return overfull_week(worker, interval, planned, rules) is None
