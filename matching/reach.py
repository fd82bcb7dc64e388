"""Who could come to which opening, whatever they can do, and what each lacks: for all at once."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from msgspec.structs import replace

from matching.arrays import UNKNOWN, Flags, Ints
from matching.attributes import AttributeKind
from matching.columns import columns_of
from matching.join import edges_of
from matching.model import Requirement
from matching.problem import Problem

FOREVER = 2**62


class Row(msgspec.Struct, frozen=True):
    """One thing asked for, edge by edge: its number in `InReach.keys`, -1 where nothing is."""

    number: Ints
    lacks: Flags


class InReach(msgspec.Struct, frozen=True):
    """Who could come to which opening at that time, whatever she can do, and what she lacks.

    By opening, then way, then worker, as numbers in the problem; `via` as in `join.Edges`. The
    first two rows are the skill, and its level for those who have the skill. `expires` tells where
    somebody holds a certificate that does not last.
    """

    openings: Ints
    workers: Ints
    via: Ints
    rows: tuple[Row, ...]
    expires: Flags
    keys: tuple[tuple[AttributeKind, str], ...]

    def one_lacking(self) -> tuple[Ints, Ints]:
        """Number the edges at which exactly one thing is lacking, and say which it is."""
        count = np.zeros(len(self.openings), np.int64)
        what = np.zeros(len(self.openings), np.int64)
        for row in self.rows:
            count += row.lacks
            what += np.where(row.lacks, row.number, 0)
        edges = np.flatnonzero(count == 1)
        return edges, what[edges]


def in_reach(problem: Problem) -> InReach:
    """Find who could come to each opening of a problem, by every rule but what she can do.

    Takes time and space in proportion to how many are free for each opening.
    """
    openings, workers, via = _free_for(problem)
    keys = _keys([one.requirement for one in problem.openings])
    expires = np.zeros(len(openings), np.bool_)
    pairs = _Pairs(problem, {key: number for number, key in enumerate(keys)}, openings, workers)
    rows = (*pairs.skill(), *pairs.certificates(expires), *pairs.languages())
    return InReach(openings, workers, via, rows, expires, keys)


def _free_for(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """List (opening, worker, via) for everybody who could come if nothing were asked for.

    By an alliance only those come whom it lends for the skill that is asked for in truth.
    """
    nothing = Requirement()
    anybody = replace(
        problem,
        openings=tuple(replace(one, requirement=nothing) for one in problem.openings),
        alliances=tuple(replace(one, skills=()) for one in problem.alliances),
        teams=(),
        standing=(),
    )
    edges = edges_of(columns_of(anybody))
    asked = [one.requirement.skill for one in problem.openings]
    numbers = {skill: number for number, skill in enumerate(sorted(set(asked), key=str))}
    lends = np.zeros((len(problem.alliances) + 1, len(numbers)), np.bool_)
    lends[UNKNOWN] = True
    for number, alliance in enumerate(problem.alliances):
        for skill, column in numbers.items():
            lends[number, column] = not alliance.skills or skill in alliance.skills
    skill_of = np.array([numbers[skill] for skill in asked], np.int64)
    kept = lends[np.maximum(edges.via, UNKNOWN), skill_of[edges.openings]]
    openings, workers, via = edges.openings[kept], edges.workers[kept], edges.via[kept]
    return openings.astype(np.int64), workers.astype(np.int64), via.astype(np.int64)


def _keys(asks: Sequence[Requirement]) -> tuple[tuple[AttributeKind, str], ...]:
    skills = {need.skill for need in asks if need.skill is not None}
    certificates = {key for need in asks for key in need.certificates}
    languages = {key for need in asks for key in need.languages}
    return (
        *(("skill", key) for key in sorted(skills)),
        *(("level", key) for key in sorted(skills)),
        *(("certificate", key) for key in sorted(certificates)),
        *(("language", key) for key in sorted(languages)),
    )


class _Pairs:
    """Pairs of an opening and a worker, and what she lacks for it."""

    def __init__(
        self,
        problem: Problem,
        numbers: dict[tuple[AttributeKind, str], int],
        openings: Ints,
        workers: Ints,
    ) -> None:
        self._problem = problem
        self._numbers = numbers
        self._openings = openings
        self._workers = workers
        self._asks = [one.requirement for one in problem.openings]

    def skill(self) -> Iterator[Row]:
        """Give the row of the skill and that of the level."""
        people = self._problem.workers
        held = self._table(
            "skill", [[(one.key, one.level) for one in who.skills] for who in people]
        )
        skills = [[need.skill] if need.skill else [] for need in self._asks]
        (skill,) = self._asked("skill", skills, at_least=1)
        (of_level,) = self._asked("level", skills, at_least=1)
        level = np.array([need.level or 0 for need in self._asks], np.int64)[self._openings]
        has = held[skill, self._workers]
        asked = skill != UNKNOWN
        yield Row(skill, asked & (has == UNKNOWN))
        yield Row(np.where(level > 0, of_level, UNKNOWN), asked & (has != UNKNOWN) & (has < level))

    def certificates(self, expires: Flags) -> Iterator[Row]:
        """Give their rows, and mark in `expires` who has one that does not last."""
        held = self._table(
            "certificate",
            [
                [
                    (one.key, FOREVER if one.valid_until is None else one.valid_until)
                    for one in who.certificates
                ]
                for who in self._problem.workers
            ],
        )
        ends = np.array([one.interval.end for one in self._problem.openings], np.int64)
        for number in self._asked("certificate", [need.certificates for need in self._asks]):
            until = held[number, self._workers]
            lacks = (number != UNKNOWN) & (until < ends[self._openings])
            expires |= lacks & (until != UNKNOWN)
            yield Row(number, lacks)

    def languages(self) -> Iterator[Row]:
        """Give their rows."""
        spoken = [[(key, 1) for key in who.languages] for who in self._problem.workers]
        held = self._table("language", spoken)
        for number in self._asked("language", [need.languages for need in self._asks]):
            yield Row(number, (number != UNKNOWN) & (held[number, self._workers] == UNKNOWN))

    def _asked(
        self, kind: AttributeKind, asked: Sequence[Sequence[str]], at_least: int = 0
    ) -> Iterator[Ints]:
        """Give the number of each opening's first, second, … key of a kind, pair by pair."""
        most = max(map(len, asked), default=0)
        table = np.full((max(most, at_least), len(asked)), UNKNOWN, np.int64)
        for opening, keys in enumerate(asked):
            table[: len(keys), opening] = [self._numbers[kind, key] for key in keys]
        for row in table:
            yield row[self._openings]

    def _table(self, kind: AttributeKind, held: Sequence[Sequence[tuple[str, int]]]) -> Ints:
        """Tabulate (number of a key, worker): the most that she has of it, -1 for nothing.

        The last row is for what is not asked for.
        """
        table = np.full((len(self._numbers) + 1, len(held)), UNKNOWN, np.int64)
        for worker, mine in enumerate(held):
            for key, most in mine:
                number = self._numbers.get((kind, key))
                if number is not None:
                    table[number, worker] = max(table[number, worker], most)
        return table
