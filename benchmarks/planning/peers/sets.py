"""Who could do what, by intersecting sets: dictionaries of groups, skills and languages."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from matching import Opening, Problem

Edge = tuple[int, int, int]


class Sets:
    """A problem as dictionaries of sets; people, openings and alliances go by their numbers."""

    def __init__(self, problem: Problem) -> None:
        self.openings = problem.openings
        self.members: defaultdict[str, set[int]] = defaultdict(set)
        self.able: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
        self.speaks: defaultdict[str, set[int]] = defaultdict(set)
        self.lasts: defaultdict[str, dict[int, float]] = defaultdict(dict)
        for number, one in enumerate(problem.workers):
            for group in one.groups:
                self.members[group].add(number)
            for held in one.skills:
                for level in range(held.level + 1):
                    self.able[held.key, level].add(number)
            for language in one.languages:
                self.speaks[language].add(number)
            for paper in one.certificates:
                until = float("inf") if paper.valid_until is None else paper.valid_until
                self.lasts[paper.key][number] = until
        self.begins = [[one.start for one in worker.free] for worker in problem.workers]
        self.ends = [[one.end for one in worker.free] for worker in problem.workers]
        self.middles = {one.id: (one.east, one.north) for one in problem.districts}
        self.home = [self.middles[one.district or ""] for one in problem.workers]
        self.limit = [((one.farthest_metres or 0) + 1) ** 2 for one in problem.workers]
        self.lent: defaultdict[str, list[tuple[int, str, frozenset[str], int]]] = defaultdict(list)
        for number, lent in enumerate(problem.alliances):
            self.lent[lent.borrower].append(
                (number, lent.lender, frozenset(lent.skills), lent.minutes_left)
            )

    def join(self) -> tuple[list[int], list[int], list[int]]:
        """List the opening, the worker and the way of every edge."""
        openings: list[int] = []
        workers: list[int] = []
        ways: list[int] = []
        for number, one in enumerate(self.openings):
            fit = self._fit(one)
            for way, source in self._ways(one):
                found = self._there_and_free(self.members[source] & fit, one)
                workers += found
                openings += [number] * len(found)
                ways += [way] * len(found)
        return openings, workers, ways

    def _fit(self, one: Opening) -> set[int]:
        """Gather who brings what is asked for, wherever she belongs."""
        need = one.requirement
        fit = self.able[need.skill or "", need.level or 0]
        for language in need.languages:
            fit = fit & self.speaks[language]
        for key in need.certificates:
            lasts = self.lasts[key]
            fit = {who for who in fit if lasts.get(who, -1) >= one.interval.end}
        return fit

    def _ways(self, one: Opening) -> list[tuple[int, str]]:
        skill, minutes, group = one.requirement.skill, one.interval.minutes, one.group or ""
        return [
            (-1, group),
            *(
                (number, lender)
                for number, lender, skills, left in self.lent[group]
                if left >= minutes and (not skills or skill in skills)
            ),
        ]

    def _there_and_free(self, people: set[int], one: Opening) -> list[int]:
        begins, ends, home, limit = self.begins, self.ends, self.home, self.limit
        start, end = one.interval.start, one.interval.end
        east, north = self.middles[one.district or ""]
        found = []
        for who in people:
            at = bisect_right(begins[who], start) - 1
            if at >= 0 and ends[who][at] >= end:
                x, y = home[who]
                if (x - east) ** 2 + (y - north) ** 2 < limit[who]:
                    found.append(who)
        return found
