"""A problem as columns of numbers, for whatever looks at many people at once.

Only what some opening asks for has a column; people who know other skills are not told apart by
them. Times and distances stay whole numbers, so nothing is rounded.
"""

from collections.abc import Iterable, Sequence

import msgspec
import numpy as np

from matching.arrays import UNKNOWN, Flags, Ints, Stretches, spread
from matching.eligibility import minutes_counted
from matching.model import Worker
from matching.problem import Problem

NO_EXPIRY = 2**62
ANYWHERE = 2**31


class Buckets(msgspec.Struct, frozen=True):
    """The members of each group that have each skill: workers in order, with their levels."""

    first: Ints
    workers: Ints
    levels: Ints
    skills: int


class Reach(msgspec.Struct, frozen=True):
    """Whose people may come to a group's openings, group by group, the nearest first.

    `via` is an alliance's number, -1 for the group's own people, and -2 - g for the leader's other
    group of number g.
    """

    first: Ints
    source: Ints
    far: Ints
    via: Ints


class Openings(msgspec.Struct, frozen=True):
    """What each opening asks for; `skill` 0 is any, `level` 0 too.

    Row r of `certificates` and `languages` has each opening's r-th one, -1 where it asks for fewer.
    `adds` has the minutes that each opening adds to each capped week.
    """

    start: Ints
    end: Ints
    places: Ints
    group: Ints
    skill: Ints
    level: Ints
    district: Ints
    certificates: Ints
    languages: Ints
    adds: Ints


class Columns(msgspec.Struct, frozen=True):
    """Everything that the rules ask, by the number of the worker and of the opening."""

    problem: Problem
    openings: Openings
    buckets: Buckets
    reach: Reach
    groups: tuple[str, ...]
    free: Stretches
    promised: Stretches
    paints: Flags
    of_age: Flags
    valid_until: Ints
    speaks: Flags
    home: Ints
    farthest: Ints
    homes: Ints
    theirs: Ints
    counted: Ints
    lends: Flags
    lent: Ints
    asked: dict[str, Ints]

    def squares(self, workers: Ints, openings: Ints) -> Ints:
        """Square how many metres lie between homes and openings; -1 where it is not known."""
        home, there = self.homes[:, workers], self.theirs[:, openings]
        squares: Ints = (home[0] - there[0]) ** 2 + (home[1] - there[1]) ** 2
        squares[(home[2] & there[2]) == 0] = UNKNOWN
        return squares

    def metres(self, workers: Ints, openings: Ints) -> Ints:
        """Measure as `matching.distance` does; -1 where it is not known."""
        squares = self.squares(workers, openings)
        metres: Ints = np.sqrt(np.maximum(squares, 0).astype(np.float64)).astype(np.int64)
        metres -= metres * metres > squares
        metres[squares < 0] = UNKNOWN
        home = self.home[workers]
        metres[(home == self.openings.district[openings]) & (home != UNKNOWN)] = 0
        return metres


def columns_of(problem: Problem) -> Columns:
    """Write a problem down as columns; takes time in proportion to its size."""
    workers, openings = problem.workers, problem.openings
    first = min((one.interval.start for one in openings), default=0)
    last = max((one.interval.end for one in openings), default=1)
    rest = problem.rules.rest_minutes
    codes = Codes.of(problem)
    home = np.array([codes.home(one.district) for one in workers], np.int64)
    middles = _middles(problem, codes.districts)
    asks = _openings(problem, codes)
    memberships = _memberships(workers, codes.groups)
    return Columns(
        problem=problem,
        openings=asks,
        buckets=_buckets(workers, memberships, codes.skills, len(codes.groups)),
        reach=_reach(problem, codes.groups),
        groups=tuple(codes.groups),
        free=Stretches.of([one.free for one in workers], first, last),
        promised=Stretches.of([one.promised for one in workers], first - rest, last + rest),
        paints=np.array([bool(one.free) for one in workers], np.bool_),
        of_age=np.array([one.age_ok for one in workers], np.bool_),
        valid_until=_valid_until(workers, codes.certificates),
        speaks=_speaks(workers, codes.languages),
        home=home,
        farthest=_farthest(workers),
        homes=middles[:, home],
        theirs=middles[:, asks.district],
        counted=_counted(problem),
        lends=_lends(problem, codes.skills),
        lent=_lent(problem),
        asked=_asked(problem),
    )


class Codes(msgspec.Struct, frozen=True):
    """The numbers of whatever some opening asks for, and of districts; skill 0 is any."""

    skills: dict[str, int]
    certificates: dict[str, int]
    languages: dict[str, int]
    districts: dict[str, int]
    groups: dict[str, int]

    @classmethod
    def of(cls, problem: Problem) -> "Codes":
        """Number them in the order of their names."""
        openings = problem.openings
        needs = [one.requirement for one in openings]
        groups = [one.group or problem.group for one in openings]
        groups += [other for one in problem.groups for other in one.others]
        groups += [one.lender for one in problem.alliances]
        return cls(
            skills=_codes((need.skill for need in needs if need.skill is not None), 1),
            certificates=_codes(key for need in needs for key in need.certificates),
            languages=_codes(key for need in needs for key in need.languages),
            districts=_codes(one.district for one in openings if one.district is not None),
            groups=_codes(groups),
        )

    def home(self, district: str | None) -> int:
        """Number a district where somebody lives, also one that has no opening."""
        if district is None:
            return UNKNOWN
        return self.districts.setdefault(district, len(self.districts))


def _codes(keys: Iterable[str], first: int = 0) -> dict[str, int]:
    return {key: number for number, key in enumerate(sorted(set(keys)), first)}


def _memberships(workers: Sequence[Worker], groups: dict[str, int]) -> Ints:
    """List (worker, group) for every membership that may matter."""
    found = [
        (number, groups[group])
        for number, one in enumerate(workers)
        for group in one.groups
        if group in groups
    ]
    return np.array(found, np.int64).reshape(-1, 2)


def _buckets(
    workers: Sequence[Worker], members: Ints, skills: dict[str, int], groups: int
) -> Buckets:
    held = [
        (number, skills[key], level)
        for number, one in enumerate(workers)
        for key, level in ((skill.key, skill.level) for skill in one.skills)
        if key in skills
    ]
    whose, what, level = np.array(held, np.int64).reshape(-1, 3).T
    count = np.bincount(whose, minlength=len(workers))
    begin = np.cumsum(count) - count
    each = count[members[:, 0]]
    at = spread(begin[members[:, 0]], each)
    everybody = members[:, 1] * (len(skills) + 1)
    bucket = np.concatenate(
        [everybody, np.repeat(members[:, 1], each) * (len(skills) + 1) + what[at]]
    )
    who = np.concatenate([members[:, 0], whose[at]])
    levels = np.concatenate([np.zeros(len(members), np.int64), level[at]])
    order = np.lexsort((levels, who, bucket))
    bucket, who, levels = bucket[order], who[order], levels[order]
    best = np.ones(len(bucket), np.bool_)
    best[:-1] = (bucket[1:] != bucket[:-1]) | (who[1:] != who[:-1])
    number = groups * (len(skills) + 1)
    first = np.searchsorted(bucket[best], np.arange(number + 1))
    return Buckets(first, who[best], levels[best], len(skills) + 1)


def _reach(problem: Problem, groups: dict[str, int]) -> Reach:
    ways: list[list[tuple[int, int, int]]] = [[(number, 0, -1)] for number in range(len(groups))]
    for one in problem.groups:
        if one.id in groups:
            ways[groups[one.id]] += [(groups[o], 1, -2 - groups[o]) for o in one.others]
    for number, alliance in enumerate(problem.alliances):
        if alliance.borrower in groups:
            ways[groups[alliance.borrower]].append((groups[alliance.lender], 2, number))
    flat = np.array([way for group in ways for way in group], np.int64).reshape(-1, 3)
    first = np.cumsum([0, *map(len, ways)])
    return Reach(first, flat[:, 0], flat[:, 1], flat[:, 2])


def _openings(problem: Problem, codes: Codes) -> Openings:
    openings = problem.openings
    weeks = problem.rules.weeks if problem.rules.weekly_cap_minutes is not None else ()
    needs = [one.requirement for one in openings]

    def column(values: Iterable[int]) -> Ints:
        return np.fromiter(values, np.int64, len(openings))

    start = column(one.interval.start for one in openings)
    end = column(one.interval.end for one in openings)
    return Openings(
        start=start,
        end=end,
        places=column(one.places for one in openings),
        group=column(codes.groups[one.group or problem.group] for one in openings),
        skill=column(codes.skills.get(need.skill or "", 0) for need in needs),
        level=column((need.level or 0) if need.skill else 0 for need in needs),
        district=column(codes.districts.get(one.district or "", UNKNOWN) for one in openings),
        certificates=_table(
            [[codes.certificates[key] for key in one.certificates] for one in needs]
        ),
        languages=_table([[codes.languages[key] for key in one.languages] for one in needs]),
        adds=np.array(
            [
                np.maximum(0, np.minimum(end, week.end) - np.maximum(start, week.start))
                for week in weeks
            ],
            np.int64,
        ).reshape(len(weeks), len(openings)),
    )


def _table(asked: Sequence[Sequence[int]]) -> Ints:
    table = np.full((max(map(len, asked), default=0), len(asked)), UNKNOWN, np.int64)
    for number, keys in enumerate(asked):
        table[: len(keys), number] = keys
    return table


def _valid_until(workers: Sequence[Worker], codes: dict[str, int]) -> Ints:
    """Tabulate (certificate, worker): the last minute it is valid, -1 where she has none."""
    table = np.full((len(codes), len(workers)), UNKNOWN, np.int64)
    if codes:
        for number, one in enumerate(workers):
            for held in one.certificates:
                code = codes.get(held.key)
                if code is not None:
                    until = NO_EXPIRY if held.valid_until is None else held.valid_until
                    table[code, number] = max(table[code, number], until)
    return table


def _speaks(workers: Sequence[Worker], codes: dict[str, int]) -> Flags:
    spoken = [
        (codes[key], number)
        for number, one in enumerate(workers)
        for key in one.languages
        if key in codes
    ]
    table = np.zeros((len(codes), len(workers)), np.bool_)
    if spoken:
        table[tuple(np.array(spoken).T)] = True
    return table


def _farthest(workers: Sequence[Worker]) -> Ints:
    far = [ANYWHERE if one.farthest_metres is None else one.farthest_metres for one in workers]
    return np.array(far, np.int64)


def _lent(problem: Problem) -> Ints:
    lent = [(one.minutes_left, one.notice_minutes) for one in problem.alliances]
    return np.array(lent, np.int64).reshape(-1, 2)


def _middles(problem: Problem, codes: dict[str, int]) -> Ints:
    """Tabulate east, north and whether it is known by the district's number; the last is none."""
    table = np.zeros((3, len(codes) + 1), np.int64)
    for one in problem.districts:
        if one.id in codes:
            table[:, codes[one.id]] = (one.east, one.north, 1)
    return table


def _counted(problem: Problem) -> Ints:
    """Tabulate (week, worker): the minutes that a capped week already holds."""
    rules = problem.rules
    weeks = rules.weeks if rules.weekly_cap_minutes is not None else ()
    table = np.zeros((len(weeks), len(problem.workers)), np.int64)
    for number, one in enumerate(problem.workers):
        if one.promised or one.weeks:
            for row, week in enumerate(weeks):
                table[row, number] = minutes_counted(one, week)
    return table


def _lends(problem: Problem, skills: dict[str, int]) -> Flags:
    """Tabulate (alliance, skill): may this skill be lent by it."""
    table = np.zeros((len(problem.alliances), len(skills) + 1), np.bool_)
    for number, one in enumerate(problem.alliances):
        if one.skills:
            table[number, [skills[key] for key in one.skills if key in skills]] = True
        else:
            table[number] = True
    return table


def _asked(problem: Problem) -> dict[str, Ints]:
    """List (opening x workers + worker) of those who were asked, by how that stands."""
    found: dict[str, list[int]] = {"invited": [], "declined": []}
    if problem.asked:
        workers = {one.id: number for number, one in enumerate(problem.workers)}
        openings = {one.id: number for number, one in enumerate(problem.openings)}
        for one in problem.asked:
            if one.worker in workers and one.opening in openings:
                pair = openings[one.opening] * len(workers) + workers[one.worker]
                found[one.state].append(pair)
    return {state: np.array(sorted(pairs), np.int64) for state, pairs in found.items()}
