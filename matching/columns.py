"""A problem as columns of numbers, for whatever looks at many people at once.

Only what some opening asks for has a column; people who know other skills are not told apart by
them. Nothing is rounded: what is a float is a whole number all the same.
"""

from collections.abc import Iterable, Sequence
from math import inf

import msgspec
import numpy as np

from matching.arrays import UNKNOWN, Flags, Ints, Reals, Stretches, flat, numbered, spread
from matching.buckets import Buckets, Hours
from matching.intervals import Interval
from matching.model import Opening, Worker
from matching.problem import Problem

NO_EXPIRY = 2**62


class Reach(msgspec.Struct, frozen=True):
    """Whose people may come to a group's openings, group by group, the nearest first.

    `via` is an alliance's number, -1 for the group's own people, and -2 - g for the leader's other
    group of number g.
    """

    first: Ints
    source: Ints
    far: Ints
    via: Ints

    def ways(self, groups: Ints) -> tuple[Ints, Ints]:
        """List (place in these groups, row here) for all whose people may come to one of them."""
        begin, count = self.first[groups], self.first[groups + 1] - self.first[groups]
        return np.repeat(np.arange(len(groups)), count), spread(begin, count)


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
    hours: Hours
    groups: tuple[str, ...]
    free: Stretches
    promised: Stretches
    paints: Flags
    of_age: Flags
    valid_until: Ints
    speaks: Flags
    home: Ints
    homes: Reals
    theirs: Reals
    counted: Ints
    lends: Flags
    lent: Ints
    asked: dict[str, Ints]

    def squares(self, workers: Ints, openings: Ints) -> tuple[Reals, Flags]:
        """Square how many metres lie between homes and openings; tell where it is too far.

        It is not a number where it is not known, and then it is not too far.
        """
        home, there = self.homes[workers], self.theirs[openings]
        east, north = home[:, 0] - there[:, 0], home[:, 1] - there[:, 1]
        squares: Reals = east * east + north * north
        return squares, squares >= home[:, 2]

    def metres(self, workers: Ints, openings: Ints, squares: Reals) -> Ints:
        """Measure as `matching.distance` does; -1 where it is not known."""
        metres = np.sqrt(squares)
        unknown = np.flatnonzero(np.isnan(metres))
        home, there = self.home[workers[unknown]], self.openings.district[openings[unknown]]
        metres[unknown] = np.where((home == there) & (home != UNKNOWN), 0, UNKNOWN)
        return metres.astype(np.int64)


def columns_of(problem: Problem) -> Columns:
    """Write a problem down as columns; takes time in proportion to its size."""
    workers, openings = problem.workers, problem.openings
    first = min((one.interval.start for one in openings), default=0)
    last = max((one.interval.end for one in openings), default=1)
    rest = problem.rules.rest_minutes
    codes = Codes.of(problem)
    home = _districts(workers, codes)
    middles = _middles(problem, codes.districts)
    asks = _openings(problem, codes)
    buckets = Buckets.of(workers, codes.groups, codes.skills)
    reach = _reach(problem, codes.groups)
    free = Stretches.of([one.free for one in workers]).reaching(first, last)
    promises = Stretches.of([one.promised for one in workers])
    promised = promises.reaching(first - rest, last + rest)
    of_age = np.array([one.age_ok for one in workers], np.bool_)
    times = free.without(promised, rest)
    return Columns(
        problem=problem,
        openings=asks,
        buckets=buckets,
        reach=reach,
        hours=_hours(buckets, reach, asks, times.only(of_age[times.workers])),
        groups=tuple(codes.groups),
        free=free,
        promised=promised,
        paints=np.array([bool(one.free) for one in workers], np.bool_),
        of_age=of_age,
        valid_until=_valid_until(workers, codes.certificates),
        speaks=_speaks(workers, codes.languages),
        home=home,
        homes=np.column_stack([middles[home], _past_farthest(workers)]),
        theirs=middles[asks.district],
        counted=_counted(problem, promises),
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
        openings, workers = problem.openings, problem.workers
        needs = [one.requirement for one in openings]
        groups = [one.group or problem.group for one in openings]
        groups += [other for one in problem.groups for other in one.others]
        groups += [one.lender for one in problem.alliances]
        districts = {one.district for some in (openings, workers) for one in some}
        return cls(
            skills=_codes((need.skill for need in needs if need.skill is not None), 1),
            certificates=_codes(key for need in needs for key in need.certificates),
            languages=_codes(key for need in needs for key in need.languages),
            districts=_codes(one for one in districts if one is not None),
            groups=_codes(groups),
        )


def _codes(keys: Iterable[str], first: int = 0) -> dict[str, int]:
    return {key: number for number, key in enumerate(sorted(set(keys)), first)}


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


def _hours(buckets: Buckets, reach: Reach, asks: Openings, times: Stretches) -> Hours:
    opening, way = reach.ways(asks.group)
    bucket = reach.source[way] * buckets.skills + asks.skill[opening]
    return Hours.of(buckets, times, bucket, asks.start[opening])


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
        district=_districts(openings, codes),
        certificates=_table([one.certificates for one in needs], codes.certificates),
        languages=_table([one.languages for one in needs], codes.languages),
        adds=np.array([_minutes_within(start, end, week) for week in weeks], np.int64).reshape(
            len(weeks), len(openings)
        ),
    )


def _table(asked: Sequence[Sequence[str]], codes: dict[str, int]) -> Ints:
    table = np.full((max(map(len, asked), default=0), len(asked)), UNKNOWN, np.int64)
    for number, keys in enumerate(asked):
        if keys:
            table[: len(keys), number] = [codes[key] for key in keys]
    return table


def _districts(whose: Sequence[Worker] | Sequence[Opening], codes: Codes) -> Ints:
    return numbered([one.district or "" for one in whose], codes.districts)


def _valid_until(workers: Sequence[Worker], codes: dict[str, int]) -> Ints:
    """Tabulate (certificate, worker): the last minute it is valid, -1 where she has none."""
    table = np.full((len(codes), len(workers)), UNKNOWN, np.int64)
    whose, held = flat([one.certificates for one in workers])
    what = numbered([one.key for one in held], codes)
    until = [NO_EXPIRY if one.valid_until is None else one.valid_until for one in held]
    known = what != UNKNOWN
    np.maximum.at(table, (what[known], whose[known]), np.array(until, np.int64)[known])
    return table


def _speaks(workers: Sequence[Worker], codes: dict[str, int]) -> Flags:
    """Tabulate (language, worker): does she speak it."""
    whose, spoken = flat([one.languages for one in workers])
    what = numbered(spoken, codes)
    table = np.zeros((len(codes), len(workers)), np.bool_)
    table[what[what != UNKNOWN], whose[what != UNKNOWN]] = True
    return table


def _past_farthest(workers: Sequence[Worker]) -> Reals:
    """Square the first metre to which each does not go any more."""
    far = [inf if one.farthest_metres is None else one.farthest_metres for one in workers]
    return (np.array(far, np.float64) + 1) ** 2


def _lent(problem: Problem) -> Ints:
    lent = [(one.minutes_left, one.notice_minutes) for one in problem.alliances]
    return np.array(lent, np.int64).reshape(-1, 2)


def _middles(problem: Problem, codes: dict[str, int]) -> Reals:
    """Tabulate east and north by the district's number, not a number if unknown; the last is none.

    Squares of whole metres are whole numbers that a float holds exactly, and its root, rounded as
    it is, never reaches the next whole one.
    """
    table = np.full((len(codes) + 1, 2), np.nan)
    for one in problem.districts:
        if one.id in codes:
            table[codes[one.id]] = one.east, one.north
    return table


def _counted(problem: Problem, promises: Stretches) -> Ints:
    """Tabulate (week, worker): the minutes that a capped week already holds."""
    rules, workers = problem.rules, problem.workers
    weeks = rules.weeks if rules.weekly_cap_minutes is not None else ()
    table = np.zeros((len(weeks), len(workers)), np.int64)
    for row, week in enumerate(weeks):
        minutes = _minutes_within(promises.starts, promises.ends, week)
        table[row] = np.bincount(promises.workers, minutes, len(workers))
        for number, one in enumerate(workers):
            for told in one.weeks:
                if told.start == week.start:
                    table[row, number] = max(table[row, number], told.minutes)
    return table


def _minutes_within(start: Ints, end: Ints, week: Interval) -> Ints:
    minutes: Ints = np.minimum(end, week.end) - np.maximum(start, week.start)
    return np.maximum(minutes, 0)


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
