"""Numbers side by side: what several modules need to look at many at once."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from matching.intervals import Interval

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Reals = npt.NDArray[np.float64]
Thing = TypeVar("Thing")

UNKNOWN = -1


def spread(begin: Ints, count: Ints) -> Ints:
    """Write out begin, begin + 1, … for each pair of a beginning and a count, one after the other.

    >>> spread(np.array([5, 9]), np.array([2, 1])).tolist()
    [5, 6, 9]
    """
    ends = np.cumsum(count)
    total = int(ends[-1]) if len(ends) else 0
    found: Ints = np.arange(total) + np.repeat(begin - (ends - count), count)
    return found


def flat(whose: Sequence[Sequence[Thing]]) -> tuple[Ints, list[Thing]]:
    """Write out what everybody has, and whose each thing is."""
    counts = np.fromiter(map(len, whose), np.int64, len(whose))
    return np.repeat(np.arange(len(whose)), counts), list(chain.from_iterable(whose))


def numbered(names: Iterable[str], codes: Mapping[str, int]) -> Ints:
    """Write names as their numbers, and as -1 where they have none."""
    return np.array([codes.get(name, UNKNOWN) for name in names], np.int64)


class Stretches(msgspec.Struct, frozen=True):
    """Everybody's intervals, worker by worker and each worker's in order.

    `keys` has the worker and the start of each in one number, to be searched.
    """

    starts: Ints
    ends: Ints
    workers: Ints
    keys: Ints

    @classmethod
    def by(cls, starts: Ints, ends: Ints, workers: Ints) -> "Stretches":
        """Put columns together."""
        return cls(starts, ends, workers, _keys(workers, starts))

    @classmethod
    def of(cls, whose: Sequence[tuple[Interval, ...]]) -> "Stretches":
        """Gather them."""
        workers, intervals = flat(whose)
        starts = np.array([one.start for one in intervals], np.int64)
        ends = np.array([one.end for one in intervals], np.int64)
        return cls.by(starts, ends, workers)

    def reaching(self, first: int, last: int) -> "Stretches":
        """Keep those that reach into [first, last)."""
        return self.only((self.ends > first) & (self.starts < last))

    def only(self, which: Flags) -> "Stretches":
        """Keep some of them."""
        return Stretches.by(self.starts[which], self.ends[which], self.workers[which])

    def last_begun(self, workers: Ints, by: Ints) -> tuple[Ints, Flags]:
        """Find each worker's last interval that began by a minute; tell where there is one."""
        at = np.searchsorted(self.keys, _keys(workers, by), side="right") - 1
        there = at >= 0
        if len(self.workers):
            there &= self.workers[at] == workers
        return np.maximum(at, 0), there

    def without(self, taken: "Stretches", margin: int) -> "Stretches":
        """Cut out what lies less than a margin from what is taken, which is merged."""
        before, after = taken.starts - margin, taken.ends + margin
        begin = np.searchsorted(_keys(taken.workers, after), self.keys, side="right")
        end = np.searchsorted(_keys(taken.workers, before), _keys(self.workers, self.ends))
        whole = np.repeat(np.arange(len(begin)), end - begin + 1)
        at = spread(begin, end - begin + 1)
        starts = np.where(at == begin[whole], self.starts[whole], np.append(after, 0)[at - 1])
        ends = np.where(at == end[whole], self.ends[whole], np.append(before, 0)[at])
        return Stretches.by(starts, ends, self.workers[whole]).only(starts < ends)


def _keys(workers: Ints, minutes: Ints) -> Ints:
    """Write each pair as one number, in the same order; no minute comes near to the half of it."""
    return workers * 2**40 + minutes
