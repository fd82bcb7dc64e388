"""Who could do what, by joins of polars' lazy frames.

Members are joined beforehand with their skills, homes and hours, day by day, so that one join on
group, skill and day finds all who may come into question.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from matching import HeldCertificate, Problem

DAY = 24 * 60
FOREVER = 2**40

Codes = dict[str, int]


class Frames:
    """A problem as frames; everything goes by its number."""

    def __init__(self, problem: Problem) -> None:
        workers, openings = problem.workers, problem.openings
        needs = [one.requirement for one in openings]
        groups = _codes(
            [
                *(group for one in workers for group in one.groups),
                *(one.group or "" for one in openings),
                *(one.lender for one in problem.alliances),
            ]
        )
        skills = _codes([need.skill or "" for need in needs])
        self.languages = _codes(key for need in needs for key in need.languages)
        self.certificates = _codes(key for need in needs for key in need.certificates)
        self.middles = {one.id: (one.east, one.north) for one in problem.districts}
        self.able = self._able(problem, groups, skills)
        self.openings = self._openings(problem, groups, skills)
        self.lasts = _frame(
            "worker certificate until",
            (
                (number, self.certificates[held.key], _until(held))
                for number, one in enumerate(workers)
                for held in one.certificates
                if held.key in self.certificates
            ),
        )
        self.ways = _ways(problem, groups)
        self.lends = _frame(
            "via skill",
            (
                (number, skills[key])
                for number, one in enumerate(problem.alliances)
                for key in one.skills
                if key in skills
            ),
        )

    def join(self) -> pl.DataFrame:
        """List the opening, the worker and the way of every edge."""
        minutes = pl.col("end") - pl.col("start")
        ways = self.openings.lazy().join(self.ways.lazy(), on="group")
        ways = ways.filter(pl.col("left") >= minutes)
        lent = ways.filter(pl.col("some") == 1)
        lent = lent.join(self.lends.lazy(), on=["via", "skill"], how="semi")
        ways = pl.concat([ways.filter(pl.col("some") == 0), lent])
        east, north = pl.col("x") - pl.col("east"), pl.col("y") - pl.col("north")
        found = ways.join(self.able.lazy(), on=["source", "skill", "day"]).filter(
            pl.col("begins") <= pl.col("start"),
            pl.col("end") <= pl.col("ends"),
            pl.col("level") >= pl.col("asked"),
            (pl.col("speaks") & pl.col("language")) == pl.col("language"),
            east * east + north * north < (pl.col("farthest") + 1) * (pl.col("farthest") + 1),
        )
        edge = ("opening", "worker", "via")
        plain = found.filter(pl.col("certificate") < 0).select(edge)
        certified = (
            found.filter(pl.col("certificate") >= 0)
            .join(self.lasts.lazy(), on=["worker", "certificate"])
            .filter(pl.col("until") >= pl.col("end"))
            .select(edge)
        )
        return pl.concat([plain, certified]).collect()

    def _able(self, problem: Problem, groups: Codes, skills: Codes) -> pl.DataFrame:
        workers = list(enumerate(problem.workers))
        people = _frame(
            "worker x y farthest speaks",
            (
                (
                    number,
                    *self.middles[one.district or ""],
                    one.farthest_metres or 0,
                    _bits(one.languages, self.languages),
                )
                for number, one in workers
            ),
        )
        members = _frame(
            "worker source",
            ((number, groups[key]) for number, one in workers for key in one.groups),
        )
        held = _frame(
            "worker skill level",
            (
                (number, skills[skill.key], skill.level)
                for number, one in workers
                for skill in one.skills
                if skill.key in skills
            ),
        )
        free = _frame(
            "worker day begins ends",
            (
                (number, day, hours.start, hours.end)
                for number, one in workers
                for hours in one.free
                for day in range(hours.start // DAY, (hours.end - 1) // DAY + 1)
            ),
        )
        able = members.lazy().join(held.lazy(), on="worker").join(people.lazy(), on="worker")
        return able.join(free.lazy(), on="worker").collect()

    def _openings(self, problem: Problem, groups: Codes, skills: Codes) -> pl.DataFrame:
        assert all(len(one.requirement.certificates) <= 1 for one in problem.openings)
        return _frame(
            "opening group skill asked start end day east north language certificate",
            (
                (
                    number,
                    groups[one.group or ""],
                    skills[one.requirement.skill or ""],
                    one.requirement.level or 0,
                    one.interval.start,
                    one.interval.end,
                    one.interval.start // DAY,
                    *self.middles[one.district or ""],
                    _bits(one.requirement.languages, self.languages),
                    *([self.certificates[key] for key in one.requirement.certificates] or [-1]),
                )
                for number, one in enumerate(problem.openings)
            ),
        )


def _ways(problem: Problem, groups: Codes) -> pl.DataFrame:
    own = [(number, number, -1, FOREVER, 0) for number in groups.values()]
    lent = [
        (groups[one.borrower], groups[one.lender], number, one.minutes_left, int(bool(one.skills)))
        for number, one in enumerate(problem.alliances)
    ]
    return _frame("group source via left some", own + lent)


def _until(held: HeldCertificate) -> int:
    return FOREVER if held.valid_until is None else held.valid_until


def _frame(names: str, rows: Iterable[tuple[int, ...]]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) or [()] * len(names.split())
    named = zip(names.split(), columns, strict=True)
    return pl.DataFrame([pl.Series(name, column, pl.Int64) for name, column in named])


def _codes(keys: Iterable[str]) -> Codes:
    return {key: number for number, key in enumerate(sorted(set(keys)))}


def _bits(keys: Iterable[str], codes: Codes) -> int:
    return sum(1 << codes[key] for key in keys if key in codes)
