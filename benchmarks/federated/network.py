"""Who knows what: groups with their own people, homes with each person's promises, and counts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from matching import (
    Alliance,
    AllyCapacity,
    Assignment,
    CapacityCount,
    Interval,
    Opening,
    Plan,
    Problem,
    Standing,
    Unfilled,
    problem_hash,
)
from matching.answers import RULE_VERSION, Reason
from matching.intervals import merged, minutes_within, too_close

HALF_DAY = 12 * 60
LONG_ENOUGH = 3 * 60
COARSE = ((6, "6+"), (3, "3–5"), (1, "1–2"))  # noqa: RUF001  the labels as agreed between allies

Pair = tuple[str, str]
"""An opening and a worker."""


Counts = Mapping[tuple[str, Interval], int]


class Homes:
    """What each person has promised; a yes or no is given here, and by nobody else."""

    def __init__(self, problem: Problem) -> None:
        self._rules = problem.rules
        self._opening = {one.id: one for one in problem.openings}
        self._worker = {one.id: one for one in problem.workers}
        self.promised: dict[str, dict[str, str]] = {one.id: {} for one in problem.workers}
        """Worker, then opening, then the group that invited her."""

    def says_yes(self, worker: str, opening: str) -> bool:
        """Tell whether she may promise this beside all that she has promised to anybody."""
        interval = self._opening[opening].interval
        others = [self._opening[one].interval for one in self.promised[worker]]
        if any(too_close(one, interval, self._rules.rest_minutes) for one in others):
            return False
        cap = self._rules.weekly_cap_minutes
        return cap is None or all(
            sum(minutes_within(one, week) for one in [*others, interval]) <= cap
            for week in self._rules.weeks
        )

    def free(self, worker: str) -> list[Interval]:
        """Cut what she promised out of the hours she painted."""
        taken = merged(self._opening[one].interval for one in self.promised[worker])
        found = []
        for window in self._worker[worker].free:
            start = window.start
            for one in taken:
                if one.start < window.end and one.end > start:
                    if one.start > start:
                        found.append(Interval(start, one.start))
                    start = one.end
            if start < window.end:
                found.append(Interval(start, window.end))
        return found


class Network:
    """All groups of an all-seeing problem, each with what it may know and no more."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.homes = Homes(problem)
        self.openings = {one.id: one for one in problem.openings}
        self.workers = {one.id: one for one in problem.workers}
        self.alliances = {one.id: one for one in problem.alliances}
        self.districts = {one.id: one for one in problem.districts}
        self.left = {one.id: one.minutes_left for one in problem.alliances}
        self.placed: dict[str, dict[str, str | None]] = {one: {} for one in self.openings}
        """Opening, then worker, then the alliance that lends her."""
        self.members: dict[str, list[str]] = defaultdict(list)
        self.own: dict[str, list[Opening]] = defaultdict(list)
        self.borrows: dict[str, list[Alliance]] = defaultdict(list)
        for worker in problem.workers:
            for group in worker.groups:
                self.members[group].append(worker.id)
        for opening in problem.openings:
            self.own[opening.group or problem.group].append(opening)
        for alliance in problem.alliances:
            self.borrows[alliance.borrower].append(alliance)
        self.groups = sorted({*self.members, *self.own})

    def missing(self, opening: Opening) -> int:
        """Count the places of an opening that are still open."""
        return opening.places - len(self.placed[opening.id])

    def place(self, group: str, opening: str, worker: str, via: str | None) -> bool:
        """Have a group invite somebody; tell whether her home said yes."""
        if not self.homes.says_yes(worker, opening):
            return False
        self.homes.promised[worker][opening] = group
        self.placed[opening][worker] = via
        if via is not None:
            self.left[via] -= self.openings[opening].interval.minutes
        return True

    def release(self, opening: str, worker: str) -> str | None:
        """Call somebody off; return the alliance by which she had come."""
        del self.homes.promised[worker][opening]
        via = self.placed[opening].pop(worker)
        if via is not None:
            self.left[via] += self.openings[opening].interval.minutes
        return via

    def question(self, group: str, asked: Iterable[Opening] = ()) -> Problem:
        """Write a group's own problem: its people, its openings, and what stands.

        It has the districts of what allies ask as well.
        """
        homes = [self.workers[one].district for one in self.members[group]]
        work = [one.district for one in [*self.own[group], *asked]]
        workers, standing = [], []
        for name in self.members[group]:
            elsewhere = []
            for opening, by in self.homes.promised[name].items():
                if by == group and self.openings[opening].group == group:
                    standing.append(Standing(worker=name, opening=opening, kind="planned"))
                else:
                    elsewhere.append(self.openings[opening].interval)
            workers.append(replace(self.workers[name], promised=tuple(elsewhere)))
        return Problem(
            id=group,
            group=group,
            seed=self.problem.seed,
            rules=self.problem.rules,
            districts=tuple(self.districts[one] for one in {*homes, *work} if one is not None),
            workers=tuple(workers),
            openings=tuple(self._with_taken(one) for one in self.own[group]),
            standing=tuple(standing),
        )

    def wanting(self, group: str) -> Problem:
        """Write what a group has places left for: what its asks are made from."""
        return Problem(
            id=group,
            group=group,
            seed=self.problem.seed,
            rules=self.problem.rules,
            workers=(),
            openings=tuple(one for one in self.own[group] if self.missing(one) > 0),
        )

    def capacity(self, group: str) -> Counts:
        """Count a group's free people for each skill and half-day."""
        counted: Counter[tuple[str, Interval]] = Counter()
        for name in self.members[group]:
            halves = _halves(self.homes.free(name))
            for held in self.workers[name].skills:
                counted.update((held.key, half) for half in halves)
        return counted

    def ally(self, alliance: Alliance, counts: Counts) -> AllyCapacity:
        """Say of an ally what it tells: labels, and of skills that it lends.

        Of all that it would tell, only those skills are written down that the borrower needs.
        """
        skills = {one.requirement.skill for one in self.own[alliance.borrower]}
        return AllyCapacity(
            group=alliance.lender,
            alliance=alliance.id,
            minutes_left=self.left[alliance.id],
            owed_minutes=alliance.owed_minutes,
            counts=tuple(
                _told(skill, half, count)
                for (skill, half), count in counts.items()
                if skill in skills and (not alliance.skills or skill in alliance.skills)
            ),
        )

    def plan_of(self, problem: Problem, openings: Iterable[Opening]) -> Plan:
        """Write who is at these openings as a plan of a problem that has them."""
        known = list(openings)
        missing = [(one.id, self.missing(one)) for one in known]
        return Plan(
            problem=problem.id,
            problem_hash=problem_hash(problem),
            rule_version=RULE_VERSION,
            seed=problem.seed,
            tier="fair",
            assignments=tuple(
                Assignment(opening=one.id, worker=worker, via=via)
                for one in known
                for worker, via in sorted(self.placed[one.id].items())
            ),
            unfilled=tuple(
                Unfilled(opening=one, places=places, reason=Reason("all_needed_elsewhere"))
                for one, places in missing
                if places > 0
            ),
        )

    def _with_taken(self, opening: Opening) -> Opening:
        borrowed = sum(via is not None for via in self.placed[opening.id].values())
        return replace(opening, taken=opening.taken + borrowed)


def _halves(free: Iterable[Interval]) -> set[Interval]:
    """List the half-days of which at least three hours are free in one piece."""
    return {
        Interval(number * HALF_DAY, (number + 1) * HALF_DAY)
        for one in free
        for number in range(one.start // HALF_DAY, -(-one.end // HALF_DAY))
        if min(one.end, (number + 1) * HALF_DAY) - max(one.start, number * HALF_DAY) >= LONG_ENOUGH
    }


def _told(skill: str, half: Interval, count: int) -> CapacityCount:
    at_least, label = next(one for one in COARSE if count >= one[0])
    return CapacityCount(skill=skill, window=half, at_least=at_least, label=label)
